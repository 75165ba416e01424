/**
 * The floor `DEALER/ROUTER`: many requests in flight on one socket of raw `zeromq`, written by hand
 * with the envelope that ours has, a number, an empty frame and the body.
 *
 * As an expert writes it: one loop receives and settles the promise of whoever asked, one loop sends
 * whenever there is something to send (zeromq takes one send at a time), nothing is checked or limited
 * in time. Options are libzmq's own defaults, pinned.
 */
import { Dealer, Router } from 'zeromq';
import { endWithBench, everythingArrived, tell } from '../support/child.ts';
import { givenJob, type Job, type RoundTripTask } from '../support/job.ts';
import { Answers, askAll } from '../support/round-trips.ts';
import { pinned } from './pinned.ts';

const NUMBER_BYTES = 8;

const delimiter = Buffer.alloc(0);

const job = givenJob() as Job<RoundTripTask>;
async function answer(): Promise<void> {
  const socket = new Router(pinned());
  await socket.bind(job.address);
  tell({ endpoint: socket.lastEndpoint });
  const answers = new Answers(job);
  for (let isLast = false; !isLast; ) {
    const frames = await socket.receive(); // The peer, the number, the delimiter, the body.
    isLast = answers.take(frames[3] as Buffer);
    await socket.send(frames);
  }
  await everythingArrived();
  tell(answers.report());
  socket.close();
}

async function ask(): Promise<void> {
  const socket = new Dealer(pinned());
  socket.connect(job.endpoint);
  endWithBench();
  const calls = new Calls(socket);
  const listening = calls.listen(job.warm + job.count);
  tell(await askAll(job, (payload) => calls.ask(payload)));
  await listening;
  socket.close();
}

/** The calls that wait for their replies. */
class Calls {
  readonly #socket: Dealer;
  readonly #waiting = new Map<number, (reply: Uint8Array) => void>();
  #unsent: Uint8Array[][] = [];
  #sending = false;
  #count = 0;

  constructor(socket: Dealer) {
    this.#socket = socket;
  }

  ask(payload: Uint8Array): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      this.#count = (this.#count + 1) >>> 0;
      const number = Buffer.allocUnsafe(NUMBER_BYTES).fill(0, 0, 4);
      number.writeUInt32BE(this.#count, 4);
      this.#waiting.set(this.#count, resolve);
      this.#unsent.push([number, delimiter, payload]);
      if (!this.#sending) this.#send().catch(reject);
    });
  }

  async listen(replies: number): Promise<void> {
    for (let i = 0; i < replies; i += 1) {
      const [number, , body] = (await this.#socket.receive()) as [Buffer, Buffer, Buffer];
      const key = number.readUInt32BE(4);
      this.#waiting.get(key)?.(body);
      this.#waiting.delete(key);
    }
  }

  async #send(): Promise<void> {
    this.#sending = true;
    while (this.#unsent.length > 0) {
      const batch = this.#unsent;
      this.#unsent = [];
      for (const frames of batch) await this.#socket.send(frames);
    }
    this.#sending = false;
  }
}

await (job.role === 'bind' ? answer() : ask());
