// nets.mjs - calls between two pipits in networks of their own, each kind of NAT against each, with a coturn to ask and to relay: the sound
// of the caller comes back to it, by the way that it ought to.
import { mkdtempSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Agent } from './agents.mjs';
import { password, startCoturn, user } from './coturn.mjs';
import { startNetworks } from './networks.mjs';
import { check, run } from './rows.mjs';
import { toneSeconds } from './tone.mjs';

const work = mkdtempSync(path.join(os.tmpdir(), 'pipit-nets-'));
const kinds = ['public', 'full-cone', 'address-restricted', 'port-restricted', 'symmetric', 'udp-blocked'];
const line = 'delay=10,jitter=4';
const TALK_S = 5;
const HEARD_S = 1; // at least: the first of it goes with ICE, DTLS and the way back
const TONE_HZ = 440;
const AT_ONCE = 18; // calls

// Symmetric mappings are of use to nobody who checks ports; without UDP there is no way at all but the relay's.
function needsRelay(one, other) {
  const both = [one, other];
  const worse = both.filter((kind) => kind === 'symmetric' || kind === 'port-restricted').length;

  return both.includes('udp-blocked') || (both.includes('symmetric') && worse === 2);
}

// How an agent in that network is started.
function agentOf(internet, name, args, { port, turn }) {
  const { urls } = turn;

  return new Agent(name, [...args, '--server', `ws://${internet.server.address}:${port}`, '--uri', `sip:${name}@localhost`, '--json',
    '--ice-server', urls.udp.replace('turn:', 'stun:'), '--ice-server', urls.udp, '--ice-server', urls.tls, '--turn-user', user,
    '--ca', turn.certificate], { PIPIT_PASSWORD: 'secret', PIPIT_TURN_PASSWORD: password }, internet[name.split('.')[0]].enter);
}

// What is wrong with a call; undefined: nothing.
function fault(s, heard, relayed) {
  if (!s) {
    return 'it did not come to talking';
  }
  if (s.relayed !== relayed) {
    return relayed ? 'it went where no way should be' : 'it was relayed without need';
  }
  return heard < HEARD_S ? `the tone was heard for ${heard.toFixed(1)} s only` : undefined;
}

async function call(internet, board, one, other) {
  const record = path.join(work, `${one}-${other}.wav`);
  const caller = agentOf(internet, `caller-${one}.${other}`, ['call', `callee-${other}.${one}`, '--tone', '--record', record,
    '--duration', `${TALK_S}`], board);
  const callee = board.callees.get(`callee-${other}.${one}`);

  await caller.exited;
  await callee.stop();
  const [s, remote] = [caller, callee].map((agent) => agent.events.find((e) => e.event === 'summary'));
  const summary = s && remote && { ...s, relayed: [s, remote].some((side) => side.local_candidate_type === 'relay') };
  const heard = summary ? toneSeconds(record, TONE_HZ) : 0;

  return { one, other, summary, remote, heard, fault: fault(summary, heard, needsRelay(one, other)) };
}

async function startCallee(internet, board, one, other) {
  const name = `callee-${other}.${one}`;
  const callee = agentOf(internet, name, ['answer', '--echo'], board);

  board.callees.set(name, callee);
  await callee.event('registered');
}

function tell({ one, other, summary: s, remote, heard, fault: wrong }) {
  const way = s ? `${s.local_candidate_type} to ${remote.local_candidate_type}`.padEnd(16) : '-'.padEnd(16);
  const times = s ? `set-up ${`${s.set_up_ms}`.padStart(5)} ms, ICE ${`${s.ice_ms}`.padStart(4)} ms, tone ${heard.toFixed(1)} s` : '';

  check(`${one.padEnd(18)} ${other.padEnd(18)} ${way} ${times}`, !wrong, wrong);
}

async function callAll(internet, board) {
  const pairs = kinds.flatMap((one) => kinds.map((other) => [one, other]));
  const results = [];

  for (let at = 0; at < pairs.length; at += AT_ONCE) {
    const now = pairs.slice(at, at + AT_ONCE);

    await Promise.all(now.map((pair) => startCallee(internet, board, ...pair)));
    results.push(...await Promise.all(now.map((pair) => call(internet, board, ...pair))));
  }
  console.log('        caller             callee             local candidates');
  results.forEach(tell);
}

async function startBoard({ address, enter }) {
  const users = path.join(work, 'users');

  writeFileSync(users, kinds.flatMap((one) => kinds.flatMap((other) => [`caller-${one}.${other}`, `callee-${one}.${other}`]))
    .map((name) => `${name}:secret\n`).join(''));
  const serve = new Agent('switchboard', ['serve', '--json', '--domain', 'localhost', '--ws', `${address}:0`, '--no-wss', '--users', users],
    { PIPIT_HOME: work, XDG_CONFIG_HOME: work }, enter);

  return { serve, port: (await serve.event('listening')).ws_port, turn: await startCoturn(work, { ip: address, enter }),
    callees: new Map() };
}

async function main() {
  const internet = await startNetworks(7, ['server=public',
    ...['caller', 'callee'].flatMap((side) => kinds.map((kind) => `${side}-${kind}=${kind},${line}`))]);

  if (typeof internet === 'string') {
    console.log(`interop: skipped, ${internet}`);
    return 77;
  }
  try {
    const board = await startBoard(internet.server);

    await callAll(internet, board);
    await board.turn.stop();
    await board.serve.stop();
  } finally {
    await internet.stop();
  }
}

run(main, 'calls between networks', work);
