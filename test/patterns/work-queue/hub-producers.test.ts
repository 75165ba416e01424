/**
 * Tests of a hub's rules: what producers are told, and what becomes of them, with no sockets.
 */
import { ListWriter } from 'brokerless/kit';
import { describe, expect, test } from 'vitest';
import { word } from '../../../patterns/work-queue/messages.ts';
import { HubDesk } from './hub-desk.ts';
import { BEAT_MS } from './queue-desk.ts';

describe('a producer', () => {
  test('is welcomed, and hears that the queue lives', () => {
    const desk = new HubDesk();
    expect(desk.hello('q')).toEqual(['welcome q']);
    expect(desk.silence(2 * BEAT_MS).filter((each) => each === 'beat q').length).toBeGreaterThan(1);
    desk.left('q');
    expect(desk.silence(2 * BEAT_MS)).not.toContain('beat q');
  });

  test('of another version is told which one is spoken here, and is none', () => {
    const desk = new HubDesk();
    const hello = new ListWriter('hello').uint(2).text('q').done();
    expect(desk.say('producers', 'q', [hello])).toEqual(['version q']);
    expect([desk.rules.producers.sessions.size, desk.rules.producers.faults]).toEqual([1, 1]);
  });

  test('is ignored and counted when there are as many as may be', () => {
    const desk = new HubDesk({ maxProducers: 2 });
    desk.hello('q');
    expect(desk.hello('r')).toEqual([]);
    expect(desk.rules.producers.faults).toBe(1);
    desk.bye('q');
    expect(desk.hello('r')).toEqual(['welcome r']);
  });

  test('that has not said hello is not answered', () => {
    const desk = new HubDesk();
    expect(desk.putAs('stranger', { body: 'a', seq: 1 })).toEqual([]);
    expect(desk.rules.producers.late).toBe(1);
    expect(desk.rules.queue.stock.size).toBe(0);
  });

  test('is forgotten when it has been away for long, and not while it is here', () => {
    const desk = new HubDesk({ sessionMs: 1000 });
    desk.hello('q');
    desk.silence(5000);
    expect(desk.rules.producers.sessions.size).toBe(2);
    desk.left('q');
    desk.silence(999);
    expect(desk.rules.producers.sessions.get('q')).toBeDefined();
    desk.silence(BEAT_MS + 1);
    expect(desk.rules.producers.sessions.get('q')).toBeUndefined();
  });

  test('at two connections is where it said hello last', () => {
    const desk = new HubDesk();
    desk.hello('q1', 'q');
    desk.hello('q2', 'q');
    expect(desk.rules.producers.sessions.connected).toBe(2);
    expect(desk.putAs('q1', { body: 'a', seq: 1 })).toEqual([]);
    expect(desk.putAs('q2', { body: 'a', seq: 1 })).toEqual(['accepted q2 1=1']);
    desk.left('q1');
    expect(desk.putAs('q2', { body: 'b', seq: 2 })).toEqual(['accepted q2 2=2']);
  });

  test('whose connection another one takes is not there any more', () => {
    const desk = new HubDesk();
    desk.hello('q', 'one');
    desk.hello('q', 'two');
    expect(desk.rules.producers.sessions.get('one')?.peer).toBeUndefined();
    expect(desk.rules.producers.sessions.at('q')?.name).toBe('two');
  });
});

describe('an item that is put again', () => {
  test('after a reconnect is known, and not taken on twice', () => {
    const desk = new HubDesk();
    desk.put('a');
    desk.left('p');
    desk.hello('p2', 'p');
    expect(desk.putAs('p2', { body: 'a', seq: 1 })).toEqual(['accepted p2 1=1']);
    expect(desk.rules.queue.accepted).toBe(1);
  });

  test('before the first is stored is answered once it is', () => {
    const desk = new HubDesk();
    desk.isPrompt = false;
    desk.put('a');
    desk.left('p');
    desk.hello('p2', 'p');
    expect(desk.putAs('p2', { body: 'a', seq: 1 })).toEqual([]);
    expect(desk.stored()).toEqual(['accepted p2 1=1']);
    expect(desk.rules.queue.accepted).toBe(1);
  });

  test('although its producer had known of it is passed over', () => {
    const desk = new HubDesk();
    desk.put('a');
    desk.put('b');
    expect(desk.putAs('p', { body: 'a', seq: 1 })).toEqual([]);
    expect(desk.rules.queue.accepted).toBe(2);
  });

  test('after it has ended is told with its end', () => {
    const desk = new HubDesk();
    desk.ready(1, 'w');
    desk.put('a', { outcome: true });
    desk.left('p');
    desk.done('w', 1);
    desk.hello('p2', 'p');
    const again = { body: 'a', seq: 1, wishes: { outcome: true } };
    expect(desk.putAs('p2', again)).toEqual(['accepted p2 1=1', 'outcome p2 1 done did 1']);
  });

  test('after its end was forgotten is lost, and its producer waits no longer', () => {
    const desk = new HubDesk({ keepResultsMs: 0 });
    desk.ready(1, 'w');
    desk.put('a', { outcome: true });
    desk.left('p');
    desk.done('w', 1);
    desk.hello('p2', 'p');
    const again = { body: 'a', seq: 1, wishes: { outcome: true } };
    expect(desk.putAs('p2', again)).toEqual(['accepted p2 1=1', 'outcome p2 1 lost']);
  });

  test('by a producer that had said that it will not come back is a new one', () => {
    const desk = new HubDesk();
    desk.put('a');
    desk.bye('p');
    desk.hello('p');
    expect(desk.putAs('p', { body: 'b', seq: 1 })).toEqual(['accepted p 1=2']);
  });

  test('is remembered only while its producer may ask', () => {
    const desk = new HubDesk();
    desk.put('a b c');
    expect(desk.rules.producers.sessions.get('p')?.items.size).toBe(3);
    desk.put('d');
    expect(desk.rules.producers.sessions.get('p')?.items.entries()).toEqual([[4, 4]]);
  });
});

describe('a message that has not left', () => {
  test('is counted, and its producer is away until it says hello', () => {
    const desk = new HubDesk();
    desk.put('a');
    desk.unsent('producers', 'p', new Error('gone'));
    expect(desk.rules.producers.dropped).toBe(1);
    expect(desk.rules.producers.sessions.connected).toBe(0);
    desk.hello('p2', 'p');
    expect(desk.putAs('p2', { body: 'a', seq: 1 })).toEqual(['accepted p2 1=1']);
  });
});

describe('what makes no sense is counted and dropped', () => {
  test.each([
    ['bytes that are no message', [Uint8Array.of(255)]],
    ['no frame at all', []],
    ['what only a worker says', word('leave')],
    ['what only the queue says', [new ListWriter('accepted').uint(1).uint(1).done()]],
  ])('of a producer: %s', (_, frames) => {
    const desk = new HubDesk();
    expect(desk.say('producers', 'p', frames)).toEqual([]);
    expect(desk.rules.producers.faults).toBe(1);
    expect(desk.put('a')).toEqual(['accepted p 1=1']);
  });
});
