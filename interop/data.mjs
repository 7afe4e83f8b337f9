// data.mjs - data channels between 'pipit' and a headless Chromium, each side offering once: a megabyte there and back, compared
// octet by octet, strings, an empty message, and a close from either side.
import { mkdtempSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Agent, startBoard, tellAll } from './agents.mjs';
import { fakeMicrophone, launchChromium, loopbackToo } from './chromium.mjs';
import { roundTrip, watchConnections } from './far/channels.mjs';
import { check, run } from './rows.mjs';
import { eventually } from './wait.mjs';

const work = mkdtempSync(path.join(os.tmpdir(), 'pipit-data-'));
const account = (port, user) => ['--server', `ws://127.0.0.1:${port}`, '--uri', `sip:${user}@localhost`];
// Runs in the page: what comes back for each of some odd messages.
async function strings() {
  const channel = window.data.own;
  const messages = ['gr\u00fc\u00df dich \u{1F600}', '', 'x'.repeat(200000)];
  const back = [];

  for (const message of messages) {
    const next = new Promise((resolve) => { channel.onmessage = ({ data }) => resolve(data); });
    channel.send(message);
    back.push(await Promise.race([next, new Promise((resolve) => { setTimeout(() => resolve(null), 10000); })]));
  }
  return messages.every((message, i) => back[i] === message);
}

async function openPage(browser, port) {
  const context = await browser.newContext({ permissions: ['microphone'] });
  const page = await context.newPage();

  await page.addInitScript(watchConnections);
  await page.goto(`http://127.0.0.1:${port}/#user=alice&password=wonderland&domain=localhost&server=${
    encodeURIComponent(`ws://127.0.0.1:${port}`)}&register=1&answer=1`);
  await eventually('the page registers', () => page.evaluate(() => window.phone.ua && window.phone.ua.isRegistered()));
  return page;
}

async function exchange(page, bob, who) {
  await eventually('the page talks', () => page.evaluate(() => window.phone.state === 'talking'));
  const large = await page.evaluate(roundTrip, { octets: 1 << 20, size: 65536 });
  check(`${who}: 1 MB there and back, the same octets`, large.got === 1 << 20 && large.same,
    `${large.got} octets in ${Math.round(large.ms)} ms`);
  const small = await page.evaluate(roundTrip, { octets: 100000, size: 100 });
  check(`${who}: 1,000 short messages`, small.same, `${Math.round(small.ms)} ms`);
  const largest = await page.evaluate(roundTrip, { octets: 262144, size: 262144 });
  check(`${who}: one of 262,144 octets`, largest.same, `${Math.round(largest.ms)} ms`);
  check(`${who}: strings, an empty one among them`, await page.evaluate(strings));
  check(`${who}: the page's channel is known by its name`, (await bob.event('data_channel', { originator: 'remote' })).label === 'page');
  await page.evaluate(() => window.data.own.close());
  await bob.event('data_channel_closed', { label: 'page' });
  await eventually('the page hears that it is closed', () => page.evaluate(() => window.data.own.readyState === 'closed'));
  check(`${who}: a close is for both`, true);
}

async function pageOffers(browser, port) {
  const bob = new Agent('bob', ['answer', '--echo', '--data-channels', '--json', ...account(port, 'bob')], { PIPIT_PASSWORD: 'builder' });

  await bob.event('registered');
  const page = await openPage(browser, port);
  await page.fill('#target', 'bob');
  await page.click('#call');
  await exchange(page, bob, 'Chromium offers');
  await page.click('#hangup');
  await bob.event('ended');
  await bob.stop();
  await page.context().close();
}

async function weOffer(browser, port) {
  const page = await openPage(browser, port);
  const bob = new Agent('bob', ['call', 'alice', '--echo', '--data-channels', '--duration', '60', '--json', ...account(port, 'bob')],
    { PIPIT_PASSWORD: 'builder' });

  await exchange(page, bob, 'we offer');
  const echo = await bob.event('data_message', { label: 'pipit' });
  check('we offer: our channel carries, too', echo.text === 'hello from pipit'
    && (await page.evaluate(() => window.data.labels.join())) === 'pipit', echo.text);
  await bob.stop();
  await eventually('the page is idle', () => page.evaluate(() => window.phone.state === 'idle'));
  await page.context().close();
}

async function main() {
  const { serve, port } = await startBoard(work, ['alice:wonderland', 'bob:builder']);
  const browser = await launchChromium([...fakeMicrophone, ...loopbackToo]);

  console.log(`Chromium ${browser.version()} and data channels, switchboard on port ${port}`);
  try {
    await pageOffers(browser, port);
    await weOffer(browser, port);
  } catch (error) {
    console.log(tellAll().join('\n'));
    throw error;
  } finally {
    await browser.close();
    await serve.stop();
  }
}

run(main, 'with Chromium and data channels', work);
