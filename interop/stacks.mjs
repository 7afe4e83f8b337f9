// stacks.mjs - a peer connection of ours against other WebRTC stacks without a browser: each offers, tones both ways, octets over a
// data channel and back; with stacks that can also one tone on the left and another on the right, all of it over TCP, or a data channel alone
// until its end.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { check, run } from './rows.mjs';

const here = path.join(path.dirname(fileURLToPath(import.meta.url)), 'stacks');
const ours = path.join(process.env.PIPIT_BUILD, 'interop_stacks');
const python = process.env.PYTHON || '/usr/bin/python3';
const stacks = [
  { name: 'aiortc', script: 'aiortc_peer.py', needs: 'import aiortc', data: 'aiortc_data.py',
    sounds: ['mono', 'stereo'] },
  { name: 'webrtcbin', script: 'webrtcbin_peer.py', needs: "import gi; gi.require_version('GstWebRTC', '1.0'); from gi.repository import GstWebRTC, Gst; "
    + "Gst.init(None); assert Gst.ElementFactory.find('webrtcbin') and Gst.ElementFactory.find('nicesrc')", sounds: ['mono', 'tcp'] },
];

const has = ({ needs }) => new Promise((resolve) => {
  spawn(python, ['-c', needs], { stdio: 'ignore' }).on('exit', (status) => resolve(status === 0)).on('error', () => resolve(false));
});

// What it says in messages of "TYPE SIZE\n" and so many octets; `errors` is what it says besides.
class Side {
  constructor(command, args) {
    this.child = spawn(command, args, { cwd: here });
    this.data = Buffer.alloc(0);
    this.errors = '';
    this.messages = [];
    this.waiting = [];
    this.child.stderr.on('data', (data) => { this.errors += data; });
    this.child.stdin.on('error', () => {});
    this.child.stdout.on('data', (data) => {
      this.data = Buffer.concat([this.data, data]);
      this.read();
    });
    this.gone = new Promise((resolve) => { this.child.on('exit', resolve); });
  }

  read() {
    for (;;) {
      const line = this.data.indexOf('\n');
      const [type, size] = line < 0 ? [] : this.data.toString('utf8', 0, line).split(' ');
      const end = line + 1 + Number(size);

      if (line < 0 || this.data.length < end) {
        return;
      }
      this.messages.push({ type, text: this.data.toString('utf8', line + 1, end) });
      this.data = this.data.subarray(end);
      this.waiting.splice(0).forEach((look) => look());
    }
  }

  async message(type) {
    const end = Date.now() + 60000;

    for (;;) {
      const found = this.messages.find((message) => message.type === type);

      if (found) {
        return found.text;
      }
      const left = end - Date.now();
      const moved = await Promise.race([
        new Promise((resolve) => { this.waiting.push(() => resolve(true)); }),
        this.gone.then(() => false),
        new Promise((resolve) => { setTimeout(() => resolve(false), Math.max(left, 0)).unref(); }),
      ]);

      if (!moved && !this.messages.some((message) => message.type === type)) {
        throw new Error(`no ${type}; ${this.errors.trim().split('\n').slice(-3).join(' | ')}`);
      }
    }
  }

  send(type, text) {
    this.child.stdin.write(`${type} ${Buffer.byteLength(text)}\n${text}`);
  }
}

function complain(who, r) {
  if (!r.connected) {
    return `${who} did not connect`;
  }
  if (r.tone < 0.8 || r.seconds < 2) {
    return `${who} heard ${r.seconds} s, of which ${Math.round(100 * r.tone)} % were the tone`;
  }
  return r.octets === 100000 && r.right ? '' : `${who}: ${r.octets} octets, ${r.right ? 'right' : 'wrong'}`;
}

// What the far end has of ours: of candidates over TCP only those that connect, so that it has to wait for us.
const shown = (manner, text) => (manner === 'tcp' ? text.replace(/^a=candidate:.* tcptype passive\r\n/gm, '') : text);

// What both have to say in the end.
async function meet(script, weOffer, manner) {
  const we = new Side(ours, [weOffer ? 'offer' : 'answer', manner]);
  const they = new Side(python, [script, weOffer ? 'answer' : 'offer', manner]);
  const [first, second] = weOffer ? [we, they] : [they, we];

  try {
    second.send('offer', shown(weOffer && manner, await first.message('offer')));
    first.send('answer', shown(!weOffer && manner, await second.message('answer')));
    return { mine: JSON.parse(await we.message('result')), theirs: JSON.parse(await they.message('result')) };
  } finally {
    we.child.kill('SIGKILL');
    they.child.kill('SIGKILL');
  }
}

async function sound(stack, weOffer, manner, what) {
  const { mine, theirs } = await meet(stack.script, weOffer, manner);
  const complaint = complain('we', mine) || complain(stack.name, theirs);

  check(what, !complaint, complaint || `tone ${mine.tone} and ${theirs.tone}, ${mine.octets} octets`);
}

async function data(stack, weOffer, what) {
  const { mine, theirs } = await meet(stack.data, weOffer, 'data');
  const back = weOffer ? mine : theirs;

  check(`${what}, 1 MB there and back, the same octets`, back.octets === 1 << 20 && back.right, weOffer ? 'in order' : 'in any order');
  check(`${what}, a close is for both`, mine.closed && theirs.closed);
  check(`${what}, the end is heard`, mine.ended);
}

const told = { mono: '', stereo: ', left and right', tcp: ', we connect over TCP' };

async function main() {
  for (const stack of stacks) {
    if (!await has(stack)) {
      console.log(`skipped ${stack.name}: it is not on this machine`);
      continue;
    }
    for (const weOffer of [true, false]) {
      const what = `${stack.name}: ${weOffer ? 'we offer' : 'it offers'}`;
      const fail = (error) => check(what, false, error.message);

      for (const manner of stack.sounds) {
        await sound(stack, weOffer, manner, what + told[manner]).catch(fail);
      }
      if (stack.data) {
        await data(stack, weOffer, what).catch(fail);
      }
    }
  }
}

run(main, 'with other stacks');
