// ours.mjs - user agents of ours, commanded line by line (interop/kamailio/remote.c), and their ends of calls.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import path from 'node:path';
import { sleep, until, within } from '../wait.mjs';

const running = new Set();

process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

export class Ours {
  constructor(build, logs, transcript) {
    this.events = [];
    this.waiting = []; // for replies, in order
    this.child = spawn(path.join(build, 'interop_kamailio'), ['--agents', logs, transcript], { stdio: ['pipe', 'pipe', 'inherit'] });
    running.add(this.child);
    this.exited = new Promise((resolve) => {
      this.child.on('exit', (status, signal) => {
        running.delete(this.child);
        this.waiting.splice(0).forEach(({ reject }) => reject(new Error(`our user agents have ended: ${status ?? signal}`)));
        resolve(status ?? signal);
      });
    });
    createInterface({ input: this.child.stdout }).on('line', (line) => this.take(JSON.parse(line)));
  }

  take(said) {
    if (!('reply' in said)) {
      this.events.push(said);
      return;
    }
    const { resolve, reject, command } = this.waiting.shift();

    if (said.error) {
      reject(new Error(`${command}: ${said.error}`));
    } else {
      resolve(said.reply);
    }
  }

  do(...words) {
    const command = words.join(' ');

    return within(`no reply to '${command}'`, new Promise((resolve, reject) => {
      this.waiting.push({ resolve, reject, command });
      this.child.stdin.write(`${command}\n`);
    }), 10000);
  }

  // Calls that have not ended.
  open(agent) {
    const of = (name) => new Set(this.events.filter((e) => e.event === name && e.call).map((e) => `${e.agent} ${e.call}`));
    const over = [...of('ended'), ...of('failed')];

    return [...of('incoming'), ...of('connecting')].filter((name) => !over.includes(name) && (!agent || name.startsWith(`${agent} `)));
  }

  // The next call that comes to an agent.
  coming(agent, event = 'incoming') {
    const from = this.events.length;

    return async () => {
      const said = await until(`no call came to our ${agent}`,
        () => this.events.slice(from).find((e) => e.agent === agent && e.event === event));

      return new OurEnd(this, agent, said.call);
    };
  }

  stop() {
    this.child.stdin.end();
    return within('our user agents do not end', this.exited, 10000).catch(() => this.child.kill('SIGKILL'));
  }
}

export class OurEnd {
  constructor(ours, agent, call) {
    Object.assign(this, { ours, agent, call, name: `our ${agent}` });
  }

  do(action, ...rest) { return this.ours.do(action, this.agent, this.call, ...rest); }

  log(event, fields = {}) {
    return this.ours.events.filter((e) => e.agent === this.agent && e.call === this.call && e.event === event &&
      Object.entries(fields).every(([key, value]) => e[key] === value));
  }

  async saw(event, fields = {}, times = 1, ms = 6000) {
    const seen = () => this.ours.events.filter((e) => e.agent === this.agent && e.call === this.call).map((e) => e.event).join(' ');

    await until(() => `${this.name} saw no '${event}' ${JSON.stringify(fields)}, but ${seen()}`,
      () => this.log(event, fields).length >= times, ms);
    return this.log(event, fields)[times - 1];
  }

  // A request inside the call, until it is answered.
  async reoffer(action) {
    const times = this.log('outcome').length + 1;

    await until(`${this.name}: ${action}: not ready`, () => this.do(action).then(() => true, (error) => { // the ACK is on its way
      if (!error.message.includes('in flight')) {
        throw error;
      }
    }), 2000);
    const { cause } = await this.saw('outcome', {}, times, 9000);
    if (cause) {
      throw new Error(`${this.name}: ${action}: ${cause}`);
    }
  }

  hold() { return this.reoffer('hold'); }

  unhold() { return this.reoffer('unhold'); }

  renegotiate() { return this.reoffer('renegotiate'); }

  restart() { return this.reoffer('restart'); }

  end() { return this.do('end'); }

  mute() { return this.do('mute'); }

  unmute() { return this.do('unmute'); }

  dtmf(tones, kind) { return this.do('dtmf', kind, tones); }

  async tones() { return this.log('newDTMF', { originator: 'remote' }).map((e) => e.tone).join(''); }

  // Transferred when the promise resolves.
  async refer(target, replaces) {
    await this.do('refer', target || '-', replaces ? replaces.call : '');
    const end = await until(`${this.name} heard nothing of the transfer`,
      () => this.log('transferred')[0] || this.log('transferFailed')[0] || this.log('transferRefused')[0]);

    if (end.event !== 'transferred') {
      throw new Error(`${this.name}: ${end.event} ${end.status}`);
    }
  }

  async loud(ms) {
    const before = await this.do('ears');

    await sleep(ms);
    return (await this.do('ears')) - before;
  }

  async hears() {
    try {
      await until('', async () => (await this.loud(60)) > 100);
    } catch {
      const before = await this.do('packets');

      await sleep(500);
      throw new Error(`${this.name} hears nothing, with ${await this.do('packets') - before} packets in 500 ms`);
    }
  }

  async hearsNothing() { await until(`${this.name} hears on`, async () => (await this.loud(300)) === 0); }
}
