// jssip.mjs - the same with JsSIP in Node: FOLDER of its modules, URL, COUNT user agents, ROUNDS of registrations.
// JsSIP waits for the challenge at every registration.
import { createRequire } from 'node:module';
import { resourceUsage, memoryUsage, argv, pid } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';

const [folder, url, count, rounds] = [argv[2], argv[3], Number(argv[4]), Number(argv[5])];
const require = createRequire(`${folder}/package.json`);
const JsSIP = require('jssip');
const NodeWebSocket = require('jssip-node-websocket');
const figure = (name, value) => console.log(`${name} ${value.toFixed(3)}`);

function makeAgent(i) {
    return new JsSIP.UA({
        sockets: [new NodeWebSocket(url)],
        uri: `sip:jssip${pid}-${i}@bench.invalid`,
        password: 'secret',
    });
}

function startAgent(ua) {
    return new Promise((resolve, reject) => {
        ua.once('registered', resolve);
        ua.once('registrationFailed', ({ cause }) => reject(new Error(`JsSIP: not registered: ${cause}`)));
        ua.start();
    });
}

async function registerAll(agents) {
    for (const ua of agents)
        ua.register();
    for (const ua of agents)
        while (ua.registrator()._registering)
            await sleep(1);
}

async function settledMemory() {
    globalThis.gc();
    await sleep(500);
    globalThis.gc();
    return memoryUsage();
}

const first = makeAgent('first');
await startAgent(first);
const before = await settledMemory();
const agents = [];
while (agents.length < count) {
    const group = Array.from({ length: 50 }, (_, k) => makeAgent(agents.length + k));
    await Promise.all(group.map(startAgent));
    agents.push(...group);
}
const after = await settledMemory();
figure('memory.jssip.resident', (after.rss - before.rss) / count);
figure('memory.jssip.heap', (after.heapUsed - before.heapUsed) / count);

await registerAll(agents); // warms up
await registerAll(agents);
const began = resourceUsage();
for (let i = 0; i < rounds; i++)
    await registerAll(agents);
const ended = resourceUsage();
figure('register.jssip.fresh.user', (ended.userCPUTime - began.userCPUTime) / (count * rounds));
figure('register.jssip.fresh.all',
    (ended.userCPUTime + ended.systemCPUTime - began.userCPUTime - began.systemCPUTime) / (count * rounds));
process.exit(0);
