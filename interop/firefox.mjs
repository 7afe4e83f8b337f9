// firefox.mjs - a headless Firefox driven by its own Marionette protocol, with as much of a browser's interface as browser.mjs uses.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { freePort } from './ports.mjs';
import { sleep } from './wait.mjs';

const preferences = (port) => ({
  'marionette.port': port,
  'media.navigator.permission.disabled': true, // a microphone without a question
  'media.navigator.streams.fake': true, // a tone
  'media.autoplay.default': 0,
  'media.autoplay.blocking_policy': 0,
  'media.peerconnection.ice.loopback': true,
  'media.peerconnection.ice.obfuscate_host_addresses': false,
  'media.gmp-manager.updateEnabled': false,
  'app.update.enabled': false,
  'datareporting.policy.dataSubmissionEnabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'browser.shell.checkDefaultBrowser': false,
  'toolkit.telemetry.enabled': false,
});

async function connect(port, child) {
  for (const end = Date.now() + 30000; Date.now() < end && child.exitCode === null;) {
    const socket = net.connect(port, '127.0.0.1');
    const connected = await new Promise((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
    });

    if (connected) {
      return socket;
    }
    await sleep(200);
  }
  throw new Error('Firefox did not start');
}

// Marionette: "LENGTH:JSON" each way; a command is [0, id, name, parameters], its answer [1, id, error, value].
class Marionette {
  constructor(socket) {
    this.socket = socket;
    this.data = Buffer.alloc(0);
    this.next = 1;
    this.pending = new Map();
    socket.on('data', (data) => {
      this.data = Buffer.concat([this.data, data]);
      this.read();
    });
    socket.on('close', () => this.pending.forEach(({ reject }) => reject(new Error('Firefox has gone'))));
  }

  read() {
    for (;;) {
      const colon = this.data.indexOf(':');
      const end = colon < 0 ? 0 : colon + 1 + Number(this.data.toString('latin1', 0, colon));

      if (colon < 0 || this.data.length < end) {
        return;
      }
      this.take(JSON.parse(this.data.toString('utf8', colon + 1, end)));
      this.data = this.data.subarray(end);
    }
  }

  take(message) {
    if (!Array.isArray(message)) {
      return; // the greeting
    }
    const [, id, error, value] = message;
    const waiting = this.pending.get(id);

    this.pending.delete(id);
    if (error) {
      waiting.reject(new Error(`Firefox: ${error.message}`));
    } else {
      waiting.resolve(value);
    }
  }

  send(name, parameters = {}) {
    const id = this.next;
    const text = JSON.stringify([0, id, name, parameters]);

    this.next += 1;
    this.socket.write(`${Buffer.byteLength(text)}:${text}`);
    return new Promise((resolve, reject) => { this.pending.set(id, { resolve, reject }); });
  }
}

class Page {
  constructor(marionette, handle) {
    this.marionette = marionette;
    this.handle = handle;
  }

  // Errors of the page are not told by this protocol.
  on() {
    return this;
  }

  async command(name, parameters) {
    await this.marionette.send('WebDriver:SwitchToWindow', { handle: this.handle, focus: true });
    return this.marionette.send(name, parameters);
  }

  goto(url) {
    return this.command('WebDriver:Navigate', { url });
  }

  async evaluate(what) {
    const { value } = await this.command('WebDriver:ExecuteAsyncScript', {
      script: `const done = arguments[arguments.length - 1];
        Promise.resolve((${what})()).then((good) => done({ good }), (bad) => done({ bad: String(bad) }));`,
      args: [],
      sandbox: null,
      newSandbox: false,
    });

    if (value.bad) {
      throw new Error(value.bad);
    }
    return value.good;
  }

  click(selector) {
    return this.evaluate(`() => document.querySelector(${JSON.stringify(selector)}).click()`);
  }

  fill(selector, text) {
    return this.evaluate(`() => { document.querySelector(${JSON.stringify(selector)}).value = ${JSON.stringify(text)}; }`);
  }

  context() {
    return { close: () => this.close() };
  }

  // The first window stays: commands need one that is there.
  async close() {
    const [first] = await this.command('WebDriver:CloseWindow');

    await this.marionette.send('WebDriver:SwitchToWindow', { handle: first, focus: true });
    this.closed = true;
  }
}

export async function launchFirefox(executable) {
  const profile = mkdtempSync(path.join(os.tmpdir(), 'pipit-firefox-'));
  const port = await freePort();
  const lines = Object.entries(preferences(port)).map(([name, value]) => `user_pref("${name}", ${JSON.stringify(value)});`);

  writeFileSync(path.join(profile, 'user.js'), lines.join('\n'));
  const child = spawn(executable, ['--headless', '--marionette', '--no-remote', '--profile', profile, 'about:blank'],
    { stdio: 'ignore', env: { ...process.env, HOME: profile } });
  const exited = new Promise((resolve) => { child.on('exit', resolve); });
  const marionette = new Marionette(await connect(port, child));
  const { capabilities } = await marionette.send('WebDriver:NewSession', { capabilities: { alwaysMatch: {} } });
  const pages = [];

  await marionette.send('WebDriver:SetTimeouts', { script: 30000, pageLoad: 30000 });
  return {
    version: () => capabilities.browserVersion,
    contexts: () => [{ pages: () => pages.filter((page) => !page.closed) }],
    newContext: async () => ({
      newPage: async () => {
        const { handle } = await marionette.send('WebDriver:NewWindow', { type: 'tab', focus: true });
        const page = new Page(marionette, handle);

        pages.push(page);
        return page;
      },
    }),
    close: async () => {
      child.kill('SIGKILL');
      await exited;
      rmSync(profile, { recursive: true, force: true });
    },
  };
}
