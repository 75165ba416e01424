/**
 * Dead letters: the items that nobody could do, to be looked at and sent again.
 */
import { BrokerlessError } from 'brokerless';
import { type Bodies, type Deferred, deferred, messageOf } from 'brokerless/kit';
import type { QueueTold } from './acts-rules.ts';
import type { Attempt } from './item-rules.ts';
import type { Letter } from './letters-rules.ts';
import { idOf } from './messages.ts';

/** An item that nobody could do. */
export interface DeadLetter {
  /** What the item is called. */
  readonly id: string;
  /** What was to be done; undefined if it cannot be read. */
  readonly item: unknown;
  /** Its key, if it has one. */
  readonly key: string | undefined;
  /** When it was given up. */
  readonly failedAt: Date;
  /** What came of each attempt. */
  readonly history: readonly Attempt[];
}

/** A letter, in values. */
export function deadLetter(
  { item, failedAt }: Letter,
  epoch: string,
  bodies: Bodies<never, unknown>,
): DeadLetter {
  const { n, order, history = [] } = item;
  return {
    id: idOf(epoch, n),
    item: valueOf(item.body, bodies),
    key: order.key,
    failedAt: new Date(failedAt),
    history: [...history],
  };
}

function valueOf(body: Uint8Array, bodies: Bodies<never, unknown>): unknown {
  try {
    return bodies.decode(body);
  } catch {
    return undefined; // Whoever sent it was no better at it than the workers.
  }
}

/** Letters that are on their way in again. */
export class Resends {
  readonly #waiting = new Map<number, Deferred<string>>();
  #isOver = false;

  /** Waits for the letter of this number. */
  wait(n: number): Promise<string> {
    if (this.#isOver) return Promise.reject(closed('no'));
    const waiting = this.#waiting.get(n) ?? deferred<string>();
    this.#waiting.set(n, waiting);
    return waiting.promise;
  }

  /** Hears what has become of one. */
  hear(told: QueueTold, epoch: string): void {
    if (told.kind !== 'resent' && told.kind !== 'not resent') return;
    const waiting = this.#waiting.get(told.letter);
    this.#waiting.delete(told.letter);
    if (told.kind === 'resent') waiting?.resolve(idOf(epoch, told.as));
    else waiting?.reject(storeFailed(told.error));
  }

  /** The queue is closed: nothing more is heard. */
  end(): void {
    this.#isOver = true;
    for (const waiting of this.#waiting.values()) waiting.reject(closed('maybe'));
    this.#waiting.clear();
  }
}

function closed(mayHaveRun: 'no' | 'maybe'): BrokerlessError {
  return new BrokerlessError('CLOSED', 'the queue is closed', { mayHaveRun });
}

function storeFailed(cause: unknown): BrokerlessError {
  const message = `the store would not have it: ${messageOf(cause)}`;
  return new BrokerlessError('STORE_FAILED', message, { cause, mayHaveRun: 'maybe' });
}
