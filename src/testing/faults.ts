/**
 * Faults: what goes wrong in a simulated world, drawn from its seed before anything happens.
 *
 * Each kind is on in half of the seeds, and a seed has its own measure of how often and how badly. Each kind
 * is drawn by a generator of its own: leaving out one fault, or one kind, moves no other.
 */
import { exponential, integerFrom, seededRandom } from './random.ts';

/** Every kind of fault; what each does is told in {@link FaultKind}. */
export const faultKinds = [
  'crash',
  'freeze',
  'partition',
  'one-way',
  'slow',
  'full',
  'disk',
  'hostile',
] as const;

/**
 * What can go wrong.
 *
 * - `crash`: a node dies and is started again later, knowing nothing.
 * - `freeze`: a node stands still, as by SIGSTOP or a blocked event loop; what comes waits for it.
 * - `partition`: nothing passes between two nodes. Half of their connections end by it.
 * - `one-way`: nothing passes from the first node to the second; the other way all is well.
 * - `slow`: what passes between two nodes takes `strength` times as long.
 * - `full`: there is room for only `strength` messages on the way from one node to another.
 * - `disk`: what a node stores on its disk takes `strength` times as long, or fails if that is 0.
 * - `hostile`: single messages between two nodes are lost, doubled, or overtaken. ZeroMQ never does that.
 */
export type FaultKind = (typeof faultKinds)[number];

/** One thing that goes wrong. A list of these, taken from a report, can be played again. */
export interface Fault {
  /** What it is. */
  readonly kind: FaultKind;
  /** When it begins, in milliseconds. */
  readonly at: number;
  /** How long it lasts, in milliseconds. */
  readonly forMs: number;
  /** Whom it strikes: one node, or the two ends of a link. */
  readonly nodes: readonly string[];
  /** How bad it is, for `slow`, `full` and `disk`; others have none. */
  readonly strength?: number | undefined;
}

/** Who may be struck. */
export interface Victims {
  /** The names of nodes that may crash. */
  readonly crash: readonly string[];
  /** The names of nodes that may freeze. */
  readonly freeze: readonly string[];
  /** The names of nodes that have a disk. */
  readonly disk: readonly string[];
  /** The names of each two nodes that are connected. */
  readonly links: readonly (readonly [string, string])[];
}

/** Whether a kind strikes one node, and not the two ends of a link. */
export function strikesOne(kind: FaultKind): kind is 'crash' | 'freeze' | 'disk' {
  return kind === 'crash' || kind === 'freeze' || kind === 'disk';
}

/** The faults of one seed, in the order of their times. */
export function drawFaults(
  seed: number,
  kinds: readonly FaultKind[],
  victims: Victims,
  endMs: number,
): readonly Fault[] {
  const faults = kinds.flatMap((kind) => drawKind(seed, kind, victims, endMs));
  return faults.toSorted((a, b) => a.at - b.at);
}

function drawKind(seed: number, kind: FaultKind, victims: Victims, endMs: number): Fault[] {
  const random = seededRandom(`${seed}/fault/${kind}`);
  if (random() < 0.5) return [];
  // Quiet in between, or nothing would ever get anywhere.
  const quietMs = integerFrom(random, 200, 4000);
  const gapMs = integerFrom(random, 500, 12_000);
  const lastsMs = integerFrom(random, 100, 6000);
  const faults: Fault[] = [];
  let at = 0;
  for (;;) {
    at += quietMs + Math.floor(exponential(random, gapMs));
    const forMs = 1 + Math.floor(exponential(random, lastsMs));
    const nodes = victimsOf(kind, victims, random);
    const strength = strengthOf(kind, random);
    if (at >= endMs || nodes === undefined) return faults;
    const fault = { kind, at, forMs: Math.min(forMs, endMs - at), nodes };
    faults.push(strength === undefined ? fault : { ...fault, strength });
    at += forMs;
  }
}

function victimsOf(
  kind: FaultKind,
  victims: Victims,
  random: () => number,
): readonly string[] | undefined {
  const among: readonly (readonly string[])[] = strikesOne(kind)
    ? victims[kind].map((name) => [name])
    : victims.links;
  const found = among[Math.floor(random() * among.length)];
  return random() < 0.5 ? found : found?.toReversed();
}

function strengthOf(kind: FaultKind, random: () => number): number | undefined {
  const drawn = random();
  if (kind === 'slow') return 20 + Math.floor(drawn * 81);
  if (kind === 'full') return drawn < 0.5 ? 1 : 2;
  if (kind === 'disk') return drawn < 0.5 ? 0 : 20 + Math.floor((drawn - 0.5) * 962);
  return undefined;
}
