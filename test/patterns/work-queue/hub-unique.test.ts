/**
 * Tests of a hub's rules: items that are to be the only ones of their key, with no sockets.
 */
import { describe, expect, test } from 'vitest';
import { HubDesk } from './hub-desk.ts';

describe('an item that is to be the only one of its key', () => {
  const unique = { key: 'k', unique: true };

  test('is the one that is here already: nothing is added', () => {
    const desk = new HubDesk();
    desk.put('a', unique);
    expect(desk.put('b', unique)).toEqual(['accepted p 2=1']);
    expect(desk.rules.queue.accepted).toBe(1);
    expect(desk.put('c', { key: 'l', unique: true })).toEqual(['accepted p 3=2']);
  });

  test('is the one that was here not long ago, until that is long ago', () => {
    const desk = new HubDesk({ uniqueMs: 1000 });
    desk.ready(1, 'w');
    desk.put('a', unique);
    desk.done('w', 1);
    desk.pass(999);
    expect(desk.put('b', unique)).toEqual(['accepted p 2=1']);
    desk.pass(1);
    expect(desk.put('c', unique)).toContain('accepted p 3=2');
  });

  test('is remembered when it has ended, and what was in it is not', () => {
    const desk = new HubDesk();
    desk.ready(1, 'w');
    desk.put('a', unique);
    const { stock } = desk.rules.queue;
    const order = stock.get(1)?.order;
    desk.done('w', 1);
    expect(order && stock.same(order, desk.now)).toMatchObject({ n: 1, body: new Uint8Array(0) });
  });

  test('is accepted when the first is, for each that has sent it', () => {
    const desk = new HubDesk();
    desk.hello('q');
    desk.isPrompt = false;
    desk.put('a', unique);
    expect(desk.putAs('q', { body: 'b', seq: 1, wishes: unique })).toEqual([]);
    expect(desk.putAs('q', { body: 'c', seq: 2, wishes: unique })).toEqual([]);
    expect(desk.stored()).toEqual(['accepted p 1=1', 'accepted q 1=1 2=1']);
  });

  test('is refused when the first is, and the next one is new', () => {
    const desk = new HubDesk();
    desk.hello('q');
    desk.isPrompt = false;
    desk.put('a', unique);
    desk.putAs('q', { body: 'b', seq: 1, wishes: unique });
    expect(desk.failed()).toEqual(['refused p 1 STORE_FAILED', 'refused q 1 STORE_FAILED']);
    desk.pass(1000);
    desk.put('c', unique);
    expect(desk.stored()).toEqual(['accepted p 2=2']);
  });

  test('has ended when the first has, for each that wants to know', () => {
    const desk = new HubDesk();
    desk.hello('q');
    desk.ready(1, 'w');
    desk.put('a', { ...unique, outcome: true });
    desk.putAs('q', { body: 'b', seq: 1, wishes: { ...unique, outcome: true } });
    expect(desk.done('w', 1)).toEqual(['outcome p 1 done did 1', 'outcome q 1 done did 1']);
  });

  test('is lost when the end of the first has been forgotten: nobody waits for ever', () => {
    const desk = new HubDesk({ keepResultsMs: 0 });
    desk.ready(1, 'w');
    desk.put('a', unique);
    desk.done('w', 1);
    expect(desk.put('b', { ...unique, outcome: true })).toEqual([
      'accepted p 2=1',
      'outcome p 1 lost',
    ]);
  });

  test('is no other than those that are to be the only ones too', () => {
    const desk = new HubDesk();
    desk.put('a', unique);
    expect(desk.put('b', { key: 'k' })).toEqual(['accepted p 2=2']);
    expect(desk.put('c', unique)).toEqual(['accepted p 3=1']);
  });

  test('without a key is one like any other', () => {
    const desk = new HubDesk();
    desk.put('a b', { unique: true });
    expect(desk.rules.queue.accepted).toBe(2);
  });

  test('is remembered of so many that have ended, and of all that have not', () => {
    const desk = new HubDesk({ maxUnique: 2 });
    const put = (key: string): string[] => desk.put('b', { key, unique: true });
    desk.ready(10, 'w');
    for (const key of ['j', 'k', 'l', 'm']) put(key);
    expect(put('j')).toEqual(['accepted p 5=1']);
    desk.done('w', 1, 2, 3);
    expect([...put('l'), ...put('m'), ...put('k')]).toEqual([
      'accepted p 6=3',
      'accepted p 7=4',
      'accepted p 8=2',
    ]);
    expect(put('j')).toContain('accepted p 9=5');
  });

  test('is the one that is here for however long', () => {
    const desk = new HubDesk({ uniqueMs: 1000 });
    desk.put('a', unique);
    desk.pass(5000);
    expect(desk.put('b', unique)).toEqual(['accepted p 2=1']);
  });

  test('that takes no room is not refused by a queue that is full', () => {
    const desk = new HubDesk({ maxItems: 1, overflow: 'reject' });
    desk.put('a', unique);
    expect(desk.put('b', unique)).toEqual(['accepted p 2=1']);
  });
});
