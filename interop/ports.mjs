// ports.mjs - a TCP port that nobody listens on.
import net from 'node:net';

export const freePort = () => new Promise((resolve, reject) => {
  const server = net.createServer();

  server.on('error', reject);
  server.listen(0, () => {
    const { port } = server.address();

    server.close(() => resolve(port));
  });
});
