// calls.mjs - calls between our user agents and theirs, with sound.
import { OurEnd } from './ours.mjs';
import { TheirEnd } from './theirs.mjs';

let number = 0;

export async function talk(...ends) {
  for (const end of ends) {
    await end.saw('confirmed');
  }
  await Promise.all(ends.map((end) => end.hears()));
}

// Who calls, without waiting for anything.
export async function weDial(t, agent, target, options = '-') {
  const end = new OurEnd(t.ours, agent, `c${++number}`);

  await t.ours.do('call', agent, end.call, target, options);
  return end;
}

export async function theyDial(t, agent, target, options = {}) {
  const end = new TheirEnd(t.theirs, `${agent}/c${++number}`);

  await t.theirs.do('call', agent, `c${number}`, target, options);
  return end;
}

// Calls that stand, with sound both ways. @return both ends, ours first
export async function weCall(t, { from = 'bob', to = 'alice', options } = {}) {
  const coming = await t.theirs.coming(to);
  const ours = await weDial(t, from, to, options);
  const theirs = await coming();

  await talk(ours, theirs);
  return [ours, theirs];
}

export async function theyCall(t, { from = 'alice', to = 'bob', options } = {}) {
  const coming = t.ours.coming(to);
  const theirs = await theyDial(t, from, to, options);
  const ours = await coming();

  await talk(ours, theirs);
  return [ours, theirs];
}

// Between two of theirs, and between two of ours.
export async function theyCallThem(t, from, to) {
  const coming = await t.theirs.coming(to);
  const caller = await theyDial(t, from, to);
  const callee = await coming();

  await talk(caller, callee);
  return [caller, callee];
}

export async function weCallUs(t, from, to) {
  const coming = t.ours.coming(to);
  const caller = await weDial(t, from, to);
  const callee = await coming();

  await talk(caller, callee);
  return [caller, callee];
}

export async function silence(...ends) { await Promise.all(ends.map((end) => end.hearsNothing())); }

export async function sound(...ends) { await Promise.all(ends.map((end) => end.hears())); }

// One hangs up, the other hears of it.
export async function hangUp(by, other) {
  await by.end();
  await other.saw('ended');
}
