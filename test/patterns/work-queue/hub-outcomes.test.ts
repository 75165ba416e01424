/**
 * Tests of a hub's rules: how producers hear of the ends of items, with no sockets.
 */
import { ListWriter } from 'brokerless/kit';
import { describe, expect, test } from 'vitest';
import { HubDesk } from './hub-desk.ts';
import { bytesOf } from './queue-desk.ts';

const LARGE = 70_000; // More than one message holds besides.

/** Has worker `w` do an item with a large result. */
function doLargely(desk: HubDesk, n: number): string[] {
  const list = new ListWriter('done')
    .uint(n)
    .uint(1)
    .binary(bytesOf('x'.repeat(LARGE)));
  return desk.say('workers', 'w', [list.done()]);
}

const short = (words: readonly string[]): string[] =>
  words.map((each) => each.replace(/ x+$/, ' large'));

describe('the end of an item', () => {
  test('is told if it was asked for when the item was put', () => {
    const desk = new HubDesk();
    desk.ready(2, 'w');
    desk.put('a', { outcome: true });
    desk.put('b', { outcome: false });
    expect(desk.done('w', 2, 1)).toEqual(['outcome p 1 done did 1']);
  });

  test('is told to whoever has asked meanwhile', () => {
    const desk = new HubDesk();
    desk.hello('q');
    desk.put('a');
    expect(desk.about('ask', 'q', 1)).toEqual([]);
    desk.ready(1, 'w');
    expect(desk.done('w', 1)).toEqual(['outcome q 1 done did 1']);
  });

  test('is told to whoever asks afterwards, for a while', () => {
    const desk = new HubDesk({ keepResultsMs: 1000 });
    desk.ready(1, 'w');
    desk.put('a');
    desk.done('w', 1);
    desk.pass(999);
    expect(desk.about('ask', 'p', 1)).toEqual(['outcome p 1 done did 1']);
    desk.pass(1);
    expect(desk.about('ask', 'p', 1)).toEqual(['outcome p 1 lost']);
  });

  test('is kept of so many items and so many bytes, the last ones', () => {
    const desk = new HubDesk({ maxResults: 2, maxResultBytes: 10 });
    desk.ready(5, 'w');
    desk.put('a b c');
    desk.done('w', 1);
    desk.done('w', 2);
    expect(desk.rules.producers.endings.results.size).toBe(2);
    desk.done('w', 3);
    expect(desk.about('ask', 'p', 1, 2, 3)).toEqual([
      'outcome p 1 lost',
      'outcome p 2 done did 2',
      'outcome p 3 done did 3',
    ]);
  });

  test('is kept until it is too large for all to be kept', () => {
    const desk = new HubDesk({ maxResultBytes: 9 }); // Nearly two.
    desk.ready(5, 'w');
    desk.put('a b');
    desk.done('w', 1, 2);
    expect(desk.about('ask', 'p', 1, 2)).toEqual(['outcome p 1 lost', 'outcome p 2 done did 2']);
  });

  test('of an item that never was is lost', () => {
    const desk = new HubDesk();
    expect(desk.about('ask', 'p', 7)).toEqual(['outcome p 7 lost']);
  });

  test('is told to a producer that has come back meanwhile', () => {
    const desk = new HubDesk();
    desk.ready(1, 'w');
    desk.put('a', { outcome: true });
    desk.left('p');
    desk.hello('p2', 'p');
    expect(desk.done('w', 1)).toEqual(['outcome p2 1 done did 1']);
  });

  test('is told to nobody who is away, and to them when they ask again', () => {
    const desk = new HubDesk();
    desk.ready(1, 'w');
    desk.put('a', { outcome: true });
    desk.left('p');
    expect(desk.done('w', 1)).toEqual([]);
    desk.hello('p2', 'p');
    expect(desk.about('ask', 'p2', 1)).toEqual(['outcome p2 1 done did 1']);
  });

  test('is told in as many messages as it takes', () => {
    const desk = new HubDesk();
    desk.ready(3, 'w');
    desk.put('a b c', { outcome: true });
    desk.isPrompt = false;
    for (const n of [1, 2, 3]) doLargely(desk, n);
    expect(short(desk.stored())).toEqual(['outcome p 1 done large', 'store end 2,end 3']);
    expect(short(desk.stored())).toEqual(['outcome p 2 done large', 'outcome p 3 done large']);
    expect(desk.last.filter(({ kind }) => kind === 'send')).toHaveLength(2);
  });
});

describe('an acceptance is told before the end of its item', () => {
  test('when an item is the same as one that has ended', () => {
    const desk = new HubDesk();
    desk.ready(1, 'w');
    desk.put('a', { key: 'k', unique: true });
    desk.done('w', 1);
    expect(desk.put('a', { key: 'k', unique: true, outcome: true })).toEqual([
      'accepted p 2=1',
      'outcome p 1 done did 1',
    ]);
  });

  test('when results are so large that they travel in several messages', () => {
    const desk = new HubDesk();
    const wishes = { outcome: true };
    desk.ready(3, 'w');
    desk.put('a b c', wishes);
    desk.left('p');
    for (const n of [1, 2, 3]) doLargely(desk, n);
    desk.hello('p2', 'p');
    const again = [1, 2, 3].map((seq) => ({ body: 'a', wishes, seq }));
    const told = short(desk.putAs('p2', ...again));
    for (const n of [1, 2, 3]) {
      const accepted = told.findIndex((each) => each.includes(`${n}=${n}`));
      expect(accepted).toBeGreaterThanOrEqual(0);
      expect(told.indexOf(`outcome p2 ${n} done large`)).toBeGreaterThan(accepted);
    }
  });

  test('when other ends were to be told already', () => {
    const desk = new HubDesk();
    desk.ready(2, 'w');
    desk.put('a b', { outcome: true });
    desk.left('p');
    desk.done('w', 1, 2);
    desk.hello('p2', 'p');
    const { rules } = desk;
    const ask = new ListWriter('ask').uint(1).done();
    const put = new ListWriter('put').uint(2).uint(2).binary(bytesOf('b'));
    put.item(Uint8Array.of(0xa1, 0x67, ...bytesOf('outcome'), 0xf5));
    // In one turn.
    rules.receive('producers', { peer: 'p2', value: [ask] }, desk.now);
    expect(desk.say('producers', 'p2', [put.done()])).toEqual([
      'accepted p2 2=2',
      'outcome p2 1 done did 1',
      'outcome p2 2 done did 2',
    ]);
  });
});
