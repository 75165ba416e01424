/**
 * Producers rules: what producers say, what of it is taken on, and what they are told.
 *
 * An item is accepted when the store has it, and its producer is told so; until then it sends it again on each
 * new connection, and the number it gave it keeps it from being taken on twice.
 *
 * Pure: the sockets are in hub.ts.
 */
import { messageOf, ownCopy, type PeerMessage, send } from 'brokerless/kit';
import type { QueueAct } from './acts-rules.ts';
import { Endings } from './endings-rules.ts';
import {
  type Ending,
  type Item,
  type Order,
  type Owner,
  orderOf,
  type Source,
} from './item-rules.ts';
import { numbers, read, type Said, VERSION, type Wishes, welcome, word } from './messages.ts';
import type { Queue } from './queue-rules.ts';
import type { Recovered } from './recovery-rules.ts';
import type { ResultsOptions } from './results-rules.ts';
import { type Session, Sessions, type SessionsOptions } from './sessions-rules.ts';

/** What these rules are told at the start. */
export interface ProducersOptions extends ResultsOptions, SessionsOptions {
  /** The name of the queue. */
  readonly epoch: string;
  /** How often to beat, in milliseconds. */
  readonly heartbeatMs: number;
  /** How often an item may be given to a worker, unless it says so itself. */
  readonly maxAttempts: number;
  /** What becomes of items when there is no room: they wait in ZeroMQ, or are refused. */
  readonly overflow: 'wait' | 'reject';
}

/** The producers of a queue. */
export class Producers implements Owner {
  /** Items refused, because there was no room or the store did not take them. */
  refused = 0;
  /** What was said to producers that were not there to hear it. */
  dropped = 0;
  /** Messages that made no sense. */
  faults = 0;
  /** Messages of those who are not known here, or not any more. */
  late = 0;
  /** Those that are known. */
  readonly sessions: Sessions;
  /** How items have ended, and who waits for that. */
  readonly endings: Endings;
  readonly #options: ProducersOptions;
  readonly #plain: Order;
  readonly #twins = new Map<number, Source[]>(); // Of items that are not stored yet: who sent the same.
  #beatAt = 0;

  constructor(options: ProducersOptions) {
    this.#options = options;
    this.#plain = orderOf({}, options.maxAttempts, 0);
    this.sessions = new Sessions(options);
    this.endings = new Endings(options, this.sessions);
  }

  /** When {@link tick} is next due; Infinity if never. */
  get deadline(): number {
    return this.sessions.size > 0 ? this.#beatAt : Number.POSITIVE_INFINITY;
  }

  /** Goes on with what a store had kept: whose the items are. */
  adopt({ items, ended }: Recovered, now: number): void {
    const ours = items.flatMap(({ n, from }) => (from === undefined ? [] : [{ ...from, n }]));
    const all = [...ended, ...ours];
    all.sort((a, b) => a.n - b.n);
    for (const { session, seq, n } of all) {
      this.sessions.remember(session, now)?.items.set(seq, n);
    }
  }

  /** A message of a producer. */
  hear({ peer, value }: PeerMessage, queue: Queue, now: number, out: QueueAct[]): void {
    const said = read(value);
    const session = this.sessions.at(peer);
    if (said?.word === 'hello') this.#welcome(peer, said.list, now, out);
    else if (said === undefined) this.faults += 1;
    else if (session === undefined) this.late += 1;
    else this.#listen(session, said, queue, now);
  }

  /** Beats, and forgets what is long past. */
  tick(now: number, out: QueueAct[]): void {
    if (now < this.#beatAt) return;
    this.#beatAt = now + this.#options.heartbeatMs;
    this.sessions.tick(now);
    this.endings.results.forget(now);
    for (const peer of this.sessions.peers()) out.push(send('producers', { peer, value: BEAT }));
  }

  /** A message has not left. What its producer has not been told it will ask, when it comes back. */
  unsent({ peer }: PeerMessage, now: number): void {
    this.dropped += 1;
    this.sessions.leave(peer, now);
  }

  sourceOf(item: Item): Source | undefined {
    return item.owner as Source | undefined;
  }

  accepted(item: Item): void {
    const { n, owner } = item;
    if (owner !== undefined) this.#acceptedFor(owner as Source, n);
    for (const twin of this.#twinsOf(n)) this.#acceptedFor(twin, n);
  }

  notAccepted(item: Item, error: unknown): void {
    this.endings.forget(item.n);
    const own = item.owner === undefined ? [] : [item.owner as Source];
    for (const source of [...own, ...this.#twinsOf(item.n)]) {
      this.#refuse(source, 'STORE_FAILED', messageOf(error));
    }
  }

  ended(item: Item, ending: Ending, now: number): void {
    this.endings.ended(item, ending, now);
  }

  #welcome(peer: string, list: readonly unknown[], now: number, out: QueueAct[]): void {
    const { epoch, heartbeatMs } = this.#options;
    const [, version, name] = list;
    if (version !== VERSION) {
      this.faults += 1;
      out.push(send('producers', { peer, value: numbers('version', VERSION) }));
    } else if (this.sessions.arrive(String(name), peer, now) === undefined) this.faults += 1;
    else out.push(send('producers', { peer, value: welcome(epoch, heartbeatMs) }));
  }

  #listen(session: Session, { word: said, list }: Said, queue: Queue, now: number): void {
    const each = list.slice(1);
    if (said === 'put') this.#take(session, list, queue, now);
    else if (said === 'ask') for (const n of each) this.#ask(session, Number(n), queue, now);
    else if (said === 'cancel') {
      for (const n of each) queue.cancelAll(Number(n));
    } else if (said === 'bye') this.sessions.forget(session);
    else this.faults += 1;
  }

  #take(session: Session, list: readonly unknown[], queue: Queue, now: number): void {
    this.sessions.settle(session, Number(list[1]));
    for (let at = 2; at < list.length; at += 3) {
      const seq = Number(list[at]);
      const body = list[at + 1] as Uint8Array;
      const wishes = list[at + 2] as Wishes | null;
      const n = session.items.get(seq);
      if (n !== undefined) this.#confirm(session, seq, n);
      else if (seq >= session.known) this.#put(session, seq, body, wishes, queue, now);
      // What was told of its end may have been lost with the connection.
      if (n && wishes?.outcome === true && !queue.stock.get(n)) this.#ask(session, n, queue, now);
    }
  }

  #put(
    session: Session,
    seq: number,
    body: Uint8Array,
    wishes: Wishes | null,
    queue: Queue,
    now: number,
  ): void {
    const source = { session: session.name, seq, outcome: wishes?.outcome === true };
    const order = wishes === null ? this.#plain : orderOf(wishes, this.#options.maxAttempts, now);
    const same = queue.stock.same(order, now);
    if (same !== undefined) this.#join(session, source, same, now);
    else if (queue.stock.isFull && this.#options.overflow === 'reject') {
      this.#refuse(source, 'QUEUE_FULL', 'the queue holds as many items as it may');
    } else {
      session.items.set(seq, UNSTORED);
      queue.put(ownCopy(body), order, source, now);
    }
  }

  /** It is the same as another, and has ended when that has. */
  #join(session: Session, source: Source, same: Item, now: number): void {
    if (same.stage !== 'storing') this.#confirm(session, source.seq, same.n);
    else {
      session.items.set(source.seq, UNSTORED);
      this.#twins.set(same.n, [...(this.#twins.get(same.n) ?? []), source]);
    }
    if (source.outcome === true) this.endings.ask(session, same.n, same, now);
  }

  #confirm(session: Session, seq: number, n: number): void {
    session.items.set(seq, n);
    if (n !== UNSTORED) this.sessions.tell(session, 'accepted')?.uint(seq).uint(n);
  }

  #acceptedFor({ session, seq }: Source, n: number): void {
    const known = this.sessions.get(session);
    if (known !== undefined) this.#confirm(known, seq, n);
  }

  /** Others that have sent the same item before it was stored. */
  #twinsOf(n: number): readonly Source[] {
    const twins = this.#twins.get(n);
    if (twins === undefined) return NOBODY;
    this.#twins.delete(n);
    return twins;
  }

  #ask(session: Session, n: number, queue: Queue, now: number): void {
    this.endings.ask(session, n, queue.stock.get(n), now);
  }

  #refuse({ session, seq }: Source, code: string, reason: string): void {
    this.refused += 1;
    const known = this.sessions.get(session);
    known?.items.delete(seq);
    this.sessions.tell(known, 'refused')?.uint(seq).text(code).text(reason);
  }
}

const UNSTORED = 0;
const NOBODY: readonly never[] = [];
const BEAT = word('beat');
