/**
 * Tests of the Lazy Pirate's rules: what replies settle, and what they do not. ZeroMQ Guide, chapter 4,
 * "Client-Side Reliability (Lazy Pirate Pattern)"; the failures are those of a broker, and of a handler.
 */
import { encodeHeader } from 'brokerless/kit';
import { describe, expect, test } from 'vitest';
import { nothing, Play } from './play.ts';

describe('a reply', () => {
  test('to an earlier attempt settles its request, while it rests and while it is asked again', () => {
    for (const ms of [1010, 1060]) {
      const play = new Play().connect();
      play.ask('a');
      play.pass(ms);
      play.answer(0);
      expect(play.outcomes).toEqual([['a', 'yes']]);
      expect(play.pass(10_000).leftovers).toEqual(nothing);
    }
  });

  test('that comes twice, or when its request is over, is late and resolves nothing else', () => {
    const play = new Play().connect();
    play.ask('a', { attempts: 1 });
    play.pass(1000);
    play.ask('b');
    play.answer(0);
    expect(play.outcomes).toEqual([['a', 'TIMEOUT', 'maybe']]);
    play.answer(1);
    play.answer(1);
    expect(play.outcomes).toEqual([
      ['a', 'TIMEOUT', 'maybe'],
      ['b', 'yes'],
    ]);
    expect(play.rules).toMatchObject({ late: 2, received: 1, faults: 0 });
  });

  test('finds its own among many, in any order', () => {
    const play = new Play().connect();
    for (const name of ['a', 'b', 'c']) play.ask(name);
    for (const index of [2, 0, 1]) play.answer(index, String(index));
    expect(play.outcomes).toEqual([
      ['c', '2'],
      ['a', '0'],
      ['b', '1'],
    ]);
  });

  test('of a stranger is a fault, and resolves nothing', () => {
    const play = new Play().connect();
    play.ask('a');
    const [header, empty] = play.sent[0] as [Uint8Array, Uint8Array];
    const body = Buffer.from('no');
    const id = Buffer.from(play.header(0).id, 'hex');
    const other = { id, priority: 0, remainingMs: 1 };
    const strangers = [
      [],
      [body],
      [empty, body],
      [header, body],
      [header, empty],
      [header.subarray(1), empty, body],
      [id, empty, body],
      [header, header, empty, body],
      [encodeHeader({ ...other, id: Buffer.concat([id, id]) }), empty, body],
      [encodeHeader({ ...other, id: Buffer.from([9, ...id.subarray(1)]) }), empty, body],
    ];
    for (const frames of strangers) play.receive(frames);
    expect(play.outcomes).toEqual([]);
    expect(play.rules).toMatchObject({ faults: strangers.length, late: 0, received: 0 });
    expect(play.told).toHaveLength(strangers.length);
    play.answer(0);
    expect(play.outcomes).toEqual([['a', 'yes']]);
  });

  test('whose header was changed on the way but for the id is good', () => {
    const play = new Play().connect();
    play.ask('a');
    const id = Buffer.from(play.header(0).id, 'hex');
    const header = encodeHeader({ id, priority: 200, remainingMs: 3 });
    play.receive([header, new Uint8Array(0), Buffer.from('ok')]);
    expect(play.outcomes).toEqual([['a', 'ok']]);
  });

  test('with an id that was never given is late', () => {
    const play = new Play().connect();
    play.ask('a');
    const id = Buffer.from(play.header(0).id, 'hex');
    id[id.length - 1] = 77;
    const header = encodeHeader({ id, priority: 0, remainingMs: 3 });
    play.receive([header, new Uint8Array(0), Buffer.from('ok')]);
    expect([play.outcomes, play.rules.late]).toEqual([[], 1]);
  });

  test('that makes no sense tells its caller at once', () => {
    const senseless = [
      [Buffer.from('a'), Buffer.from('b')],
      [new Uint8Array(0), Buffer.from('no CBOR')],
      [new Uint8Array(0), Buffer.of(0x01)],
      [new Uint8Array(0), Buffer.of(0xa0), Buffer.of(0xa0)],
    ];
    for (const body of senseless) {
      const play = new Play().connect();
      play.ask('a');
      play.receive([...(play.sent[0] as Uint8Array[]).slice(0, 2), ...body]);
      expect(play.outcomes).toEqual([['a', 'BAD_MESSAGE', 'maybe']]);
      expect(play.rules.faults).toBe(1);
      expect(play.leftovers).toEqual(nothing);
    }
  });

  test('is read for while any may come, and not otherwise', () => {
    const play = new Play();
    expect(play.rules.accepts()).toBe(false);
    play.connect();
    play.ask('a', { attempts: 1 });
    expect(play.rules.accepts()).toBe(true);
    play.pass(1000);
    expect(play.rules.accepts()).toBe(true); // It is over, and its reply may still come.
    play.answer(0);
    expect(play.rules.accepts()).toBe(false);
  });
});

describe('a failure', () => {
  test('of the handler rejects at once, and is not tried again', () => {
    const play = new Play().connect();
    play.ask('a');
    play.refuse(0, 'BOOM', { data: { x: 1 } });
    expect(play.outcomes).toEqual([['a', 'HANDLER_FAILED', 'maybe']]);
    expect(play.pass(10_000).bodies).toHaveLength(1);
    expect(play.leftovers).toEqual(nothing);
    expect(play.rules).toMatchObject({ received: 1, late: 0 });
  });

  test('QUEUE_FULL of a broker is tried again after a wait, and is no reason for a fresh socket', () => {
    const play = new Play({ freshAfter: 1 }).connect();
    play.ask('a');
    play.refuse(0, 'QUEUE_FULL');
    expect(play.outcomes).toEqual([]);
    play.pass(49);
    expect(play.bodies).toHaveLength(1);
    play.pass(1);
    play.refuse(1, 'QUEUE_FULL');
    play.pass(100);
    play.refuse(2, 'QUEUE_FULL');
    expect(play.outcomes).toEqual([['a', 'QUEUE_FULL', 'no']]);
    expect(play.opened).toEqual([]);
    expect(play.leftovers).toEqual(nothing);
  });

  test('QUEUE_FULL at last leaves open what became of an attempt that was lost', () => {
    const play = new Play({ freshAfter: 9 }).connect();
    play.ask('a', { attempts: 2 });
    play.pass(1050);
    play.connect(false).connect(); // No more is heard of the first.
    play.refuse(1, 'QUEUE_FULL');
    expect(play.outcomes).toEqual([['a', 'QUEUE_FULL', 'maybe']]);
  });

  test('QUEUE_FULL of one attempt does not end the wait for another', () => {
    const play = new Play({ freshAfter: 9 }).connect();
    play.ask('a');
    play.pass(1050);
    play.refuse(0, 'QUEUE_FULL'); // One of two attempts; the other is with the broker.
    play.pass(500);
    play.answer(1);
    expect(play.outcomes).toEqual([['a', 'yes']]);
    expect(play.bodies).toHaveLength(2);
  });

  test.each(['QUEUE_FULL', 'EXPIRED', 'WORKER_LOST'])(
    '%s of a handler is a failure like any other',
    (code) => {
      const play = new Play().connect();
      play.ask('a');
      play.refuse(0, code, { from: undefined });
      expect(play.outcomes).toEqual([['a', 'HANDLER_FAILED', 'maybe']]);
    },
  );

  test('EXPIRED of a broker is the end: nobody was given it', () => {
    const play = new Play().connect();
    play.ask('a');
    play.refuse(0, 'EXPIRED');
    expect(play.outcomes).toEqual([['a', 'TIMEOUT', 'no']]);
  });

  test('EXPIRED after an attempt that was lost says maybe', () => {
    const play = new Play({ freshAfter: 9 }).connect();
    play.ask('a');
    play.pass(1050);
    play.refuse(1, 'EXPIRED');
    expect(play.outcomes).toEqual([['a', 'TIMEOUT', 'maybe']]);
  });

  test('WORKER_LOST is tried again while there are attempts, and may have run', () => {
    const play = new Play().connect();
    play.ask('a', { attempts: 2 });
    play.refuse(0, 'WORKER_LOST');
    play.pass(50);
    expect(play.bodies).toHaveLength(2);
    play.refuse(1, 'WORKER_LOST');
    expect(play.outcomes).toEqual([['a', 'HANDLER_FAILED', 'maybe']]);
  });

  test('a refusal of an attempt that has timed out already changes nothing but the count', () => {
    const play = new Play({ freshAfter: 9 }).connect();
    play.ask('a', { attempts: 2 });
    play.pass(1010);
    play.refuse(0, 'QUEUE_FULL');
    play.pass(40);
    expect(play.bodies).toHaveLength(2);
    play.refuse(1, 'QUEUE_FULL');
    expect(play.outcomes).toEqual([['a', 'QUEUE_FULL', 'no']]);
  });
});
