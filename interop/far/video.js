// video.js - a page with JsSIP that sends and hears a tone, and sends and reads pictures with a number in them, in fields as
// pipit_video_source_pattern() draws them: white, black, sixteen bits, four that check them, black, white, at the bottom of the picture. A
// plain script beside JsSIP's.
(() => {
  const WIDTH = 320;
  const HEIGHT = 240;
  const FIELDS = 24;
  const check = (n) => (n ^ (n >> 4) ^ (n >> 8) ^ (n >> 12)) & 15;
  const fieldsOf = (n) => (1 << 23) | ((n & 0xffff) << 6) | (check(n) << 2) | 1;
  const far = { numbers: [], sent: 0, log: [], state: 'idle' };

  // --- what goes
  const canvas = document.createElement('canvas');
  canvas.width = WIDTH;
  canvas.height = HEIGHT;
  const drawing = canvas.getContext('2d');

  function draw() {
    const rows = HEIGHT / 12;
    drawing.fillStyle = `hsl(${far.sent % 360} 80% 50%)`;
    drawing.fillRect(0, 0, WIDTH, HEIGHT - rows);
    for (let i = 0; i < FIELDS; i++) {
      drawing.fillStyle = (fieldsOf(far.sent) >> (FIELDS - 1 - i)) & 1 ? '#fff' : '#000';
      drawing.fillRect(Math.floor(WIDTH * i / FIELDS), HEIGHT - rows, Math.ceil(WIDTH / FIELDS), rows);
    }
    far.sent++;
  }
  setInterval(draw, 66);

  const context = new AudioContext();
  const oscillator = context.createOscillator();
  oscillator.frequency.value = 700;
  oscillator.start();

  function stream() {
    const out = context.createMediaStreamDestination();
    oscillator.connect(out);
    return new MediaStream([...out.stream.getAudioTracks(), ...canvas.captureStream(15).getVideoTracks()]);
  }

  // --- what comes
  const screen = document.createElement('video');
  const glass = document.createElement('canvas');
  const reading = glass.getContext('2d', { willReadFrequently: true });
  screen.muted = true;
  screen.autoplay = true;
  document.body.append(screen, canvas);

  // The average of the inner part of a field.
  function field(data, width, height, i) {
    const rows = Math.floor(height / 12);
    const columns = Math.floor(width / FIELDS);
    const left = Math.floor(width * i / FIELDS);
    let sum = 0;
    let count = 0;
    for (let y = height - rows + Math.floor(rows / 3); y < height - rows / 3; y++) {
      for (let x = left + Math.floor(columns / 3); x <= left + columns * 2 / 3; x++, count++) {
        sum += data[(y * width + x) * 4 + 1];
      }
    }
    return sum / count > 127 ? 1 : 0;
  }

  function read() {
    const { videoWidth: width, videoHeight: height } = screen;
    if (width && height) {
      glass.width = width;
      glass.height = height;
      reading.drawImage(screen, 0, 0);
      const { data } = reading.getImageData(0, 0, width, height);
      let fields = 0;
      for (let i = 0; i < FIELDS; i++) {
        fields = (fields << 1) | field(data, width, height, i);
      }
      const number = (fields >> 6) & 0xffff;
      far.size = `${width}x${height}`;
      if (fields === fieldsOf(number)) {
        if (far.numbers[far.numbers.length - 1] !== number) {
          far.numbers.push(number);
          far.pause = Math.max(far.pause, performance.now() - far.last); // ms, the longest without a new picture
          far.last = performance.now();
        }
      } else {
        far.unread = (far.unread || 0) + 1;
      }
    }
  }
  setInterval(read, 40);

  // The sound of the far end: how often it was looked at, and how often our own tone stood out of it.
  function hear(track) {
    const player = new Audio(); // without one Chromium does not decode
    const analyser = context.createAnalyser();

    player.muted = true;
    player.srcObject = new MediaStream([track]);
    player.play().catch((error) => far.log.push(String(error)));
    analyser.fftSize = 4096;
    far.ear = context.createMediaStreamSource(player.srcObject); // kept: Chromium forgets it with its sound
    far.ear.connect(analyser);
    const powers = new Float32Array(analyser.frequencyBinCount);
    clearInterval(far.listening);
    far.listening = setInterval(() => {
      analyser.getFloatFrequencyData(powers);
      const loudest = powers.indexOf(powers.reduce((most, power) => Math.max(most, power), -Infinity));
      const frequency = loudest * context.sampleRate / analyser.fftSize;
      far.looks++;
      far.tones += powers[loudest] > -60 && Math.abs(frequency - oscillator.frequency.value) < 20;
    }, 100);
  }

  function watch(session) {
    far.session = session;
    far.numbers = [];
    far.pause = 0;
    far.last = Infinity;
    far.looks = 0;
    far.tones = 0;
    far.state = 'calling';
    const take = (connection) => connection.addEventListener('track', (e) => {
      if (e.track.kind === 'video') {
        screen.srcObject = new MediaStream([e.track]);
        screen.play().catch((error) => far.log.push(String(error)));
      } else {
        hear(e.track);
      }
    });
    if (session.connection) {
      take(session.connection);
    } else {
      session.on('peerconnection', (e) => take(e.peerconnection));
    }
    session.on('confirmed', () => { far.state = 'talking'; });
    for (const event of ['ended', 'failed']) {
      session.on(event, (e) => { far.state = 'idle'; far.log.push(`${event} ${e.cause}`); });
    }
  }

  const media = () => ({ mediaStream: stream(), pcConfig: { iceServers: [] } });

  // Offers and answers with that codec alone, as setCodecPreferences() would have it.
  function only(sdp, codec) {
    const [head, ...sections] = sdp.split(/^(?=m=)/m);
    return head + sections.map((section) => {
      if (!section.startsWith('m=video')) {
        return section;
      }
      const numbers = [...section.matchAll(/^a=rtpmap:(\d+) (\S+?)\//gm)].filter((m) => m[2] === codec).map((m) => m[1]);
      const again = [...section.matchAll(/^a=fmtp:(\d+) apt=(\d+)/gm)].filter((m) => numbers.includes(m[2])).map((m) => m[1]);
      const kept = [...numbers, ...again];
      return section.split('\r\n')
        .filter((line) => { const m = /^a=(?:rtpmap|fmtp|rtcp-fb):(\d+) /.exec(line); return !m || kept.includes(m[1]); })
        .map((line) => (line.startsWith('m=') ? `${line.split(' ').slice(0, 3).join(' ')} ${kept.join(' ')}` : line)).join('\r\n');
    }).join('');
  }

  far.start = ({ server, uri, password }) => new Promise((resolve, reject) => {
    far.ua = new JsSIP.UA({ sockets: [new JsSIP.WebSocketInterface(server)], uri, password, session_timers: false, register: true });
    far.ua.on('newRTCSession', ({ session, originator }) => {
      watch(session);
      if (originator === 'remote') {
        session.answer(media());
      }
    });
    far.ua.once('registered', () => resolve());
    far.ua.once('registrationFailed', (e) => reject(new Error(e.cause)));
    far.ua.start();
  });
  far.call = (target, codec) => {
    const session = far.ua.call(target, media());
    session.on('sdp', (e) => {
      if (e.originator === 'local' && e.type === 'offer' && codec) {
        e.sdp = only(e.sdp, codec);
      }
    });
  };
  far.hangUp = () => far.session.terminate();
  far.figures = async () => {
    const all = [...(await far.session.connection.getStats()).values()];
    const inbound = all.find((one) => one.type === 'inbound-rtp' && one.kind === 'video') || {};
    const sound = all.find((one) => one.type === 'inbound-rtp' && one.kind === 'audio') || {};
    const outbound = all.find((one) => one.type === 'outbound-rtp' && one.kind === 'video') || {};
    const codec = all.find((one) => one.id === inbound.codecId) || {};
    return { codec: codec.mimeType, decoded: inbound.framesDecoded || 0, lost: inbound.packetsLost || 0, keys: inbound.keyFramesDecoded || 0,
      plis: inbound.pliCount || 0, sent: outbound.framesSent || 0, plisReceived: outbound.pliCount || 0, nacks: outbound.nackCount || 0,
      rate: outbound.targetBitrate || 0, nacksSent: inbound.nackCount || 0, repaired: inbound.retransmittedPacketsReceived || 0,
      soundLost: sound.packetsLost || 0, concealed: sound.concealedSamples || 0, samples: sound.totalSamplesReceived || 0 };
  };
  window.far = far;
})();
