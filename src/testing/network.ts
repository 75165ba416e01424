/**
 * Network: who is bound where, and the ways between the nodes of a simulated world.
 */
import type { Engine } from './engine.ts';
import { Way } from './way.ts';

/** A socket that others connect to. */
export interface Listener {
  /** The name of its node. */
  readonly name: string;
}

/** Addresses and ways. */
export class Network<Bound extends Listener> {
  readonly #engine: Engine;
  readonly #bound = new Map<string, Bound>();
  readonly #ways = new Map<string, Map<string, Way>>();
  readonly #callers = new Map<string, Set<string>>(); // Who has connected to an address.

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** The way from one node to another. */
  way(from: string, to: string): Way {
    let ways = this.#ways.get(from);
    if (ways === undefined) this.#ways.set(from, (ways = new Map()));
    let way = ways.get(to);
    if (way === undefined) ways.set(to, (way = new Way(this.#engine, from, to)));
    return way;
  }

  /** Makes `socket` the one that is found at `address`. Returns whether it was free. */
  listen(address: string, socket: Bound): boolean {
    if (this.#bound.has(address)) return false;
    this.#bound.set(address, socket);
    return true;
  }

  /** Frees an address. */
  unlisten(address: string): void {
    this.#bound.delete(address);
  }

  /** Who is bound at an address. */
  find(address: string): Bound | undefined {
    return this.#bound.get(address);
  }

  /** Notes that a node connects to an address. */
  call(caller: string, address: string): void {
    const callers = this.#callers.get(address) ?? new Set();
    this.#callers.set(address, callers.add(caller));
  }

  /** The names of each two nodes that are connected, or are about to be. */
  links(): readonly (readonly [string, string])[] {
    const seen = new Set<string>();
    return [...this.#callers].flatMap(([address, callers]) => {
      const bound = this.#bound.get(address)?.name;
      return [...callers].flatMap((caller) => {
        const key = `${caller}>${bound}`;
        if (bound === undefined || bound === caller || seen.has(key)) return [];
        seen.add(key);
        return [[caller, bound] as const];
      });
    });
  }
}
