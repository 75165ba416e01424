/**
 * The ledger of a simulated work queue: what was promised to whom, kept outside of all nodes.
 *
 * An errand is an item as its producer sees it; its label is all that travels. Who has a label can look up here
 * what the errand is about.
 */
import { decodeFailure } from 'brokerless/kit';
import type { KnownStatus } from '../../../patterns/work-queue/messages.ts';
import type { ItemOptions } from '../../../patterns/work-queue/wishes.ts';
import type { World } from '../../../src/testing/index.ts';

/** What comes of an errand: it is done, its handler throws, discards it, never returns, or ends its process. */
export type Kind = 'plain' | 'throws' | 'discards' | 'hangs' | 'poison';

/** An item as its producer sees it. */
export interface Errand {
  readonly label: string;
  readonly kind: Kind;
  /** How many attempts throw, if it is one that does. */
  readonly throws: number;
  readonly options: ItemOptions;
  readonly isFollowed: boolean;
  /** Whether it was sent when all was well. */
  readonly isCalm: boolean;
  readonly sentAt: number;
  isCancelled: boolean;
}

/** An item in the hands of a worker. */
interface Running {
  readonly id: string;
  readonly key: string | undefined;
  readonly name: string;
}

const text = new TextDecoder();

/** What an attempt is called. */
export function attemptOf(id: string, attempt: number): string {
  return `${id}#${attempt}`;
}

/** Who was promised what. */
export class Ledger {
  /** The errands there ever were, by label. */
  readonly errands = new Map<string, Errand>();
  /** What was accepted, as producers have heard: labels by id. */
  readonly accepted = new Map<string, string>();
  /** How items have ended, as queues have told: by id. */
  readonly ends = new Map<string, string>();
  /** In which life of the queue they have: by id. */
  readonly endedIn = new Map<string, number>();
  /** What producers still wait for, and what for. */
  readonly awaited = new Set<string>();
  /** Those whose store has failed: they may have been kept all the same. */
  readonly doubtful = new Set<string>();
  /** How many lives the queue has had. */
  lives = 0;
  /** The attempts that the queue waits for. */
  readonly current = new Set<string>();
  /** Whether the store has ever failed. */
  hasFailed = false;
  /** When somebody last cancelled everything. */
  clearedAt = -1;
  readonly #world: World;
  readonly #isHostile: boolean;
  readonly #begun = new Map<string, number>();
  readonly #running = new Map<object, Running>();

  constructor(world: World, isHostile: boolean) {
    this.#world = world;
    this.#isHostile = isHostile;
  }

  /** An errand of which no label is known is a failure of the world. */
  errand(body: Uint8Array): Errand {
    const label = text.decode(body);
    return this.errands.get(label) ?? this.#world.fail(`S2: ${label} is nothing that was sent`);
  }

  /** A producer has begun a life: what it waited for in the one before nobody waits for any more. */
  forget(producer: string): void {
    for (const waiting of this.awaited) {
      if (waiting.startsWith(`${producer}/`)) this.awaited.delete(waiting);
    }
  }

  /** A producer hears that an errand is accepted. */
  accept({ label, options }: Errand, id: string): void {
    const known = this.accepted.get(id);
    if (known !== undefined && known !== label && options.unique !== true) {
      this.#world.fail(`S3: ${id} is ${known} and ${label}`);
    }
    if (options.unique === true && known !== undefined) this.#world.mark('joined');
    if (known === undefined) this.accepted.set(id, label);
  }

  /** The queue tells that an item has ended. */
  end(id: string, status: string): void {
    if (this.ends.has(id)) this.#world.fail(`S3: ${id} has ended twice`);
    this.ends.set(id, status);
    this.endedIn.set(id, this.lives);
  }

  /** A worker begins an item. */
  begin(job: object, id: string, attempt: number, { options, label }: Errand): void {
    const { key } = options;
    const name = attemptOf(id, attempt);
    const times = (this.#begun.get(name) ?? 0) + 1;
    this.#begun.set(name, times);
    if (this.#isHostile) return;
    if (times > this.lives) this.#world.fail(`S3: attempt ${attempt} of ${label} is begun twice`);
    for (const other of this.#running.values()) {
      if (key === undefined || other.key !== key || other.id === id) continue;
      // Whoever was given up may be at it still, or begin late; nobody else.
      if (this.current.has(name) && this.current.has(other.name)) {
        this.#world.fail(`S7: ${id} and ${other.id} at once, of ${key}`);
      }
      this.#world.mark('key at once');
    }
    this.#running.set(job, { id, key, name });
  }

  /** A worker has come to the end of an item, or to its own. */
  leave(job: object): void {
    this.#running.delete(job);
  }

  /** A producer is told how an errand has ended. */
  judge(errand: Errand, status: KnownStatus, body: Uint8Array): void {
    const { label, kind, options, isCalm, sentAt } = errand;
    const wrong = (why: string): never =>
      this.#world.fail(`${why}: ${label} (${kind}) has ended as ${status}`);
    if (status === 'done') this.#judgeResult(errand, text.decode(body));
    else if (status === 'failed') {
      const { code, message } = decodeFailure(body);
      const isLost = code === 'WORKER_LOST' || message.startsWith('the worker was lost');
      this.#world.mark(`failed:${code}`);
      if (!isLost && kind !== 'throws' && kind !== 'hangs') wrong('S2');
    } else if (status === 'discarded' && kind !== 'discards') wrong('S2');
    else if (status === 'cancelled' && !errand.isCancelled && sentAt > this.clearedAt) {
      if (options.unique !== true) wrong('S2');
    } else if (status === 'expired' && options.deadlineMs === undefined) {
      if (options.unique !== true) wrong('S2');
    }
    this.#world.mark(`told:${status}`);
    if (isCalm && status !== 'done' && !this.#isHostile) wrong('L1');
  }

  #judgeResult({ label, options }: Errand, result: string): void {
    if (result === label) return;
    const other = this.errands.get(result);
    const isTwin = options.unique === true && other?.options.key === options.key;
    if (!isTwin) this.#world.fail(`S2: ${label} is sent the result of ${result}`);
  }
}
