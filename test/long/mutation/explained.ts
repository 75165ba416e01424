/**
 * Explained: mistakes that no test notices, and need not: the program does the same with them, or what differs
 * is no more than speed. By what stands there and not by where, so that the list outlives changes elsewhere.
 */
import type { Mutation } from './stryker.ts';

/** A mistake that does no harm, in some file. */
export interface Explained {
  /** The line, without what surrounds it. */
  readonly line: string;
  /** What something in it is replaced by; none of these does harm. */
  readonly to: readonly string[];
  /** Why. */
  readonly why: string;
}

const SAME_TIME = 'of two that are due at the same time either may be first';
const SET_AGAIN = 'what is set is what it is already';
const HALF_A_BEAT = 'exactly half a beat may be late or asleep';
const NO_SUCH = 'no message has that name';

/** By file, from the root. */
export const explained: Readonly<Record<string, readonly Explained[]>> = {
  'src/rules/agenda.ts': [
    { line: 'const sooner = time < entry.dueAt;', to: ['time <= entry.dueAt'], why: SAME_TIME },
    {
      line: 'if (last.dueAt < entry.dueAt) this.#rise(last, place);',
      to: ['last.dueAt <= entry.dueAt'],
      why: SAME_TIME,
    },
    {
      line: 'const below = right < heap.length && (heap[right] as Entry).dueAt < leftAt ? right : left;',
      to: ['(heap[right] as Entry).dueAt <= leftAt'],
      why: SAME_TIME,
    },
    {
      line: 'if (child.dueAt >= entry.dueAt) break;',
      to: ['child.dueAt > entry.dueAt'],
      why: SAME_TIME,
    },
  ],
  'src/rules/fifo.ts': [
    {
      line: 'if (this.#head === this.#items.length) return undefined;',
      to: ['false'],
      why: 'an empty queue that is asked moves on by one, and is as empty as before',
    },
    {
      line: 'if (this.#head > 32 && this.#head * 2 > this.#items.length) {',
      to: ['true', 'this.#head >= 32', 'this.#head * 2 >= this.#items.length'],
      why: 'when the array is cut is a matter of speed alone',
    },
  ],
  'src/rules/gaps.ts': [
    { line: "#current = '';", to: ['"Stryker was here!"'], why: NO_SUCH },
    { line: "this.#current = '';", to: ['"Stryker was here!"'], why: NO_SUCH },
    {
      line: 'if (next !== undefined) this.#next.set(this.#current, next + count);',
      to: ['true'],
      why: NO_SUCH,
    },
    {
      line: 'if (this.#next.has(this.#current)) this.#next.set(this.#current, ANEW);',
      to: ['true'],
      why: NO_SUCH,
    },
    {
      line: 'if (this.#epochs.size >= MAX_EPOCHS) this.#epochs.delete(oldest(this.#epochs));',
      to: ['this.#epochs.size > MAX_EPOCHS'],
      why: 'one epoch more may be remembered',
    },
    {
      line: "const [key = ''] = map.keys();",
      to: ['"Stryker was here!"'],
      why: 'only maps with something in them are asked',
    },
  ],
  'src/rules/liveness.ts': [
    {
      line: 'if (diesAt < this.#nobodyBefore) this.#nobodyBefore = diesAt;',
      to: ['diesAt <= this.#nobodyBefore'],
      why: SET_AGAIN,
    },
    { line: '} else if (diesAt < next) next = diesAt;', to: ['diesAt <= next'], why: SET_AGAIN },
    {
      line: 'for (const [peer, diesAt] of this.#diesAt) if (diesAt < time) this.#diesAt.set(peer, time);',
      to: ['diesAt <= time'],
      why: SET_AGAIN,
    },
    {
      line: 'if (this.#nobodyBefore < time) this.#nobodyBefore = time;',
      to: ['this.#nobodyBefore <= time'],
      why: SET_AGAIN,
    },
  ],
  'src/rules/waiting.ts': [
    {
      line: '} else if (this.#lines.get(work.priority)?.length === 0) {',
      to: ['this.#lines.get(work.priority).length'],
      why: 'it has been taken from that line',
    },
  ],
  'src/broker/assign.ts': [
    {
      line: 'if (turnsFrom(after, worker) < turnsFrom(after, next)) next = worker;',
      to: ['turnsFrom(after, worker) <= turnsFrom(after, next)'],
      why: 'no two workers joined as the same number',
    },
    {
      line: 'joined > after ? joined - after : joined + Number.MAX_SAFE_INTEGER / 2;',
      to: ['joined + after'],
      why: 'they are compared with one another, and stay in order',
    },
    {
      line: 'for (const worker of idle) if (worker.joined < best.joined) best = worker;',
      to: ['worker.joined <= best.joined'],
      why: 'no two workers joined as the same number',
    },
  ],
  'src/broker/requests.ts': [
    {
      line: 'if (frames.length !== 1 || frames[0]?.length !== 0) this.faults += 1;',
      to: ['false', 'frames[0].length'],
      why: 'where there is no body, an empty first frame is the only one',
    },
    {
      line: 'if (this.#waiting.length === 0) return 0;',
      to: ['false'],
      why: 'nothing is found where nothing waits, only slower',
    },
    {
      line: "return encodeFailure({ code, message, from: 'broker' });",
      to: ['{}'],
      why: 'the module throws when it is loaded, and so no test begins that could fail',
    },
  ],
  'src/broker/tag.ts': [
    {
      line: 'for (let at = 0; at < one.length; at += 1) if (one[at] !== other[at]) return false;',
      to: ['at <= one.length'],
      why: 'neither has anything there, for they are of the same length',
    },
  ],
  'patterns/lazy-pirate/book-rules.ts': [
    {
      line: 'if (this.#gone < 32 || this.#gone < this.waiting) return;',
      to: [
        'false',
        'this.#gone < 32 && this.#gone < this.waiting',
        'this.#gone <= 32',
        'this.#gone <= this.waiting',
      ],
      why: 'when the line is cut is a matter of speed alone',
    },
  ],
  'patterns/lazy-pirate/request-rules.ts': [
    { line: 'isSpared = false;', to: ['true'], why: 'the first attempt sets it' },
  ],
  'patterns/lazy-pirate/rules.ts': [
    {
      line: 'if (!isConnected) this.#loseConnection(now);',
      to: ['true'],
      why: 'where there was no connection there is nothing to lose',
    },
    {
      line: 'const hasSlept = now - (this.book.deadline ?? now) > SLEPT_MS;',
      to: ['now - (this.book.deadline ?? now) >= SLEPT_MS'],
      why: 'so exact a time may be late or asleep',
    },
    {
      line: 'if (now - sentAt >= patience.timeoutMs / 2) this.servers.unanswered(sentAt, now);',
      to: ['now - sentAt > patience.timeoutMs / 2'],
      why: 'exactly half of its time may be enough or not',
    },
  ],
  'patterns/load-balancer/messages.ts': [
    {
      line: 'return payload.length === 1 && frame !== undefined && sameBytes(frame, word);',
      to: ['true'],
      why: 'one frame is there',
    },
  ],
  'patterns/load-balancer/rules.ts': [
    {
      line: 'if (worker === undefined || job === undefined) return [];',
      to: ['false'],
      why: 'there is no job without a worker',
    },
    {
      line: 'if (frames.length === 1 && frames[0]?.length === 0) return; // ZMQ_PROBE_ROUTER.',
      to: ['frames[0].length'],
      why: 'there is one frame',
    },
    {
      line: 'const expiresAt = worker?.job?.request.expiresAt ?? Number.POSITIVE_INFINITY;',
      to: ['worker.job'],
      why: 'the names are those of workers',
    },
  ],
  'patterns/paranoid-pirate/messages.ts': [
    {
      line: 'return frame?.length === 1 ? frame[0] : -1;',
      to: ['frame.length'],
      why: 'there is one frame',
    },
  ],
  'patterns/paranoid-pirate/queue-rules.ts': [
    {
      line: 'if (this.crew.size > 0 && now >= this.#beatAt) {',
      to: ['true', 'this.crew.size >= 0'],
      why: 'nobody is sent a beat, and the first worker to come sets the time anew',
    },
    {
      line: 'const sleptMs = this.crew.size === 0 ? 0 : now - this.#watchAt();',
      to: ['false'],
      why: 'there is nobody to spare',
    },
    {
      line: 'if (sleptMs > heartbeatMs / 2) this.#alive.spare(now + heartbeatMs);',
      to: ['sleptMs >= heartbeatMs / 2'],
      why: HALF_A_BEAT,
    },
  ],
  'patterns/paranoid-pirate/worker-rules.ts': [
    {
      line: 'if (sleptMs > heartbeatMs / 2)',
      to: ['sleptMs >= heartbeatMs / 2'],
      why: HALF_A_BEAT,
    },
  ],
  'patterns/pipeline/sink-rules.ts': [
    {
      line: 'if (this.#heardAt === undefined || this.received >= this.#sent) this.#heardAt = now;',
      to: ['false'],
      why: 'before anything has been heard of no result is owed',
    },
  ],
};

/** Why a mutation that survives does no harm; undefined if it is not known to do none. */
export function explanationOf({ file, line, to, isKilled }: Mutation): Explained | undefined {
  if (isKilled) return undefined;
  return explained[file]?.find((each) => each.line === line && each.to.includes(to));
}
