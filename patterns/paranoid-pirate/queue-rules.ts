/**
 * Queue rules: who gets which request, who is alive, and what becomes of the work of those who are not.
 *
 * READY opens a connection's life; HEARTBEAT says alive and nothing more, busy or idle; a reply says free
 * again. A request whose worker is lost is given to another, up to `maxAttempts` times, and what the lost one
 * says later is refused: each attempt has a tag of its own, which every worker sends back.
 *
 * Pure: the sockets are in queue.ts. Spec: rfc.zeromq.org/spec/6 (PPP).
 */
import {
  type BrokerAct,
  type BrokerPort,
  type BrokerRuleOptions,
  type BrokerRules,
  bodyStart,
  Crew,
  type Frames,
  isBrokerlessError,
  Liveness,
  type PeerMessage,
  Requests,
  replyTo,
  sameBytes,
  send,
  tell,
  type Worker,
} from 'brokerless/kit';
import { command, commandOf, HEARTBEAT, LEAVE, READY } from './messages.ts';

/**
 * Why a worker is no longer one: `'silent'` for too long, its connection has `'gone'`, it takes `'nothing'`
 * it is sent, it was `'restarted'` on the same connection, or it has `'left'` as it said it would.
 */
export type WorkerLoss = 'silent' | 'gone' | 'nothing' | 'restarted' | 'left';

/** What the rules of a queue are told at the start. */
export interface QueueRulesOptions extends BrokerRuleOptions {
  /** How often to beat, in milliseconds. */
  readonly heartbeatMs: number;
  /** How many beats a worker may miss before it is lost. */
  readonly missesAllowed: number;
  /** How often a request may be given to a worker. */
  readonly maxAttempts: number;
}

type Act = BrokerAct<WorkerLoss>;

/** The decisions of a Paranoid Pirate queue. */
export class QueueRules implements BrokerRules<WorkerLoss> {
  /** Replies sent to clients. */
  answered = 0;
  /** Answers refused: of an earlier attempt, an earlier queue, or a worker that was given up. */
  late = 0;
  /** Replies that no client was there to take, and requests of clients that had gone. */
  dropped = 0;
  /** Requests that wait for a worker. */
  readonly requests: Requests;
  /** The workers. */
  readonly crew: Crew;
  #faults = 0;
  readonly #options: QueueRulesOptions;
  readonly #alive: Liveness<string>;
  #beatAt = 0;

  constructor(options: QueueRulesOptions) {
    this.#options = options;
    this.requests = new Requests(options);
    this.crew = new Crew(options);
    this.#alive = new Liveness({ ttlMs: options.heartbeatMs * options.missesAllowed });
  }

  /** Messages that made no sense. */
  get faults(): number {
    return this.#faults + this.requests.faults;
  }

  accepts(port: BrokerPort): boolean {
    return port === 'workers' || this.requests.accepts;
  }

  get deadline(): number | undefined {
    const expires = this.requests.deadline ?? Number.POSITIVE_INFINITY;
    const next = this.crew.size === 0 ? expires : Math.min(expires, this.#watchAt());
    return next === Number.POSITIVE_INFINITY ? undefined : next;
  }

  receive(from: BrokerPort, message: unknown, now: number): readonly Act[] {
    const out: Act[] = [];
    if (from === 'clients') this.requests.take(message as PeerMessage, now, out);
    else this.#hear(message as PeerMessage, now, out);
    this.#hire(now, out);
    return out;
  }

  tick(now: number): readonly Act[] {
    const out: Act[] = [];
    this.#spareIfAsleep(now);
    for (const id of this.#silent(now)) this.#lose(this.crew.get(id), 'silent', now, out);
    this.requests.tick(now, out);
    if (this.crew.size > 0 && now >= this.#beatAt) {
      this.#beatAt = now + this.#options.heartbeatMs;
      for (const peer of this.crew.names()) out.push(send('workers', { peer, value: BEAT }));
    }
    this.#hire(now, out);
    return out;
  }

  left(port: BrokerPort, peer: string, now: number): readonly Act[] {
    if (port === 'workers') return this.gone([peer], now);
    this.dropped += this.requests.forget(peer);
    return [];
  }

  /** The connections of these workers have ended at the same time. */
  gone(workers: readonly string[], now: number): readonly Act[] {
    const out: Act[] = [];
    for (const id of workers) this.#lose(this.crew.get(id), 'gone', now, out);
    this.#hire(now, out);
    return out;
  }

  unsent(
    to: BrokerPort,
    { peer, value }: PeerMessage,
    error: unknown,
    now: number,
  ): readonly Act[] {
    if (to === 'clients') {
      this.dropped += 1;
      return [];
    }
    const out: Act[] = [];
    const worker = this.crew.get(peer);
    const { job } = worker ?? {};
    // A request that has not left was no attempt.
    if (job !== undefined && sameBytes(job.tag, value[0] as Uint8Array)) job.request.attempts -= 1;
    const reason = isBrokerlessError(error, 'UNREACHABLE') ? 'gone' : 'nothing';
    this.#lose(worker, reason, now, out);
    this.#hire(now, out);
    return out;
  }

  #watchAt(): number {
    return Math.min(this.#beatAt, this.#alive.deadline ?? Number.POSITIVE_INFINITY);
  }

  /** Who is silent for too long; and who nearly is, often of the same process: else a request tries each. */
  #silent(now: number): readonly string[] {
    const dead = this.#alive.bury(now);
    if (dead.length === 0) return dead;
    return [...dead, ...this.#alive.bury(now + this.#options.heartbeatMs / 4)];
  }

  /** Whoever has slept, be it because the process was stopped, must first read what came meanwhile. */
  #spareIfAsleep(now: number): void {
    const { heartbeatMs } = this.#options;
    const sleptMs = this.crew.size === 0 ? 0 : now - this.#watchAt();
    if (sleptMs > heartbeatMs / 2) this.#alive.spare(now + heartbeatMs);
  }

  #hear({ peer, value: frames }: PeerMessage, now: number, out: Act[]): void {
    const worker = this.crew.get(peer);
    const said = commandOf(frames);
    if (said === READY) this.#welcome(peer, worker, now, out);
    else if (worker === undefined) this.#ignore(said);
    else {
      this.#alive.heard(peer, now);
      if (said === undefined) this.#answer(worker, frames, now, out);
      else if (said === LEAVE) this.#letGo(worker, now, out);
      else if (said !== HEARTBEAT) this.#faults += 1;
    }
  }

  /**
   * A stranger's heartbeat goes unanswered, so that it gives up on us and says READY on a new connection;
   * and what it answers is not ours to count on.
   */
  #ignore(said: number | undefined): void {
    if (said === undefined) this.late += 1;
    else if (said !== HEARTBEAT && said !== LEAVE) this.#faults += 1;
  }

  #welcome(peer: string, known: Worker | undefined, now: number, out: Act[]): void {
    if (known !== undefined && known.job === undefined) {
      this.#alive.heard(peer, now); // It is free, as we knew.
      return;
    }
    this.#lose(known, 'restarted', now, out); // It has forgotten what it had in hand.
    if (this.crew.size >= this.#options.maxWorkers) {
      this.#faults += 1;
      return;
    }
    if (this.crew.size === 0) this.#beatAt = now + this.#options.heartbeatMs;
    this.crew.join(peer);
    this.#alive.heard(peer, now);
    out.push(tell({ kind: 'join', worker: peer }));
  }

  #answer(worker: Worker, frames: Frames, now: number, out: Act[]): void {
    if (bodyStart(frames) !== 2) {
      this.#faults += 1;
      return;
    }
    const job = this.crew.complete(worker, frames[0] as Uint8Array);
    if (job === undefined) {
      this.late += 1;
      return;
    }
    this.answered += 1;
    out.push(replyTo(job.request, frames.slice(2)));
    out.push(tell({ kind: 'answered', ms: now - job.request.receivedAt }));
    if (worker.isLeaving) this.#letGo(worker, now, out);
  }

  /** It finishes what it has in hand, and hears when nothing more will come. */
  #letGo(worker: Worker, now: number, out: Act[]): void {
    this.crew.withdraw(worker);
    if (worker.job !== undefined) return;
    out.push(send('workers', { peer: worker.id, value: BYE }));
    this.#lose(worker, 'left', now, out);
  }

  #lose(worker: Worker | undefined, reason: WorkerLoss, now: number, out: Act[]): void {
    if (worker === undefined) return;
    const job = this.crew.remove(worker);
    this.#alive.forget(worker.id);
    out.push(tell({ kind: 'lost', worker: worker.id, reason }));
    if (job !== undefined) this.requests.putBack(job.request, this.#options.maxAttempts, now, out);
  }

  #hire(now: number, out: Act[]): void {
    while (this.crew.idle > 0) {
      const request = this.requests.next(now, out);
      if (request === undefined) return;
      const { id, job } = this.crew.hire(request, now);
      out.push(send('workers', { peer: id, value: [job.tag, EMPTY, ...request.body] }));
    }
  }
}

const BEAT: Frames = command(HEARTBEAT);
const BYE: Frames = command(LEAVE);
const EMPTY = new Uint8Array(0);
