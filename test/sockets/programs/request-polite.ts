/**
 * A program that asks in a tight loop, and answers as a child of itself or beside itself over inproc,
 * and measures how long a timer of 5 ms was kept waiting meanwhile; judged as in polite.ts.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Reply, Request } from 'brokerless';

const WARM_MS = 150;
const MEASURED_MS = 450;
const IN_FLIGHT = 64;

const [kind = 'one', role = 'client'] = process.argv.slice(2);

/** For how long this thread was ready to run and had no processor, in milliseconds; Linux tells. */
function waited(): number {
  if (process.platform !== 'linux') return 0;
  const [, waitedNs] = readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ');
  return Number(waitedNs) / 1e6;
}

/** The longest that a timer of 5 ms was late, from the end of a warm-up on. */
class Lateness {
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

async function control(): Promise<number> {
  const lateness = new Lateness();
  while (!lateness.over) {
    const until = performance.now() + 4;
    for (let n = 0; performance.now() < until; n += 1) Math.sqrt(n);
    await new Promise(setImmediate);
  }
  return lateness.end();
}

/** Asks without a break until the time is over; how often. */
async function ask(request: Request<number, number>, lateness: Lateness): Promise<number> {
  let count = 0;
  const loop = async (): Promise<void> => {
    while (!lateness.over) {
      await request.request(count).catch(() => {});
      count += 1;
    }
  };
  const loops = kind.endsWith('many') ? IN_FLIGHT : 1;
  await Promise.all(Array.from({ length: loops }, loop));
  return count;
}

async function client(): Promise<void> {
  const request = new Request<number, number>({ maxInFlight: kind === 'refused' ? 1 : IN_FLIGHT });
  if (kind === 'refused') void request.request(0).catch(() => {}); // It fills the queue.
  const child = kind.startsWith('near')
    ? undefined
    : fork(new URL(import.meta.url), [kind, 'server']);
  if (child === undefined) {
    const reply = await Reply.bind<number, number>('inproc://polite');
    void reply.serve((n) => n);
    await request.connect(reply.endpoint);
  } else {
    const [endpoint] = await once(child, 'message');
    if (kind !== 'refused') await request.connect(String(endpoint));
  }
  const controlled = await control();
  child?.send('measure');
  const lateness = new Lateness();
  const count = await ask(request, lateness);
  const measured = { late: lateness.end(), control: controlled, count };
  child?.send('report');
  const [server] = child === undefined ? [measured] : await once(child, 'message');
  console.log(JSON.stringify({ client: measured, server }));
  process.exit(0);
}

async function server(): Promise<void> {
  process.once('disconnect', () => process.exit(1)); // The client has failed.
  const reply = await Reply.bind<number, number>('tcp://127.0.0.1:*');
  const controlled = control(); // While the client measures its own: both cores are then busy.
  process.send?.(reply.endpoint);
  await Promise.all([controlled, once(process, 'message')]);
  const lateness = new Lateness();
  void once(process, 'message').then(async () => {
    const count = reply.stats().received;
    process.send?.({ late: lateness.end(), control: await controlled, count }, () => {
      process.exit(0);
    });
  });
  await reply.serve((n) => n);
}

await (role === 'client' ? client() : server());
