/**
 * Lane: one connection of a worker to its broker, which has one request in hand at a time.
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
  ENVELOPE_BYTES,
  type Frames,
  once,
  type Port,
  respond,
  surface,
} from 'brokerless/kit';
import type { BalancedWorkerOptions } from './worker-options.ts';
import { type LaneJob, LaneRules, type LaneTold } from './worker-rules.ts';

/** What the lanes of a worker have in common. */
export interface LaneMakings<In, Out> {
  /** What the worker was told. */
  readonly options: BalancedWorkerOptions<In, Out>;
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
  /** Ends it at once, with what it has in hand. */
  readonly close: () => Promise<void>;
  readonly #makings: LaneMakings<In, Out>;
  readonly #driven: Driven<'broker', Frames, LaneTold>;
  #dealer: Dealer<Frames>;
  #handling: AbortController | undefined;
  #isClosing = false;

  constructor(makings: LaneMakings<In, Out>) {
    const { options, clock } = makings;
    const { reconnectMs = 500, reconnectMaxMs = 10_000, random = Math.random } = options;
    this.#makings = makings;
    this.rules = new LaneRules({
      reconnect: { baseMs: reconnectMs, maxMs: Math.max(reconnectMs, reconnectMaxMs) },
      random,
    });
    this.#dealer = this.#newDealer();
    this.connected = this.#dealer.connect(options.broker);
    this.close = once(() => this.#end());
    this.#driven = drive<'broker', Frames, LaneTold>(this.rules, {
      ports: { broker: portOf(this.#dealer) },
      open: () => this.#reopen(),
      tell: (told) => this.#hear(told),
      onError: (error) => {
        if (!this.#isClosing) surface(error);
      },
      clock,
    });
  }

  /** Takes no more than what is in hand or on its way, and ends. */
  leave(): void {
    this.#driven.perform((now) => this.rules.leave(now));
  }

  #newDealer(): Dealer<Frames> {
    const { maxMessageBytes = 1 << 20 } = this.#makings.options;
    const dealer = new Dealer<Frames>({
      codec: 'frames',
      maxMessageBytes: Math.min(0x7fff_ffff, maxMessageBytes + 2 * ENVELOPE_BYTES),
    });
    dealer.on('handshake', () => {
      if (dealer === this.#dealer) this.rules.met();
    });
    dealer.on('disconnect', () => {
      if (dealer !== this.#dealer) return;
      this.#driven.perform((now) => this.rules.left('broker', '', now));
    });
    return dealer;
  }

  #reopen(): Port<Frames> {
    this.#dealer = this.#newDealer();
    this.#dealer.connect(this.#makings.options.broker).catch(surface); // It was good the first time.
    return portOf(this.#dealer);
  }

  #hear(told: LaneTold): void {
    if (told.kind === 'job') void this.#work(told.job);
    else if (told.kind === 'lost') this.#handling?.abort(new Error('the connection has ended'));
    else void this.close();
  }

  async #work(job: LaneJob): Promise<void> {
    const { options, bodies, durations, clock } = this.#makings;
    const { handler, onError } = options;
    const handling = new AbortController();
    const begun = clock.now();
    this.#handling = handling;
    const context = { signal: handling.signal };
    const body = await respond({ handler, bodies, onError }, job.body, context);
    durations.record(clock.now() - begun);
    this.#driven.perform((now) => this.rules.answer(job, body, now));
  }

  async #end(): Promise<void> {
    this.#isClosing = true;
    this.#driven.stop();
    this.#handling?.abort(new Error('the worker is closed'));
    await this.#dealer.close(this.rules.isMet ? {} : { drainMs: 0 }); // READY may wait for nobody.
    this.over.resolve();
  }
}

function portOf(dealer: Dealer<Frames>): Port<Frames> {
  return {
    messages: dealer,
    send: (frames) => dealer.send(frames, { transfer: true }),
    close: () => void dealer.close({ drainMs: 0 }),
  };
}
