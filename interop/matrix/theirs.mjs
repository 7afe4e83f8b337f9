// theirs.mjs - user agents of another library in a page (far/), and their ends of calls.
import { until, within } from '../wait.mjs';

export class Theirs {
  constructor(page) {
    this.page = page;
    this.errors = [];
    page.on('pageerror', (e) => this.errors.push(String(e)));
  }

  static async open(browser, url, script) {
    const context = await browser.newContext({ permissions: ['microphone'] });
    const page = await context.newPage();

    await page.goto(url);
    const theirs = new Theirs(page);
    await page.addScriptTag({ path: script });
    await page.evaluate(async () => { // so that its candidates have addresses
      (await navigator.mediaDevices.getUserMedia({ audio: true })).getTracks().forEach((track) => track.stop());
    });
    return theirs;
  }

  do(what, ...rest) {
    return within(`the page does not come back from ${what}`,
      this.page.evaluate(([name, args]) => window.far[name](...args), [what, rest]), 9000)
      .catch((e) => { throw new Error(e.message.split('\n')[0].replace('page.evaluate: ', '')); });
  }

  // The next call that comes to an agent, or that it is referred to.
  async coming(agent) {
    const known = await this.do('calls');

    return async () => new TheirEnd(this, await until(`no call came to their ${agent}`, async () => (await this.do('calls'))
      .find((name) => name.startsWith(`${agent}/`) && !known.includes(name))));
  }

  close() { return this.page.context().close(); }
}

export class TheirEnd {
  constructor(theirs, call) {
    Object.assign(this, { theirs, call, name: `their ${call.split('/')[0]}` });
  }

  do(action, ...rest) { return this.theirs.do('act', this.call, action, ...rest); }

  async log(event, fields = {}) {
    return (await this.theirs.do('log', this.call)).filter((e) => e.event === event &&
      Object.entries(fields).every(([key, value]) => e[key] === value));
  }

  async saw(event, fields = {}, times = 1, ms = 6000) {
    try {
      await until('', async () => (await this.log(event, fields)).length >= times, ms);
    } catch {
      throw new Error(`${this.name} saw no '${event}' ${JSON.stringify(fields)}, but ${
        (await this.theirs.do('log', this.call)).map((e) => e.event).join(' ')}`);
    }
    return (await this.log(event, fields))[times - 1];
  }

  act(action, ...rest) {
    return this.do(action, ...rest).catch((e) => { throw new Error(`${this.name}: ${action}: ${e.message}`); });
  }

  hold() { return this.act('hold'); }

  unhold() { return this.act('unhold'); }

  renegotiate() { return this.act('renegotiate'); }

  restart() { return this.act('restart'); }

  end() { return this.act('end'); }

  mute() { return this.act('mute'); }

  unmute() { return this.act('unmute'); }

  dtmf(tones, kind) { return this.act('dtmf', tones, kind); }

  async tones() { return (await this.log('tone', { originator: 'remote' })).map((e) => e.tone).join(''); }

  refer(target, replaces) { return this.act('refer', target, replaces && replaces.call); }

  level() { return this.theirs.do('level', this.call); }

  // One reading may be noise, so two that follow each other count.
  async hears() {
    try {
      await until('', async () => (await this.level()) > 0.02 && (await this.level()) > 0.02);
    } catch {
      throw new Error(`${this.name} hears nothing: ${await this.theirs.do('state', this.call)}`);
    }
  }

  async hearsNothing() {
    let quiet = 0;

    await until(`${this.name} hears on`, async () => {
      quiet = (await this.level()) < 0.005 ? quiet + 1 : 0;
      return quiet >= 8;
    });
  }
}
