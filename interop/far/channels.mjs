// channels.mjs - functions that run in a page: its data channels, and what comes back in them.

// Every peer connection has a channel of its own from the start, and echoes what comes in those of the far end.
export function watchConnections() {
  const Native = window.RTCPeerConnection;

  window.data = { incoming: [], labels: [] };
  window.RTCPeerConnection = class extends Native {
    constructor(...args) {
      super(...args);
      window.data.connection = this;
      window.data.own = this.createDataChannel('page', { protocol: 'echo' });
      window.data.own.binaryType = 'arraybuffer';
      this.addEventListener('datachannel', ({ channel }) => {
        window.data.labels.push(channel.label);
        channel.binaryType = 'arraybuffer';
        channel.onmessage = ({ data }) => {
          window.data.incoming.push(data);
          channel.send(data);
        };
      });
    }
  };
}

// Sends `octets` of noise in messages of `size`, and compares what comes back.
export async function roundTrip({ octets, size }) {
  const channel = window.data.own;
  const sent = new Uint8Array(octets);
  const back = new Uint8Array(octets);
  let got = 0;

  for (let at = 0; at < octets; at += 65536) {
    crypto.getRandomValues(sent.subarray(at, Math.min(at + 65536, octets)));
  }
  if (channel.readyState !== 'open') {
    await new Promise((resolve) => { channel.onopen = resolve; });
  }
  const begin = performance.now();
  const all = new Promise((resolve, reject) => {
    channel.onclose = () => reject(new Error('closed'));
    channel.onmessage = ({ data }) => {
      back.set(new Uint8Array(data), got);
      got += data.byteLength;
      if (got === octets) {
        resolve();
      }
    };
  });
  for (let at = 0; at < octets; at += size) {
    channel.send(sent.subarray(at, Math.min(at + size, octets)));
  }
  await Promise.race([all, new Promise((resolve) => { setTimeout(resolve, 30000); })]);
  return { got, same: sent.every((octet, i) => octet === back[i]), ms: performance.now() - begin };
}
