/**
 * Tests with a hub, workers and producers in Python, written from the wire table alone: ours with theirs, either
 * way round, and what becomes of items when one of them is killed or frozen.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  connectProducer,
  Discard,
  type Outcome,
  startQueueWorker,
  startWorkQueue,
  type WorkQueue,
} from '../../../patterns/work-queue/index.ts';
import { numbers } from '../../support/collect.ts';
import { reservedEndpoint } from '../../support/port.ts';
import { PYTHON, requirePython } from '../../support/python.ts';
import { until } from '../../support/until.ts';

const TCP = 'tcp://127.0.0.1:*';
const BEAT_MS = 1000; // Nobody dies of a busy machine.
const LONG = { timeoutMs: 20_000 } as const;
const PATIENT = { timeout: 90_000 } as const;

beforeEach((context) => requirePython(context, 'zmq', 'cbor2'));

/** A line that a program has printed. */
type Line = Readonly<Record<string, unknown>>;

/** A Python program, ended with the scope, and the lines that it has printed. */
class Program implements Disposable {
  readonly child: ChildProcess;
  readonly lines: Line[] = [];

  constructor(name: 'hub' | 'producer' | 'worker', ...args: readonly string[]) {
    const path = fileURLToPath(new URL(`programs/${name}.py`, import.meta.url));
    const child = spawn(PYTHON, [path, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    createInterface({ input: child.stdout }).on('line', (line) =>
      this.lines.push(JSON.parse(line)),
    );
    this.child = child;
  }

  /** All lines about this. */
  all(what: string): Line[] {
    return this.lines.filter((line) => what in line);
  }

  /** Waits for so many lines about this, of which the last may have to be `value`; returns what it says. */
  async says(what: string, { times = 1, value }: { times?: number; value?: unknown } = {}) {
    const isRight = (line: Line): boolean => value === undefined || line[what] === value;
    const found = (): Line | undefined => this.all(what).filter(isRight)[times - 1];
    const isOver = (): boolean => this.child.exitCode !== null || this.child.signalCode !== null;
    await until(() => found() !== undefined || isOver(), { ...LONG, what: `it says ${what}` });
    await until(() => found() !== undefined, { what: `it says ${what}, now that it has ended` });
    return found()?.[what];
  }

  /** Waits until it has ended by itself. */
  async ends(): Promise<void> {
    await until(() => this.child.exitCode !== null, LONG);
    expect(this.child.exitCode).toBe(0);
  }

  [Symbol.dispose](): void {
    this.child.kill('SIGKILL');
  }
}

/** An item: what their producer puts. */
type Thing = number | string;

/** The first items of their producer. */
const things = (count: number): Thing[] =>
  numbers(count).map((n) => (n % 2 === 0 ? n : `item-${n}`));

/** What their worker does with it. */
const work = (item: Thing): Thing =>
  typeof item === 'number' ? 2 * item : Array.from(item).toReversed().join('');

const startHub = (heartbeatMs = BEAT_MS): Promise<WorkQueue> =>
  startWorkQueue({
    producers: TCP,
    workers: TCP,
    heartbeatMs,
    missesAllowed: 5,
    retryMs: 1,
  });

/** Their worker, once the hub has it. */
async function theirWorker(workers: string, ...args: readonly string[]): Promise<Program> {
  const worker = new Program('worker', workers, ...args);
  await worker.says('welcome');
  return worker;
}

/** Their hub, and where it is bound. */
async function theirHub(producers = TCP, workers = TCP) {
  const hub = new Program('hub', producers, workers, `${BEAT_MS}`);
  const where = {
    producers: String(await hub.says('producers')),
    workers: String(hub.all('workers')[0]?.['workers']),
  };
  return { hub, ...where, [Symbol.dispose]: () => hub[Symbol.dispose]() };
}

/** Has our producer send items; returns how they ended, in their order. */
async function outcomes(endpoint: string, items: readonly Thing[]): Promise<Outcome<Thing>[]> {
  await using producer = await connectProducer<Thing, Thing>(endpoint);
  const ids = await Promise.all(items.map((item) => producer.send(item)));
  return await Promise.all(ids.map((id) => producer.outcome(id)));
}

/** How items end that are all done at once. */
const allDone = (items: readonly Thing[], attempts = 1) =>
  items.map((item) => expect.objectContaining({ status: 'done', value: work(item), attempts }));

/** Expects that their producer has the results of so many items, each once. */
async function hasAll(producer: Program, count: number): Promise<void> {
  const summary = { connections: 1, resent: 0, accepted: count, done: count };
  expect(await producer.says('summary')).toEqual(summary);
  await producer.ends();
  const results = new Map(producer.all('status').map((line) => [line['item'], line['value']]));
  expect(results).toEqual(new Map(things(count).map((item) => [item, work(item)])));
}

describe('our hub', PATIENT, () => {
  test('with their workers, who fail everything once and throw one thing away', async () => {
    await using queue = await startHub();
    const args = ['--fail-first', '1', '--discard', 'item-7', '--credit', '3'];
    using one = await theirWorker(queue.workers, ...args);
    using other = await theirWorker(queue.workers, ...args);
    const ended = await outcomes(queue.producers, things(40));
    const expected: unknown[] = allDone(things(40), 2);
    expected[7] = expect.objectContaining({ status: 'discarded', attempts: 2 });
    expect(ended).toEqual(expected);
    expect(queue.stats()).toMatchObject({ accepted: 40, done: 39, discarded: 1, faults: 0 });
    expect(one.all('answer').length + other.all('answer').length).toBe(80);
  });

  test('with their worker, who fails everything for good', async () => {
    await using queue = await startHub();
    using _ = await theirWorker(queue.workers, '--fail-first', '9');
    const error = { code: 'ASKED_TO', message: 'attempt 3 fails' };
    const [ended] = await outcomes(queue.producers, [1]);
    expect(ended).toMatchObject({ status: 'failed', attempts: 3, error });
    expect(queue.deadLetters()).toMatchObject([{ item: 1 }]);
  });

  test('with their producer', async () => {
    await using queue = await startHub();
    await using _ = await startQueueWorker({ queue: queue.workers, handler: work });
    using producer = new Program('producer', queue.producers, '500');
    await hasAll(producer, 500);
    expect(queue.stats()).toMatchObject({ accepted: 500, done: 500, faults: 0 });
  });

  test('with their producer and their workers, of whom one leaves', async () => {
    await using queue = await startHub();
    using leaver = await theirWorker(queue.workers, '--leave-after', '50', '--credit', '20');
    using stayer = await theirWorker(queue.workers, '--pause-ms', '4');
    using producer = new Program('producer', queue.producers, '500');
    await hasAll(producer, 500);
    expect(await leaver.says('bye')).toBe(50);
    await leaver.ends();
    expect(stayer.all('answer')).toHaveLength(450);
    expect(producer.all('status').every(({ attempts }) => attempts === 1)).toBe(true);
  });

  test('gives the items of their worker, who is killed, to another', async () => {
    await using queue = await startHub();
    using victim = await theirWorker(queue.workers, '--credit', '5', '--pause-ms', '1000000');
    const ended = outcomes(queue.producers, things(20));
    await victim.says('holds', { value: 5 });
    await using _ = await startQueueWorker({ queue: queue.workers, handler: work });
    victim.child.kill('SIGKILL');
    const values = (await ended).map((each) => each.status === 'done' && each.value);
    expect(values).toEqual(things(20).map(work));
    const attempts = (await ended).map((each) => each.attempts);
    expect(attempts.toSorted()).toEqual([...Array(15).fill(1), ...Array(5).fill(2)]);
  });

  test('is found again by their worker, who was frozen and given up', async () => {
    await using queue = await startHub(200);
    using frozen = await theirWorker(queue.workers, '--credit', '2', '--pause-ms', '1000000');
    const ended = outcomes(queue.producers, things(10));
    await frozen.says('holds', { value: 2 });
    await using worker = await startQueueWorker({ queue: queue.workers, handler: work });
    frozen.child.kill('SIGSTOP');
    expect(await ended).toHaveLength(10);
    frozen.child.kill('SIGCONT');
    await frozen.says('welcome', { times: 2 });
    await worker.leave();
    expect(queue.stats()).toMatchObject({ accepted: 10, done: 10 });
  });

  test('calls off what their worker holds, begun or not', async () => {
    await using queue = await startHub();
    using worker = await theirWorker(queue.workers, '--credit', '2', '--pause-ms', '1000000');
    await using producer = await connectProducer<Thing, Thing>(queue.producers);
    const ids = await Promise.all(things(3).map((item) => producer.send(item)));
    await worker.says('holds', { value: 2 });
    for (const id of ids) producer.cancel(id);
    const ended = await Promise.all(ids.map((id) => producer.outcome(id)));
    expect(ended.map(({ status }) => status)).toEqual(['cancelled', 'cancelled', 'cancelled']);
    await worker.says('cancel', { times: 2 });
    const times = worker.all('holds').length + 1;
    await producer.send(4);
    await worker.says('holds', { times });
  });
});

describe('their hub', PATIENT, () => {
  test('with our worker and our producer', async () => {
    using hub = await theirHub();
    const handler = (item: Thing): Thing => {
      if (item === 'item-7') throw new Discard('it is unwanted');
      if (item === 'item-9') throw new Error('it is broken');
      return work(item);
    };
    await using worker = await startQueueWorker({ queue: hub.workers, handler, concurrency: 2 });
    const expected: unknown[] = allDone(things(100));
    const reason = expect.stringContaining('it is unwanted');
    expected[7] = expect.objectContaining({ status: 'discarded', reason, attempts: 1 });
    expected[9] = expect.objectContaining({ status: 'failed', attempts: 3 });
    expect(await outcomes(hub.producers, things(100))).toEqual(expected);
    await worker.leave();
    expect([hub.hub.all('fault'), hub.hub.all('late'), hub.hub.all('lost')]).toEqual([[], [], []]);
  });

  test('with our worker and theirs, and both producers', async () => {
    using hub = await theirHub();
    await using _ = await startQueueWorker({ queue: hub.workers, handler: work, credit: 8 });
    using worker = await theirWorker(hub.workers, '--credit', '8');
    using theirs = new Program('producer', hub.producers, '300');
    expect(await outcomes(hub.producers, things(300))).toEqual(allDone(things(300)));
    await hasAll(theirs, 300);
    expect(worker.all('answer').length).toBeGreaterThan(0);
    expect(hub.hub.all('fault')).toEqual([]);
  });

  test('is found again by our worker and our producer, who is told what went with the first', async () => {
    using first = await theirHub(await reservedEndpoint(), await reservedEndpoint());
    let isOpen = true;
    const worked: Thing[] = [];
    const handler = async (item: Thing): Promise<Thing> => {
      worked.push(item);
      await until(() => isOpen, LONG);
      return work(item);
    };
    await using _ = await startQueueWorker({ queue: first.workers, handler });
    await using producer = await connectProducer<Thing, Thing>(first.producers);
    expect(await producer.outcome(await producer.send(1))).toMatchObject({ value: 2 });
    isOpen = false;
    const unfinished = await producer.send(2);
    await until(() => worked.includes(2), LONG);
    first.hub.child.kill('SIGKILL');
    await until(() => first.hub.child.signalCode !== null, LONG);
    using second = await theirHub(first.producers, first.workers);
    isOpen = true;
    await second.hub.says('joined');
    expect(await producer.outcome(unfinished)).toMatchObject({ status: 'lost', attempts: 0 });
    expect(await producer.outcome(await producer.send(3))).toMatchObject({ value: 6 });
  });
});
