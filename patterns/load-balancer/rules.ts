/**
 * Rules: which worker gets which request, and what becomes of the work of those who do not answer.
 *
 * READY or an answer, whatever it answers, means that a worker is free: a REQ that has spoken waits for what
 * comes next. A request that may have been worked on is never given to another worker; if its worker is
 * lost its client is told so. One that has not left is.
 *
 * Pure: the sockets are in broker.ts. The Guide, chapter 3, "A Load Balancing Message Broker".
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
  type Job,
  type PeerMessage,
  Requests,
  replyTo,
  sameBytes,
  send,
  tell,
  type Worker,
} from 'brokerless/kit';
import { isLeave, isReady, LEAVE } from './messages.ts';

/**
 * Why a worker is no longer one: its connection has `'gone'`, it takes `'nothing'` it is sent, it was
 * `'silent'` until its request's time was over, it was `'restarted'` on the same connection, it said what
 * makes no sense and is `'confused'`, or it has `'left'` as it said it would.
 */
export type WorkerLoss = 'gone' | 'nothing' | 'silent' | 'restarted' | 'confused' | 'left';

type Act = BrokerAct<WorkerLoss>;

// Those whose time is over are looked for among all workers, so not for each a millisecond after another.
const LOOK_EVERY_MS = 50;

// ZeroMQ's own names of connections are no longer than this, and an address consists of them.
const MAX_NAME_BYTES = 255;

// A request is given out once: who is lost with it may have worked on it.
const ONCE = 1;

/** The decisions of a load balancer. */
export class BalancerRules implements BrokerRules<WorkerLoss> {
  /** Replies sent to clients. */
  answered = 0;
  /** Answers refused: of an earlier broker, or of a worker that had been given up. */
  late = 0;
  /** Replies that no client was there to take, and requests of clients that had gone. */
  dropped = 0;
  /** Requests that wait for a worker. */
  readonly requests: Requests;
  /** The workers. */
  readonly crew: Crew;
  readonly #maxWorkers: number;
  #faults = 0;
  #overdueAt = Number.POSITIVE_INFINITY; // No request in hand is overdue before.
  #lookedAt = Number.NEGATIVE_INFINITY;

  constructor(options: BrokerRuleOptions) {
    this.requests = new Requests(options);
    this.crew = new Crew(options);
    this.#maxWorkers = options.maxWorkers;
  }

  /** Messages that made no sense. */
  get faults(): number {
    return this.#faults + this.requests.faults;
  }

  accepts(port: BrokerPort): boolean {
    return port === 'workers' || this.requests.accepts;
  }

  get deadline(): number | undefined {
    const next = Math.min(this.requests.deadline ?? Number.POSITIVE_INFINITY, this.#lookAt);
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
    this.requests.tick(now, out);
    this.#loseOverdue(now, out);
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

  unsent(to: BrokerPort, message: PeerMessage, error: unknown, now: number): readonly Act[] {
    if (to === 'clients') {
      this.dropped += 1;
      return [];
    }
    const worker = this.crew.get(message.peer);
    const job = worker === undefined ? undefined : jobIn(message, worker);
    if (worker === undefined || job === undefined) return [];
    const out: Act[] = [];
    job.request.attempts -= 1; // What has not left was no attempt, and another worker may have it.
    if (isBrokerlessError(error, 'UNREACHABLE')) this.#lose(worker, 'gone', now, out);
    else if (isBrokerlessError(error, 'PEER_FULL')) this.#lose(worker, 'nothing', now, out);
    else {
      this.crew.takeJob(worker); // It would not travel to another either.
      this.requests.putBack(job.request, 0, now, out);
    }
    this.#hire(now, out);
    return out;
  }

  get #lookAt(): number {
    return Math.max(this.#overdueAt, this.#lookedAt + LOOK_EVERY_MS);
  }

  #hear({ peer, value: frames }: PeerMessage, now: number, out: Act[]): void {
    if (frames.length === 1 && frames[0]?.length === 0) return; // ZMQ_PROBE_ROUTER.
    const start = bodyStart(frames) ?? 0;
    const address = frames.slice(0, start);
    const payload = frames.slice(start);
    const isSane = start > 0 && address.every(({ length }) => length <= MAX_NAME_BYTES);
    if (isSane && isReady(payload)) this.#welcome(peer, address, now, out);
    else if (isSane && isLeave(payload)) this.#letGo(peer, address, now, out);
    else if (isSane && bodyStart(payload) === 2) this.#answer(peer, address, payload, now, out);
    else this.#wonder(this.crew.get(peer), now, out);
  }

  /** Nonsense. Whoever talks it while it has a request in hand will hardly answer that. */
  #wonder(worker: Worker | undefined, now: number, out: Act[]): void {
    this.#faults += 1;
    this.#lose(worker, 'confused', now, out);
  }

  #welcome(peer: string, address: Frames, now: number, out: Act[]): void {
    const known = this.crew.get(peer);
    // If it had a request it has forgotten it; otherwise we knew that it is free.
    if (known?.job !== undefined) this.#lose(known, 'restarted', now, out);
    this.#admit(peer, address, out);
  }

  #admit(peer: string, address: Frames, out: Act[]): void {
    const known = this.crew.get(peer);
    if (known === undefined && this.crew.size >= this.#maxWorkers) {
      this.#faults += 1;
      return;
    }
    const worker = known ?? this.crew.join(peer);
    worker.address = address;
    if (known === undefined) out.push(tell({ kind: 'join', worker: peer }));
  }

  #answer(peer: string, address: Frames, payload: Frames, now: number, out: Act[]): void {
    const worker = this.crew.get(peer);
    const job = worker && this.crew.complete(worker, payload[0] as Uint8Array);
    if (job === undefined) {
      this.late += 1;
      this.#giveUp(worker && this.crew.takeJob(worker), now, out);
    } else {
      this.answered += 1;
      out.push(replyTo(job.request, payload.slice(2)));
      out.push(tell({ kind: 'answered', ms: now - job.request.receivedAt }));
    }
    if (worker?.isLeaving === true) this.#letGo(peer, address, now, out);
    else this.#admit(peer, address, out);
  }

  /** It finishes what it has in hand, and hears when nothing more will come. */
  #letGo(peer: string, address: Frames, now: number, out: Act[]): void {
    const worker = this.crew.get(peer);
    if (worker !== undefined) this.crew.withdraw(worker);
    if (worker?.job !== undefined) return;
    out.push(send('workers', { peer, value: [...address, LEAVE] }));
    this.#lose(worker, 'left', now, out);
  }

  #lose(worker: Worker | undefined, reason: WorkerLoss, now: number, out: Act[]): void {
    if (worker === undefined) return;
    const job = this.crew.remove(worker);
    out.push(tell({ kind: 'lost', worker: worker.id, reason }));
    this.#giveUp(job, now, out);
  }

  #giveUp(job: Job | undefined, now: number, out: Act[]): void {
    if (job !== undefined) this.requests.putBack(job.request, ONCE, now, out);
  }

  /** Forgets those who have not answered in time. If they do later, they are taken on anew. */
  #loseOverdue(now: number, out: Act[]): void {
    if (now < this.#lookAt) return;
    this.#lookedAt = now;
    this.#overdueAt = Number.POSITIVE_INFINITY;
    for (const id of this.crew.names()) {
      const worker = this.crew.get(id);
      const expiresAt = worker?.job?.request.expiresAt ?? Number.POSITIVE_INFINITY;
      if (expiresAt <= now) this.#lose(worker, 'silent', now, out);
      else this.#overdueAt = Math.min(this.#overdueAt, expiresAt);
    }
  }

  #hire(now: number, out: Act[]): void {
    while (this.crew.idle > 0) {
      const request = this.requests.next(now, out);
      if (request === undefined) return;
      const { id, address, job } = this.crew.hire(request, now);
      this.#overdueAt = Math.min(this.#overdueAt, request.expiresAt);
      out.push(send('workers', { peer: id, value: [...address, job.tag, EMPTY, ...request.body] }));
    }
  }
}

const EMPTY = new Uint8Array(0);

/** What the worker has in hand, if it is what `message` would have given to it. */
function jobIn({ value }: PeerMessage, { address, job }: Worker): Job | undefined {
  const tag = value[address.length];
  return job !== undefined && tag !== undefined && sameBytes(job.tag, tag) ? job : undefined;
}
