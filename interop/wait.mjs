// wait.mjs - waiting with a limit.
export const sleep = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

// Polls until `probe` gives something true. `what` is text, or makes it when time is up.
export async function until(what, probe, ms = 6000) {
  for (const end = Date.now() + ms; ;) {
    const got = await probe();

    if (got) {
      return got;
    }
    if (Date.now() > end) {
      throw new Error(typeof what === 'string' ? what : what());
    }
    await sleep(20);
  }
}

// The same with more patience, and told as what it is.
export const eventually = (what, probe, ms = 15000) => until(`timed out: ${what}`, probe, ms);

export async function within(what, promise, ms = 6000) {
  let timer;

  try {
    return await Promise.race([promise, new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error(what)), ms);
    })]);
  } finally {
    clearTimeout(timer);
  }
}
