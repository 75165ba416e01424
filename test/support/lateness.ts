/**
 * Lateness: how long a timer is kept waiting, for programs that do something in a tight loop. What the
 * machine itself does to a timer is left out as far as the kernel tells it.
 */
import { readFileSync } from 'node:fs';

const WARM_MS = 150;
const MEASURED_MS = 450;

/** For how long this thread was ready to run and had no processor, in milliseconds; Linux tells. */
function waited(): number {
  if (process.platform !== 'linux') return 0;
  const [, waitedNs] = readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ');
  return Number(waitedNs) / 1e6;
}

/** The longest that a timer of 5 ms was late, from the end of a warm-up on. */
export class Lateness {
  #worst = 0;
  #last = performance.now();
  #waited = waited();
  readonly #start = this.#last + WARM_MS;
  readonly #timer = setInterval(() => this.#tick(), 5);

  /** Whether it has been measured for long enough. */
  get over(): boolean {
    return performance.now() > this.#start + MEASURED_MS;
  }

  /** Ends the measurement; a timer that has not come at all is as late as that. */
  end(): number {
    this.#tick();
    clearInterval(this.#timer);
    return this.#worst;
  }

  #tick(): void {
    const now = performance.now();
    const waitedNow = waited();
    const late = now - this.#last - 5 - (waitedNow - this.#waited);
    this.#last = now;
    this.#waited = waitedNow;
    if (now > this.#start) this.#worst = Math.max(this.#worst, late);
  }
}

/** The same for a loop that computes and lets go of the event loop every 4 ms: the machine's own doing. */
export async function control(): Promise<number> {
  const lateness = new Lateness();
  while (!lateness.over) {
    const until = performance.now() + 4;
    for (let n = 0; performance.now() < until; n += 1) Math.sqrt(n);
    await new Promise(setImmediate);
  }
  return lateness.end();
}
