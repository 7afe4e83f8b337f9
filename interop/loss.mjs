// loss.mjs - JsSIP in a headless Chromium and pipit with sound, pictures and a data channel over a line that loses packets, each of them
// offering: the tone is heard both ways, the numbers in the pictures go on, and every octet arrives.
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Agent, startBoard, tellAll } from './agents.mjs';
import { chromiumPath, launchChromium } from './chromium.mjs';
import { roundTrip, watchConnections } from './far/channels.mjs';
import { startNetworks } from './networks.mjs';
import { check, run } from './rows.mjs';
import { toneSeconds } from './tone.mjs';
import { eventually, sleep } from './wait.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const work = mkdtempSync(path.join(os.tmpdir(), 'pipit-loss-'));
const WATCH_S = 8;
const TONE_HZ = 700; // the page's, which we say back

// What must hold at a share of packets lost in each direction, in percent: the share of the time in which the tone is heard, pictures a
// second, the longest pause between two of them, and octets that go there and back.
const levels = {
  5: { tone: 0.7, pictures: 5, pause_ms: 3000, octets: 300000 },
  20: { tone: 0.4, pictures: 2, pause_ms: 6000, octets: 30000 },
};
const cases = [[5, 'VP8', true], [5, 'H264', false], [20, 'VP8', false], [20, 'H264', true]].map(([loss, codec, pageOffers]) =>
  ({ ...levels[loss], loss, codec, pageOffers, name: `${loss}-${codec}` }));

// A Chromium that runs in a network.
function browserIn({ enter }) {
  const script = path.join(work, 'chromium');

  writeFileSync(script, `#!/bin/sh\nexec ${enter.join(' ')} ${chromiumPath} "$@"\n`);
  chmodSync(script, 0o755);
  return launchChromium(['--disable-features=WebRtcHideLocalIpsWithMdns'], script);
}

async function openPage(browser, port, name) {
  const page = await (await browser.newContext()).newPage();

  await page.addInitScript(watchConnections);
  await page.goto(`http://127.0.0.1:${port}/`);
  await page.addScriptTag({ path: path.join(here, 'far/video.js') });
  await page.evaluate((options) => window.far.start(options),
    { server: `ws://127.0.0.1:${port}`, uri: `sip:page-${name}@localhost`, password: 'secret' });
  return page;
}

function startPipit({ internet, port }, one, args) {
  return new Agent(`pipit-${one.name}`, [...args, '--echo', '--record', path.join(work, `${one.name}.wav`), '--video', '--video-codecs',
    one.codec, '--data-channels', '--server', `ws://${internet.server.address}:${port}`, '--uri', `sip:pipit-${one.name}@localhost`, '--json'],
  { PIPIT_PASSWORD: 'secret' }, internet[one.name].enter);
}

// For the sentence of a failure.
const connectionOf = (page) => page.evaluate(() => {
  const { connection } = window.data;

  return `${window.far.state}, ICE ${connection.iceConnectionState}, DTLS ${connection.sctp?.transport.state}, ${window.far.log.join()}`;
});

// Opens the page and the agent, with one calling the other.
async function connect(world, one) {
  if (one.pageOffers) {
    const pipit = startPipit(world, one, ['answer']);

    await pipit.event('registered');
    const page = await openPage(world.browser, world.port, one.name);
    await page.evaluate(([target, codec]) => window.far.call(target, codec), [`sip:pipit-${one.name}@localhost`, one.codec]);
    return { page, pipit };
  }
  const page = await openPage(world.browser, world.port, one.name);
  return { page, pipit: startPipit(world, one, ['call', `sip:page-${one.name}@localhost`]) };
}

// What the page and we have seen in some seconds of a call in which octets go there and back.
async function observe(one, page, pipit) {
  await eventually('the page sees a picture', () => page.evaluate(() => window.far.state === 'talking' && window.far.numbers.length > 0),
    30000).catch(async (error) => { throw new Error(`${error.message} (${await connectionOf(page)})`); });
  await page.evaluate(() => Object.assign(window.far, { pause: 0, looks: 0, tones: 0 }));
  const [data] = await Promise.all([page.evaluate(roundTrip, { octets: one.octets, size: 10000 }), sleep(WATCH_S * 1000)]);
  const seen = await page.evaluate(async () => ({ ...(await window.far.figures()), numbers: window.far.numbers, sent: window.far.sent,
    pause: window.far.pause, looks: window.far.looks, tones: window.far.tones }));

  await page.evaluate(() => window.far.hangUp());
  const summary = await pipit.event('summary');

  await pipit.stop();
  return { data, seen, summary, heard_s: toneSeconds(path.join(work, `${one.name}.wav`), TONE_HZ) };
}

const ascending = (numbers) => numbers.every((n, i) => i === 0 || n > numbers[i - 1]);

// The columns of the table: what it is, the figure, and whether it holds.
function judge(one, { data, seen, summary, heard_s }) {
  const talk_s = (summary.talk_ms - summary.ice_ms - summary.dtls_ms) / 1000; // with sound and pictures
  const ours = summary.video;
  const share = (part, whole) => `${(100 * part / whole).toFixed(0)} %`;
  const concealed = summary.concealed_samples;

  return [
    ['page hears', share(seen.tones, seen.looks), seen.tones > one.tone * seen.looks],
    ['concealed', share(seen.concealed, seen.samples), seen.concealed > 0],
    ['page reads', `${(seen.numbers.length / talk_s).toFixed(1)}/s`, seen.numbers.length > one.pictures * talk_s && ascending(seen.numbers)],
    ['longest pause', `${seen.pause.toFixed(0)} ms`, seen.pause < one.pause_ms],
    ['sent again', `${ours.retransmitted_packets_sent}, ${ours.plis_received} PLI`, ours.retransmitted_packets_sent > 0],
    ['we hear', share(heard_s, talk_s), heard_s > one.tone * talk_s],
    ['concealed', share(concealed, 48000 * talk_s), concealed > 0],
    ['we read', `${(ours.pattern_pictures / talk_s).toFixed(1)}/s`, ours.pattern_pictures > one.pictures * talk_s
      && ours.pattern_last <= seen.sent],
    ['got again', `${ours.packets_repaired}, ${ours.plis_sent} PLI`, ours.packets_repaired > 0],
    ['octets there and back', `${data.got} in ${(data.ms / 1000).toFixed(1)} s`, data.same && data.got === one.octets],
  ];
}

const WIDTH = 13;
const titleOf = (one) => `${one.loss} %, ${one.codec}, ${one.pageOffers ? 'page' : 'pipit'} offers`.padEnd(24);
const row = (cells) => cells.map((cell) => cell.padEnd(WIDTH)).join(' ').trimEnd();

async function play(world, one) {
  try {
    const { page, pipit } = await connect(world, one);
    const columns = judge(one, await observe(one, page, pipit));

    await page.context().close();
    return { one, columns, fault: columns.filter(([, , holds]) => !holds).map(([what]) => what).join(', ') };
  } catch (error) {
    return { one, columns: [], fault: error.message };
  }
}

function tell(results) {
  const complete = results.find(({ columns }) => columns.length);

  console.log(`${' '.repeat(32)} ${row(complete ? complete.columns.map(([what]) => what) : [])}`);
  for (const { one, columns, fault } of results) {
    check(`${titleOf(one)} ${row(columns.map(([, figure]) => figure))}`, !fault, fault);
  }
}

async function main() {
  const internet = await startNetworks(20, ['server=public',
    ...cases.map(({ name, loss }) => `${name}=port-restricted,loss=${loss},delay=20,jitter=10`)]);

  if (typeof internet === 'string') {
    console.log(`interop: skipped, ${internet}`);
    return 77;
  }
  const { serve, port } = await startBoard(work, cases.flatMap(({ name }) => [`page-${name}:secret`, `pipit-${name}:secret`]),
    { listen: '0.0.0.0:0', enter: internet.server.enter });
  const browser = await browserIn(internet.server);
  const results = [];

  console.log(`Chromium ${browser.version()} with JsSIP, over lines that lose packets in each direction`);
  for (let at = 0; at < cases.length; at += 2) {
    results.push(...await Promise.all(cases.slice(at, at + 2).map((one) => play({ internet, port, browser }, one))));
  }
  await browser.close();
  await serve.stop();
  const passed = await internet.stop();
  const lost = Object.values(passed).reduce((sum, network) => sum + network.lost, 0);

  tell(results);
  console.log(`${lost} packets were lost`);
  if (results.some(({ fault }) => fault)) {
    console.log(tellAll().join('\n'));
  }
}

run(main, 'over lines with loss', work);
