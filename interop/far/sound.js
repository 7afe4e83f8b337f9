// sound.js - what a page sends and hears: a tone that never stops, and how loud the far end is.
const context = new AudioContext();
const oscillator = context.createOscillator();
const ears = new Map(); // an analyser for each track of the far end
const kept = []; // nodes that nobody else holds: Chromium forgets them with their sound

oscillator.frequency.value = 700;
oscillator.start();

// A stream of its own for each call, for a call stops its tracks in the end.
export function tone() {
  const out = context.createMediaStreamDestination();

  oscillator.connect(out);
  kept.push(out);
  return out.stream;
}

// A picture that changes.
export function picture() {
  const canvas = document.createElement('canvas');
  const drawing = canvas.getContext('2d');

  setInterval(() => { drawing.fillStyle = `hsl(${Date.now() % 360} 80% 50%)`; drawing.fillRect(0, 0, 300, 150); }, 100);
  return canvas.captureStream(10).getVideoTracks()[0];
}

// Where video was refused its sender is gone already.
export function removeTrack(connection, sender) {
  if (connection.getSenders().includes(sender)) {
    connection.removeTrack(sender);
  }
}

function earOf(track) {
  if (!ears.has(track)) {
    const stream = new MediaStream([track]);
    const player = new Audio(); // without one Chromium does not decode

    player.muted = true;
    player.srcObject = stream;
    player.play().catch(() => {});
    ears.set(track, { analyser: context.createAnalyser(), source: context.createMediaStreamSource(stream), player });
    ears.get(track).source.connect(ears.get(track).analyser);
  }
  return ears.get(track).analyser;
}

// The peak of the last 40 ms.
export function level(connection) {
  const receiver = connection && connection.getReceivers().find((r) => r.track && r.track.kind === 'audio');

  if (!receiver) {
    return 0;
  }
  const samples = new Float32Array(2048);
  earOf(receiver.track).getFloatTimeDomainData(samples);
  return samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
}

// For the sentence of a failure.
export async function state(connection) {
  const said = [...(await connection.getStats()).values()].find((one) => one.type === 'inbound-rtp' && one.kind === 'audio');

  return `${connection.connectionState}, ${said ? said.packetsReceived : 0} packets, audio context ${context.state}`;
}
