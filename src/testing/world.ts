/**
 * World: what a scenario builds on: nodes, a workload, marks and the word that something is wrong.
 */
import { BrokerlessError } from '../errors.ts';
import type { Engine } from './engine.ts';
import type { Victims } from './faults.ts';
import { Network } from './network.ts';
import { Host, type NodeOptions, type SimNode } from './node.ts';
import type { SimSocket } from './socket.ts';
import type { Struck } from './strike.ts';

/** A node, from outside. */
export interface Handle {
  /** What it is called. */
  readonly name: string;
  /** Whether it is running, be it frozen. */
  readonly isUp: boolean;
  /** Whether it stands still. */
  readonly isFrozen: boolean;
  /** How many lives it has begun. */
  readonly incarnation: number;
}

/** A small world with a network of its own, whose time passes when nobody looks. */
export class World {
  readonly #engine: Engine;
  readonly #network: Network<SimSocket>;
  readonly #hosts = new Map<string, Host>();
  readonly #random: () => number;
  readonly #healAt: number;
  #isRunning = false;

  constructor(engine: Engine, healAt: number) {
    this.#engine = engine;
    this.#network = new Network(engine);
    this.#random = engine.random('workload');
    this.#healAt = healAt;
  }

  /** The time, in milliseconds since the world began. */
  get now(): number {
    return this.#engine.now;
  }

  /** The seed that all that is drawn stands on. */
  get seed(): number {
    return this.#engine.seed;
  }

  /** Whether all faults are over and none will come. */
  get isHealed(): boolean {
    return this.now >= this.#healAt;
  }

  /** Draws a number from 0 up to but not including 1, for the workload and for knobs. */
  random(): number {
    return this.#random();
  }

  /** Draws a whole number from `least` to `most`, both included. */
  integer(least: number, most: number): number {
    return least + Math.floor(this.#random() * (most - least + 1));
  }

  /** Draws one of several. */
  pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.#random() * items.length)] as T;
  }

  /**
   * Adds a node. `start` is its program: it is called when the world begins, and again after each crash,
   * and whatever it remembers from before would be cheating. Nodes start in the order they were added.
   */
  node(name: string, start: (node: SimNode) => void, options: NodeOptions = {}): Handle {
    if (this.#hosts.has(name)) {
      throw new BrokerlessError('BAD_OPTION', `there is a node ${name} already`);
    }
    const host = new Host(this.#engine, this.#network, name, start, options);
    this.#hosts.set(name, host);
    if (this.#isRunning) host.start();
    return {
      name,
      get isUp() {
        return host.life !== undefined;
      },
      get isFrozen() {
        return host.life?.isFrozen ?? false;
      },
      get incarnation() {
        return host.lives;
      },
    };
  }

  /** Does something when the world is `ms` old, whatever faults there are. Part of the workload. */
  at(ms: number, action: () => void): void {
    this.#engine.agenda.at(ms, action);
  }

  /** Does something every `ms`, first after that time, until the function that is returned is called. */
  every(ms: number, action: () => void): () => void {
    let isOver = false;
    const again = (): void => {
      this.#engine.agenda.at(this.now + ms, () => {
        if (isOver) return;
        again();
        action();
      });
    };
    again();
    return () => {
      isOver = true;
    };
  }

  /** Counts that this was seen, so that it can be told afterwards what all the seeds have reached. */
  mark(name: string): void {
    this.#engine.mark(name);
  }

  /** Writes a line into the trace. */
  note(who: string, what: unknown): void {
    this.#engine.note('note', who, '', 0, what);
  }

  /** Ends the run as failed: something is as it must never be. */
  fail(reason: string): never {
    return this.#engine.fail(new Error(reason));
  }

  /** Starts all nodes. Answers with whom faults may strike, and where. For `simulate`. */
  static begin(world: World): Struck & { readonly victims: Victims } {
    const hosts = world.#hosts;
    world.#isRunning = true;
    for (const host of hosts.values()) host.start();
    const named = (isMeant: (host: Host) => boolean): string[] =>
      [...hosts.values()].filter(isMeant).map(({ name }) => name);
    const victims = {
      crash: named(({ options }) => options.mayCrash ?? true),
      freeze: named(({ options }) => options.mayFreeze ?? true),
      disk: named(({ disk }) => disk !== undefined),
      links: world.#network.links(),
    };
    return { engine: world.#engine, network: world.#network, hosts, victims };
  }
}
