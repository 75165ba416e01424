/**
 * Small worlds for the tests of the simulator: a router and dealers that say what they see and when.
 */

import {
  type DiskAnswer,
  type DiskOptions,
  type Fault,
  type FaultKind,
  type Handle,
  type Outcome,
  report,
  type Scenario,
  type SimDisk,
  type SimNode,
  type SimPort,
  type SimulationOptions,
  simulate,
  type World,
} from 'brokerless/testing';
import { expect } from 'vitest';

/** A message as a router takes and gives it. */
export interface Addressed {
  readonly peer: string;
  readonly value: unknown;
}

/** Runs a scenario without faults, unless some are given, and lets no failure pass. */
export function play(scenario: Scenario, options: Partial<SimulationOptions> = {}): Outcome {
  const outcome = simulate(scenario, { seed: 1, faults: [], notifications: true, ...options });
  expect(outcome.failure === undefined ? undefined : report(outcome)).toBe(undefined);
  return outcome;
}

/** A node whose program opens one socket and notes what it reads. */
export class Party {
  /** What was read, first to last, through all lives. */
  readonly read: unknown[] = [];
  /** When it was read. */
  readonly times: number[] = [];
  /** Which peers have left. */
  readonly left: string[] = [];
  /** The node. */
  readonly handle: Handle;
  #port: SimPort | undefined;

  constructor(world: World, name: string, open: (node: SimNode) => SimPort) {
    this.handle = world.node(name, (node) => {
      const port = open(node);
      this.#port = port;
      port.read(
        (message) => {
          this.read.push(message);
          this.times.push(node.now);
        },
        (peer) => this.left.push(peer),
      );
    });
  }

  /** The socket of its present life. */
  get port(): SimPort {
    if (this.#port === undefined) throw new Error('the world has not begun');
    return this.#port;
  }

  /** What was read from a router's peers, without their names. */
  get values(): unknown[] {
    return this.read.map((message) => (message as Addressed).value);
  }

  /** The names of a router's peers, in the order in which they were first heard of. */
  get peers(): string[] {
    return [...new Set(this.read.map((message) => (message as Addressed).peer))];
  }
}

/** A node with a router that is bound to `hub`. */
export const router = (world: World, name = 'router'): Party =>
  new Party(world, name, (node) => node.bind('router', 'hub'));

/** A node with a dealer that is connected to `hub`. */
export const dealer = (world: World, name = 'dealer'): Party =>
  new Party(world, name, (node) => node.connect('dealer', 'hub'));

/** A node that has its disk open, and notes what it hears and when. */
export class Writer {
  /** What was heard, through all lives. */
  readonly heard: DiskAnswer['kind'][] = [];
  /** When it was heard. */
  readonly times: number[] = [];
  /** What was on the disk at the beginning of each life. */
  readonly found: (readonly unknown[])[] = [];
  #disk: SimDisk | undefined;

  constructor(world: World, options?: DiskOptions) {
    world.node('writer', (node) => {
      const disk = node.disk(options);
      this.#disk = disk;
      this.found.push(disk.contents);
      disk.read((answer) => {
        this.heard.push((answer as DiskAnswer).kind);
        this.times.push(node.now);
      });
    });
  }

  /** The disk, as its present life has it open. */
  get disk(): SimDisk {
    if (this.#disk === undefined) throw new Error('the world has not begun');
    return this.#disk;
  }
}

/** The two ends of a link. */
export const link: readonly string[] = ['dealer', 'router'];

/** Some seeds. */
export const seeds: readonly number[] = Array.from({ length: 24 }, (_, i) => i + 1);

/** A fault from the age of 1 s to that of 5 s. */
export const fault = (kind: FaultKind, nodes: readonly string[], strength?: number): Fault =>
  strength === undefined
    ? { kind, at: 1000, forMs: 4000, nodes }
    : { kind, at: 1000, forMs: 4000, nodes, strength };

/** Two nodes; the dealer says a number every 10 ms, from which the router learns of it. */
export function talk(world: World): { hub: Party; spoke: Party } {
  const [hub, spoke] = [router(world), dealer(world)];
  let said = 0;
  world.every(10, () => {
    if (spoke.handle.isUp && !spoke.handle.isFrozen) spoke.port.send(said);
    said += 1;
  });
  return { hub, spoke };
}

/** Whether each is more than the one before. */
export const isRising = (values: readonly unknown[]): boolean =>
  values.every((value, i) => i === 0 || Number(values[i - 1]) < Number(value));

/** How many of the times are in between, both ends left out. */
export const within = (times: readonly number[], from: number, to: number): number =>
  times.filter((time) => time > from && time < to).length;
