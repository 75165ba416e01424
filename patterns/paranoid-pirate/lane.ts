/**
 * Lane: one connection of a worker to its queue, which has one request in hand at a time.
 */
import { Dealer } from 'brokerless';
import {
  type Bodies,
  type Clock,
  type Deferred,
  type Driven,
  type Durations,
  deferred,
  drive,
  type Frames,
  once,
  type Port,
  respond,
  surface,
} from 'brokerless/kit';
import type { JobContext, PirateWorkerOptions } from './worker-options.ts';
import { type LaneJob, type LaneOptions, LaneRules, type LaneTold } from './worker-rules.ts';

const NO_LIMIT = 0x7fff_ffff;
const RECONNECT_MS = 100;

/** What the lanes of a worker have in common. */
export interface LaneMakings<In, Out> {
  /** What the worker was told. */
  readonly options: PirateWorkerOptions<In, Out>;
  /** Its codec. */
  readonly bodies: Bodies<Out, In>;
  /** How long its handlers took. */
  readonly durations: Durations;
  /** Tells the time. */
  readonly clock: Clock;
}

/** One lane: a socket, the rules that say what to do with it, and the handler at work. */
export class Lane<In, Out> {
  /** Its decisions, and its numbers. */
  readonly rules: LaneRules;
  /** Resolves when the lane has ended. */
  readonly over: Deferred<void> = deferred<void>();
  /** Resolves when the first socket has its endpoint; rejects if that is no good. */
  readonly connected: Promise<void>;
  /** Ends it at once; the queue gives what it had in hand to another. */
  readonly close: () => Promise<void>;
  readonly #shared: LaneMakings<In, Out>;
  readonly #driven: Driven<'queue', Frames, LaneTold>;
  #dealer: Dealer<Frames>;
  #context: Handling | undefined;

  constructor(shared: LaneMakings<In, Out>) {
    this.#shared = shared;
    this.rules = new LaneRules(ruleOptions(shared.options));
    this.#dealer = this.#newDealer();
    this.connected = this.#dealer.connect(shared.options.queue);
    this.close = once(() => this.#end());
    this.#driven = drive<'queue', Frames, LaneTold>(this.rules, {
      ports: { queue: portOf(this.#dealer) },
      open: () => this.#reopen(),
      tell: (told) => this.#hear(told),
      onError: surface,
      clock: shared.clock,
    });
  }

  /** Takes no more than what is in hand or on its way, and ends. */
  leave(): void {
    this.#driven.perform((now) => this.rules.leave(now));
  }

  #newDealer(): Dealer<Frames> {
    const { notifications = true, heartbeatMs = 1000 } = this.#shared.options;
    const dealer = new Dealer<Frames>({
      codec: 'frames',
      // Whoever asks too much of it shall hear so: what is too long is found when the body is decoded.
      maxMessageBytes: NO_LIMIT,
      // READY waits for a connection no longer than for a few beats.
      reconnectMaxMs: Math.max(RECONNECT_MS, heartbeatMs),
      reconnectMs: RECONNECT_MS,
    });
    if (notifications) {
      dealer.on('disconnect', () => {
        if (dealer === this.#dealer)
          this.#driven.perform((now) => this.rules.left('queue', '', now));
      });
    }
    return dealer;
  }

  #reopen(): Port<Frames> {
    this.#dealer = this.#newDealer();
    this.#dealer.connect(this.#shared.options.queue).catch(surface); // It was good the first time.
    return portOf(this.#dealer);
  }

  #hear(told: LaneTold): void {
    if (told.kind === 'job') void this.#work(told.job);
    else if (told.kind === 'lost') this.#context?.abort(new Error('the queue was lost'));
    else void this.close();
  }

  async #work(job: LaneJob): Promise<void> {
    const { options, bodies, durations, clock } = this.#shared;
    const { handler, onError } = options;
    const context = new Handling();
    const begun = clock.now();
    this.#context = context;
    const body = await respond({ handler, bodies, onError }, job.body, context);
    durations.record(clock.now() - begun);
    this.#driven.perform((now) => this.rules.answer(job, body, now));
  }

  async #end(): Promise<void> {
    const { isConnected } = this.rules;
    this.#driven.stop();
    this.#context?.abort(new Error('the worker is being closed'));
    // With nobody to take it, what waits in the socket is not waited for.
    await this.#dealer.close(isConnected ? {} : { drainMs: 0 });
    this.over.resolve();
  }
}

/** A request being handled. Its signal is made when somebody looks at it: most handlers do not. */
class Handling implements JobContext {
  #controller: AbortController | undefined;
  #reason: Error | undefined;

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#reason !== undefined) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  abort(reason: Error): void {
    this.#reason = reason;
    this.#controller?.abort(reason);
  }
}

function portOf(dealer: Dealer<Frames>): Port<Frames> {
  return {
    messages: dealer,
    send: (frames) => dealer.send(frames, { transfer: true }),
    close: () => void dealer.close({ drainMs: 0 }),
  };
}

function ruleOptions(
  options: Omit<PirateWorkerOptions<never, unknown>, 'handler' | 'codec'>,
): LaneOptions {
  const { reconnectMs = 500, reconnectMaxMs = 10_000 } = options;
  return {
    heartbeatMs: options.heartbeatMs ?? 1000,
    missesAllowed: options.missesAllowed ?? 3,
    heartbeatWhileBusy: options.heartbeatWhileBusy ?? true,
    reconnect: { baseMs: reconnectMs, maxMs: Math.max(reconnectMs, reconnectMaxMs) },
    random: options.random ?? Math.random,
  };
}
