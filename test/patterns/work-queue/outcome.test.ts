/**
 * Tests of what travels besides items: what is asked of them, and how they have ended.
 */
import { bodiesBy, encodeFailure, ListWriter } from 'brokerless/kit';
import { describe, expect, test } from 'vitest';
import { read, type Status } from '../../../patterns/work-queue/messages.ts';
import { outcomeOf } from '../../../patterns/work-queue/outcome.ts';
import { type ItemOptions, wishesOf } from '../../../patterns/work-queue/wishes.ts';

const bodies = bodiesBy<never, unknown>('cbor', 1 << 20);
const encode = (value: unknown): Uint8Array =>
  bodiesBy<unknown, unknown>('cbor', 1 << 20).encode(value);

/** What a queue reads of such options. */
function readOf(options: ItemOptions, outcome = false): unknown {
  const wishes = wishesOf(options, outcome);
  if (wishes === undefined) return undefined;
  const put = new ListWriter('put').uint(1).uint(1).binary(new Uint8Array(1)).item(wishes);
  return read([put.done()])?.list[4];
}

describe('what is asked of an item', () => {
  test('is nothing, mostly', () => {
    expect(readOf({})).toBeUndefined();
    expect(readOf({ key: undefined, signal: new AbortController().signal })).toBeUndefined();
    expect(readOf({}, true)).toEqual({ outcome: true });
  });

  test('travels as it is, and the signal stays', () => {
    const { signal } = new AbortController();
    const asked = { key: 'k', unique: true, priority: 255, deadlineMs: 2 ** 40, maxAttempts: 1 };
    expect(readOf({ ...asked, signal })).toEqual(asked);
    expect(readOf({ ...asked, priority: undefined }, true)).toEqual({
      key: 'k',
      unique: true,
      deadlineMs: 2 ** 40,
      maxAttempts: 1,
      outcome: true,
    });
  });

  test('of a date travels as how long it is until then', () => {
    const soon = readOf({ notBefore: new Date(Date.now() + 60_000) }) as { delayMs: number };
    expect(soon.delayMs).toBeGreaterThan(30_000);
    expect(soon.delayMs).toBeLessThanOrEqual(60_000);
    expect(readOf({ notBefore: new Date(0), delayMs: 5000 })).toEqual({ delayMs: 0 });
  });
});

describe('how an item has ended', () => {
  const failure = encodeFailure({ code: 'NO_LUCK', message: 'not today', data: { tries: 3 } });
  const endOf = (status: Status | 'lost', body: Uint8Array) =>
    outcomeOf('life-1', { status, attempts: 2, body }, bodies);

  test('is told with its result, or with what went wrong', () => {
    expect(endOf('done', encode({ sum: 3 }))).toEqual({
      id: 'life-1',
      status: 'done',
      value: { sum: 3 },
      attempts: 2,
    });
    expect(endOf('failed', failure)).toMatchObject({
      status: 'failed',
      error: { code: 'NO_LUCK', message: 'not today', data: { tries: 3 } },
    });
    expect(endOf('discarded', failure)).toMatchObject({
      id: 'life-1',
      status: 'discarded',
      reason: 'not today',
      attempts: 2,
    });
  });

  test.each(['cancelled', 'expired', 'lost'] as const)('is told without more if %s', (status) => {
    expect(endOf(status, new Uint8Array(0))).toEqual({ id: 'life-1', status, attempts: 2 });
  });

  test('is a failure if the result cannot be read, and says so if the failure cannot', () => {
    const nonsense = Uint8Array.of(255);
    for (const status of ['done', 'failed'] as const) {
      expect(endOf(status, nonsense)).toMatchObject({
        status: 'failed',
        error: { code: 'BAD_MESSAGE' },
      });
    }
    expect(endOf('discarded', nonsense)).toMatchObject({
      status: 'discarded',
      reason: expect.stringContaining('the failure'),
    });
  });
});
