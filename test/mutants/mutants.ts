/**
 * Mutants: mistakes that somebody could make in the rules, each with the test that must notice.
 */

import { queueMutants } from './queue-mutants.ts';
import { serviceMutants } from './service-mutants.ts';

/** A mistake, as a replacement of text. */
export interface Mutant {
  /** What is wrong. */
  readonly name: string;
  /** The file it is made in, from the root. */
  readonly file: string;
  /** What stands there, once. */
  readonly from: string;
  /** What stands there then. */
  readonly to: string;
  /** The file of the test that notices. */
  readonly test: string;
  /** The name of that test, or a part of it. */
  readonly named: string;
  /** Whether it is tried in `npm run test:long` only. Default false. */
  readonly isSeldom?: boolean;
}

/** How a test ended, in the words of Vitest. */
export type Ended = 'passed' | 'failed' | 'skipped' | 'pending';

const queue = 'patterns/paranoid-pirate/queue-rules.ts';
const lane = 'patterns/paranoid-pirate/worker-rules.ts';
const crew = 'src/broker/crew.ts';
const requests = 'src/broker/requests.ts';
const liveness = 'src/rules/liveness.ts';

const pirate = 'test/patterns/paranoid-pirate';
const orders = {
  test: `${pirate}/interleavings.test.ts`,
  named: 'keep every promise in every order',
};
const weeks = { test: `${pirate}/simulation.test.ts`, named: 'in the first' };

/** All of them. */
export const mutants: readonly Mutant[] = [
  {
    name: 'a heartbeat is taken for readiness',
    file: queue,
    from: 'else if (said !== HEARTBEAT) this.#faults += 1;',
    to: 'else this.crew.takeJob(worker);',
    ...orders,
  },
  {
    name: 'an answer to an earlier attempt is accepted',
    file: crew,
    from: '!sameBytes(job.tag, tag)',
    to: 'tag.length === 0',
    test: `${pirate}/queue-requests.test.ts`,
    named: 'an answer is refused and counted',
  },
  {
    name: 'the work of a lost worker is forgotten',
    file: queue,
    from: 'if (job !== undefined) this.requests.putBack(',
    to: 'if (job === null) this.requests.putBack(',
    ...orders,
  },
  {
    name: 'there is no limit of attempts',
    file: requests,
    from: 'request.attempts >= maxAttempts',
    to: 'request.attempts >= Infinity',
    test: `${pirate}/queue-losses.test.ts`,
    named: 'is given up when so many workers were lost as it may have',
  },
  {
    isSeldom: true,
    name: 'the time of the next beat is not moved on',
    file: queue,
    from: '      this.#beatAt = now + this.#options.heartbeatMs;\n      for',
    to: '      for',
    ...weeks,
  },
  {
    isSeldom: true,
    name: 'a queue that slept judges by what it has not read',
    file: queue,
    from: 'this.#alive.spare(now + heartbeatMs);',
    to: 'this.#alive.spare(0);',
    test: `${pirate}/queue-rules.test.ts`,
    named: 'is forgiven when it is the queue that has slept',
  },
  {
    isSeldom: true,
    name: 'a sign of life is not noted',
    file: queue,
    from: '    else {\n      this.#alive.heard(peer, now);\n',
    to: '    else {\n',
    test: `${pirate}/queue-rules.test.ts`,
    named: 'keeps a worker alive, idle or busy',
  },
  {
    name: 'a request whose time is over is given to a worker',
    file: requests,
    from: 'if (request === undefined || now < request.expiresAt) return request;',
    to: 'return request;',
    test: `${pirate}/queue-requests.test.ts`,
    named: 'is not given to a worker that is free before anybody has looked',
  },
  {
    isSeldom: true,
    name: 'a queue that was restarted cannot be told from the one before',
    file: 'src/broker/tag.ts',
    from: '  tag.set(epoch);\n',
    to: '',
    ...weeks,
  },
  {
    name: 'a lost worker is still given work',
    file: crew,
    from: '    this.#idle.delete(worker);\n  }\n\n  /** Forgets',
    to: '  }\n\n  /** Forgets',
    ...orders,
  },
  {
    isSeldom: true,
    name: 'a request that could not be sent is taken for sent',
    file: queue,
    from: '    const reason = isBrokerlessError',
    to: '    if (worker !== undefined) return [];\n    const reason = isBrokerlessError',
    test: `${pirate}/queue-losses.test.ts`,
    named: 'what could not be sent',
  },
  {
    name: 'a worker that leaves is given more',
    file: queue,
    from: '    this.crew.withdraw(worker);\n    if (worker.job',
    to: '    if (worker.job',
    test: `${pirate}/queue-rules.test.ts`,
    named: 'of a busy worker lets it finish, and is answered then',
  },
  {
    isSeldom: true,
    name: 'a lane answers a queue that did not ask it',
    file: lane,
    from: 'if (job !== this.#job) {',
    to: 'if (this.#stage === "over") {',
    test: `${pirate}/worker-rules.test.ts`,
    named: 'of a queue that was lost meanwhile is forgotten',
  },
  {
    isSeldom: true,
    name: 'a lane does not beat while it works',
    file: lane,
    from: 'return this.#options.heartbeatWhileBusy;',
    to: 'return false;',
    test: `${pirate}/worker-rules.test.ts`,
    named: 'are sent while a request is in hand too',
  },
  {
    isSeldom: true,
    name: 'a lane never gives its queue up',
    file: lane,
    from: 'if (now >= this.#queueDiesAt) return this.#lose(now);',
    to: '',
    ...weeks,
  },
  {
    isSeldom: true,
    name: 'the crowd is not looked through again after a death',
    file: liveness,
    from: '    this.#nobodyBefore = next;\n',
    to: '    this.#nobodyBefore = Number.POSITIVE_INFINITY;\n',
    test: 'test/rules/liveness.test.ts',
    named: 'the dead are those whom a plain list gives',
  },
  {
    isSeldom: true,
    name: 'what went back in line is counted twice',
    file: 'src/rules/waiting.ts',
    from: '    this.#lineOf(work).unshift(work);\n',
    to: '    this.#lineOf(work).unshift(work);\n    this.#length += 1;\n',
    ...orders,
  },
  {
    isSeldom: true,
    name: 'the less urgent go first',
    file: 'src/rules/waiting.ts',
    from: 'Math.max(...this.#lines.keys())',
    to: 'Math.min(...this.#lines.keys())',
    test: 'test/rules/waiting.test.ts',
    named: 'that is more urgent goes first',
  },
  {
    name: 'a request that may have run is given to another worker by the load balancer',
    file: 'patterns/load-balancer/rules.ts',
    from: 'const ONCE = 1;',
    to: 'const ONCE = 3;',
    test: 'test/patterns/load-balancer/rules-losses.test.ts',
    named: 'with a request in hand: its client hears at once',
  },
  {
    isSeldom: true,
    name: 'whoever has the name of a worker may answer for another',
    file: 'patterns/load-balancer/rules.ts',
    from: 'worker && this.crew.complete(worker, payload[0] as Uint8Array)',
    to: 'worker && this.crew.takeJob(worker)',
    test: 'test/patterns/load-balancer/rules.test.ts',
    named: 'that answers with the tag of another does not get through',
  },
  {
    isSeldom: true,
    name: 'a late reply is not told from one that is waited for',
    file: 'patterns/lazy-pirate/rules.ts',
    from: 'const request = this.book.get(number);',
    to: 'const request = this.book.get(number) ?? [...this.book.all()][0];',
    test: 'test/patterns/lazy-pirate/replies.test.ts',
    named: 'is late and resolves nothing else',
  },
  {
    isSeldom: true,
    name: 'a handler that says QUEUE_FULL is taken for a broker',
    file: 'patterns/lazy-pirate/reply-rules.ts',
    from: "from === 'broker' ? code : undefined",
    to: 'code',
    test: 'test/patterns/lazy-pirate/replies.test.ts',
    named: 'of a handler is a failure like any other',
  },
  {
    isSeldom: true,
    name: 'a request that has not left counts as worked on',
    file: 'patterns/load-balancer/rules.ts',
    from: '    job.request.attempts -= 1;',
    to: '    job.request.attempts -= 0;',
    test: 'test/patterns/load-balancer/rules-losses.test.ts',
    named: 'before the request had left: another worker gets it',
  },
  {
    isSeldom: true,
    name: 'a worker that never answers is waited for for ever',
    file: 'patterns/load-balancer/rules.ts',
    from: 'if (now < this.#lookAt) return;',
    to: 'if (now >= 0) return;',
    test: 'test/patterns/load-balancer/rules-losses.test.ts',
    named: 'is forgotten when the time of its request is over',
  },
  {
    isSeldom: true,
    name: 'a request too large to travel costs worker after worker',
    file: 'patterns/load-balancer/rules.ts',
    from: "else if (isBrokerlessError(error, 'PEER_FULL'))",
    to: 'else if (error)',
    test: 'test/patterns/load-balancer/rules-losses.test.ts',
    named: 'a request that cannot travel costs its client',
  },
  {
    name: "a request is sent with the number of the worker's last message but one",
    file: 'patterns/load-balancer/rules.ts',
    from: 'worker.address = address;',
    to: 'if (known === undefined) worker.address = address;',
    test: 'test/patterns/load-balancer/rules.test.ts',
    named: 'has the newest one put before each request',
  },
  {
    name: 'a request that a worker had is said to have expired unseen',
    file: 'src/broker/requests.ts',
    from: "request.attempts === 0 ? 'EXPIRED'",
    to: "request.attempts >= 0 ? 'EXPIRED'",
    test: 'test/broker/requests.test.ts',
    named: 'may have been worked on, which EXPIRED would deny',
  },
  {
    isSeldom: true,
    name: 'a lane says READY while it works for nobody',
    file: 'patterns/load-balancer/worker-rules.ts',
    from: 'isWaiting && this.#job === undefined ?',
    to: 'isWaiting ?',
    test: 'test/patterns/load-balancer/worker-rules.test.ts',
    named: 'finishes what it has in hand before it says READY',
  },
  ...queueMutants,
  ...serviceMutants,
];
