/**
 * Broker: two ROUTERs of raw `zeromq` and a list of idle workers, as an expert writes it in an hour.
 *
 * One loop hands requests out, one loop hands replies back, and each socket has one sender. Nothing is
 * watched, limited, counted or checked: a worker that dies takes its request along, and all that it is
 * given later. Options are libzmq's own defaults, pinned.
 */
import { Router } from 'zeromq';
import { watched } from '../broker/watch.ts';
import { tell } from '../support/child.ts';
import { pinned } from './pinned.ts';

/** How a kind of workers speaks. */
export interface Speech {
  /** What stands between a worker's name and what it says. */
  readonly prefix: readonly Buffer[];
  /** What the frames after that are, if no reply: `'ready'` for a worker that is there and free. */
  readonly meaning: (frames: readonly Buffer[]) => 'ready' | 'nothing' | 'reply';
}

/** Runs a broker until the bench has got everything. */
export async function runBroker({ prefix, meaning }: Speech): Promise<void> {
  const clients = new Router(pinned());
  const workers = new Router(pinned());
  await clients.bind('tcp://127.0.0.1:*');
  await workers.bind('tcp://127.0.0.1:*');
  const idle = new Idle();
  const handOut = async (): Promise<void> => {
    for await (const request of clients) {
      const worker = idle.shift() ?? (await idle.next());
      await workers.send([worker, ...prefix, ...request]);
    }
  };
  const handBack = async (): Promise<void> => {
    for await (const [worker, ...said] of workers) {
      const frames = said.slice(prefix.length);
      const what = meaning(frames);
      if (what === 'nothing') continue;
      idle.push(worker as Buffer);
      if (what === 'reply') await clients.send(frames);
    }
  };
  void handOut();
  void handBack();
  tell({ clients: clients.lastEndpoint, workers: workers.lastEndpoint });
  tell(await watched());
  clients.close();
  workers.close();
}

/** Workers that are free, longest first. */
class Idle {
  readonly #workers: Buffer[] = [];
  #onNext: ((worker: Buffer) => void) | undefined;

  shift(): Buffer | undefined {
    return this.#workers.shift();
  }

  /** The next that will be free, when none is. */
  next(): Promise<Buffer> {
    return new Promise((resolve) => {
      this.#onNext = resolve;
    });
  }

  push(worker: Buffer): void {
    if (this.#onNext === undefined) this.#workers.push(worker);
    else this.#onNext(worker);
    this.#onNext = undefined;
  }
}
