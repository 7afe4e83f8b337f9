// chromium.mjs - a headless Chromium that talks to nobody by itself and plays without being asked.
import { chromium } from 'playwright-core';

export const chromiumPath = process.env.CHROMIUM || '/usr/bin/chromium';
export const fakeMicrophone = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];
export const loopbackToo = ['--allow-loopback-in-peer-connection'];

export const launchChromium = (more, executablePath = chromiumPath) => chromium.launch({
  executablePath,
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync', '--autoplay-policy=no-user-gesture-required', ...more],
});
