/**
 * Tests of where items wait, and of who is next to be given one: edges that a whole queue seldom comes to.
 */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Backlog } from '../../../patterns/work-queue/backlog-rules.ts';
import { type Hand, Hands } from '../../../patterns/work-queue/hands-rules.ts';
import { Item, orderOf } from '../../../patterns/work-queue/item-rules.ts';
import { Line } from '../../../patterns/work-queue/line-rules.ts';
import type { Wishes } from '../../../patterns/work-queue/messages.ts';
import { Turns } from '../../../patterns/work-queue/turns-rules.ts';

const NOBODY = new Uint8Array(0);

/** An item that is ready. */
function itemOf(n: number, wishes: Wishes = {}, now = 0): Item {
  const item = new Item(n, NOBODY, orderOf(wishes, 3, now), undefined, now);
  item.stage = 'ready';
  item.readyAt = now;
  return item;
}

/** An item leaves a line out of turn. */
function end(item: Item, line: Line): void {
  line.leave();
  item.stage = 'ending';
}

describe('a line', () => {
  test('that is empty has nobody, however often it is asked', () => {
    const line = new Line();
    expect([line.shift(), line.shift(), line.length, line.oldestAt]).toEqual([
      undefined,
      undefined,
      0,
      undefined,
    ]);
    line.push(itemOf(1));
    expect([line.length, line.shift()?.n, line.shift()]).toEqual([1, 1, undefined]);
  });

  test('passes over those that have left', () => {
    const line = new Line();
    const items = [1, 2, 3].map((n) => itemOf(n, { priority: n % 2 }));
    for (const item of items) line.push(item);
    end(items[0] as Item, line);
    expect(line.length).toBe(2);
    expect([line.shift()?.n, line.shift()?.n, line.shift()]).toEqual([3, 2, undefined]);
    expect(line.length).toBe(0);
  });

  test('knows since when the first of any priority has been ready', () => {
    const line = new Line();
    const old = itemOf(1, {}, 5);
    line.push(old);
    line.push(itemOf(2, { priority: 9 }, 7));
    line.push(itemOf(3, {}, 9));
    expect(line.oldestAt).toBe(5);
    end(old, line);
    expect(line.oldestAt).toBe(7);
    line.shift();
    expect([line.oldestAt, line.length]).toEqual([9, 1]);
  });

  test('does not keep what has left, however much that is', () => {
    const line = new Line();
    const items = Array.from({ length: 5000 }, (_, n) => itemOf(n, { priority: n % 3 }));
    for (const item of items) line.push(item);
    for (const item of items.slice(0, 4990)) end(item, line);
    const left = Array.from({ length: 10 }, () => line.shift()?.n);
    expect(left.toSorted()).toEqual(items.slice(4990).map(({ n }) => n));
    expect([line.length, line.shift()]).toEqual([0, undefined]);
  });

  test('gives the same as a list that is sorted, whatever comes and goes', () => {
    const step = fc.oneof(
      fc.record({ does: fc.constant('push' as const), priority: fc.nat(3) }),
      fc.record({ does: fc.constantFrom('shift' as const, 'back' as const) }),
      fc.record({ does: fc.constant('end' as const), which: fc.nat(20) }),
    );
    const property = fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const line = new Line();
      const model: Item[] = [];
      let n = 0;
      let taken: Item | undefined;
      for (const each of steps) {
        if (each.does === 'push') {
          const item = itemOf((n += 1), { priority: each.priority });
          line.push(item);
          model.push(item);
        } else if (each.does === 'end') {
          const [item] = model.splice(each.which % Math.max(1, model.length), 1);
          if (item !== undefined) end(item, line);
        } else if (each.does === 'back' && taken !== undefined) {
          line.putBack(taken);
          model.unshift(taken);
          taken = undefined;
        } else {
          const highest = Math.max(...model.map(({ order }) => order.priority));
          const at = model.findIndex(({ order }) => order.priority === highest);
          const [first] = at < 0 ? [] : model.splice(at, 1);
          taken = line.shift();
          expect(taken).toBe(first);
        }
        expect(line.length).toBe(model.length);
      }
    });
    fc.assert(property, { numRuns: 300 });
  });
});

describe('a backlog', () => {
  test('knows since when the first has been ready, be it a suspect or not', () => {
    const backlog = new Backlog();
    const suspect = itemOf(1);
    suspect.isSuspect = true;
    backlog.putBack(suspect, 5);
    backlog.enter(itemOf(2), 7);
    expect([backlog.oldestAt, backlog.suspects, backlog.ready]).toEqual([5, 1, 1]);
    expect(backlog.nextSuspect()).toBe(suspect);
    expect([backlog.oldestAt, backlog.suspects, backlog.nextSuspect()]).toEqual([7, 0, undefined]);
    backlog.next();
    expect([backlog.oldestAt, backlog.next()]).toEqual([undefined, undefined]);
  });

  test('passes over suspects that have ended', () => {
    const backlog = new Backlog();
    const [first, second] = [itemOf(1), itemOf(2)] as const;
    for (const item of [first, second]) {
      item.isSuspect = true;
      backlog.putBack(item, 5);
    }
    backlog.leave(first);
    first.stage = 'ending';
    expect([backlog.suspects, backlog.nextSuspect(), backlog.suspects]).toEqual([1, second, 0]);
  });

  test('is due when the first delay or deadline is over', () => {
    const backlog = new Backlog();
    expect(backlog.deadline).toBe(Number.POSITIVE_INFINITY);
    backlog.enter(itemOf(1, { delayMs: 50 }), 0);
    const item = itemOf(2, { deadlineMs: 20 });
    backlog.enter(item, 0);
    expect(backlog.deadline).toBe(20);
    expect(backlog.tick(19)).toEqual([]);
    expect(backlog.tick(20)).toEqual([item]);
    expect(backlog.deadline).toBe(50);
    expect([backlog.tick(50), backlog.ready]).toEqual([[], 2]);
  });
});

describe('turns', () => {
  test('of a key are taken in order; who has left meanwhile is passed over', () => {
    const turns = new Turns();
    const items = [1, 2, 3].map((n) => itemOf(n));
    const [first, second, third] = items as [Item, Item, Item];
    for (const item of items) item.stage = 'keyed';
    expect(items.map((item) => turns.enter(item, 'k'))).toEqual([true, false, false]);
    expect(turns.enter(first, 'k')).toBe(true); // Again, as for its next attempt.
    second.stage = 'ending';
    expect(turns.leave(second, 'k')).toBeUndefined();
    expect(turns.leave(first, 'k')).toBe(third);
    expect([turns.leave(third, 'k'), turns.size]).toEqual([undefined, 0]);
  });
});

describe('hands', () => {
  /** Gives whoever is next an item. */
  function giveNext(hands: Hands, n: number): string | undefined {
    const hand = hands.next();
    if (hand === undefined) return undefined;
    hands.give(hand, itemOf(n));
    hands.settle(hand);
    return hand.peer;
  }

  test('take turns, and whoever comes late catches up', () => {
    const hands = new Hands();
    hands.join('v', 3);
    hands.join('w', 3);
    expect([1, 2, 3, 4].map((n) => giveNext(hands, n))).toEqual(['v', 'w', 'v', 'w']);
    hands.join('late', 3);
    expect([5, 6, 7, 8, 9].map((n) => giveNext(hands, n))).toEqual([
      'late',
      'late',
      'v',
      'w',
      'late',
    ]);
    expect([hands.next(), hands.room, hands.held]).toEqual([undefined, 0, 9]);
  });

  test('that are kept, or leave, take nothing; they count as such', () => {
    const hands = new Hands();
    const hand = hands.join('v', 3);
    hands.reserve(hand);
    expect([hands.next(), hands.room, hands.reserved.size]).toEqual([undefined, 0, 1]);
    hands.unreserve(hand);
    expect([hands.next(), hands.room, hands.reserved.size]).toEqual([hand, 3, 0]);
    hand.isLeaving = true;
    hands.settle(hand);
    expect([hands.next(), hands.room, hands.size]).toEqual([undefined, 0, 1]);
  });

  test('have room for what is right, whatever becomes of them', () => {
    const step = fc.record({
      does: fc.constantFrom('join', 'give', 'release', 'allow', 'reserve', 'unreserve', 'remove'),
      who: fc.constantFrom('a', 'b', 'c'),
      credit: fc.nat(4),
    });
    const property = fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const hands = new Hands();
      const all = new Set<Hand>();
      for (const [n, { does, who, credit }] of steps.entries()) {
        const hand = hands.get(who);
        if (does === 'join' && hand === undefined) all.add(hands.join(who, credit));
        else if (does === 'give') giveNext(hands, n);
        else if (hand === undefined) continue;
        else if (does === 'release') {
          const item = hand.items.any;
          if (item !== undefined) hands.release(hand, item);
          hands.settle(hand);
        } else if (does === 'allow') hands.allow(hand, credit);
        else if (does === 'reserve') hands.reserve(hand);
        else if (does === 'unreserve') hands.unreserve(hand);
        else if (does === 'remove') {
          hands.remove(hand);
          all.delete(hand);
        }
        expectRight(hands, all);
      }
    });
    fc.assert(property, { numRuns: 300 });
  });

  /** Expects that the numbers, and who is next, are those of all of them. */
  function expectRight(hands: Hands, all: ReadonlySet<Hand>): void {
    const free = [...all].filter((each) => !each.isReserved && each.items.size < each.credit);
    const room = free.reduce((sum, { credit, items }) => sum + credit - items.size, 0);
    const held = [...all].reduce((sum, each) => sum + each.items.size, 0);
    const least = Math.min(...free.map((each) => each.items.size));
    const reserved = [...all].filter((each) => each.isReserved).length;
    expect([hands.size, hands.room, hands.held]).toEqual([all.size, room, held]);
    expect([hands.next()?.items.size ?? Infinity, hands.reserved.size]).toEqual([least, reserved]);
  }
});
