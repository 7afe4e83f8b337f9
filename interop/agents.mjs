// agents.mjs - starts pipit commands as processes, reads their JSON lines, and makes sure that none is left.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const build = process.env.PIPIT_BUILD;
const pipit = path.join(build, 'pipit');
const web = fileURLToPath(new URL('../switchboard/web', import.meta.url));
const running = new Set();
const agents = [];

export class Agent {
  // `enter` is what its command begins with.
  constructor(name, args, env = {}, enter = []) {
    const [command, ...rest] = [...enter, pipit, ...args];

    this.name = name;
    this.events = [];
    this.waiting = [];
    this.errors = '';
    agents.push(this);
    this.child = spawn(command, rest, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    running.add(this.child);
    this.exited = new Promise((resolve) => {
      this.child.on('exit', (status, signal) => {
        running.delete(this.child);
        this.status = status ?? signal;
        this.settle();
        resolve(this.status);
      });
    });
    this.child.stderr.on('data', (data) => { this.errors += data; });
    createInterface({ input: this.child.stdout }).on('line', (line) => {
      try {
        this.events.push(JSON.parse(line));
      } catch {
        this.errors += `not JSON: ${line}\n`;
      }
      this.settle();
    });
  }

  settle() {
    this.waiting = this.waiting.filter((wait) => !wait());
  }

  // The first event of that name (and with those fields) after `from`, or an error after `ms`.
  event(name, fields = {}, ms = 15000, from = 0) {
    const fits = (e) => e.event === name && Object.entries(fields).every(([k, v]) => e[k] === v);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new Error(`${this.name}: no '${name}' ${JSON.stringify(fields)} within ${ms} ms; it said ${
          this.events.map((e) => e.event).join(' ')} ${this.errors}`));
      }, ms);
      const look = () => {
        const found = this.events.slice(from).find(fits);
        if (found) {
          clearTimeout(timer);
          resolve(found);
        }
        return Boolean(found);
      };
      if (!look()) {
        this.waiting.push(look);
      }
    });
  }

  async stop(ms = 5000) {
    if (this.status === undefined) {
      this.child.kill('SIGINT');
      const timer = setTimeout(() => this.child.kill('SIGKILL'), ms);
      await this.exited;
      clearTimeout(timer);
    }
    return this.status;
  }
}

// A switchboard with those users, NAME:PASSWORD, that serves the web phone: { serve, port }. It keeps its things in the folder.
export async function startBoard(work, users, { listen = '127.0.0.1:0', enter = [] } = {}) {
  const serve = new Agent('switchboard', ['serve', '--json', '--domain', 'localhost', '--ws', listen, '--no-wss', '--web', web,
    '--jssip', path.join(build, 'jssip.js'), ...users.flatMap((one) => ['--user', one])], { PIPIT_HOME: work, XDG_CONFIG_HOME: work }, enter);

  return { serve, port: (await serve.event('listening')).ws_port };
}

// A line for each agent: what it said, and how it ended.
export const tellAll = () => agents.map((agent) => `${agent.name}${agent.status === undefined ? '' : ` (exit ${agent.status})`}: ${
  agent.events.map((e) => e.event + (e.state ? `=${e.state}@${e.time}` : '')).join(' ')} ${agent.errors}`);

process.on('exit', () => {
  for (const child of running) {
    child.kill('SIGKILL');
  }
});
