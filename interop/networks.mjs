// networks.mjs - an internet of network namespaces (interop_nets), for the time of a test.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { within } from './wait.mjs';

// `lines` are NAME=KIND[,loss=PERCENT][,delay=MS][,jitter=MS]. Gives the networks by name: `enter` is what a command is to begin with to
// run there, `address` its machine's, `outside` what the others see; and stop(), which tells what has passed, lost and refused.
// Where namespaces are not allowed it gives the reason as text.
export async function startNetworks(seed, lines) {
  const child = spawn(path.join(process.env.PIPIT_BUILD, 'interop_nets'), [`${seed}`, ...lines]);
  const said = [];
  let errors = '';
  let heard;
  const first = new Promise((resolve) => { heard = resolve; });
  const gone = new Promise((resolve) => {
    child.on('close', (status) => { heard(); resolve(status); });
  });

  process.on('exit', () => child.kill('SIGKILL'));
  child.stderr.on('data', (data) => { errors += data; });
  createInterface({ input: child.stdout }).on('line', (line) => { said.push(JSON.parse(line)); heard(); });
  await within('the networks do not come up', first);
  if (!said.length) {
    if (await gone === 77) {
      return errors.trim();
    }
    throw new Error(errors || 'the networks end at once');
  }
  return {
    ...said[0].networks,
    async stop() {
      child.stdin.end();
      await within('the networks do not end', gone);
      return said[1].networks;
    },
  };
}
