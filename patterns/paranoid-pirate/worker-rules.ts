/**
 * Worker rules: one lane of a worker, which has one request in hand at a time.
 *
 *          ┌── silent too long, or its connection ended: new socket ──┐
 *          ▼                                                          │
 *        down ──────── after a growing, random wait: READY ────────▶ up ──── leave ───▶ leaving ──▶ over
 *
 * A worker that lost its queue opens a new socket, so an old name never comes back, and what it still had in
 * hand is forgotten: the queue gives it to another. It does so before the wait and not after it: READY may
 * still be waiting in the old socket, and would get it a request while it is not listening.
 *
 * Pure: the sockets are in worker.ts. Spec: rfc.zeromq.org/spec/6 (PPP).
 */
import {
  backoffMs,
  bodyStart,
  Fifo,
  type Frames,
  type LaneAct,
  type LaneJob,
  type LaneOptions,
  reopen,
  send,
  tell,
  type WorkerRules,
} from 'brokerless/kit';
import { command, commandOf, HEARTBEAT, LEAVE, READY } from './messages.ts';

/** What the rules of a lane are told at the start. */
export interface PirateLaneOptions extends LaneOptions {
  /** How often to beat, in milliseconds. */
  readonly heartbeatMs: number;
  /** How many beats the queue may miss before it is lost. */
  readonly missesAllowed: number;
  /** Whether to beat while a request is in hand. */
  readonly heartbeatWhileBusy: boolean;
}

// A queue gives a lane one request at a time; some take any sign of life for readiness and give more.
const MAX_IN_LINE = 16;

/** The decisions of one lane of a worker. */
export class LaneRules implements WorkerRules {
  /** Requests received. */
  received = 0;
  /** Replies sent. */
  sent = 0;
  /** Answers thrown away, because the queue that asked had been lost meanwhile. */
  dropped = 0;
  /** Messages that made no sense. */
  faults = 0;
  /** How often a new connection was made because the queue did not answer. */
  reconnects = 0;
  readonly #options: PirateLaneOptions;
  readonly #line = new Fifo<LaneJob>();
  #stage: 'down' | 'up' | 'leaving' | 'over' = 'down';
  #job: LaneJob | undefined;
  #tries = 0; // Connections since something was last heard.
  #isAskedAfterLeave = false;
  #wakeAt = 0; // While down: when to try again.
  #beatAt = 0;
  #queueDiesAt = 0;

  constructor(options: PirateLaneOptions) {
    this.#options = options;
  }

  /** Whether there is a request in hand. */
  get isBusy(): boolean {
    return this.#job !== undefined;
  }

  /** Whether the queue has been heard of on this connection. */
  get isConnected(): boolean {
    return this.#tries === 0 && this.#stage !== 'down' && this.#stage !== 'over';
  }

  /** A lane that is over has heard from the queue that all has come, or there is nobody. */
  get isMet(): boolean {
    return this.isConnected;
  }

  accepts(): boolean {
    return this.#stage !== 'over';
  }

  get deadline(): number | undefined {
    if (this.#stage === 'over') return undefined;
    if (this.#stage === 'down') return this.#wakeAt;
    return this.#beats ? Math.min(this.#beatAt, this.#queueDiesAt) : this.#queueDiesAt;
  }

  receive(_from: 'broker', message: unknown, now: number): readonly LaneAct[] {
    const frames = message as Frames;
    if (this.#stage === 'down' || this.#stage === 'over') return [];
    this.#tries = 0;
    this.#queueDiesAt = now + this.#ttlMs;
    const said = commandOf(frames);
    if (said === LEAVE && this.#stage === 'leaving' && this.#job === undefined) return this.#end();
    if (said !== undefined) {
      if (said !== HEARTBEAT) this.faults += 1;
      return [];
    }
    const start = bodyStart(frames);
    if (start === undefined || this.#line.length >= MAX_IN_LINE || this.#isAskedAfterLeave) {
      this.faults += 1;
      return [];
    }
    // One may have been on its way. A queue that sends another does not know LEAVE, and while it is answered
    // it would never stop.
    this.#isAskedAfterLeave = this.#stage === 'leaving';
    this.received += 1;
    this.#line.push({ envelope: frames.slice(0, start), body: frames.slice(start) });
    return this.#begin();
  }

  tick(now: number): readonly LaneAct[] {
    if (this.#stage === 'over') return [];
    if (this.#stage === 'down') return now < this.#wakeAt ? [] : this.#connect(now);
    this.#spareIfAsleep(now);
    if (now >= this.#queueDiesAt) return this.#lose(now);
    if (!this.#beats || now < this.#beatAt) return [];
    this.#beatAt = now + this.#options.heartbeatMs;
    return [send('broker', BEAT)];
  }

  left(_port: 'broker', _peer: string, now: number): readonly LaneAct[] {
    return this.#stage === 'up' || this.#stage === 'leaving' ? this.#lose(now) : [];
  }

  /** A reply that does not leave would leave the queue waiting for ever: it shall look elsewhere. */
  unsent(_to: 'broker', frames: Frames, _error: unknown, now: number): readonly LaneAct[] {
    if (frames.length === 1 || this.#stage === 'down' || this.#stage === 'over') return [];
    this.dropped += 1;
    return this.#lose(now);
  }

  /** The job is done; `body` is the reply to it. What nobody waits for any more is thrown away. */
  answer(job: LaneJob, body: Frames, now: number): readonly LaneAct[] {
    if (job !== this.#job) {
      this.dropped += 1;
      return [];
    }
    this.#job = undefined;
    this.sent += 1;
    this.#beatAt = now + this.#options.heartbeatMs; // A reply says as much as a beat.
    const reply = send('broker' as const, [...job.envelope, ...body]);
    if (this.#stage === 'leaving' && this.#line.length === 0) this.#queueDiesAt = now + this.#ttlMs;
    return [reply, ...this.#begin()];
  }

  /** Takes no more than what is in hand or on its way, and ends. */
  leave(now: number): readonly LaneAct[] {
    if (this.#stage === 'leaving' || this.#stage === 'over') return [];
    if (this.#stage === 'down') return this.#end();
    this.#stage = 'leaving';
    this.#queueDiesAt = Math.max(this.#queueDiesAt, now + this.#ttlMs);
    return [send('broker', BYE)];
  }

  get #ttlMs(): number {
    return this.#options.heartbeatMs * this.#options.missesAllowed;
  }

  /** A lane that leaves is silent when it has nothing in hand, so that any queue forgets it. */
  get #beats(): boolean {
    if (this.#job !== undefined) return this.#options.heartbeatWhileBusy;
    return this.#stage === 'up';
  }

  #connect(now: number): readonly LaneAct[] {
    this.#stage = 'up';
    this.#tries += 1;
    this.#beatAt = now + this.#options.heartbeatMs;
    this.#queueDiesAt = now + this.#ttlMs;
    return [send('broker', HERE)];
  }

  /** Whoever has slept must first read what came meanwhile. */
  #spareIfAsleep(now: number): void {
    const { heartbeatMs } = this.#options;
    const sleptMs = now - (this.deadline ?? now);
    if (sleptMs > heartbeatMs / 2)
      this.#queueDiesAt = Math.max(this.#queueDiesAt, now + heartbeatMs);
  }

  #lose(now: number): readonly LaneAct[] {
    if (this.#stage === 'leaving') return this.#end();
    this.reconnects += 1;
    this.#stage = 'down';
    this.#wakeAt =
      now + backoffMs(Math.max(1, this.#tries), this.#options.reconnect, this.#options.random());
    return [...this.#forget(), reopen('broker')];
  }

  #end(): readonly LaneAct[] {
    this.#stage = 'over';
    return [...this.#forget(), tell({ kind: 'over' })];
  }

  #forget(): readonly LaneAct[] {
    const had = this.#job !== undefined;
    this.#job = undefined;
    while (this.#line.length > 0) this.#line.shift();
    return had ? [tell({ kind: 'lost' })] : [];
  }

  #begin(): readonly LaneAct[] {
    if (this.#job !== undefined) return [];
    this.#job = this.#line.shift();
    return this.#job === undefined ? [] : [tell({ kind: 'job', job: this.#job })];
  }
}

const HERE: Frames = command(READY);
const BEAT: Frames = command(HEARTBEAT);
const BYE: Frames = command(LEAVE);
