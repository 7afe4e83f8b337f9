// coturn.mjs - a coturn with one user, on this machine or in a network namespace: UDP and TCP on one port, TLS on another under a
// certificate of its own.
import { execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { freePort } from './ports.mjs';

export const user = 'traveller';
export const password = 'open-sesame-77';

// coturn relays to no loopback address, and browsers do not like a server on one.
export function ownAddress() {
  const all = Object.values(os.networkInterfaces()).flat();
  return all.find((one) => one.family === 'IPv4' && !one.internal)?.address;
}

// Whether somebody listens on that TCP port in the network of a process.
function listens(pid, port) {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');

  return new RegExp(`:${hex} 0+:0000 0A `).test(readFileSync(`/proc/${pid}/net/tcp`, 'latin1'));
}

// `enter` is what its command begins with.
export async function startCoturn(folder, { ip = ownAddress(), enter = [] } = {}) {
  const port = await freePort();
  const tlsPort = await freePort();
  const key = path.join(folder, 'turn-key.pem');
  const certificate = path.join(folder, 'turn-certificate.pem');
  const log = path.join(folder, 'turn.log');

  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '30',
    '-subj', '/CN=turn.test', '-addext', `subjectAltName=IP:${ip}`, '-keyout', key, '-out', certificate], { stdio: 'ignore' });
  const [command, ...args] = [...enter, 'turnserver', '-n', '--listening-ip', ip, '--relay-ip', ip, '--listening-port', `${port}`,
    '--tls-listening-port', `${tlsPort}`, '--cert', certificate, '--pkey', key, '--lt-cred-mech', '--realm', 'pipit.test',
    '--user', `${user}:${password}`, '--fingerprint', '--no-cli', '--no-multicast-peers', '--log-file', log, '--simple-log',
    '--pidfile', path.join(folder, 'turn.pid'), '--userdb', path.join(folder, 'turn.db'), '--verbose'];
  const child = spawn(command, args, { stdio: 'ignore' });
  const gone = new Promise((resolve) => child.on('exit', resolve));

  process.on('exit', () => child.kill('SIGKILL'));
  for (let i = 0; i < 100 && !listens(child.pid, port); i++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    ip,
    certificate,
    urls: { udp: `turn:${ip}:${port}`, tcp: `turn:${ip}:${port}?transport=tcp`, tls: `turns:${ip}:${tlsPort}` },
    log: () => readFileSync(log, 'utf8'),
    async stop() {
      child.kill('SIGTERM');
      setTimeout(() => child.kill('SIGKILL'), 3000).unref();
      await gone;
    },
  };
}
