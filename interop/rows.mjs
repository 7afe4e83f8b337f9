// rows.mjs - what a script here prints: a row for each thing it looked at, and in the end how many of them were good.
import { rmSync } from 'node:fs';

let good = 0;
let bad = 0;

export function check(what, fine, detail = '') {
  good += fine ? 1 : 0;
  bad += fine ? 0 : 1;
  console.log(`${fine ? 'ok     ' : 'FAILED '} ${what}${detail ? `  (${detail})` : ''}`);
}

// Of things without which it is no use to go on.
export function must(what, fine, detail = '') {
  if (!fine) {
    throw new Error(detail ? `${what}  (${detail})` : what);
  }
  check(what, true, detail);
}

// Runs the whole script and ends the process, and with it whatever agent is still there. `main` gives an exit status where no rows are to be
// counted; `work` is a folder that goes.
export async function run(main, title, work) {
  const started = Date.now();
  const status = await main().catch((error) => check(error.message, false));

  if (work) {
    rmSync(work, { recursive: true, force: true });
  }
  if (status === undefined) {
    console.log(`interop: ${good} of ${good + bad} ${title}, ${((Date.now() - started) / 1000).toFixed(0)} s`);
  }
  process.exit(status ?? (bad ? 1 : 0));
}
