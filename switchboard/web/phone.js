// phone.js - a small web phone on JsSIP. Everything a person does has a function on window.phone, so that a test does the same.
// Page parameters behind '#': user, password, domain, register=1, answer=1 (answers by itself), synthetic=1 (a tone of its own
// instead of the microphone, so that the browser needs no permission and hides its addresses behind mDNS names).
'use strict';

const el = (id) => document.getElementById(id);
const parameters = new URLSearchParams(location.hash.slice(1));
const server = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}`;

const phone = { ua: null, session: null, state: 'idle', log: [], messages: [], digits: '', stats: null };
window.phone = phone;

function note(text) {
  const item = document.createElement('li');
  const when = document.createElement('time');

  when.textContent = new Date().toLocaleTimeString();
  item.append(when, text);
  el('log').prepend(item);
  phone.log.push(text);
}

function show() {
  const registered = Boolean(phone.ua && phone.ua.isRegistered());

  el('line').textContent = registered ? `registered as ${phone.ua.configuration.uri.user}` : 'not registered';
  el('line').className = registered ? 'up' : '';
  el('register').textContent = registered ? 'Unregister' : 'Register';
  el('call').disabled = !registered || phone.state !== 'idle';
  el('send').disabled = !registered;
  el('ringing').hidden = phone.state !== 'ringing';
  el('talking').hidden = !['calling', 'talking'].includes(phone.state);
  el('state').textContent = phone.state;
}

function setState(state) {
  phone.state = state;
  show();
}

// --- account --------------------------------------------------------------------------------------------------------

phone.register = (user, password, domain) => {
  phone.stop();
  phone.ua = new JsSIP.UA({
    sockets: [new JsSIP.WebSocketInterface(server)],
    uri: `sip:${user}@${domain}`,
    password,
    user_agent: 'Pipit web phone',
  });
  phone.ua.on('connected', () => note(`connected to ${server}`));
  phone.ua.on('disconnected', (e) => { note(`disconnected ${e.code || ''} ${e.reason || ''}`); show(); });
  phone.ua.on('registered', () => { note('registered'); show(); });
  phone.ua.on('unregistered', () => { note('unregistered'); show(); });
  phone.ua.on('registrationFailed', (e) => { note(`registration failed: ${e.cause}`); show(); });
  phone.ua.on('newRTCSession', (e) => takeSession(e));
  phone.ua.on('newMessage', (e) => takeMessage(e));
  phone.ua.start();
};

phone.stop = () => {
  if (phone.ua) {
    phone.ua.stop();
    phone.ua = null;
  }
  show();
};

// --- calls ----------------------------------------------------------------------------------------------------------

// A tone made by the page: no microphone, no permission.
function syntheticStream() {
  const context = new AudioContext();
  const oscillator = context.createOscillator();
  const gain = context.createGain();
  const out = context.createMediaStreamDestination();

  oscillator.frequency.value = 440;
  gain.gain.value = 0.3;
  oscillator.connect(gain).connect(out);
  oscillator.start();
  context.resume();
  return out.stream;
}

function media() {
  const options = { mediaConstraints: { audio: true, video: false }, pcConfig: { iceServers: [] } };

  if (parameters.has('synthetic')) {
    options.mediaStream = syntheticStream();
  }
  return options;
}

function watch(session) {
  const peer = session.remote_identity.uri.user;

  session.on('progress', (e) => { if (e.originator === 'remote') note(`${peer} is ringing`); });
  session.on('accepted', () => note('accepted'));
  session.on('confirmed', () => { note('confirmed'); setState('talking'); phone.began = Date.now(); });
  session.on('newDTMF', (e) => {
    if (e.originator === 'remote') {
      phone.digits += e.dtmf.tone;
      note(`digit ${e.dtmf.tone}`);
    }
  });
  for (const over of ['ended', 'failed']) {
    session.on(over, (e) => {
      note(`${over}: ${e.cause}`);
      if (phone.session === session) {
        phone.session = null;
        setState('idle');
      }
    });
  }
}

function hear(connection) {
  connection.addEventListener('track', (e) => {
    el('sound').srcObject = e.streams[0] || new MediaStream([e.track]);
  });
}

function takeSession({ originator, session }) {
  if (phone.session) {
    if (originator === 'remote') {
      session.terminate({ status_code: 486 });
    }
    return;
  }
  phone.session = session;
  phone.digits = '';
  el('peer').textContent = session.remote_identity.uri.user;
  el('caller').textContent = session.remote_identity.display_name || session.remote_identity.uri.user;
  watch(session);
  if (originator === 'local') {
    hear(session.connection);
    setState('calling');
    return;
  }
  session.on('peerconnection', (e) => hear(e.peerconnection));
  note(`${session.remote_identity.uri.user} calls`);
  setState('ringing');
  if (parameters.has('answer')) {
    phone.answer();
  }
}

phone.call = (target) => {
  note(`calling ${target}`);
  phone.ua.call(target, media());
};
phone.answer = () => phone.session.answer(media());
phone.hangup = () => phone.session.terminate();
phone.mute = (on) => (on ? phone.session.mute({ audio: true }) : phone.session.unmute({ audio: true }));
phone.sendDigit = (digit) => {
  note(`sending digit ${digit}`);
  phone.session.sendDTMF(digit, { transportType: 'RFC2833' });
};

// --- messages -------------------------------------------------------------------------------------------------------

function addMessage(from, text) {
  const item = document.createElement('li');

  item.textContent = `${from}: ${text}`;
  el('messages').prepend(item);
  phone.messages.push({ from, text });
}

function takeMessage({ originator, message, request }) {
  if (originator === 'remote') {
    addMessage(message.remote_identity.uri.user, request.body);
  }
}

phone.sendMessage = (target, text) => new Promise((resolve) => {
  addMessage('me', text);
  phone.ua.sendMessage(target, text, {
    eventHandlers: {
      succeeded: () => resolve(true),
      failed: (e) => { note(`message not delivered: ${e.cause}`); resolve(false); },
    },
  });
});

// --- how it sounds --------------------------------------------------------------------------------------------------

phone.measure = async () => {
  const report = { sent: 0, received: 0, lost: 0, level: 0, energy: 0, local: '', remote: '', mdns: false };
  const connection = phone.session && phone.session.connection;

  if (!connection) {
    return report;
  }
  for (const stat of (await connection.getStats()).values()) {
    if (stat.type === 'outbound-rtp') {
      report.sent = stat.packetsSent;
    } else if (stat.type === 'inbound-rtp') {
      Object.assign(report, {
        received: stat.packetsReceived, lost: stat.packetsLost, level: stat.audioLevel || 0, energy: stat.totalAudioEnergy || 0,
        jitter: stat.jitter,
      });
    } else if (stat.type === 'remote-inbound-rtp') {
      report.roundTrip = stat.roundTripTime;
    }
  }
  report.mdns = /\.local /.test(connection.localDescription ? connection.localDescription.sdp : '');
  return report;
};

async function tick() {
  if (phone.state === 'talking') {
    const now = await phone.measure();

    phone.stats = now;
    el('level').value = now.level;
    el('clock').textContent = `${Math.round((Date.now() - phone.began) / 1000)} s`;
    el('quality').textContent = `${now.sent} packets sent, ${now.received} received, ${now.lost} lost` +
      (now.roundTrip === undefined ? '' : `, round trip ${(now.roundTrip * 1000).toFixed(1)} ms`);
  }
}

// --- the page -------------------------------------------------------------------------------------------------------

function onSubmit(id, action) {
  el(id).addEventListener('submit', (e) => { e.preventDefault(); action(); });
}

onSubmit('account', () => {
  if (phone.ua && phone.ua.isRegistered()) {
    phone.stop();
  } else {
    phone.register(el('user').value, el('password').value, el('domain').value);
  }
});
onSubmit('dial', () => phone.call(el('target').value));
onSubmit('message', () => {
  phone.sendMessage(el('target').value, el('text').value);
  el('text').value = '';
});
el('answer').addEventListener('click', phone.answer);
el('reject').addEventListener('click', phone.hangup);
el('hangup').addEventListener('click', phone.hangup);
el('mute').addEventListener('click', () => {
  const on = el('mute').getAttribute('aria-pressed') !== 'true';

  phone.mute(on);
  el('mute').setAttribute('aria-pressed', String(on));
});
for (const digit of '123456789*0#') {
  const button = document.createElement('button');

  button.type = 'button';
  button.textContent = digit;
  button.addEventListener('click', () => phone.sendDigit(digit));
  el('digits').append(button);
}

el('user').value = parameters.get('user') || '';
el('password').value = parameters.get('password') || '';
el('domain').value = parameters.get('domain') || location.hostname;
show();
setInterval(tick, 500);
if (parameters.has('register')) {
  phone.register(el('user').value, el('password').value, el('domain').value);
}
