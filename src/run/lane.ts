/**
 * Lane: one connection of a worker to its broker, which has one request in hand at a time.
 *
 *     broker ──▶ rules ──▶ handler ──▶ rules ──▶ broker
 *
 * What a lane decides is in the rules of its pattern; this moves messages and runs the handler.
 */
import type { Frames } from '../broker/requests.ts';
import type { Action, Rules } from '../rules/rules.ts';
import type { Clock } from './clock.ts';
import { type Driven, drive, type Port } from './drive.ts';
import type { Durations } from './durations.ts';
import { surface } from './hear.ts';
import { type Responder, respond } from './respond.ts';
import { type Deferred, deferred, once } from './running.ts';

/** What a handler may look at besides the request. */
export interface JobContext {
  /**
   * Aborts when nobody waits for the answer any more: the connection to the broker was lost, or this worker is
   * closed and the time for that is over.
   */
  readonly signal: AbortSignal;
}

/** A request in hand. */
export interface LaneJob {
  /** What its reply begins with; ends with the empty frame. */
  readonly envelope: Frames;
  /** What is asked. */
  readonly body: Frames;
}

/** What the rules tell: do this, nobody waits for what you do, or that the lane is over. */
export type LaneTold =
  | { readonly kind: 'job'; readonly job: LaneJob }
  | { readonly kind: 'lost' }
  | { readonly kind: 'over' };

/** What the rules of a lane have done. */
export type LaneAct = Action<'broker', Frames, LaneTold>;

/** The rules of one lane of a worker, and the numbers that they keep. */
export interface WorkerRules extends Rules<'broker', Frames, LaneTold> {
  /** Requests received. */
  readonly received: number;
  /** Replies sent. */
  readonly sent: number;
  /** Answers thrown away, because the connection that the request came by had been lost. */
  readonly dropped: number;
  /** Messages that made no sense. */
  readonly faults: number;
  /** How often a new connection was made because one was lost. */
  readonly reconnects: number;
  /** Whether there is a request in hand. */
  readonly isBusy: boolean;
  /** Whether the broker has been met on this connection. */
  readonly isConnected: boolean;
  /** Whether somebody is there to take what still waits in the socket when it is closed. */
  readonly isMet: boolean;
  /** The job is done; `body` is the reply to it. */
  answer(job: LaneJob, body: Frames, now: number): readonly LaneAct[];
  /** Takes no more than what is in hand or on its way, and ends. */
  leave(now: number): readonly LaneAct[];
  /** The connection has ended. */
  left(port: 'broker', peer: string, now: number): readonly LaneAct[];
  /** The connection has been made. Not every pattern cares. */
  met?(): void;
}

/** As much of a DEALER as a lane needs. */
export interface LaneSocket extends AsyncIterable<Frames, undefined> {
  /** Connects it, now or whenever the broker comes up. */
  connect(endpoint: string): Promise<void>;
  /** Sends the broker a message. */
  send(value: Frames, options: { readonly transfer: true }): Promise<void>;
  /** Calls `listener` when a connection is made or ends. */
  on(name: 'handshake' | 'disconnect', listener: () => void): unknown;
  /** Ends it. */
  close(options?: { readonly drainMs?: number }): Promise<unknown>;
}

/** What a lane is made of. */
export interface LaneMakings<In, Out> {
  /** Where the broker is. */
  readonly endpoint: string;
  /** Opens a socket that is not connected yet. */
  readonly openSocket: () => LaneSocket;
  /** Whether the end of a connection is told to the rules. */
  readonly notifications: boolean;
  /** Answers requests. */
  readonly responder: Responder<In, Out, JobContext>;
  /** How long that took. */
  readonly durations: Durations;
  /** Tells the time. */
  readonly clock: Clock;
}

/** One lane: a socket, the rules that say what to do with it, and the handler at work. */
export class Lane<In, Out> {
  /** Its decisions, and its numbers. */
  readonly rules: WorkerRules;
  /** Resolves when the lane has ended. */
  readonly over: Deferred<void> = deferred<void>();
  /** Resolves when the first socket has its endpoint; rejects if that is no good. */
  readonly connected: Promise<void>;
  /** Ends it at once, with what it has in hand. */
  readonly close: () => Promise<void>;
  readonly #makings: LaneMakings<In, Out>;
  readonly #driven: Driven<'broker', Frames, LaneTold>;
  #socket: LaneSocket;
  #handling: Handling | undefined;

  constructor(rules: WorkerRules, makings: LaneMakings<In, Out>) {
    this.rules = rules;
    this.#makings = makings;
    this.#socket = this.#open();
    this.connected = this.#socket.connect(makings.endpoint);
    this.close = once(() => this.#end());
    this.#driven = drive<'broker', Frames, LaneTold>(rules, {
      ports: { broker: portOf(this.#socket) },
      open: () => this.#reopen(),
      tell: (told) => this.#hear(told),
      onError: surface,
      clock: makings.clock,
    });
  }

  /** Takes no more than what is in hand or on its way, and ends. */
  leave(): void {
    this.#driven.perform((now) => this.rules.leave(now));
  }

  #open(): LaneSocket {
    const { openSocket, notifications } = this.#makings;
    const socket = openSocket();
    socket.on('handshake', () => {
      if (socket === this.#socket) this.rules.met?.();
    });
    if (notifications) {
      socket.on('disconnect', () => {
        if (socket !== this.#socket) return;
        this.#driven.perform((now) => this.rules.left('broker', '', now));
      });
    }
    return socket;
  }

  #reopen(): Port<Frames> {
    this.#socket = this.#open();
    this.#socket.connect(this.#makings.endpoint).catch(surface); // It was good the first time.
    return portOf(this.#socket);
  }

  #hear(told: LaneTold): void {
    if (told.kind === 'job') void this.#work(told.job);
    else if (told.kind === 'lost') this.#handling?.abort(new Error('the broker was lost'));
    else void this.close();
  }

  async #work(job: LaneJob): Promise<void> {
    const { responder, durations, clock } = this.#makings;
    const handling = new Handling();
    const begun = clock.now();
    this.#handling = handling;
    const body = await respond(responder, job.body, handling);
    durations.record(clock.now() - begun);
    this.#driven.perform((now) => this.rules.answer(job, body, now));
  }

  async #end(): Promise<void> {
    this.#driven.stop();
    this.#handling?.abort(new Error('the worker is closed'));
    // With nobody to take it, what waits in the socket is not waited for.
    await this.#socket.close(this.rules.isMet ? {} : { drainMs: 0 });
    this.over.resolve();
  }
}

/** Something being handled. Its signal is made when somebody looks at it: most handlers do not. */
export class Handling implements JobContext {
  #controller: AbortController | undefined;
  #reason: Error | undefined;

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#reason !== undefined) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  /** Nobody waits for it any more. */
  abort(reason: Error): void {
    this.#reason = reason;
    this.#controller?.abort(reason);
  }
}

function portOf(socket: LaneSocket): Port<Frames> {
  return {
    messages: socket,
    send: (frames) => socket.send(frames, { transfer: true }),
    close: () => void socket.close({ drainMs: 0 }),
  };
}
