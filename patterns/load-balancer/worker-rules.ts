/**
 * Worker rules: one lane of a worker, which has one request in hand at a time.
 *
 *          ┌──────── its connection ended: new socket ───────┐
 *          ▼                                                 │
 *        down ──── after a growing, random wait: READY ────▶ up ──── leave ───▶ leaving ──▶ over
 *
 * A lane whose connection ended opens a new socket and says READY there, so that a broker that was restarted
 * learns of it. It does so before the wait and not after it: READY may still be waiting in the old socket, and
 * would get it a request while it is not listening. What it had in hand it finishes first, for nobody: the
 * broker has told the client.
 *
 * Pure: the sockets are in worker.ts.
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
import { isLeave, LEAVE, READY } from './messages.ts';

// A broker that does not know LEAVE takes it for readiness, and gives a lane more than one request.
const MAX_IN_LINE = 16;

// For how long a lane that leaves waits for the broker's word that nothing more will come.
const LEAVE_MS = 1000;

/** The decisions of one lane of a worker. */
export class LaneRules implements WorkerRules {
  /** Requests received. */
  received = 0;
  /** Replies sent. */
  sent = 0;
  /** Answers thrown away, because the connection that the request came by has ended. */
  dropped = 0;
  /** Messages that made no sense. */
  faults = 0;
  /** How often a new connection was made because one had ended. */
  reconnects = 0;
  /** Whether the broker has been met on this connection, be the lane over. */
  isMet = false;
  readonly #options: LaneOptions;
  readonly #line = new Fifo<LaneJob>();
  #stage: 'down' | 'up' | 'leaving' | 'over' = 'down';
  #job: LaneJob | undefined;
  #isMoot = false; // Whether nobody waits for the job in hand any more.
  #tries = 0; // Connections that ended since a broker was last met.
  #wakeAt = 0; // While down: when to try again. While leaving: when to wait no longer.

  constructor(options: LaneOptions) {
    this.#options = options;
  }

  /** Whether there is a request in hand. */
  get isBusy(): boolean {
    return this.#job !== undefined;
  }

  /** Whether the broker has been met on this connection. */
  get isConnected(): boolean {
    return this.isMet && this.#stage !== 'over';
  }

  accepts(): boolean {
    return this.#stage !== 'over';
  }

  get deadline(): number | undefined {
    const isWaiting = this.#stage === 'down' || this.#stage === 'leaving';
    return isWaiting && this.#job === undefined ? this.#wakeAt : undefined;
  }

  receive(_from: 'broker', message: unknown, now: number): readonly LaneAct[] {
    const frames = message as Frames;
    if (this.#stage === 'down' || this.#stage === 'over') return [];
    this.met();
    const payload = frames.slice(1);
    const start = bodyStart(payload);
    if (frames[0]?.length === 0 && start !== undefined && this.#line.length < MAX_IN_LINE) {
      this.received += 1;
      this.#line.push({ envelope: frames.slice(0, start + 1), body: payload.slice(start) });
      return this.#begin();
    }
    const isBye = frames[0]?.length === 0 && isLeave(payload) && this.#stage === 'leaving';
    if (!isBye) this.faults += 1;
    else this.#wakeAt = now; // Once what is in hand is done.
    return isBye && this.#job === undefined ? this.#end() : [];
  }

  tick(now: number): readonly LaneAct[] {
    const { deadline } = this;
    if (deadline === undefined || now < deadline) return [];
    return this.#stage === 'leaving' ? this.#end() : this.#connect();
  }

  /** The broker has been met: a connection is made, or it has spoken. */
  met(): void {
    this.isMet = true;
    this.#tries = 0;
  }

  left(_port: 'broker', _peer: string, now: number): readonly LaneAct[] {
    this.isMet = false;
    if (this.#stage === 'leaving') return this.#end();
    if (this.#stage !== 'up') return [];
    this.#stage = 'down';
    this.#tries += 1;
    this.reconnects += 1;
    const { reconnect, random } = this.#options;
    this.#wakeAt = now + backoffMs(this.#tries, reconnect, random());
    return [...this.#forget(), reopen('broker')];
  }

  unsent(): readonly LaneAct[] {
    this.dropped += 1;
    return [];
  }

  /** The job is done; `body` is the reply to it. What nobody waits for any more is thrown away. */
  answer(job: LaneJob, body: Frames, now: number): readonly LaneAct[] {
    if (job !== this.#job) return [];
    this.#job = undefined;
    if (this.#isMoot) {
      this.#isMoot = false;
      this.dropped += 1;
      return [];
    }
    this.sent += 1;
    if (this.#wakeAt === Number.POSITIVE_INFINITY) this.#wakeAt = now + LEAVE_MS;
    const reply = send('broker' as const, [...job.envelope, ...body]);
    const isEnough = this.#stage === 'leaving' && now >= this.#wakeAt;
    return [reply, ...(isEnough ? this.#end() : this.#begin())];
  }

  /** Finishes what is in hand or on its way, takes no more, and ends. */
  leave(now: number): readonly LaneAct[] {
    if (this.#stage === 'leaving' || this.#stage === 'over') return [];
    if (this.#stage === 'down' || !this.isMet) return this.#end();
    this.#stage = 'leaving';
    this.#wakeAt = this.isBusy ? Number.POSITIVE_INFINITY : now + LEAVE_MS;
    return [send('broker', [DELIMITER, LEAVE])];
  }

  #connect(): readonly LaneAct[] {
    this.#stage = 'up';
    return [send('broker', [DELIMITER, READY])];
  }

  #end(): readonly LaneAct[] {
    this.#stage = 'over';
    return [...this.#forget(), tell({ kind: 'over' })];
  }

  #forget(): readonly LaneAct[] {
    while (this.#line.length > 0) this.#line.shift();
    if (this.#job === undefined || this.#isMoot) return [];
    this.#isMoot = true;
    return [tell({ kind: 'lost' })];
  }

  #begin(): readonly LaneAct[] {
    if (this.#job !== undefined) return [];
    this.#job = this.#line.shift();
    return this.#job === undefined ? [] : [tell({ kind: 'job', job: this.#job })];
  }
}

const DELIMITER = new Uint8Array(0);
