/**
 * Rules that note all they are asked, and a node on which they run.
 */
import { type Action, type Rules } from 'brokerless/kit';
import type { SimDriven, World } from 'brokerless/testing';

type Act = Action<'hub', unknown, string>;

/** Rules that note all they are asked, and answer as a test wants. */
export class NotingRules implements Rules<'hub', unknown, string> {
  /** What was asked, in order. */
  readonly log: string[] = [];
  isOpen = true;
  deadline: number | undefined;
  onReceive: (message: unknown, now: number) => readonly Act[] = () => [];
  onTick: (now: number) => readonly Act[] = () => [];
  onUnsent: (error: unknown, message: unknown) => readonly Act[] = () => [];
  onLeft: (peer: string) => readonly Act[] = () => [];

  accepts(): boolean {
    return this.isOpen;
  }

  receive(_from: 'hub', message: unknown, now: number): readonly Act[] {
    this.log.push(`receive ${JSON.stringify(message)}`);
    return this.onReceive(message, now);
  }

  tick(now: number): readonly Act[] {
    this.log.push('tick');
    this.deadline = undefined;
    return this.onTick(now);
  }

  unsent(_to: 'hub', message: unknown, error: unknown): readonly Act[] {
    this.log.push('unsent');
    return this.onUnsent(error, message);
  }

  left(_port: 'hub', peer: string): readonly Act[] {
    this.log.push(`left ${peer}`);
    return this.onLeft(peer);
  }
}

/** A node on which such rules run, on a dealer or on the router at `hub`. */
export class Rig {
  readonly rules = new NotingRules();
  readonly told: string[] = [];
  #driven: SimDriven<'hub', unknown, string> | undefined;

  constructor(
    world: World,
    kind: 'router' | 'dealer',
    onError?: (error: unknown) => void,
    name = 'rig',
  ) {
    world.node(name, (node) => {
      const hub = kind === 'router' ? node.bind(kind, 'hub') : node.connect(kind, 'hub');
      const tell = (what: string): void => void this.told.push(what);
      this.#driven = node.drive(this.rules, { ports: { hub }, tell, onError });
    });
  }

  get driven(): SimDriven<'hub', unknown, string> {
    if (this.#driven === undefined) throw new Error('the world has not begun');
    return this.#driven;
  }
}
