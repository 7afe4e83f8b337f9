// sipp.mjs - SIPp as the far end, over UDP and TCP, with the scenarios of sipp/: every case passes when SIPp got what its scenario
// expects and our side saw what is written here. A line a case; with a WORD only the cases with it in their name.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { OurEnd, Ours } from './matrix/ours.mjs';
import { freePort } from './ports.mjs';
import { sleep, until, within } from './wait.mjs';

const build = process.env.PIPIT_BUILD;
const word = process.argv[2] || '';
const logs = path.join(build, '../logs');
const scenarios = fileURLToPath(new URL('sipp', import.meta.url));
const running = new Set();
const WORKERS = 4; // cases at a time: they wait most of the time

process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

const calls = [ // we call; what happens to the call
  ['prack', (end) => end.saw('ended')],
  ['prack-offer', async (end) => {
    await end.saw('confirmed');
    await end.saw('hold', { originator: 'local' });
    await end.unhold();
    await end.saw('ended');
  }, 'holds-early'],
  ['update', async (end) => {
    await end.saw('hold', { originator: 'remote' });
    await end.saw('unhold', { originator: 'remote' });
    await end.saw('ended');
  }],
  ['session-interval', (end) => end.saw('ended'), 'timers'],
  ['request-pending', async (end) => {
    await end.saw('confirmed');
    await end.hold();
    await end.saw('ended');
  }],
  ['glare', async (end) => {
    await end.saw('confirmed');
    await end.hold();
    await end.saw('ended');
  }],
  ['moved', (end) => end.saw('ended'), 'redirects'],
  ['moved-away', (end) => end.saw('failed', { cause: 'Redirected' })],
  ['forked', async (end) => {
    await end.saw('confirmed');
    await sleep(200);
    await end.end();
  }],
  ['forked-offerless', async (end) => {
    await end.saw('earlyMedia', {}, 2);
    await end.saw('confirmed');
    await end.saw('ended');
  }, 'offerless'],
  ['offer-in-200', (end) => end.saw('ended'), 'offerless'],
  ['crossing-200', async (end) => {
    await end.saw('progress');
    await end.end();
    await end.saw('failed', { cause: 'Canceled' });
  }],
  ['repeated-200', async (end) => {
    await end.saw('confirmed');
    await until('there were not three ACKs', async () => (await end.do('sent', 'ACK')) === 3, 2000);
    await end.end();
  }, '-', 'tcp'], // over UDP SIPp sends its 200 for every repeated ACK, without end
].map(([name, run, options, over]) => ({ name, run, options: options || '-', over, ours: true }));

const called = [ // it calls
  ['offerless', (end) => end.saw('ended')],
  ['hold-without-address', async (end) => {
    await end.saw('hold', { originator: 'remote' });
    await end.saw('unhold', { originator: 'remote' });
    await end.saw('ended');
  }],
  ['cancel', (end) => end.saw('failed', { cause: 'Canceled', originator: 'remote' }), 'rings'],
  ['late-cancel', (end) => end.saw('ended')],
  ['late-ack', (end) => end.saw('ended'), 'answers', 'tcp'],
  ['late-ack-udp', async (end) => {
    await end.saw('ended');
    if (await end.do('sent', 'SIP/2.0') < 5) { // 180, 200 three times, 200 to BYE
      throw new Error('the 200 was not repeated');
    }
  }, 'answers', 'udp'],
  ['reliable', async (end) => {
    await end.do('progress');
    await sleep(300);
    await end.do('answer');
    await end.saw('ended');
  }, 'rings'],
  ['offer-in-prack', async (end) => {
    await end.do('progress');
    await end.saw('hold', { originator: 'remote' });
    await end.do('answer');
    await end.saw('ended');
  }, 'rings'],
  ['short-interval', (end) => end.saw('ended')],
].map(([name, run, manner, over]) => ({ name, run, manner: manner || 'answers', over, ours: false }));

function startSipp(one, over, port) {
  const log = path.join(logs, `sipp-${one.name}-${over}`);
  const child = spawn('sipp', ['-sf', path.join(scenarios, `${one.name}.xml`), '-i', '127.0.0.1', '-p', `${port}`, '-m', '1',
    '-t', over === 'udp' ? 'u1' : 't1', '-nostdin', '-timeout', '20s', '-timeout_error', '-trace_err', '-error_file', `${log}.errors`,
    '-trace_msg', '-message_file', `${log}.messages`], { stdio: 'ignore' });
  const exited = new Promise((resolve) => { child.on('exit', (status, signal) => {
    running.delete(child);
    resolve(status ?? signal);
  }); });

  running.add(child);
  return { exited, reason: () => {
    try {
      return readFileSync(`${log}.errors`, 'utf8').split('\n').filter((line) => /20\d\d-/.test(line) || /nexpected|expecting/.test(line))
        .map((line) => line.replace(/^\S*\s*\S*\s*\S*\s+/, '')).join('; ').slice(0, 300);
    } catch {
      return '';
    }
  } };
}

async function play(ours, one, agent, over) {
  const port = await freePort();
  const sipp = startSipp(one, over, port);

  await sleep(300); // until it listens
  if (one.ours) {
    const end = new OurEnd(ours, agent, 'c');

    await ours.do('start', agent, port, `${over},plain,unregistered`);
    await ours.do('call', agent, 'c', 'sipp', one.options);
    await one.run(end);
  } else {
    const coming = ours.coming(agent);

    await ours.do('start', agent, port, `${over},plain`, one.manner);
    await one.run(await coming());
    await ours.do('stop', agent);
  }
  const status = await within('SIPp does not end', sipp.exited, 8000);
  if (status !== 0) {
    throw new Error(`SIPp ended with ${status}: ${sipp.reason()}`);
  }
}

async function judge(ours, one, agent, over) {
  const start = Date.now();
  const name = `SIPp ${one.ours ? 'is called' : 'calls'} over ${over}: ${one.name}`;

  try {
    await play(ours, one, agent, over);
    console.log(`ok      ${name.padEnd(50)} ${((Date.now() - start) / 1000).toFixed(1)} s`);
    return true;
  } catch (error) {
    console.log(`FAILED  ${name}: ${error.message}`);
    return false;
  }
}

async function main() {
  const ours = new Ours(build, logs, 'sipp-agents.log');
  const all = ['udp', 'tcp'].flatMap((over) => [...calls, ...called].filter((one) => one.name.includes(word) && (one.over || over) === over)
    .map((one) => [one, over]));
  const waiting = all.map(([one, over], i) => [one, `sipp${i}`, over]);
  const results = [];

  mkdirSync(logs, { recursive: true });
  await Promise.all(Array.from({ length: WORKERS }, async () => {
    for (let next; (next = waiting.shift());) {
      results.push(await judge(ours, ...next));
    }
  }));
  const good = results.filter(Boolean).length;
  await ours.stop();
  console.log(`interop sipp: ${good} of ${all.length}`);
  return good === all.length && all.length > 0;
}

main().then((good) => process.exit(good ? 0 : 1), (error) => {
  console.log(`FAILED: ${error.stack}`);
  process.exit(1);
});
