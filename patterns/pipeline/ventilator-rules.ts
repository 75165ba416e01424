/**
 * Ventilator rules: when to start, what to deal, what to tell the sink, and how to stop the workers.
 *
 * Pure: the sockets are in ventilator.ts.
 */
import { type Action, messageOf, type Rules, send, tell } from 'brokerless/kit';
import type { ToSink, ToWorker } from './messages.ts';

/** The ports of a ventilator: one to read, two to write. */
export type VentilatorPort = 'source' | 'workers' | 'sink';
/** What it writes. */
export type VentilatorMessage = ToWorker | ToSink;
type Act = Action<VentilatorPort, VentilatorMessage, 'finished'>;

// The sink is told this often how far things are, so that it knows a long item from a lost one.
const REPORT_MS = 500;
// Workers that are still there this long after being told to stop are told again.
const STOP_AGAIN_MS = 250;

/** What the rules of a ventilator are told at the start. */
export interface VentilatorRulesOptions {
  /** Names this batch of work. */
  readonly run: string;
  /** How many workers must be connected before the first item is dealt. */
  readonly workers: number;
  /** How long to wait for that many; then one is enough. */
  readonly waitMs: number;
  /** Whether nobody can tell how many workers are there, and so when the last has left. */
  readonly uncounted?: boolean;
  /** Whether workers are told to stop at the end. */
  readonly stopWorkers: boolean;
  /** How long they may take to. */
  readonly stopMs: number;
}

/** The decisions of a ventilator: it waits for workers, deals, stops them, and has finished. */
export class VentilatorRules implements Rules<VentilatorPort, VentilatorMessage, 'finished'> {
  /** Items dealt so far. */
  sent = 0;
  #phase: 'waiting' | 'dealing' | 'stopping' | 'finished' = 'waiting';
  #workers = 0;
  #dueAt = Number.NEGATIVE_INFINITY; // The next report to the sink, or the next order to stop.
  #giveUpAt: number | undefined; // Of waiting for workers to come, or to go.
  #wanted: number; // How many workers it takes to start.
  readonly #options: VentilatorRulesOptions;

  constructor(options: VentilatorRulesOptions) {
    this.#options = options;
    this.#wanted = options.workers;
  }

  accepts(port: VentilatorPort): boolean {
    return port === 'source' && this.#phase === 'dealing';
  }

  get deadline(): number | undefined {
    if (this.#phase === 'finished') return undefined;
    if (this.#phase === 'waiting') return this.#giveUpAt;
    return Math.min(this.#dueAt, this.#giveUpAt ?? Number.POSITIVE_INFINITY);
  }

  receive(_from: VentilatorPort, value: unknown): readonly Act[] {
    if (this.#phase !== 'dealing') return []; // Killed while the source was making up its mind.
    const id = this.sent;
    this.sent += 1;
    return [send('workers', ['item', this.#options.run, id, value])];
  }

  tick(now: number): readonly Act[] {
    switch (this.#phase) {
      case 'waiting':
        return this.#wait(now);
      case 'dealing':
        return now < this.#dueAt ? [] : this.#report(now);
      case 'stopping':
        return this.#stopWorkers(now);
      default:
        return [];
    }
  }

  /** So many workers are connected at present. */
  workersAre(count: number, now: number): readonly Act[] {
    this.#workers = count;
    if (this.#phase === 'waiting') return this.#startIfReady(now);
    return this.#phase === 'stopping' ? this.#stopWorkers(now) : [];
  }

  ended(_port: VentilatorPort, now: number): readonly Act[] {
    return this.kill(now);
  }

  /** Deals nothing more and stops the workers, each after what it already holds. */
  kill(now: number): readonly Act[] {
    if (this.#phase === 'stopping' || this.#phase === 'finished') return [];
    this.#phase = 'stopping';
    this.#giveUpAt = now + this.#options.stopMs;
    this.#dueAt = now;
    return [send('sink', ['end', this.#options.run, this.sent]), ...this.#stopWorkers(now)];
  }

  /** An item that cannot travel has failed, and the sink must not wait for it. */
  unsent(_to: VentilatorPort, message: VentilatorMessage, error: unknown): readonly Act[] {
    if (message[0] !== 'item') return [];
    return [send('sink', ['failed', message[1], message[2], 'ventilator', messageOf(error)])];
  }

  #wait(now: number): readonly Act[] {
    if (this.#wanted > 1) this.#giveUpAt ??= now + this.#options.waitMs;
    if (now >= (this.#giveUpAt ?? Number.POSITIVE_INFINITY)) {
      this.#wanted = 1;
      this.#giveUpAt = undefined;
    }
    return this.#startIfReady(now);
  }

  #startIfReady(now: number): readonly Act[] {
    if (this.#workers < this.#wanted) return [];
    this.#phase = 'dealing';
    this.#giveUpAt = undefined;
    return this.#report(now);
  }

  #report(now: number): readonly Act[] {
    this.#dueAt = now + REPORT_MS;
    return [send('sink', ['sent', this.#options.run, this.sent])];
  }

  /** Each order goes to the worker whose turn it is, so as many are sent as there are workers. */
  #stopWorkers(now: number): readonly Act[] {
    const { run, stopWorkers, uncounted = false } = this.#options;
    const orders = Array.from({ length: this.#workers }, () =>
      send('workers', ['stop', run] as const),
    );
    if (stopWorkers && uncounted) {
      this.#phase = 'finished';
      return [...orders, tell('finished' as const)];
    }
    if (!stopWorkers || this.#workers === 0 || now >= (this.#giveUpAt ?? now)) {
      this.#phase = 'finished';
      return [tell('finished' as const)];
    }
    if (now < this.#dueAt) return [];
    this.#dueAt = now + STOP_AGAIN_MS;
    return orders;
  }
}
