/**
 * Strike: has a fault begin, and end when its time is over.
 *
 * What a fault draws comes from a generator of its own, so that it does the same in whatever company.
 */
import { BrokerlessError } from '../errors.ts';
import type { Engine } from './engine.ts';
import { type Fault, faultKinds, strikesOne } from './faults.ts';
import type { Network } from './network.ts';
import type { Host } from './node.ts';
import { Pipe } from './pipe.ts';
import type { SimSocket } from './socket.ts';
import type { Way } from './way.ts';

/** A world, as much of it as faults strike. */
export interface Struck {
  /** The world it is. */
  readonly engine: Engine;
  /** Its network. */
  readonly network: Network<SimSocket>;
  /** Its nodes, by name. */
  readonly hosts: ReadonlyMap<string, Host>;
}

/** Puts a fault on the agenda. All is well from `healAt` on, whatever the fault says. */
export function strike(struck: Struck, fault: Fault, healAt: number): void {
  const { engine } = struck;
  check(struck, fault);
  if (fault.at >= healAt) return;
  engine.agenda.at(fault.at, () => {
    const endMs = Math.min(fault.at + fault.forMs, healAt);
    engine.note('fault', fault.kind, fault.nodes.join(' '), 0, endMs - fault.at);
    const heal = begin(struck, fault, endMs);
    if (heal === undefined) return;
    engine.mark(`fault:${fault.kind}`);
    engine.agenda.at(endMs, () => {
      engine.note('heal', fault.kind, fault.nodes.join(' '));
      heal();
    });
  });
}

function check({ hosts }: Struck, { kind, nodes }: Fault): void {
  const count = strikesOne(kind) ? 1 : 2;
  if (faultKinds.includes(kind) && nodes.length === count && nodes.every((name) => hosts.has(name)))
    return;
  throw new BrokerlessError('BAD_OPTION', `no such fault: ${kind} of ${nodes.join(', ')}`);
}

/** Begins it. Answers with what ends it; undefined if there was nobody to be struck. */
function begin(struck: Struck, fault: Fault, endMs: number): (() => void) | undefined {
  const { engine, network, hosts } = struck;
  const { kind, nodes, strength } = fault;
  const [one = '', other = ''] = nodes;
  const random = engine.random(`${kind}/${fault.at}/${nodes.join('/')}`);
  const host = hosts.get(one);
  if (kind === 'crash') return host?.crash();
  if (kind === 'freeze') return host?.life === undefined ? undefined : host.freeze(random() < 0.5);
  if (kind === 'disk') return host?.disk?.strike(strength ?? 0);
  const [there, back] = [network.way(one, other), network.way(other, one)];
  if (kind === 'slow') return both(there, back, (way) => slow(way, strength ?? 50));
  if (kind === 'full') return both(there, back, (way) => way.narrow(strength ?? 1));
  if (kind === 'hostile') return both(there, back, riot);
  breakSome(engine, [there, back], random, endMs);
  if (kind === 'one-way') return there.block();
  return both(there, back, (way) => way.block());
}

function both(there: Way, back: Way, strikes: (way: Way) => () => void): () => void {
  const ends = [strikes(there), strikes(back)];
  return () => {
    for (const end of ends) end();
  };
}

function slow(way: Way, factor: number): () => void {
  way.slowness *= factor;
  return () => {
    way.slowness /= factor;
  };
}

function riot(way: Way): () => void {
  way.hostility += 1;
  return () => {
    way.hostility -= 1;
  };
}

/** Half of the connections do not outlive it: each end gives up at a time of its own, or when it heals. */
function breakSome(
  engine: Engine,
  ways: readonly Way[],
  random: () => number,
  endMs: number,
): void {
  const lastsMs = endMs - engine.now;
  const pipes = ways.flatMap((way) => [...way.travellers]).filter((each) => each instanceof Pipe);
  const broken = new Map<Pipe, boolean>();
  for (const pipe of pipes) {
    const isBroken = broken.get(pipe.other) ?? random() < 0.5;
    broken.set(pipe, isBroken);
    const afterMs = random() < 0.5 ? random() * lastsMs : lastsMs;
    if (isBroken) engine.agenda.at(engine.now + afterMs, () => pipe.giveUp());
  }
}
