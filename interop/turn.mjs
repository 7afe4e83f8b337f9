// turn.mjs - calls by way of coturn over UDP, TCP and TLS: JsSIP in a headless Chromium that uses nothing but relays with pipit that
// does so too or not, each of them offering, and two pipits.
import { mkdtempSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Agent, startBoard } from './agents.mjs';
import { fakeMicrophone, launchChromium } from './chromium.mjs';
import { ownAddress, password, startCoturn, user } from './coturn.mjs';
import { check, run } from './rows.mjs';
import { eventually, sleep } from './wait.mjs';

const work = mkdtempSync(path.join(os.tmpdir(), 'pipit-turn-'));
let port;
let turn;

const ways = ['udp', 'tcp', 'tls'];
const account = (name) => ['--server', `ws://127.0.0.1:${port}`, '--uri', `sip:${name}@localhost`, '--json'];
const relays = (way, only) => ['--ice-server', turn.urls[way], '--turn-user', user, '--ca', turn.certificate]
  .concat(only ? ['--relay-only'] : []);
const secrets = (sip) => ({ PIPIT_PASSWORD: sip, PIPIT_TURN_PASSWORD: password });
const isRelayed = (candidate) => candidate.startsWith(`${turn.ip}:`);

async function openPhone(browser, way) {
  const page = await (await browser.newContext({ permissions: ['microphone'] })).newPage();
  const options = new URLSearchParams({ user: `alice-${way}`, password: 'wonderland', domain: 'localhost', server: `ws://127.0.0.1:${port}`,
    register: '1', answer: '1', ice: turn.urls[way], iceuser: user, icepassword: password, relay: '1' });

  await page.goto(`http://127.0.0.1:${port}/#${options}`);
  await eventually('the page registers', () => page.evaluate(() => window.phone.ua && window.phone.ua.isRegistered()));
  return page;
}

// Until enough has come and something was heard.
async function listen(page) {
  let level = 0;
  let stats;

  await eventually('sound on the page', async () => {
    stats = await page.evaluate(() => window.phone.measure());
    level = Math.max(level, stats.level);
    return stats.received > 75 && stats.sent > 75 && level > 0;
  }, 10000).catch(() => {});
  return { ...stats, level };
}

const figures = (s) => `${s.sent} sent, ${s.received} received, level ${s.level.toFixed(3)}, ${s.candidate}`;
const fits = (s, way) => s.received > 75 && s.level > 0 && s.candidate === `relay over ${way}`;

async function pageCallsUs(browser, way, only) {
  const what = `${way}: the page, relayed only, calls ${only ? 'us, relayed only' : 'us'}`;
  const bob = new Agent('bob', ['answer', '--echo', ...account(`bob-${way}`), ...(only ? relays(way, true) : [])],
    secrets('builder'));

  await bob.event('registered');
  const page = await openPhone(browser, way);
  await page.fill('#target', `bob-${way}`);
  await page.click('#call');
  await eventually('the call is confirmed', () => page.evaluate(() => window.phone.state === 'talking'));
  const stats = await listen(page);
  await page.click('#hangup');
  const summary = await bob.event('summary');
  check(what, fits(stats, way) && (!only || isRelayed(summary.local_candidate)), figures(stats));
  await bob.stop();
  await page.context().close();
}

async function weCallThePage(browser, way, only) {
  const what = `${way}: ${only ? 'we, relayed only, call' : 'we call'} the page, relayed only`;
  const page = await openPhone(browser, way);
  const bob = new Agent('bob', ['call', `alice-${way}`, '--tone', '--duration', '3', ...account(`bob-${way}`),
    ...(only ? relays(way, true) : [])], secrets('builder'));

  await bob.event('confirmed');
  const stats = await listen(page);
  const summary = await bob.event('summary');
  check(what, fits(stats, way) && summary.packets_received > 75 && (!only || isRelayed(summary.local_candidate)),
    `${figures(stats)}; we: ${summary.packets_received} received`);
  await bob.exited;
  await page.context().close();
}

// Both relayed only, over two ways; the sound of the caller comes back.
async function weCallOurselves(oneWay, otherWay) {
  const bob = new Agent('bob', ['answer', '--echo', ...account(`bob-${oneWay}`), ...relays(otherWay, true)], secrets('builder'));

  await bob.event('registered');
  const carol = new Agent('carol', ['call', `bob-${oneWay}`, '--tone', '--duration', '3', ...account('carol'),
    ...relays(oneWay, true)], secrets('singer'));
  const summary = await carol.event('summary');
  const other = await bob.event('summary');
  check(`two of ours, relayed only, over ${oneWay} and ${otherWay}`, summary.packets_received > 100 && other.packets_received > 100
    && isRelayed(summary.local_candidate) && isRelayed(summary.remote_candidate), `${summary.packets_received} received, ${
    summary.local_candidate} to ${summary.remote_candidate}, round trip ${summary.round_trip_time_ms} ms`);
  await carol.exited;
  await bob.stop();
}

// Where a direct way works it is taken, and the relay is only there in case.
async function weNeedNoRelay() {
  const bob = new Agent('bob', ['answer', '--echo', ...account('bob'), ...relays('udp', false)], secrets('builder'));

  await bob.event('registered');
  const carol = new Agent('carol', ['call', 'bob', '--tone', '--duration', '2', ...account('carol'), ...relays('udp', false)],
    secrets('singer'));
  const summary = await carol.event('summary');
  check('two of ours that need no relay use none', summary.packets_received > 50 && summary.ice_ms < 1000,
    `${summary.local_candidate} to ${summary.remote_candidate}, ICE ${summary.ice_ms} ms`);
  await carol.exited;
  await bob.stop();
}

async function aWrongPassword() {
  const carol = new Agent('carol', ['call', 'bob', '--tone', ...account('carol'), ...relays('udp', true)],
    { ...secrets('singer'), PIPIT_TURN_PASSWORD: 'guessed-password' });
  const status = await carol.exited;
  const said = JSON.stringify(carol.events) + carol.errors;
  check('a wrong TURN password fails the call', status !== 0 && /user name and password/.test(said)
    && !said.includes('guessed-password'), `exit ${status}`);
}

async function main() {
  if (!ownAddress()) {
    console.log('interop: skipped, this machine has no address but loopback');
    return 77;
  }
  const board = await startBoard(work, ['bob:builder', 'carol:singer',
    ...ways.flatMap((way) => [`alice-${way}:wonderland`, `bob-${way}:builder`])]);
  let browser;

  port = board.port;
  turn = await startCoturn(work);
  try {
    await Promise.all([weCallOurselves('udp', 'tcp'), weCallOurselves('tcp', 'tls'), weCallOurselves('tls', 'udp')]);
    await Promise.all([weNeedNoRelay(), aWrongPassword()]);
    browser = await launchChromium([...fakeMicrophone, '--ignore-certificate-errors']);
    console.log(`Chromium ${browser.version()} with JsSIP, coturn on ${turn.ip}`);
    await Promise.all(ways.map(async (way) => {
      await pageCallsUs(browser, way, true);
      await weCallThePage(browser, way, true);
      await pageCallsUs(browser, way, false);
      await weCallThePage(browser, way, false);
    }));
  } finally {
    if (process.env.PIPIT_TURN_LOG) {
      console.log(turn.log());
    }
    await browser?.close();
    await turn.stop();
    await board.serve.stop();
  }
}

run(main, 'through coturn', work);
