// jssip.js - the far end on JsSIP.
import JsSIP from 'jssip';
import { makeFar } from './far.js';
import { picture, removeTrack, tone } from './sound.js';

const media = () => ({ mediaStream: tone(), pcConfig: { iceServers: [] } });

function listen(agent, call, session) {
  call.session = session;
  for (const event of ['progress', 'accepted', 'confirmed', 'reinvite', 'update']) {
    session.on(event, () => agent.note(call, event));
  }
  for (const event of ['ended', 'failed']) {
    session.on(event, (e) => agent.note(call, event, { originator: e.originator, cause: e.cause }));
  }
  for (const event of ['hold', 'unhold']) {
    session.on(event, (e) => agent.note(call, event, { originator: e.originator }));
  }
  session.on('newDTMF', (e) => agent.note(call, 'tone', { originator: e.originator, tone: e.dtmf.tone }));
  session.on('refer', (e) => {
    const next = agent.open();

    agent.note(call, 'refer', { call: next.name });
    e.accept((to) => listen(agent, next, to), media());
  });
  session.on('replaces', (e) => {
    agent.note(call, 'replaces');
    e.accept((by) => by);
  });
}

function comes(agent, session) {
  const call = agent.open('', session);

  listen(agent, call, session);
  agent.note(call, 'incoming');
  if (agent.manner === 'refuses') {
    session.terminate({ status_code: 486 });
  } else if (agent.manner === 'answers') {
    session.answer(media());
  }
}

// While an offer is open, in either direction, JsSIP takes no other.
async function reoffer(call, how, options = {}) {
  for (let tries = 0; tries < 40 && !call.session.isReadyToReOffer(); tries++) {
    await new Promise((resolve) => { setTimeout(resolve, 50); });
  }
  return new Promise((resolve, reject) => {
    if (!call.session[how](options, resolve)) {
      reject(new Error(`${how}: not now`));
    }
  });
}

const library = {
  start(agent, { server, uri, password, timers }) {
    const ua = new JsSIP.UA({ sockets: [new JsSIP.WebSocketInterface(server)], uri, password, session_timers: Boolean(timers),
      session_timers_refresh_method: timers, register: true });

    agent.ua = ua;
    ua.on('newRTCSession', ({ session, originator }) => {
      if (originator === 'remote') {
        comes(agent, session);
      }
    });
    ua.on('newMessage', (e) => {
      if (e.originator === 'remote') {
        agent.messages.push(e.request.body);
      }
    });
    return new Promise((resolve, reject) => {
      ua.once('registered', () => resolve());
      ua.once('registrationFailed', (e) => reject(new Error(e.cause)));
      ua.start();
    });
  },
  stop(agent) { agent.ua.stop(); },
  call(agent, call, target, { expires }) {
    const session = agent.ua.call(target, { ...media(), sessionTimersExpires: expires });

    listen(agent, call, session);
  },
  connection: (call) => call.session && call.session.connection,
  end(call) { call.session.terminate(); },
  hold: (call) => reoffer(call, 'hold'),
  unhold: (call) => reoffer(call, 'unhold'),
  holdByUpdate: (call) => reoffer(call, 'hold', { useUpdate: true }),
  unholdByUpdate: (call) => reoffer(call, 'unhold', { useUpdate: true }),
  renegotiate: (call) => reoffer(call, 'renegotiate'),
  restart: (call) => reoffer(call, 'renegotiate', { rtcOfferConstraints: { iceRestart: true } }),
  addVideo(call) {
    call.sender = call.session.connection.addTrack(picture());
    return reoffer(call, 'renegotiate');
  },
  removeVideo(call) {
    removeTrack(call.session.connection, call.sender);
    return reoffer(call, 'renegotiate');
  },
  mute(call) { call.session.mute({ audio: true }); },
  unmute(call) { call.session.unmute({ audio: true }); },
  dtmf(call, tones, kind) {
    call.session.sendDTMF(tones, { duration: 200, interToneGap: 100, transportType: kind === 'info' ? 'INFO' : 'RFC2833' });
  },
  refer(call, target, replaces) {
    return new Promise((resolve, reject) => {
      const failed = (e) => reject(new Error(e.cause || e.status_line && `${e.status_line.status_code}` || 'refused'));

      call.session.refer(target, { replaces: replaces && replaces.session,
        eventHandlers: { accepted: () => resolve(), failed, requestFailed: failed } });
    });
  },
  message: (agent, target) => new Promise((resolve, reject) => {
    agent.ua.sendMessage(target, 'hello', { eventHandlers: { succeeded: () => resolve(), failed: (e) => reject(new Error(e.cause)) } });
  }),
  options: (agent, target) => new Promise((resolve, reject) => {
    agent.ua.sendOptions(target, null, { eventHandlers: { succeeded: () => resolve(), failed: (e) => reject(new Error(e.cause)) } });
  }),
};

window.far = makeFar(library);
