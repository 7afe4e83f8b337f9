// video.mjs - JsSIP in a headless Chromium and pipit with video, both ways and with both codecs. Not packets are the proof but pictures: the
// page reads the numbers in ours from its canvas, we read those that the page has drawn.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Agent, startBoard } from './agents.mjs';
import { launchChromium, loopbackToo } from './chromium.mjs';
import { must, run } from './rows.mjs';
import { sleep, until } from './wait.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const work = mkdtempSync(path.join(os.tmpdir(), 'pipit-video-'));
const ascending = (numbers) => numbers.every((n, i) => i === 0 || n > numbers[i - 1]);

async function openPage(browser, port, name) {
  const page = await (await browser.newContext()).newPage();
  const errors = [];

  page.on('pageerror', (e) => errors.push(String(e)));
  await page.goto(`http://127.0.0.1:${port}/`);
  await page.addScriptTag({ path: path.join(here, 'far/video.js') });
  await page.evaluate((options) => window.far.start(options),
    { server: `ws://127.0.0.1:${port}`, uri: `sip:${name}@localhost`, password: 'wonderland' });
  return { page, errors };
}

const account = (port) => ['--server', `ws://127.0.0.1:${port}`, '--uri', 'sip:bob@localhost', '--json'];

// The numbers that the page reads in so many seconds.
async function watch(page, seconds) {
  await until('the page talks', () => page.evaluate(() => window.far.state === 'talking'), 15000);
  await until('the page sees a number', () => page.evaluate(() => window.far.numbers.length > 0), 10000)
    .catch(async (e) => { throw new Error(`${e.message}; ${JSON.stringify(await page.evaluate(async () =>
      ({ ...(await window.far.figures()), size: window.far.size, unread: window.far.unread, log: window.far.log })))}`); });
  await sleep(seconds * 1000);
  return page.evaluate(async () => ({ numbers: window.far.numbers, size: window.far.size, sent: window.far.sent, ...(await window.far.figures()) }));
}

function checkPage(name, seen, codec, least) {
  must(`${name}, the page reads our numbers`, seen.numbers.length > least && ascending(seen.numbers)
    && seen.codec === `video/${codec}`, `${seen.numbers.length} numbers, ${seen.numbers[0]} to ${seen.numbers[seen.numbers.length - 1]}, ${
    seen.size}, ${seen.codec}, ${seen.keys} key frames, ${seen.plis} asked for, ${seen.lost} lost`);
}

function checkOurs(name, summary, sent, codec) {
  const v = summary && summary.video;
  must(`${name}, we read the page's numbers`, v && v.pattern_pictures > 20 && v.pattern_last > 20 && v.pattern_last <= sent
    && v.codec === `${codec}/90000`, v && `${v.pattern_pictures} numbers, the last ${v.pattern_last} of ${sent}, ${v.width_received}x${
    v.height_received}, ${v.key_frames_received} key frames, ${v.plis_sent} asked for, ${v.packets_lost} lost, aims at ${v.target_bitrate} bit/s`);
}

// What another program reads in a recording of both: sound and pictures that can be decoded, as long as each other.
function checkRecording(name, file, codec) {
  const probe = JSON.parse(execFileSync('ffprobe', ['-v', 'error', '-count_frames', '-show_streams', '-show_packets', '-of', 'json', file]));
  const of = (kind) => probe.streams.find((stream) => stream.codec_type === kind) || {};
  const times = (kind) => probe.packets.filter((packet) => packet.codec_type === kind).map((packet) => Number(packet.pts_time));
  const pictures = of('video');
  const sound = of('audio');
  const apart = Math.abs(Math.max(...times('video')) - Math.max(...times('audio')));

  must(`${name}, it was recorded with its sound`, pictures.codec_name === codec.toLowerCase() && sound.codec_name === 'opus'
    && pictures.nb_read_frames > 30 && sound.nb_read_frames > 150 && apart < 0.5
    && Number(pictures.nb_read_frames) === times('video').length,
  `${path.basename(file)}: ${pictures.nb_read_frames} pictures and ${sound.nb_read_frames} packets of sound, whose ends are ${
    apart.toFixed(3)} s apart, ${statSync(file).size} octets`);
}

async function pageCallsUs(browser, port, codec) {
  const name = `${codec}: page calls 'pipit answer --video'`;
  const record = path.join(work, codec === 'VP8' ? 'call.webm' : 'call.mkv');
  const bob = new Agent('bob', ['answer', '--tone', '--video', '--record-video', record, ...account(port)], { PIPIT_PASSWORD: 'builder' });

  await bob.event('registered');
  const { page, errors } = await openPage(browser, port, 'alice');
  await page.evaluate(([target, one]) => window.far.call(target, one), ['sip:bob@localhost', codec]);
  const seen = await watch(page, 5);
  checkPage(name, seen, codec, 40);
  const sent = await page.evaluate(() => { window.far.hangUp(); return window.far.sent; });
  checkOurs(name, await bob.event('summary'), sent, codec);
  await bob.stop();
  checkRecording(name, record, codec);
  must(`${name}, no error on the page`, errors.length === 0, errors.join('; '));
  await page.context().close();
  return record;
}

async function weCallThePage(browser, port, codec, video) {
  const name = `${codec}: 'pipit call --video${video ? '=FILE' : ''}' reaches the page`;
  const { page, errors } = await openPage(browser, port, 'alice');
  const bob = new Agent('bob', ['call', 'sip:alice@localhost', '--tone', `--video${video ? `=${video}` : ''}`, '--video-codecs', codec,
    '--duration', '8', ...account(port)], { PIPIT_PASSWORD: 'builder' });

  await bob.event('confirmed');
  const seen = await watch(page, 4);
  checkPage(name, seen, codec, 30);
  must(`${name}, exit status 0`, (await bob.exited) === 0, `exit ${bob.status} ${bob.errors}`);
  checkOurs(name, bob.events.find((e) => e.event === 'summary'), await page.evaluate(() => window.far.sent), codec);
  must(`${name}, no error on the page`, errors.length === 0, errors.join('; '));
  await page.context().close();
}

async function weRefuse(browser, port) {
  const name = "page calls 'pipit answer' without --video";
  const bob = new Agent('bob', ['answer', '--tone', ...account(port)], { PIPIT_PASSWORD: 'builder' });

  await bob.event('registered');
  const { page } = await openPage(browser, port, 'alice');
  await page.evaluate(() => window.far.call('sip:bob@localhost'));
  await until('the page talks', () => page.evaluate(() => window.far.state === 'talking'), 15000);
  await sleep(1500);
  const figures = await page.evaluate(async () => ({ ...(await window.far.figures()), numbers: window.far.numbers.length }));
  must(`${name}, sound alone`, figures.numbers === 0 && figures.decoded === 0);
  await page.evaluate(() => window.far.hangUp());
  must(`${name}, it talks`, (await bob.event('summary')).packets_received > 30);
  await bob.stop();
  await page.context().close();
}

async function main() {
  const { serve, port } = await startBoard(work, ['alice:wonderland', 'bob:builder']);
  let browser;

  try {
    browser = await launchChromium(loopbackToo);
    console.log(`Chromium ${browser.version()} with JsSIP and video, switchboard on port ${port}`);
    for (const codec of ['VP8', 'H264']) {
      const record = await pageCallsUs(browser, port, codec);
      await weCallThePage(browser, port, codec);
      await weCallThePage(browser, port, codec, record);
    }
    await weRefuse(browser, port);
  } finally {
    await browser?.close();
    await serve.stop();
  }
}

run(main, 'with Chromium and video', work);
