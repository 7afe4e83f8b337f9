// cases.mjs - what is tried with every library through every server. `not` says for which library a case makes no sense.
import { hangUp, silence, sound, talk, theyCall, theyCallThem, theyDial, weCall, weCallUs, weDial } from './calls.mjs';
import { sleep, until } from '../wait.mjs';

function must(good, what) {
  if (!good) {
    throw new Error(what);
  }
}

const basics = [
  ['a message from them', async (t) => {
    await t.theirs.do('message', 'alice', 'bob');
    await until('no message came', () => t.ours.events.some((e) => e.event === 'message'));
  }],
  ['a message from us', async (t) => {
    const status = await t.ours.do('message', 'bob', 'alice');

    must(status === 200, `${status}`);
    must((await t.theirs.do('messages', 'alice'))[0] === 'hello', 'it came otherwise');
  }],
  ['OPTIONS from them', (t) => t.theirs.do('options', 'alice', 'bob')],
  ['OPTIONS from us', async (t) => {
    const status = await t.ours.do('options', 'bob', 'alice');

    must(status === 200, `${status}`);
  }],
  ['they call, they hang up', async (t) => {
    const [ours, theirs] = await theyCall(t);

    await hangUp(theirs, ours);
  }],
  ['they call, we hang up', async (t) => {
    const [ours, theirs] = await theyCall(t);

    await hangUp(ours, theirs);
  }],
  ['we call, we hang up', async (t) => {
    const [ours, theirs] = await weCall(t);

    await hangUp(ours, theirs);
  }],
  ['we call, they hang up', async (t) => {
    const [ours, theirs] = await weCall(t);

    await hangUp(theirs, ours);
  }],
  ['they cancel', async (t) => {
    await t.ours.do('manner', 'bob', 'rings');
    const coming = t.ours.coming('bob');
    const theirs = await theyDial(t, 'alice', 'bob');
    const ours = await coming();

    await theirs.saw('progress');
    await theirs.end();
    must((await ours.saw('failed')).cause === 'Canceled', 'the cause is another');
  }],
  ['we cancel', async (t) => {
    await t.theirs.do('manner', 'alice', 'rings');
    const coming = await t.theirs.coming('alice');
    const ours = await weDial(t, 'bob', 'alice');
    const theirs = await coming();

    await ours.saw('progress');
    await ours.end();
    await ours.saw('failed', { cause: 'Canceled' });
    await until('they ring on', async () => (await theirs.log('failed')).length + (await theirs.log('ended')).length);
  }],
  ['they decline', async (t) => {
    await t.theirs.do('manner', 'alice', 'refuses');
    await (await weDial(t, 'bob', 'alice')).saw('failed', { cause: 'Busy' });
  }],
  ['we decline', async (t) => {
    await t.ours.do('manner', 'bob', 'refuses');
    await (await theyDial(t, 'alice', 'bob')).saw('failed');
  }],
  ['they call without an offer', async (t) => {
    const [ours, theirs] = await theyCall(t, { options: { offerless: true } });

    await hangUp(theirs, ours);
  }, { jssip: 'JsSIP always offers' }],
  ['we call without an offer', async (t) => {
    const [ours, theirs] = await weCall(t, { options: 'offerless' });

    await hangUp(ours, theirs);
  }],
];

// One end holds and takes back, and the other hears of it.
async function holds(by, other) {
  await by.hold();
  await silence(by, other);
  await by.unhold();
  await sound(by, other);
}

const CROSSING = {
  jssip: 'JsSIP may end a call where offers cross: it repeats one that its browser has rolled back',
  sipjs: 'SIP.js may refuse with 488 what comes while it makes an offer: asked again',
};

// @return whether ours was refused at first
async function insist(ours, action) {
  try {
    await ours[action]();
    return false;
  } catch (error) {
    if (!error.message.includes('Incompatible SDP')) {
      throw error;
    }
    await sleep(500);
    await ours[action]();
    return true;
  }
}

// Whatever the crossing of offers comes to, ours knows. @return whether theirs did as CROSSING has it
async function atOnce(t, ours, theirs, action) {
  const hasEnded = () => ours.log('ended', { originator: 'remote' }).length > 0;
  let end = null;

  Promise.all([t.stack === 'sipjs' ? insist(ours, action) : ours[action](), theirs[action]()])
    .then(([refused]) => { end = { refused }; }, (error) => { end = { error }; });
  await until(`${action} at once comes to nothing`, () => end || hasEnded(), 12000);
  if (t.stack === 'jssip' && hasEnded()) {
    return true;
  }
  if (end.error) {
    throw end.error;
  }
  return Boolean(end.refused);
}

const changes = [
  ['they hold and take back', async (t) => {
    const [ours, theirs] = await weCall(t);

    await holds(theirs, ours);
    await ours.saw('hold', { originator: 'remote' });
    await ours.saw('unhold', { originator: 'remote' });
  }],
  ['we hold and take back', async (t) => {
    const [ours, theirs] = await theyCall(t);

    await holds(ours, theirs);
  }],
  ['both hold at once, both take back at once', async (t) => {
    const [ours, theirs] = await theyCall(t);

    let odd = false;

    for (const [action, heard] of [['hold', silence], ['unhold', sound]]) {
      odd = await atOnce(t, ours, theirs, action) || odd;
      if (odd && t.stack === 'jssip') {
        return CROSSING.jssip;
      }
      await heard(ours, theirs);
    }
    await ours.saw('unhold', { originator: 'remote' });
    return odd ? CROSSING.sipjs : '';
  }],
  ['both hold, one after the other', async (t) => {
    const [ours, theirs] = await weCall(t);

    await theirs.hold();
    await ours.hold();
    await silence(ours, theirs);
    await theirs.unhold();
    await silence(ours, theirs);
    await ours.unhold();
    await sound(ours, theirs);
  }],
  ['they hold and take back by UPDATE', async (t) => {
    const [ours, theirs] = await theyCall(t);

    await theirs.act('holdByUpdate');
    await silence(ours, theirs);
    await theirs.act('unholdByUpdate');
    await sound(ours, theirs);
    await ours.saw('update', {}, 2);
  }, { sipjs: 'SIP.js knows no UPDATE' }],
  ['mute, both', async (t) => {
    const [ours, theirs] = await weCall(t);

    await theirs.mute();
    await silence(ours);
    await ours.mute();
    await silence(theirs);
    await theirs.unmute();
    await ours.unmute();
    await sound(ours, theirs);
  }],
  ['tones by RFC 4733 from them', async (t) => {
    const [ours, theirs] = await theyCall(t);

    await theirs.dtmf('4#', 'rtp');
    await ours.saw('newDTMF', { originator: 'remote', rtp: true, tone: '#' });
    must(await ours.tones() === '4#', `'${await ours.tones()}' came`);
  }],
  ['tones by RFC 4733 from us', async (t) => {
    const [ours, theirs] = await weCall(t);

    await ours.mute();
    await silence(theirs);
    await ours.dtmf('55', 'rtp');
    await sound(theirs);
    await silence(theirs);
  }],
  ['tones by INFO from them', async (t) => {
    const [ours, theirs] = await weCall(t);

    await theirs.dtmf('7*', 'info');
    await ours.saw('newDTMF', { originator: 'remote', rtp: false, tone: '*' });
    must(await ours.tones() === '7*', `'${await ours.tones()}' came`);
  }],
  ['tones by INFO from us', async (t) => {
    const [ours, theirs] = await theyCall(t);

    await ours.dtmf('1D', 'info');
    await until(() => 'the tones did not come', async () => (await theirs.tones()) === '1D');
  }],
  ['they offer anew', async (t) => {
    const [ours, theirs] = await theyCall(t);

    await theirs.renegotiate();
    await sound(ours, theirs);
    must(ours.log('reinvite').length === 1, 'no re-INVITE came');
  }],
  ['we offer anew', async (t) => {
    const [ours, theirs] = await weCall(t);

    await ours.renegotiate();
    await sound(ours, theirs);
    await theirs.saw('reinvite');
  }],
  ['they add video and remove it', async (t) => {
    const [ours, theirs] = await weCall(t);

    await theirs.act('addVideo');
    await sound(ours, theirs);
    await theirs.act('removeVideo');
    await sound(ours, theirs);
    await ours.renegotiate();
    await sound(ours, theirs);
  }],
  ['they restart ICE', async (t) => {
    const [ours, theirs] = await theyCall(t);

    await theirs.restart();
    await sound(ours, theirs);
  }],
  ['we restart ICE', async (t) => {
    const [ours, theirs] = await theyCall(t);

    await ours.restart();
    await sound(ours, theirs);
  }],
];

const transfers = [
  ['blind transfer: we are the transferor', async (t) => {
    const [ours, theirs] = await weCall(t);
    const carol = t.ours.coming('carol');
    const alice = await t.theirs.coming('alice');

    await ours.refer('carol');
    await talk(await carol(), await alice());
    await hangUp(ours, theirs);
  }],
  ['blind transfer: we are the transferee', async (t) => {
    const [ours, theirs] = await theyCall(t);
    const carol = t.ours.coming('carol');
    const bob = t.ours.coming('bob', 'referred');

    await theirs.refer('carol');
    await talk(await carol(), await bob());
    await hangUp(theirs, ours);
  }],
  ['blind transfer: we are the target', async (t) => {
    const [alice] = await theyCallThem(t, 'alice', 'erin');
    const bob = t.ours.coming('bob');
    const erin = await t.theirs.coming('erin');

    await alice.refer('bob');
    await talk(await bob(), await erin());
  }],
  ['attended transfer: we are the transferor', async (t) => {
    const [ours] = await weCall(t);
    const [consulting, replaced] = await weCallUs(t, 'bob', 'carol');
    const carol = t.ours.coming('carol');
    const alice = await t.theirs.coming('alice');

    await ours.refer(null, consulting);
    await talk(await carol(), await alice());
    await replaced.saw('ended');
  }],
  ['attended transfer: we are the transferee', async (t) => {
    const [, theirs] = await theyCall(t);
    const [replaced, consulting] = await theyCall(t, { to: 'carol' });
    const carol = t.ours.coming('carol');
    const bob = t.ours.coming('bob', 'referred');

    await theirs.refer('carol', consulting);
    await talk(await carol(), await bob());
    await replaced.saw('ended');
  }],
  ['attended transfer: we are the target, and were called', async (t) => {
    const [alice] = await theyCallThem(t, 'alice', 'erin');
    const [replaced, consulting] = await theyCall(t);
    const bob = t.ours.coming('bob');
    const erin = await t.theirs.coming('erin');

    await alice.refer('bob', consulting);
    await talk(await bob(), await erin());
    await replaced.saw('ended');
  }],
  ['attended transfer: we are the target, and had called', async (t) => {
    const [alice] = await theyCallThem(t, 'alice', 'erin');
    const [replaced, consulting] = await weCall(t);
    const bob = t.ours.coming('bob');
    const erin = await t.theirs.coming('erin');

    await alice.refer('bob', consulting);
    await talk(await bob(), await erin());
    await replaced.saw('ended');
  }, { jssip: 'JsSIP swaps the tags of Replaces for a call that came to it' }],
  ['attended transfer: they are the target', async (t) => {
    const [bob] = await weCallUs(t, 'bob', 'carol');
    const [consulting, replaced] = await weCall(t);
    const carol = t.ours.coming('carol', 'referred');
    const alice = await t.theirs.coming('alice');

    await bob.refer(null, consulting);
    await talk(await carol(), await alice());
    await replaced.saw('ended');
  }],
];

export const cases = [...basics, ...changes, ...transfers].map(([name, run, not = {}]) => ({ name, run, not }));

// Calls that last for half of their session timer: begun before the other cases, judged after them.
export const lasting = [
  {
    name: 'they refresh the session by UPDATE',
    begin: (t) => theyCall(t, { from: 'frank', to: 'dave', options: { expires: 60 } }),
    judge: ([ours]) => ours.saw('update', {}, 1, 45000),
    not: { sipjs: 'SIP.js has no session timers' },
  },
  {
    name: 'they refresh the session by re-INVITE',
    begin: (t) => theyCall(t, { from: 'grace', to: 'dave', options: { expires: 60 } }),
    judge: ([ours]) => ours.saw('reinvite', {}, 1, 45000),
    not: { sipjs: 'SIP.js has no session timers' },
  },
  {
    name: 'we refresh the session',
    begin: (t) => weCall(t, { from: 'dave', to: 'grace', options: 'timers' }),
    judge: async ([, theirs], t) => (t.stack === 'jssip' ? theirs.saw('update', {}, 1, 45000) : theirs.saw('reinvite', {}, 1, 45000)),
    not: {},
  },
];
