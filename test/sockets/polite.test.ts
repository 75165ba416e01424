/**
 * Polite: however tight a loop of sends or receives is, timers and other sockets have their turn, and
 * a message that travels alone is not held back for others to join it.
 */
import { Pull, Push } from 'brokerless';
import { describe, expect, test } from 'vitest';
import * as zmq from 'zeromq';
import { numbers } from '../support/collect.ts';
import { expectTwoGood, isPunctual } from '../support/punctual.ts';

const program = new URL('programs/polite.ts', import.meta.url);

describe('a tight loop never keeps a timer waiting', () => {
  test.for([
    ['small', 50_000],
    ['large', 300],
    ['object', 20_000],
    ['refused', 100_000],
  ] as const)('of %s values', { timeout: 60_000 }, async ([kind, atLeast]) => {
    const isRefused = kind === 'refused'; // Then nothing is received.
    await expectTwoGood<'sender' | 'receiver'>(
      program,
      kind,
      ({ sender, receiver }) =>
        isPunctual(sender) &&
        sender.count > atLeast &&
        (isRefused || (isPunctual(receiver) && receiver.count > atLeast / 2)),
    );
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
