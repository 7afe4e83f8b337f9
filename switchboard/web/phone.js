// phone.js - a small web phone on JsSIP. It registers at the switchboard that served it.
// The part of the URL behind '#' fills the form: user, password, domain, server; register=1 registers at once, answer=1 answers
// every call, synthetic=1 sends a tone instead of the microphone; ice=URL is a STUN or TURN server, with iceuser and icepassword, and
// relay=1 uses nothing but relays. Tests look at window.phone.
'use strict';

(() => {
  const options = new URLSearchParams(location.hash.slice(1) || location.search);
  const by = (id) => document.getElementById(id);
  const phone = { ua: null, session: null, state: 'offline', log: [] };
  const names = {
    offline: 'not connected', idle: 'ready', calling: 'calling …', ringing: 'ringing', talking: 'in a call',
  };
  let tone = null;

  window.phone = phone;

  function note(text) {
    const line = document.createElement('li');

    phone.log.push(text);
    line.textContent = `${new Date().toLocaleTimeString()}  ${text}`;
    by('log').append(line);
    by('log').scrollTop = by('log').scrollHeight;
  }

  function enter(state) {
    const busy = state === 'calling' || state === 'ringing' || state === 'talking';

    phone.state = state;
    by('state').textContent = names[state];
    by('state').className = state;
    by('call').disabled = state !== 'idle';
    by('answer').disabled = state !== 'ringing';
    by('hangup').disabled = !busy;
    by('mute').disabled = state !== 'talking';
    by('send').disabled = state === 'offline';
    by('unregister').disabled = !phone.ua;
    by('digits').querySelectorAll('button').forEach((button) => {
      button.disabled = state !== 'talking';
    });
    document.title = state === 'ringing' ? '(call) Pipit web phone' : 'Pipit web phone';
  }

  // --- sound -----------------------------------------------------------------------------------------

  // A tone instead of the microphone, for tests and for machines without one.
  function syntheticStream() {
    const context = new AudioContext();
    const oscillator = context.createOscillator();
    const destination = context.createMediaStreamDestination();

    oscillator.frequency.value = 440;
    oscillator.connect(destination);
    oscillator.start();
    return destination.stream;
  }

  function peerConfiguration() {
    const server = { urls: options.get('ice'), username: options.get('iceuser'), credential: options.get('icepassword') };

    return { iceServers: server.urls ? [server] : [], iceTransportPolicy: options.get('relay') ? 'relay' : 'all' };
  }

  function mediaOptions() {
    const all = { mediaConstraints: { audio: true, video: false }, pcConfig: peerConfiguration() };

    if (options.get('synthetic')) {
      tone = tone || syntheticStream();
      all.mediaStream = tone;
    }
    return all;
  }

  function listenTo(connection) {
    connection.addEventListener('track', (event) => {
      by('remote').srcObject = event.streams[0] || new MediaStream([event.track]);
      by('remote').play().catch(() => note('press a button on the page to hear the call'));
    });
  }

  // Packets both ways, the level that is heard, whether our candidates are mDNS names, and of which kind the one in use is.
  phone.measure = async () => {
    const result = { sent: 0, received: 0, lost: 0, level: 0, mdns: false, candidate: '', protocol: '' };
    const connection = phone.session && phone.session.connection;

    if (!connection) {
      return result;
    }
    result.mdns = /a=candidate:.*\.local /.test((connection.localDescription || {}).sdp || '');
    const reports = await connection.getStats();

    reports.forEach((report) => {
      const pair = report.type === 'transport' && reports.get(report.selectedCandidatePairId);
      const local = pair && reports.get(pair.localCandidateId);

      if (local) {
        result.candidate = [local.candidateType, local.relayProtocol].filter(Boolean).join(' over ');
        result.protocol = local.protocol;
      }
      if (report.type === 'outbound-rtp') {
        result.sent += report.packetsSent;
      }
      if (report.type === 'inbound-rtp') {
        result.received += report.packetsReceived;
        result.lost += report.packetsLost;
        result.level = Math.max(result.level, report.audioLevel || 0);
      }
    });
    return result;
  };

  // --- calls -----------------------------------------------------------------------------------------

  function over(session, text) {
    if (session !== phone.session) {
      return;
    }
    note(text);
    phone.session = null;
    by('remote').srcObject = null;
    by('mute').setAttribute('aria-pressed', 'false');
    enter(phone.ua && phone.ua.isConnected() ? 'idle' : 'offline');
  }

  function follow(session) {
    const who = session.remote_identity.uri.toString();

    phone.session = session;
    session.on('progress', () => note(`${who}: ringing`));
    session.on('accepted', () => note(`${who}: answered`));
    session.on('confirmed', () => enter('talking'));
    session.on('newDTMF', (e) => e.originator === 'remote' && note(`digit ${e.dtmf.tone} came`));
    session.on('ended', (e) => over(session, `${who}: ended (${e.cause})`));
    session.on('failed', (e) => over(session, `${who}: failed (${e.cause})`));
    session.on('peerconnection', (e) => listenTo(e.peerconnection));
    if (session.connection) {
      listenTo(session.connection);
    }
  }

  function take(session) {
    if (phone.session) {
      session.terminate({ status_code: 486 });
      return;
    }
    follow(session);
    note(`call from ${session.remote_identity.uri}`);
    enter('ringing');
    if (options.get('answer')) {
      session.answer(mediaOptions());
    }
  }

  function call(target) {
    enter('calling');
    try {
      phone.ua.call(target, mediaOptions());
    } catch (error) {
      note(`cannot call ${target}: ${error.message}`);
      enter('idle');
    }
  }

  // --- the account -----------------------------------------------------------------------------------

  function register() {
    const domain = options.get('domain') || location.hostname;
    const server = options.get('server') || `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}`;

    if (phone.ua) {
      phone.ua.stop();
    }
    phone.ua = new JsSIP.UA({
      sockets: [new JsSIP.WebSocketInterface(server)],
      uri: `sip:${by('user').value}@${domain}`,
      password: by('password').value,
    });
    phone.ua.on('disconnected', (e) => {
      note(`not connected${e && e.reason ? `: ${e.reason}` : ''}`);
      if (!phone.session) {
        enter('offline');
      }
    });
    phone.ua.on('registered', () => {
      note(`registered as ${by('user').value}`);
      if (!phone.session) {
        enter('idle');
      }
    });
    phone.ua.on('registrationFailed', (e) => note(`not registered: ${e.cause}`));
    phone.ua.on('newRTCSession', (e) => (e.originator === 'remote' ? take(e.session) : follow(e.session)));
    phone.ua.on('newMessage', (e) => {
      if (e.originator === 'remote') {
        note(`${e.request.from.uri}: ${e.request.body}`);
      }
    });
    phone.ua.start();
    enter('offline');
  }

  function send() {
    const target = by('target').value.trim();
    const text = by('text').value;

    try {
      phone.ua.sendMessage(target, text, {
        eventHandlers: {
          succeeded: () => note(`to ${target}: ${text}`),
          failed: (e) => note(`the message to ${target} was not delivered (${e.cause})`),
        },
      });
      by('text').value = '';
    } catch (error) {
      note(`cannot write to ${target || 'nobody'}: ${error.message}`);
    }
  }

  // --- the page --------------------------------------------------------------------------------------

  function onSubmit(id, action) {
    by(id).addEventListener('submit', (event) => {
      event.preventDefault();
      action();
    });
  }

  onSubmit('account', register);
  onSubmit('dial', () => {
    const target = by('target').value.trim();

    if (phone.state === 'idle' && target) {
      call(target);
    }
  });
  onSubmit('message', send);
  by('answer').addEventListener('click', () => phone.session && phone.session.answer(mediaOptions()));
  by('hangup').addEventListener('click', () => phone.session && phone.session.terminate());
  by('unregister').addEventListener('click', () => {
    phone.ua.stop();
    phone.ua = null;
    enter('offline');
  });
  by('mute').addEventListener('click', () => {
    const muted = phone.session.isMuted().audio;

    if (muted) {
      phone.session.unmute({ audio: true });
    } else {
      phone.session.mute({ audio: true });
    }
    by('mute').setAttribute('aria-pressed', String(!muted));
    note(muted ? 'unmuted' : 'muted');
  });
  by('digits').addEventListener('click', (event) => {
    if (event.target.matches('button') && phone.session) {
      phone.session.sendDTMF(event.target.textContent, { transportType: 'RFC2833' });
      note(`digit ${event.target.textContent} sent`);
    }
  });

  by('user').value = options.get('user') || '';
  by('password').value = options.get('password') || '';
  by('target').value = options.get('target') || '';
  enter('offline');
  if (!window.JsSIP) {
    note('JsSIP was not served: start the switchboard with --jssip FILE');
  } else if (options.get('register')) {
    register();
  }
})();
