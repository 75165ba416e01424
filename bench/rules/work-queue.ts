/**
 * A fan-out's step: one item's result comes back, and the next item of the source goes out.
 *
 * Results come a hundred in a message from each worker in turn, as they do under load. Ours and the floor both
 * read and write the messages, and what it takes to write the worker's is in both figures.
 */
import { ListReader, ListWriter, type PeerMessage } from 'brokerless/kit';
import { FanOutRules, type Piece } from '../../patterns/work-queue/fan-out-rules.ts';

/** As much of a fan-out as takes part. Tells how many items have ended since it was last asked. */
interface Subject {
  readonly hear: (message: PeerMessage, now: number) => void;
  readonly put: (bodies: readonly Uint8Array[], now: number) => void;
  readonly ended: () => number;
}

/** How many items a worker has, and tells of at once. */
const AT_ONCE = 100;

const BETWEEN_MS = 0.1;
const body = Uint8Array.of(0x50, ...new Uint8Array(16)); // A byte string of 16 bytes, in CBOR.

/** Ours. */
export function ourFanOut(workers: number): () => void {
  const rules = new FanOutRules({
    maxItems: 100_000,
    maxBytes: 256 << 20,
    uniqueMs: 60_000,
    maxUnique: 10_000,
    maxAttempts: 3,
    backoff: { baseMs: 100, maxMs: 30_000 },
    maxDeadLetters: 10_000,
    wallOffsetMs: 0,
    random: Math.random,
    epoch: 'bench',
    heartbeatMs: 1000,
    missesAllowed: 3,
    maxWorkers: 10_000,
    maxUnread: 100_000,
  });
  let ended = 0;
  // At the end of a turn there is more to do.
  const finish = (now: number): void => {
    for (const action of rules.flush(now)) {
      if (action.kind !== 'tell' || action.what.kind !== 'ended') continue;
      ended += action.what.items.length;
      for (let i = 0; i < action.what.items.length; i += 1) rules.taken();
    }
    if (now >= (rules.deadline ?? Number.POSITIVE_INFINITY)) rules.tick(now);
  };
  return stepOf(workers, {
    hear(message, now) {
      rules.receive('workers', message, now);
      finish(now);
    },
    put(bodies, now) {
      const pieces = bodies.map((each): Piece => {
        return { value: each, body: each, failure: undefined, index: 0 };
      });
      rules.receive('source', pieces, now);
      finish(now);
    },
    ended() {
      const count = ended;
      ended = 0;
      return count;
    },
  });
}

/** A Map of what is out, by number; the worker that has said something gets as many anew. */
export function floorFanOut(workers: number): () => void {
  const out = new Map<number, Uint8Array>();
  const idle: string[] = [];
  let next = 1;
  let ended = 0;
  return stepOf(workers, {
    hear({ peer, value: [frame] }) {
      idle.push(peer);
      const list = new ListReader(frame as Uint8Array);
      if (list.text() !== 'done') return;
      for (let n = list.uint(); n !== undefined; n = list.uint()) {
        list.uint();
        list.binary();
        if (out.delete(n)) ended += 1;
      }
    },
    put(bodies) {
      const list = new ListWriter('items');
      for (const each of bodies) {
        out.set(next, each);
        list.uint(next).uint(1).binary(each);
        next += 1;
      }
      if (idle.shift() === undefined || list.done().length === 0) throw new Error('nobody is idle');
    },
    ended() {
      const count = ended;
      ended = 0;
      return count;
    },
  });
}

/** Every hundredth call does a hundred steps: that is how they come. */
function stepOf(workers: number, { hear, put, ended }: Subject): () => void {
  const bodies = Array.from({ length: AT_ONCE }, () => body);
  const first: number[] = []; // The first number that each worker has; the others follow.
  let now = 0;
  let next = 1;
  const give = (worker: number): void => {
    first[worker] = next;
    next += AT_ONCE;
    put(bodies, now);
  };
  for (let worker = 0; worker < workers; worker += 1) {
    const ready = new ListWriter('ready').uint(1).uint(AT_ONCE).done();
    hear({ peer: String(worker), value: [ready] }, now);
    give(worker); // It alone takes more.
  }
  let calls = 0;
  return () => {
    calls += 1;
    if (calls % AT_ONCE > 0) return;
    now += BETWEEN_MS;
    const worker = (calls / AT_ONCE) % workers;
    const list = new ListWriter('done');
    const from = first[worker] ?? NaN;
    for (let n = from; n < from + AT_ONCE; n += 1) list.uint(n).uint(1).binary(body);
    hear({ peer: String(worker), value: [list.done()] }, now);
    const count = ended();
    if (count !== AT_ONCE) throw new Error(`${count} items have ended, not ${AT_ONCE}`);
    give(worker);
  };
}
