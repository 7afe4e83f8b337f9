// tone.mjs - is a tone in a recording?
import { readFileSync } from 'node:fs';

const PART_S = 0.1;

// 16-bit samples of one channel, and how many a second there are.
function readWav(file) {
  const data = readFileSync(file);
  let rate = 0;

  for (let at = 12; at + 8 <= data.length; at += 8 + data.readUInt32LE(at + 4)) {
    const name = data.toString('latin1', at, at + 4);

    if (name === 'fmt ') {
      rate = data.readUInt32LE(at + 12);
    } else if (name === 'data') {
      const octets = data.subarray(at + 8, at + 8 + data.readUInt32LE(at + 4));

      return { rate, samples: Array.from({ length: octets.length >> 1 }, (_, i) => octets.readInt16LE(2 * i)) };
    }
  }
  return { rate, samples: [] };
}

// The share of the power that is in one frequency (Goertzel), 0 for silence.
function share(samples, rate, frequency) {
  const turn = 2 * Math.cos(2 * Math.PI * frequency / rate);
  let one = 0;
  let two = 0;
  let power = 0;

  for (const sample of samples) {
    [one, two] = [sample + turn * one - two, one];
    power += sample * sample;
  }
  return power < samples.length * 100 * 100 ? 0 : 2 * (one * one + two * two - turn * one * two) / (power * samples.length);
}

// Seconds of a WAV file in which that tone, and little else, sounds.
export function toneSeconds(file, frequency) {
  const { rate, samples } = readWav(file);
  const size = Math.round(rate * PART_S);
  let parts = 0;

  for (let at = 0; at + size <= samples.length; at += size) {
    parts += share(samples.slice(at, at + size), rate, frequency) > 0.8;
  }
  return parts * PART_S;
}
