// matrix.mjs - our user agents with JsSIP and with SIP.js in a headless Chromium, through the switchboard and through Kamailio: every
// case of matrix/cases.mjs in each of the four ways, and a table in the end. With a WORD only the cases with it in their name.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { Agent } from './agents.mjs';
import { fakeMicrophone, launchChromium, loopbackToo } from './chromium.mjs';
import { startKamailio } from './kamailio.mjs';
import { cases, lasting } from './matrix/cases.mjs';
import { Ours } from './matrix/ours.mjs';
import { Theirs } from './matrix/theirs.mjs';
import { sleep } from './wait.mjs';

const build = process.env.PIPIT_BUILD;
const word = process.argv[2] || '';
const work = mkdtempSync(path.join(os.tmpdir(), 'pipit-matrix-'));
const logs = path.join(build, '../logs');
const ours = ['bob', 'carol', 'dave']; // dave has the lasting calls, and so have frank and grace
const passwords = {
  alice: 'wonderland', bob: 'builder', carol: 'christmas', dave: 'danger', erin: 'emerald', frank: 'forest', grace: 'granite',
};
const theirs = { alice: 'UPDATE', erin: 'UPDATE', frank: 'UPDATE', grace: 'INVITE' }; // how they refresh
const titles = { jssip: 'JsSIP', sipjs: 'SIP.js' };

async function begin(browser, library, way) {
  const t = {
    stack: library,
    ours: new Ours(build, logs, `${library}-${way.short}.log`),
    theirs: await Theirs.open(browser, way.page, path.join(build, `far-${library}.js`)),
  };

  for (const name of ours) {
    await t.ours.do('start', name, way.port, name === 'dave' ? 'refreshes' : '-');
  }
  for (const [name, timers] of Object.entries(theirs)) {
    await t.theirs.do('start', name, { server: `ws://127.0.0.1:${way.port}`, uri: `sip:${name}@lab.test`, domain: 'lab.test',
      password: passwords[name], timers });
  }
  return t;
}

// Every call but the lasting ones ends, whatever state the case has left it in.
async function clean(t) {
  for (const agent of ['bob', 'carol']) {
    for (const one of t.ours.open(agent)) {
      await t.ours.do('end', ...one.split(' ')).catch(() => {});
    }
    await t.ours.do('manner', agent, 'answers');
  }
  await t.theirs.do('clean', ['alice', 'erin']);
}

async function judge(column, name, run) {
  const start = Date.now();

  try {
    column[name] = { good: true, note: await run() };
  } catch (error) {
    column[name] = { good: false, reason: error.message };
  }
  column[name].ms = Date.now() - start;
}

async function fill(browser, library, way) {
  const column = {};
  const wanted = (one) => one.name.includes(word);
  const t = await begin(browser, library, way);
  const begun = new Map();

  for (const one of [...cases, ...lasting].filter((c) => wanted(c) && c.not[library])) {
    column[one.name] = { not: one.not[library] };
  }
  for (const one of lasting.filter((c) => wanted(c) && !c.not[library])) {
    await judge(column, one.name, async () => begun.set(one, await one.begin(t)));
  }
  for (const one of cases.filter((c) => wanted(c) && !c.not[library])) {
    await judge(column, one.name, () => one.run(t));
    await clean(t).catch((error) => { column[one.name] = { good: false, reason: `afterwards: ${error.message}` }; });
  }
  for (const [one, ends] of begun) {
    await judge(column, one.name, async () => {
      await one.judge(ends, t);
      await Promise.all(ends.map((end) => end.hears()));
      await ends[0].end();
    });
  }
  await judge(column, 'all are unregistered in the end', async () => { await t.theirs.do('stop'); });
  await judge(column, 'our user agents end', async () => {
    const status = await t.ours.stop();

    if (status !== 0) {
      throw new Error(`exit ${status}`);
    }
  });
  await judge(column, 'no error on the page', async () => {
    if (t.theirs.errors.length) {
      throw new Error(t.theirs.errors.join('; '));
    }
  });
  await t.theirs.close();
  return column;
}

const place = (order, name) => (order.includes(name) ? order.indexOf(name) : order.length);

function print(columns) {
  const order = [...cases, ...lasting].map((one) => one.name);
  const names = [...new Set(columns.flatMap((column) => Object.keys(column.cells)))]
    .sort((a, b) => place(order, a) - place(order, b));
  const notes = [];
  const note = (text) => (notes.includes(text) ? notes.indexOf(text) + 1 : notes.push(text));
  const cell = (got) => {
    if (!got) {
      return '-';
    }
    if (got.not || !got.good) {
      return got.not ? `- (${note(got.not)})` : `FAILED: (${note(got.reason)})`;
    }
    return `ok ${(got.ms / 1000).toFixed(1)} s${got.note ? ` (${note(got.note)})` : ''}`;
  };
  const line = (first, rest) => console.log([first.padEnd(52), ...rest.map((text) => text.padEnd(20))].join(' ').trimEnd());

  line('', columns.map((column) => column.title));
  names.forEach((name) => line(name, columns.map((column) => cell(column.cells[name]))));
  notes.forEach((text, i) => console.log(`(${i + 1}) ${text}`));
  const tried = columns.flatMap((column) => Object.values(column.cells)).filter((got) => !got.not);
  const good = tried.filter((got) => got.good);
  console.log(`interop matrix: ${good.length} of ${tried.length}`);
  return good.length === tried.length && tried.length > 0;
}

// An empty page from this machine, which may talk to its servers therefore.
function servePage() {
  const server = http.createServer((_, answer) => answer.setHeader('Content-Type', 'text/html').end('<!doctype html><title>far end</title>'));

  return new Promise((resolve) => { server.listen(0, '127.0.0.1', () => resolve(server)); });
}

async function main() {
  const pages = await servePage();
  const page = `http://127.0.0.1:${pages.address().port}/`;
  const serve = new Agent('switchboard', ['serve', '--json', '--domain', 'lab.test', '--ws', '127.0.0.1:0', '--no-wss',
    ...Object.entries(passwords).flatMap(([name, password]) => ['--user', `${name}:${password}`])], { PIPIT_HOME: work, XDG_CONFIG_HOME: work });
  const ways = [{ title: 'switchboard', short: 'switchboard', page, port: (await serve.event('listening')).ws_port }];
  const kamailio = await startKamailio();
  let browser;

  if (kamailio) {
    ways.push({ title: 'Kamailio', short: 'kamailio', page, port: kamailio.port });
  }
  try {
    mkdirSync(logs, { recursive: true });
    browser = await launchChromium([...fakeMicrophone, ...loopbackToo]);
    const columns = await Promise.all(ways.map(async (way) => { // at once, for the lasting calls take their half minute anyway
      const filled = [];

      for (const library of Object.keys(titles)) {
        filled.push({ title: `${titles[library]}, ${way.title}`, cells: await fill(browser, library, way) });
      }
      return filled;
    }));
    return print(columns.flat());
  } finally {
    await browser?.close();
    pages.close();
    await kamailio?.stop();
    await serve.stop();
  }
}

main().then((good) => { process.exitCode = good ? 0 : 1; }, (error) => {
  console.log(`FAILED: ${error.stack}`);
  process.exitCode = 1;
}).finally(() => {
  rmSync(work, { recursive: true, force: true });
  process.exit();
});
