/**
 * Queue desk: the rules of a queue at a table, with a clock that the test turns and a store that it may play
 * itself, and what they decide in words: `join w`, `lost w silent`, `items w 1/1:a 2/1:b` (number/attempt:body),
 * `stop w 1/1`, `beat w`, `bye w`, `store put 1`, `resent 1 as 2`.
 *
 * Whatever is decided, the books must be right: what was accepted has ended or is here, that it has is told once,
 * and nobody is given more than it takes.
 */
import { encodeFailure, type Frames, ListWriter } from 'brokerless/kit';
import { expect } from 'vitest';
import type { QueueAct, QueuePort, QueueTold } from '../../../patterns/work-queue/acts-rules.ts';
import type { FanOutRules } from '../../../patterns/work-queue/fan-out-rules.ts';
import type { HubRules, HubRulesOptions } from '../../../patterns/work-queue/hub-rules.ts';
import type { StoreRecord } from '../../../patterns/work-queue/item-rules.ts';
import { numbers, read, VERSION, word } from '../../../patterns/work-queue/messages.ts';
import { queueRuleOptions } from '../../../patterns/work-queue/queue-options.ts';

/** How often a desk's queue beats, and for how long a worker may be silent. */
export const [BEAT_MS, TTL_MS] = [100, 300] as const;

/** How long the first retry waits at a desk, whose random numbers are all one half. */
export const RETRY_MS = 50;

/** What the rules of a desk's queue are told at the start. */
export const deskOptions: HubRulesOptions & { readonly maxUnread: number } = {
  ...queueRuleOptions({ retryMs: 2 * RETRY_MS, retryMaxMs: 1000 }, 'life'),
  isForgetful: false,
  maxItems: 1000,
  maxBytes: 1 << 20,
  uniqueMs: 1000,
  maxUnique: 10,
  maxAttempts: 3,
  maxDeadLetters: 10,
  wallOffsetMs: 1_000_000,
  random: () => 0.5,
  heartbeatMs: BEAT_MS,
  missesAllowed: TTL_MS / BEAT_MS,
  maxWorkers: 10,
  keepResultsMs: 1000,
  maxResults: 10,
  maxResultBytes: 1 << 20,
  maxProducers: 10,
  sessionMs: 1000,
  overflow: 'wait',
  maxUnread: 100,
};

/** The bytes of a text. */
export const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));

/** The text of bytes. */
export const textOf = (bytes: unknown): string => Buffer.from(bytes as Uint8Array).toString();

/** The rules of a queue, and time. */
export abstract class QueueDesk {
  /** What time it is. */
  now = 1000;
  /** The rules. */
  abstract readonly rules: HubRules | FanOutRules;
  /** Whether the store keeps what it is given at once; otherwise the test says when. */
  isPrompt = true;
  /** What the store has kept. */
  readonly kept: StoreRecord[] = [];
  /** What was decided last, with what came of a prompt store, as the rules put it. */
  last: QueueAct[] = [];
  /** Which attempt at each item was given out last. */
  readonly given = new Map<number, number>();
  readonly #ended = new Set<number>(); // Items that have ended, as it was told.
  #isStoring = false;
  #batch: readonly StoreRecord[] = []; // What the store has been given and has not answered.

  /** Workers say that they are here, each with as much credit. */
  ready(credit: number, ...workers: readonly string[]): string[] {
    return workers.flatMap((each) => this.say('workers', each, numbers('ready', VERSION, credit)));
  }

  /** A worker takes another number of items. */
  credit(worker: string, credit: number): string[] {
    return this.say('workers', worker, numbers('credit', credit));
  }

  /** A worker has done items, as it was given them last. */
  done(worker: string, ...items: readonly number[]): string[] {
    const list = new ListWriter('done');
    for (const n of items)
      list
        .uint(n)
        .uint(this.given.get(n) ?? 1)
        .binary(bytesOf(`did ${n}`));
    return this.say('workers', worker, [list.done()]);
  }

  /** A worker answers for an attempt at an item. */
  answer(
    said: 'done' | 'failed' | 'discard',
    worker: string,
    n: number,
    attempt = this.given.get(n) ?? 1,
  ): string[] {
    const body = encodeFailure({ code: 'HANDLER_FAILED', message: `cannot do ${n}` });
    const list = new ListWriter(said).uint(n).uint(attempt).binary(body);
    return this.say('workers', worker, [list.done()]);
  }

  /** A worker gives items back that it has not begun. */
  back(worker: string, ...items: readonly number[]): string[] {
    const pairs = items.flatMap((n) => [n, this.given.get(n) ?? 1]);
    return this.say('workers', worker, numbers('back', ...pairs));
  }

  /** A worker takes nothing more. */
  leave(worker: string): string[] {
    return this.say('workers', worker, word('leave'));
  }

  /** Anybody says anything. */
  say(port: QueuePort, peer: string, value: Frames): string[] {
    return this.did(this.rules.receive(port, { peer, value }, this.now));
  }

  /** The connections of workers end at the same time. */
  gone(...workers: readonly string[]): string[] {
    return this.did(this.rules.gone(workers, this.now));
  }

  /** What was sent last to this peer has not left, for the reason `error`. */
  unsent(port: 'workers' | 'producers', peer: string, error: unknown): string[] {
    return this.last.flatMap((act) => {
      if (act.kind !== 'send' || act.to !== port) return [];
      if ((act.message as { peer: string }).peer !== peer) return [];
      return this.did(this.rules.unsent(port, act.message, error, this.now));
    });
  }

  /** The store has kept what it was given. */
  stored(): string[] {
    this.kept.push(...this.#batch);
    this.#batch = [];
    return this.did(this.rules.receive('store', { kind: 'stored' }, this.now));
  }

  /** The store has failed, and has kept the first so many records all the same. */
  failed(kept = 0): string[] {
    this.kept.push(...this.#batch.slice(0, kept));
    this.#batch = [];
    const error = new Error('the disk is full');
    return this.did(this.rules.receive('store', { kind: 'failed', error }, this.now));
  }

  /** Time passes, the queue is punctual, and all workers give signs of life. Beats are left out. */
  pass(ms: number): string[] {
    const seen = this.#pass(ms, () =>
      [...this.rules.workers.hands.peers()].flatMap((peer) =>
        this.say('workers', peer, word('beat')),
      ),
    );
    return seen.filter((each) => !each.startsWith('beat'));
  }

  /** Time passes, the queue is punctual, and nobody says anything. */
  silence(ms: number): string[] {
    return this.#pass(ms, () => []);
  }

  /** The queue's process stands still, and looks at the clock only afterwards. */
  sleep(ms: number): string[] {
    this.now += ms;
    return this.tick();
  }

  /** The queue looks at the clock. */
  tick(): string[] {
    const seen = this.did(this.rules.tick(this.now));
    expect(this.rules.deadline ?? Infinity, 'when it is due next').toBeGreaterThan(this.now);
    return seen;
  }

  /** Says in words what the rules have decided, with the end of the turn. */
  protected did(decided: readonly QueueAct[]): string[] {
    const acts = [...decided, ...this.rules.flush(this.now)];
    this.last = this.#isStoring ? [...this.last, ...acts] : acts;
    const words = acts.flatMap((act) => {
      if (act.kind === 'tell') {
        this.#checkEnded(act.what);
        return this.told(act.what);
      }
      if (act.kind === 'reopen') return ['reopen'];
      if (act.to === 'store') return this.#store(act.message as readonly StoreRecord[]);
      const { peer, value } = act.message as { peer: string; value: Frames };
      return act.to === 'workers' ? this.#toWorker(peer, value) : this.toProducer(peer, value);
    });
    this.#checkBooks();
    return words;
  }

  /** What is told, in words. */
  protected told(what: QueueTold): string[] {
    if (what.kind === 'join') return [`join ${what.worker}`];
    if (what.kind === 'lost') return [`lost ${what.worker} ${what.reason}`];
    if (what.kind === 'resent') return [`resent ${what.letter} as ${what.as}`];
    if (what.kind === 'not resent') return [`not resent ${what.letter}`];
    return what.kind === 'finished' ? ['finished'] : [];
  }

  /** What a producer is sent, in words. */
  protected abstract toProducer(peer: string, value: Frames): string[];

  #store(records: readonly StoreRecord[]): string[] {
    expect(this.#batch, 'one batch at a time').toEqual([]);
    this.#batch = records;
    if (this.isPrompt) return this.#storeAtOnce();
    const words = records.map((each) => ('n' in each ? `${each.kind} ${each.n}` : each.kind));
    return [`store ${words.join(',')}`];
  }

  #storeAtOnce(): string[] {
    const wasStoring = this.#isStoring;
    this.#isStoring = true;
    const words = this.stored();
    this.#isStoring = wasStoring;
    return words;
  }

  #toWorker(peer: string, value: Frames): string[] {
    const [said, ...rest] = read(value)?.list ?? [];
    if (said === 'welcome') return [];
    const step = said === 'items' ? 3 : 2;
    const pieces: string[] = [];
    for (let at = 0; at + step <= rest.length; at += step) {
      const [n, attempt] = [Number(rest[at]), Number(rest[at + 1])];
      if (said === 'items') this.given.set(n, attempt);
      pieces.push(`${n}/${attempt}${said === 'items' ? `:${textOf(rest[at + 2])}` : ''}`);
    }
    if (said === 'items') this.#checkCredit(peer);
    return [[said, peer, ...pieces].join(' ')];
  }

  #checkCredit(peer: string): void {
    const hand = this.rules.workers.hands.get(peer);
    if (hand !== undefined) expect(hand.items.size).toBeLessThanOrEqual(hand.credit);
  }

  #checkEnded(what: QueueTold): void {
    if (what.kind !== 'ended') return;
    for (const { n } of what.items) expect(this.#ended, 'told before').not.toContain(n);
    for (const { n } of what.items) this.#ended.add(n);
  }

  #checkBooks(): void {
    const { accepted, ends, stock } = this.rules.queue;
    const here = stock.all().filter(({ stage }) => stage !== 'storing').length;
    const ended = Object.values(ends).reduce((sum, each) => sum + each, 0);
    expect(ended + here, 'ended, and here').toBe(accepted);
  }

  #pass(ms: number, live: () => string[]): string[] {
    const end = this.now + ms;
    const seen: string[] = [];
    while (this.now < end) {
      this.now = Math.min(end, Math.max(this.now, this.rules.deadline ?? end));
      seen.push(...this.tick(), ...live());
    }
    return seen;
  }
}
