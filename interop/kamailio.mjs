// kamailio.mjs - the servers of interop/kamailio for the browser's tests.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const script = path.resolve(path.dirname(fileURLToPath(import.meta.url)), 'kamailio/run.sh');

// Gives { port, stop() }, or null when there is no Kamailio. The servers end with their standard input, so also with us.
export async function startKamailio() {
  const child = spawn('sh', [script, process.env.PIPIT_BUILD, '--serve'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = new Promise((resolve) => { child.on('exit', resolve); });
  const said = await new Promise((resolve) => {
    const lines = createInterface({ input: child.stdout });

    lines.once('line', resolve);
    lines.once('close', () => resolve(''));
  });

  if (!said.startsWith('{')) {
    const status = await exited;

    if (status !== 77) {
      throw new Error(`Kamailio did not start: exit ${status}`);
    }
    console.log(said);
    return null;
  }
  return {
    port: JSON.parse(said).ws_port,
    stop: () => {
      child.stdin.end();
      return exited;
    },
  };
}
