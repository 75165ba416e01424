/**
 * Way: the network from one node to another, one direction of it, with all that is wrong with it just now.
 */
import { toTick } from './agenda.ts';
import type { Engine } from './engine.ts';
import { exponential } from './random.ts';

/** As much of a connection as a way looks at. */
export interface Traveller {
  /** The way is open again: what waited goes on. */
  resume(): void;
}

/** One direction between two nodes. */
export class Way {
  /** How much of it all takes as long as usual: what slowness multiplies. */
  slowness = 1;
  /** How many faults make it lose, double and reorder messages. */
  hostility = 0;
  /** What travels on it. */
  readonly travellers: Set<Traveller> = new Set();
  /** What latencies are drawn from. */
  readonly random: () => number;
  readonly #engine: Engine;
  readonly #name: string;
  readonly #rooms: number[] = [];
  #unruly: (() => number) | undefined;
  #blocks = 0;

  constructor(engine: Engine, from: string, to: string) {
    this.#engine = engine;
    this.#name = `${from}>${to}`;
    this.random = engine.random(`network/${this.#name}`);
  }

  /** Whether nothing passes. */
  get isBlocked(): boolean {
    return this.#blocks > 0;
  }

  /** How many messages may be between the two ends of a connection. */
  get room(): number {
    const { highWaterMark } = this.#engine.conditions;
    return this.#rooms.length === 0 ? highWaterMark : Math.min(highWaterMark, ...this.#rooms);
  }

  /** How long the next message is on its way, in milliseconds. */
  latencyMs(): number {
    const { minLatencyMs, moreLatencyMs } = this.#engine.conditions;
    return toTick((minLatencyMs + exponential(this.random, moreLatencyMs)) * this.slowness);
  }

  /** What becomes of the next message while the way is hostile. */
  mischief(): 'none' | 'lose' | 'double' | 'delay' {
    if (this.hostility === 0) return 'none';
    this.#unruly ??= this.#engine.random(`hostile/${this.#name}`);
    const drawn = this.#unruly();
    if (drawn < 0.1) return 'lose';
    if (drawn < 0.2) return 'double';
    return drawn < 0.3 ? 'delay' : 'none';
  }

  /** Lets nothing pass, until the function that is returned is called. */
  block(): () => void {
    this.#blocks += 1;
    return () => {
      this.#blocks -= 1;
      if (this.#blocks === 0) for (const traveller of this.travellers) traveller.resume();
    };
  }

  /** Leaves room for `count` messages only, until the function that is returned is called. */
  narrow(count: number): () => void {
    this.#rooms.push(count);
    return () => {
      this.#rooms.splice(this.#rooms.indexOf(count), 1);
    };
  }
}
