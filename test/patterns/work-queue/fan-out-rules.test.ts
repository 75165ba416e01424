/**
 * Tests of the rules of a fan-out: how far it reads its source, and how it comes to its end, with no sockets.
 */
import { encodeFailure } from 'brokerless/kit';
import { describe, expect, test } from 'vitest';
import type { QueueTold } from '../../../patterns/work-queue/acts-rules.ts';
import {
  FanOutRules,
  type FanOutRulesOptions,
  type Piece,
} from '../../../patterns/work-queue/fan-out-rules.ts';
import { bytesOf, deskOptions, QueueDesk } from './queue-desk.ts';

/** The rules of a fan-out, and time. What has ended in words: `ended 0 done` (its place in the source). */
class FanOutDesk extends QueueDesk {
  override readonly rules: FanOutRules;

  constructor(options: Partial<FanOutRulesOptions> = {}) {
    super();
    this.rules = new FanOutRules({ ...deskOptions, ...options });
  }

  /** The source gives values, all at once. */
  read(...values: readonly string[]): string[] {
    return this.readAs(...values.map((value) => ({ value, failure: undefined })));
  }

  /** The source gives values, some of which cannot travel. */
  readAs(...values: readonly Pick<Piece, 'value' | 'failure'>[]): string[] {
    const pieces = values.map((each) => ({
      ...each,
      body: bytesOf(String(each.value)),
      index: -1,
    }));
    return this.did(this.rules.receive('source', pieces, this.now));
  }

  /** The source has come to its end. */
  end(): string[] {
    return this.did(this.rules.ended());
  }

  /** The connection of a worker has ended. */
  left(worker: string): string[] {
    return this.did(this.rules.left('workers', worker, this.now));
  }

  /** Nobody wants any of it any more. */
  cancel(): string[] {
    return this.did(this.rules.cancel());
  }

  /** Whether more of the source would be read. */
  get reads(): boolean {
    return this.rules.accepts('source');
  }

  protected override told(what: QueueTold): string[] {
    if (what.kind !== 'ended') return super.told(what);
    return what.items.map(
      ({ owner, ending }) => `ended ${(owner as Piece).index} ${ending?.status}`,
    );
  }

  protected toProducer(): string[] {
    throw new Error('there are no producers');
  }
}

describe('a source', () => {
  test('is read while some worker would take more', () => {
    const desk = new FanOutDesk();
    expect(desk.reads).toBe(false);
    desk.ready(2, 'w');
    expect([desk.reads, desk.rules.room]).toEqual([true, 2]);
    expect(desk.read('a')).toEqual(['items w 1/1:a']);
    expect(desk.rules.room).toBe(1);
    desk.read('b');
    expect(desk.reads).toBe(false);
    desk.done('w', 1);
    expect([desk.reads, desk.rules.room]).toEqual([true, 1]);
  });

  test('is not read for what waits already', () => {
    const desk = new FanOutDesk();
    desk.ready(2, 'w');
    desk.read('a');
    expect(desk.rules.room).toBe(1);
    desk.credit('w', 1);
    desk.read('b');
    expect(desk.rules.queue.backlog.ready).toBe(1);
    expect(desk.reads).toBe(false);
  });

  test('is not read further ahead than it may be', () => {
    const desk = new FanOutDesk({ maxItems: 2 });
    desk.ready(10, 'w');
    expect(desk.rules.room).toBe(2);
    desk.read('a', 'b');
    expect(desk.reads).toBe(false);
    desk.done('w', 1);
    expect(desk.rules.room).toBe(1);
  });

  test('is not read beyond the bytes there may be', () => {
    const desk = new FanOutDesk({ maxBytes: 2 });
    desk.ready(10, 'w');
    desk.read('a');
    expect(desk.reads).toBe(true);
    desk.read('b');
    expect(desk.reads).toBe(false);
  });

  test('is not read while outcomes are not, and is again when one has been', () => {
    const desk = new FanOutDesk({ maxUnread: 2 });
    desk.ready(10, 'w');
    desk.read('a', 'b');
    expect(desk.reads).toBe(false);
    expect(desk.done('w', 1, 2)).toEqual(['ended 0 done', 'ended 1 done']);
    expect(desk.reads).toBe(false);
    expect(desk.rules.taken()).toBe(true);
    expect(desk.rules.room).toBe(1);
    expect(desk.rules.taken()).toBe(false);
  });

  test('that has ended is not read', () => {
    const desk = new FanOutDesk();
    desk.ready(1, 'w');
    desk.end();
    expect(desk.reads).toBe(false);
    expect(desk.rules.accepts('workers')).toBe(true);
  });
});

describe('a fan-out', () => {
  test('is finished when its source has ended and nothing is left, and says so once', () => {
    const desk = new FanOutDesk();
    desk.ready(2, 'w');
    desk.read('a', 'b');
    desk.done('w', 1);
    expect(desk.end()).toEqual([]);
    expect(desk.done('w', 2)).toEqual(['ended 1 done', 'finished']);
    expect([...desk.end(), ...desk.leave('w')]).not.toContain('finished');
    expect(desk.rules.deadline).toBe(undefined);
  });

  test('of an empty source is finished at once', () => {
    expect(new FanOutDesk().end()).toEqual(['finished']);
  });

  test('is not finished while something waits for its next attempt', () => {
    const desk = new FanOutDesk();
    desk.ready(1, 'w');
    desk.read('a');
    desk.end();
    expect(desk.answer('failed', 'w', 1)).toEqual([]);
    expect(desk.pass(1000)).toEqual(['items w 1/2:a']);
    expect(desk.done('w', 1)).toEqual(['ended 0 done', 'finished']);
  });

  test('tells the end of each value, with its place, in whatever order', () => {
    const desk = new FanOutDesk({ maxAttempts: 1 });
    desk.ready(4, 'w');
    desk.read('a', 'b', 'c');
    expect(desk.done('w', 3)).toEqual(['ended 2 done']);
    expect(desk.answer('discard', 'w', 1)).toEqual(['ended 0 discarded']);
    expect(desk.answer('failed', 'w', 2)).toEqual(['ended 1 failed']);
  });

  test('gives what a lost worker held to another', () => {
    const desk = new FanOutDesk();
    desk.ready(1, 'v', 'w');
    desk.read('a');
    expect(desk.gone('v')).toEqual(['lost v gone', 'items w 1/2:a']);
    expect(desk.unsent('workers', 'w', new Error('full'))).toEqual(['lost w nothing']);
    expect(desk.ready(1, 'x')).toEqual(['join x', 'items x 1/2:a']);
  });

  test('hears that a single worker has gone', () => {
    const desk = new FanOutDesk();
    desk.ready(1, 'v');
    desk.read('a');
    expect(desk.left('v')).toEqual(['lost v gone']);
    expect(desk.rules.workers.hands.size).toBe(0);
  });

  test('has a value that cannot travel failed, which no worker sees', () => {
    const desk = new FanOutDesk();
    desk.ready(2, 'w');
    const failure = encodeFailure({ code: 'BAD_VALUE', message: 'a function' });
    const seen = desk.readAs({ value: 'a', failure }, { value: 'b', failure: undefined });
    expect(seen.toSorted()).toEqual(['ended 0 failed', 'items w 2/1:b']);
    expect(desk.rules.queue.ends.failed).toBe(1);
  });
});

describe('a fan-out that is cancelled', () => {
  test('reads nothing more, tells who is at work, and is finished', () => {
    const desk = new FanOutDesk();
    desk.ready(1, 'w');
    desk.read('a', 'b');
    const seen = desk.cancel();
    expect(seen).toEqual(['stop w 1/1', 'ended 0 cancelled', 'ended 1 cancelled', 'finished']);
    expect([desk.reads, desk.rules.room]).toEqual([false, 0]);
    expect(desk.done('w', 1)).toEqual([]);
  });

  test('takes no notice of what its source has made up its mind to give', () => {
    const desk = new FanOutDesk();
    desk.ready(1, 'w');
    expect(desk.cancel()).toEqual(['finished']);
    expect(desk.read('a')).toEqual([]);
    expect(desk.rules.queue.stock.size).toBe(0);
  });
});
