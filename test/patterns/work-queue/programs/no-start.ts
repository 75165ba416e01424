/**
 * Starts hubs that cannot start, says what became of their stores, and ends if nothing is left open.
 *
 *     no-start.ts
 */

import { messageOf } from 'brokerless/kit';
import { type StoreRecord, startWorkQueue } from '../../../../patterns/work-queue/index.ts';

const ANY = 'tcp://127.0.0.1:*';

class Store {
  isClosed = false;
  readonly #fault: string;

  constructor(fault = '') {
    this.#fault = fault;
  }

  async *load(): AsyncGenerator<StoreRecord> {
    yield { kind: 'epoch', epoch: 'before' };
    if (this.#fault !== '') throw new Error(this.#fault);
  }

  async append(): Promise<void> {}

  async close(): Promise<void> {
    this.isClosed = true;
  }
}

async function tryWith(store: Store, producers = ANY, workers = ANY): Promise<void> {
  try {
    await startWorkQueue({ store, producers, workers });
  } catch (error) {
    console.log(`${store.isClosed ? 'closed' : 'open'}: ${messageOf(error)}`);
  }
}

const other = await startWorkQueue({ producers: ANY, workers: ANY });
await tryWith(new Store('it cannot be read'));
await tryWith(new Store(), other.producers);
await tryWith(new Store(), ANY, other.workers);
await other.close();
