/**
 * Polite: however tight a loop of sends or receives is, timers and other sockets have their turn, and
 * a message that travels alone is not held back for others to join it.
 */
import { Pull, Push } from 'brokerless';
import { describe, expect, test } from 'vitest';
import * as zmq from 'zeromq';
import { runScript } from '../support/child.ts';
import { numbers } from '../support/collect.ts';

interface Measured {
  readonly late: number;
  readonly control: number;
  readonly count: number;
}

const LATE_MS = 20;

describe('a tight loop never keeps a timer waiting', () => {
  test.for([
    ['small', 200_000],
    ['large', 1000],
    ['object', 50_000],
    ['refused', 200_000],
  ] as const)('of %s values', async ([kind, atLeast]) => {
    const program = new URL('programs/polite.ts', import.meta.url);
    const run = await runScript(program, { source: true, args: [kind], timeoutMs: 15_000 });
    expect(run.code, run.stderr).toBe(0);
    const { sender, receiver }: Record<'sender' | 'receiver', Measured> = JSON.parse(run.stdout);
    for (const { late, control } of kind === 'refused' ? [sender] : [sender, receiver]) {
      // A machine that lets a loop of its own wait that long cannot be expected to do better.
      expect(late, run.stdout).toBeLessThan(Math.max(LATE_MS, 1.5 * control));
    }
    expect(sender.count).toBeGreaterThan(atLeast);
    if (kind !== 'refused') expect(receiver.count).toBeGreaterThan(atLeast / 2);
  });
});

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? Infinity;

test('a lone message arrives about as soon as one of raw zeromq', async () => {
  await using pull = await Pull.bind<number>('tcp://127.0.0.1:*');
  await using push = await Push.connect<number>(pull.endpoint);
  await push.ready();
  const [rawPull, rawPush] = [new zmq.Pull(), new zmq.Push()];
  rawPull.bindSync('tcp://127.0.0.1:*');
  rawPush.connect(rawPull.lastEndpoint ?? '');
  const [ours, raw]: [number[], number[]] = [[], []];
  for (const n of numbers(250)) {
    const start = performance.now();
    await push.send(n);
    await pull.receive();
    const middle = performance.now();
    await rawPush.send('x');
    await rawPull.receive();
    const end = performance.now();
    if (n < 50) continue;
    ours.push(middle - start);
    raw.push(end - middle);
  }
  rawPull.close();
  rawPush.close();
  // A timer would add a whole millisecond.
  expect(median(ours)).toBeLessThan(1.5 * median(raw) + 0.5);
});
