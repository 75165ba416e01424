/**
 * Simulated: a Paranoid Pirate queue whose time is only counted.
 */
import { type Assign, EPOCH_BYTES, type Frames, newBytes, type PeerMessage } from 'brokerless/kit';
import { QueueRules } from '../../patterns/paranoid-pirate/queue-rules.ts';
import { request } from './broker.ts';

/** What is played. */
export interface Simulation {
  readonly assign: Assign;
  /** How long each worker takes, in the order in which they join. */
  readonly delaysMs: readonly number[];
  /** Requests a millisecond, on average. */
  readonly perMs: number;
  /** How many requests there are. */
  readonly count: number;
  /** Another number gives other random numbers. */
  readonly seed: number;
}

const READY: Frames = [Uint8Array.of(0x01)];

/** How long each request took, in milliseconds, the shortest first. */
export function simulated({ assign, delaysMs, perMs, count, seed }: Simulation): readonly number[] {
  const random = seeded(seed);
  const rules = new QueueRules({
    assign,
    random,
    maxWaiting: 1e6,
    maxWaitingBytes: 1e12,
    overflow: 'wait',
    requestMs: 1e12,
    maxWorkers: delaysMs.length,
    heartbeatMs: 1e12, // All live for ever.
    missesAllowed: 3,
    maxAttempts: 1,
    epoch: newBytes(EPOCH_BYTES),
  });
  const doneAt = new Map<PeerMessage, number>(); // What the workers have in hand.
  const tookMs: number[] = [];
  const receive = (from: 'clients' | 'workers', message: PeerMessage, now: number): void => {
    for (const action of rules.receive(from, message, now)) {
      if (action.kind === 'tell' && action.what.kind === 'answered') tookMs.push(action.what.ms);
      if (action.kind !== 'send' || action.to !== 'workers') continue;
      doneAt.set(action.message, now + (delaysMs[Number(action.message.peer)] ?? NaN));
    }
  };
  delaysMs.forEach((_, i) => receive('workers', { peer: String(i), value: READY }, 0));
  let asked = 0;
  for (let askAt = 0; tookMs.length < count; ) {
    const [message, at] = first(doneAt);
    if (asked < count && askAt <= at) {
      receive('clients', { peer: 'client', value: request }, askAt);
      asked += 1;
      askAt -= Math.log(1 - random()) / perMs;
    } else {
      doneAt.delete(message as PeerMessage);
      receive('workers', message as PeerMessage, at);
    }
  }
  return tookMs.toSorted((a, b) => a - b);
}

/** The one that is at this share of a sorted list. */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

function first(doneAt: ReadonlyMap<PeerMessage, number>): [PeerMessage | undefined, number] {
  let found: [PeerMessage | undefined, number] = [undefined, Number.POSITIVE_INFINITY];
  for (const [message, at] of doneAt) if (at < found[1]) found = [message, at];
  return found;
}

/** Numbers from 0 up to but not including 1, the same for each seed: Numerical Recipes' generator. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
