// browser.mjs - JsSIP in a headless Chromium and pipit, both ways: through the switchboard with mDNS host candidates off and on,
// where we would tell candidates later and where nothing goes over UDP, and through Kamailio; then in a headless Firefox through the switchboard.
import { existsSync, mkdtempSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Agent, startBoard, tellAll } from './agents.mjs';
import { fakeMicrophone, launchChromium, loopbackToo } from './chromium.mjs';
import { launchFirefox } from './firefox.mjs';
import { startKamailio } from './kamailio.mjs';
import { must, run } from './rows.mjs';
import { eventually, sleep } from './wait.mjs';

const work = mkdtempSync(path.join(os.tmpdir(), 'pipit-interop-'));
const firefoxPath = process.env.FIREFOX || '/usr/bin/firefox-esr';
// `way` says through what: its name, where the page comes from, server and domain, and whether mDNS hides addresses.
async function openPhone(browser, way) {
  const { mdns } = way;
  const context = await browser.newContext({ permissions: mdns ? [] : ['microphone'] });
  const page = await context.newPage();
  const failures = [];
  const options = `user=alice&password=wonderland&domain=${way.domain}&server=${encodeURIComponent(way.server)}&register=1&answer=1${
    mdns ? '&synthetic=1' : ''}`;

  page.on('pageerror', (e) => failures.push(String(e)));
  await page.goto(`http://127.0.0.1:${way.page}/#${options}`);
  await eventually('the page registers', () => page.evaluate(() => window.phone.ua && window.phone.ua.isRegistered()))
    .catch(async (e) => { throw new Error(`${e.message}; page log: ${await page.evaluate(() => window.phone.log.join(' | '))} ${failures}`); });
  return { page, failures };
}

// Sound for some seconds: packets both ways and a level above zero.
async function listen(page, seconds) {
  let level = 0;
  let last;
  for (const end = Date.now() + seconds * 1000; Date.now() < end;) {
    await sleep(200);
    const stats = await page.evaluate(() => window.phone.measure());
    level = Math.max(level, stats.level);
    if (!last || stats.received >= last.received) { // a call that has ended has no figures any more
      last = stats;
    }
  }
  return { ...last, level };
}

const figures = (s) => `${s.sent} sent, ${s.received} received, ${s.lost} lost, level ${s.level.toFixed(3)}`;

const account = (way, user) => ['--server', way.server, '--uri', `sip:${user}@${way.domain}`, ...(way.options || [])];

// The ICE credentials that were negotiated last, and how the browser's ICE does.
const credentials = (page) => page.evaluate(() => {
  const ufrag = (description) => /a=ice-ufrag:(\S+)/.exec(description.sdp)[1];
  const { connection } = window.phone.session;
  return { ours: ufrag(connection.localDescription), theirs: ufrag(connection.remoteDescription), state: connection.iceConnectionState };
});

// Offers with new ICE credentials; JsSIP calls `done` when the answer holds.
const restartByThePage = (page) => page.evaluate(() => new Promise((resolve, reject) => {
  const fail = () => reject(new Error('the restart was refused'));
  window.phone.session.on('failed', fail);
  if (!window.phone.session.renegotiate({ rtcOfferConstraints: { iceRestart: true } }, resolve)) {
    fail();
  }
}));

async function pageRestarts(page, name) {
  const before = await credentials(page);
  await restartByThePage(page);
  const after = await credentials(page);
  const stats = await listen(page, 4);
  const last = await credentials(page);
  must(`${name}, page restarts ICE`, before.ours !== after.ours && before.theirs !== after.theirs
    && ['connected', 'completed'].includes(last.state) && stats.level > 0, `${figures(stats)}, ${last.state}`);
}

async function pageCallsUs(browser, way) {
  const name = `${way.name}: page calls 'pipit answer --echo'`;
  const bob = new Agent('bob', ['answer', '--echo', '--json', ...account(way, 'bob')], { PIPIT_PASSWORD: 'builder' });

  await bob.event('registered');
  const { page, failures } = await openPhone(browser, way);
  await page.fill('#target', 'bob');
  await page.click('#call');
  await eventually('the call is confirmed', () => page.evaluate(() => window.phone.state === 'talking'));
  const stats = await listen(page, 4);
  must(`${name}, hears itself`, stats.sent > 100 && stats.received > 100 && stats.level > 0, figures(stats));
  must(`${way.name}: candidates as meant`, stats.mdns === way.mdns && stats.protocol === (way.protocol || 'udp'));
  await pageRestarts(page, name);
  await page.click('#digits button:nth-child(4)');
  must(`${name}, a digit arrives`, (await bob.event('new_dtmf', { tone: '4' })).tone === '4');
  await page.fill('#text', 'hello from a browser');
  await page.click('#send');
  must(`${name}, a message arrives`, (await bob.event('new_message')).body === 'hello from a browser');
  if (process.env.PIPIT_SCREENSHOT && !way.mdns) {
    await page.screenshot({ path: process.env.PIPIT_SCREENSHOT });
  }
  await page.click('#hangup');
  await bob.event('ended');
  must(`${name}, page hangs up`, true);
  must(`${name}, bob stops cleanly`, (await bob.stop()) === 130 || bob.status === 0, `exit ${bob.status}`);
  must(`${name}, no error on the page`, failures.length === 0, failures.join('; '));
  await page.context().close();
}

// How many packets the page sends and receives in four seconds of a call that we answer in our way.
async function packetsOfACall(browser, way, name, options, good) {
  const bob = new Agent('bob', ['answer', '--json', ...options, ...account(way, 'bob')], { PIPIT_PASSWORD: 'builder' });

  await bob.event('registered');
  const { page } = await openPhone(browser, way);
  await page.fill('#target', 'bob');
  await page.click('#call');
  await eventually('the call is confirmed', () => page.evaluate(() => window.phone.state === 'talking'));
  const before = await listen(page, 2);
  const after = await listen(page, 4);
  const sent = after.sent - before.sent;
  const received = after.received - before.received;
  must(`${way.name}: ${name}`, good(sent, received) && after.lost === 0, `${sent} sent, ${received} received in 4 s`);
  await page.click('#hangup');
  await bob.event('ended');
  await bob.stop();
  await page.context().close();
}

async function packetsAsWished(browser, way) {
  const within = (n, least, most) => n >= least && n <= most;

  await packetsOfACall(browser, way, 'packets of 40 ms both ways', ['--tone', '--codecs', 'PCMU', '--ptime', '40'],
    (sent, received) => within(sent, 70, 120) && within(received, 80, 110));
  await packetsOfACall(browser, way, 'comfort noise in the place of our silence', ['--codecs', 'PCMA', '--comfort-noise'],
    (sent, received) => sent > 20 && within(received, 14, 26));
}

// The server is killed in the middle of a call and comes back without any memory: our side moves the call to the new connection and
// restarts ICE, which JsSIP answers without a candidate.
async function theServerGoes(browser, way, restart) {
  const name = `${way.name}: the server is killed in a call`;
  const bob = new Agent('bob', ['answer', '--echo', '--json', ...account(way, 'bob')], { PIPIT_PASSWORD: 'builder' });

  await bob.event('registered');
  const { page } = await openPhone(browser, way);
  await page.fill('#target', 'bob');
  await page.click('#call');
  await eventually('the call is confirmed', () => page.evaluate(() => window.phone.state === 'talking'));
  const before = await listen(page, 1);
  const old = await credentials(page);
  await restart();
  await eventually('the call was moved, and the page has answered', async () => {
    const now = await credentials(page);
    return now.theirs !== old.theirs && now.ours !== old.ours;
  }, 30000);
  const stats = await listen(page, 4);
  const { state } = await credentials(page);
  must(`${name}, it goes on and restarts ICE`, stats.received > before.received + 150 && stats.level > 0 && state !== 'failed',
    `${figures(stats)}, ${state}`);
  await page.click('#hangup');
  await bob.event('ended');
  must(`${name}, page hangs up`, true);
  await bob.stop();
  await page.context().close();
}

async function weCallThePage(browser, way) {
  const name = `${way.name}: 'pipit call' reaches the page`;
  const { page, failures } = await openPhone(browser, way);
  const bob = new Agent('bob', ['call', 'alice', '--tone', '--duration', '6', '--json', ...account(way, 'bob')],
    { PIPIT_PASSWORD: 'builder' });

  await bob.event('confirmed');
  await eventually('the page talks', () => page.evaluate(() => window.phone.state === 'talking'));
  const stats = await listen(page, 3);
  must(`${name}, which hears us`, stats.sent > 80 && stats.received > 80 && stats.level > 0, figures(stats));
  must(`${name}, exit status 0`, (await bob.exited) === 0, `exit ${bob.status} ${bob.errors}`);
  const summary = bob.events.find((e) => e.event === 'summary');
  must(`${name}, we hear the page`, summary && summary.packets_received > 80 && summary.codec.startsWith('opus'),
    summary && `${summary.codec}, ${summary.packets_received} packets, MOS ${summary.mos}`);
  await eventually('the page is idle', () => page.evaluate(() => window.phone.state === 'idle'));
  must(`${name}, no error on the page`, failures.length === 0, failures.join('; '));
  await page.context().close();
}

// What both sides have said, for the report of a failure.
async function whatWasSeen(browser) {
  const pages = browser ? browser.contexts().flatMap((context) => context.pages()) : [];
  const logs = await Promise.all(pages.map((page) => page.evaluate(() => `${window.phone.state}: ${window.phone.log.join(' | ')}`)
    .catch(String)));

  return [...tellAll(), ...logs.map((log) => `page ${log}`)].join('\n');
}

async function main() {
  const start = (at) => startBoard(work, ['alice:wonderland', 'bob:builder'], { listen: `127.0.0.1:${at}` });
  let { serve, port } = await start(0);
  const kamailio = await startKamailio();
  const board = { page: port, server: `ws://127.0.0.1:${port}`, domain: 'localhost' };
  const ways = [{ ...board, name: 'mDNS off', mdns: false }, { ...board, name: 'mDNS on', mdns: true },
    { ...board, name: 'half trickle', mdns: false, options: ['--trickle-ice', 'half'] },
    { ...board, name: 'ICE over TCP', mdns: false, protocol: 'tcp', options: ['--ice-tcp', 'only'] }];
  let browser;

  if (kamailio) {
    ways.push({ page: port, server: `ws://127.0.0.1:${kamailio.port}`, domain: 'lab.test', name: 'through Kamailio', mdns: false });
  }
  try {
    browser = await launchChromium([...fakeMicrophone, ...loopbackToo]);
    console.log(`Chromium ${browser.version()} with JsSIP, switchboard on port ${port}`);
    for (const way of ways) {
      await pageCallsUs(browser, way);
      await weCallThePage(browser, way);
    }
    await packetsAsWished(browser, ways[0]);
    await theServerGoes(browser, ways[0], async () => {
      serve.child.kill('SIGKILL');
      await serve.exited;
      await sleep(1000);
      ({ serve, port } = await start(port));
    });
    await browser.close();
    browser = existsSync(firefoxPath) ? await launchFirefox(firefoxPath) : undefined;
    console.log(browser ? `Firefox ${browser.version()} with JsSIP` : `skipped: there is no Firefox at ${firefoxPath}`);
    if (browser) {
      await pageCallsUs(browser, { ...board, name: 'Firefox', mdns: false });
      await weCallThePage(browser, { ...board, name: 'Firefox', mdns: false });
    }
  } catch (error) {
    console.log(await whatWasSeen(browser));
    throw error;
  } finally {
    await browser?.close();
    await kamailio?.stop();
    await serve.stop();
  }
}

run(main, 'with JsSIP in browsers', work);
