// sipjs.js - the far end on SIP.js.
import { Inviter, Messager, Registerer, RegistererState, SessionState, SIPExtension, UserAgent, Web } from 'sip.js';
import { makeFar } from './far.js';
import { picture, removeTrack, tone } from './sound.js';

const uriOf = (agent, target) => UserAgent.makeURI(target.startsWith('sip:') ? target : `sip:${target}@${agent.domain}`);

function listen(agent, call, session) {
  call.session = session;
  session.stateChange.addListener((state) => {
    if (state === SessionState.Established) {
      agent.note(call, 'confirmed');
    } else if (state === SessionState.Terminated) {
      agent.note(call, 'ended');
    }
  });
  session.delegate = {
    onInvite: () => agent.note(call, 'reinvite'),
    onInfo: (info) => {
      const tone = /Signal\s*=\s*(\S)/i.exec(info.request.body);

      info.accept();
      if (tone) {
        agent.note(call, 'tone', { originator: 'remote', tone: tone[1] });
      }
    },
    onRefer: (referral) => {
      const next = agent.open();

      agent.note(call, 'refer', { call: next.name });
      referral.accept().then(() => {
        const inviter = referral.makeInviter();

        listen(agent, next, inviter);
        inviter.invite();
      });
    },
  };
}

function comes(agent, invitation) {
  const call = agent.open('', invitation);

  listen(agent, call, invitation);
  agent.note(call, 'incoming');
  invitation.delegate.onCancel = () => agent.note(call, 'cancelled');
  if (agent.manner === 'refuses') {
    invitation.reject({ statusCode: 486 });
  } else if (agent.manner === 'answers') {
    invitation.accept();
  }
}

function offer(call, options) {
  const hold = Boolean(call.held);

  return new Promise((resolve, reject) => {
    call.session.sessionDescriptionHandlerOptionsReInvite = { hold };
    call.session.invite({
      sessionDescriptionHandlerOptions: { hold, ...options },
      requestDelegate: { onAccept: () => resolve(), onReject: (e) => reject(new Error(`${e.message.statusCode}`)) },
    }).catch(reject);
  });
}

// A refused offer stays with its browser, so that it refuses every other.
async function rollBack(call) {
  const connection = library.connection(call);

  if (connection && connection.signalingState === 'have-local-offer') {
    await connection.setLocalDescription({ type: 'rollback' });
  }
}

// When both offer at once SIP.js leaves it to its application to try again (RFC 3261 section 14.1).
async function reoffer(call, options = {}) {
  for (let tries = 0; ; tries++) {
    try {
      return await offer(call, options);
    } catch (error) {
      if (tries === 10 || !/491|re-INVITE|[Pp]ending|state/.test(error.message)) {
        throw error;
      }
      await rollBack(call);
      await new Promise((resolve) => { setTimeout(resolve, 300 + 700 * Math.random()); });
    }
  }
}

// The direction is all that SIP.js changes; its tracks are the application's.
function hold(call, held) {
  call.held = held;
  call.session.sessionDescriptionHandler.enableSenderTracks(!held);
  return reoffer(call);
}

const library = {
  start(agent, { server, uri, password, domain }) {
    agent.domain = domain;
    agent.ua = new UserAgent({
      uri: UserAgent.makeURI(uri),
      authorizationUsername: agent.name,
      authorizationPassword: password,
      transportOptions: { server },
      logBuiltinEnabled: false,
      sipExtension100rel: SIPExtension.Supported,
      sipExtensionReplaces: SIPExtension.Supported,
      sessionDescriptionHandlerFactory: Web.defaultSessionDescriptionHandlerFactory(() => Promise.resolve(tone())),
      sessionDescriptionHandlerFactoryOptions: { iceGatheringTimeout: 500, peerConnectionConfiguration: { iceServers: [] } },
      delegate: {
        onInvite: (invitation) => comes(agent, invitation),
        onMessage: (message) => {
          agent.messages.push(message.request.body);
          message.accept();
        },
      },
    });
    return agent.ua.start().then(() => new Promise((resolve, reject) => {
      agent.registerer = new Registerer(agent.ua);
      agent.registerer.stateChange.addListener((state) => state === RegistererState.Registered && resolve());
      agent.registerer.register({ requestDelegate: { onReject: (e) => reject(new Error(`${e.message.statusCode}`)) } });
    }));
  },
  stop: (agent) => agent.ua.stop(),
  call(agent, call, target, { offerless }) {
    const inviter = new Inviter(agent.ua, uriOf(agent, target), { inviteWithoutSdp: Boolean(offerless) });

    listen(agent, call, inviter);
    inviter.invite({ requestDelegate: {
      onProgress: () => agent.note(call, 'progress'),
      onReject: (e) => agent.note(call, 'failed', { status: e.message.statusCode }),
    } });
  },
  connection: (call) => call.session && call.session.sessionDescriptionHandler && call.session.sessionDescriptionHandler.peerConnection,
  end(call) {
    if (call.session.state === SessionState.Established) {
      return call.session.bye();
    }
    return call.session instanceof Inviter ? call.session.cancel() : call.session.reject();
  },
  hold: (call) => hold(call, true),
  unhold: (call) => hold(call, false),
  renegotiate: (call) => reoffer(call),
  restart: (call) => reoffer(call, { offerOptions: { iceRestart: true } }),
  addVideo(call) {
    call.sender = library.connection(call).addTrack(picture());
    return reoffer(call);
  },
  removeVideo(call) {
    removeTrack(library.connection(call), call.sender);
    return reoffer(call);
  },
  mute(call) { call.session.sessionDescriptionHandler.enableSenderTracks(false); },
  unmute(call) { call.session.sessionDescriptionHandler.enableSenderTracks(true); },
  dtmf(call, tones, kind) {
    if (kind !== 'info') {
      call.session.sessionDescriptionHandler.sendDtmf(tones, { duration: 200, interToneGap: 100 });
      return undefined;
    }
    return [...tones].reduce((before, one) => before.then(() => call.session.info({ requestOptions: { body: {
      contentDisposition: 'render', contentType: 'application/dtmf-relay', content: `Signal=${one}\r\nDuration=200` } } })),
    Promise.resolve());
  },
  refer(call, target, replaces) {
    const agent = call.session.userAgent;

    return new Promise((resolve, reject) => {
      call.session.refer(replaces ? replaces.session : UserAgent.makeURI(`sip:${target}@${agent.configuration.uri.host}`), {
        onNotify: (notification) => {
          const status = Number(/^SIP\/2.0 (\d+)/.exec(notification.request.body)[1]);

          notification.accept();
          if (status >= 200) {
            (status < 300 ? resolve : reject)(status < 300 ? undefined : new Error(`${status}`));
          }
        },
        requestDelegate: { onReject: (e) => reject(new Error(`${e.message.statusCode}`)) },
      });
    });
  },
  message: (agent, target) => new Promise((resolve, reject) => {
    new Messager(agent.ua, uriOf(agent, target), 'hello').message({
      requestDelegate: { onAccept: () => resolve(), onReject: (e) => reject(new Error(`${e.message.statusCode}`)) } });
  }),
  options: (agent, target) => new Promise((resolve, reject) => {
    const { userAgentCore: core, configuration } = agent.ua;
    const uri = uriOf(agent, target);

    core.request(core.makeOutgoingRequestMessage('OPTIONS', uri, configuration.uri, uri, {}),
      { onAccept: () => resolve(), onReject: (e) => reject(new Error(`${e.message.statusCode}`)) });
  }),
};

window.far = makeFar(library);
