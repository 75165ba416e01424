/**
 * Tests of the messages of a service: every entry, right and wrong. Anybody may send anything to an open port, and
 * nothing that is sent is ever thrown about.
 */
import type { Frames } from 'brokerless/kit';
import { Encoder } from 'cbor-x';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readHello, readServed } from '../../../patterns/service/intake-rules.ts';
import { askedIn } from '../../../patterns/service/letters-rules.ts';
import {
  entry,
  Letter,
  MESSAGE_BYTES,
  readerOf,
  readMeta,
  readQuestion,
  readRefusal,
  WORD,
} from '../../../patterns/service/messages.ts';
import { Session } from '../../../patterns/service/session-rules.ts';
import { ClientDesk } from './client-desk.ts';
import { type Entry, entriesOf, itemOf, messageOf } from './entries.ts';
import { hello, ServerDesk } from './server-desk.ts';

const encoder = new Encoder({ useRecords: false, tagUint8Array: false, variableMapSize: true });

/** What another library writes. */
const frameOf = (...list: readonly unknown[]): Uint8Array => new Uint8Array(encoder.encode(list));

const meta = { key: 'k', headers: { traceparent: '00-1' } };

/** What clients say, each with everything in it. */
const said: readonly Entry[] = [
  hello,
  ['call', 1, 0, 5000, null, { a: [1, 'x'] }],
  ['call', 2, 0, 0, meta, null],
  ['open', 3, 1, 5000, 16, null, 'input'],
  ['event', 2, 5000, { key: 'k' }, 7],
  ['more', 3, 8],
  ['cancel', 2 ** 32],
  ['ask', 1, 'ping'],
  ['ask', 2, 'stats'],
  ['quiet'],
  ['beat'],
  ['bye'],
];

/** What servers say. */
const answered: readonly Entry[] = [
  ['welcome', 1000, 'hash'],
  ['mismatch', 'why'],
  ['result', 1, { b: 'y' }],
  ['failed', 1, { code: 'C', message: 'm' }],
  ['refused', 1, 'OVERLOADED', 'why'],
  ['refused', 1, 'EXPIRED', ''],
  ['refused', 1, 'BAD_INPUT', 'é'],
  ['begun', 1],
  ['item', 1, 0, [1, 2]],
  ['end', 1, 1],
  ['drain'],
  ['answer', 1, null],
  ['unknown'],
  ['beat'],
];

const all = [...said, ...answered];

describe.each(all.map((one) => ({ name: one[0], one })))('$name', ({ one }) => {
  const [frame = new Uint8Array(0)] = messageOf(one);

  test('is read as it was written, by the table', () => {
    expect(entriesOf([frame])).toEqual([one]);
    expect(entriesOf(messageOf(one, ['beat'], one))).toEqual([one, ['beat'], one]);
  });

  test('is what another library writes, and is read by one', () => {
    const [name, ...pieces] = one;
    const list = encoder.decode(frame) as unknown[];
    expect(list.map((piece) => (typeof piece === 'bigint' ? Number(piece) : piece))).toEqual([
      WORD,
      entry[name],
      ...pieces,
    ]);
    expect(entriesOf([frameOf(WORD, entry[name], ...pieces)])).toEqual([one]);
  });

  test('is never thrown about when it is cut off anywhere', () => {
    for (let end = 0; end < frame.length; end += 1) hearAll([frame.subarray(0, end)]);
  });

  test('is counted when it is cut off anywhere, by whoever it is for', () => {
    for (let end = 0; end < frame.length; end += 1) {
      const frames = [frame.subarray(0, end)];
      const server = ServerDesk.met();
      server.sayFrames('c', frames);
      const client = ClientDesk.met();
      client.hearFrames('a', frames);
      expect([server.rules.clients.faults, client.rules.faults], `${end}`).toEqual([1, 1]);
    }
  });
});

/** Tells all this to a server that knows the client and one that does not, and to a client in each of its stages. */
function hearAll(frames: Frames): void {
  const server = ServerDesk.met();
  server.call('c', 1, 'one');
  server.open('c', 3, 's', 3);
  server.sayFrames('c', frames);
  server.sayFrames('stranger', frames);
  server.pass(100);
  const client = ClientDesk.met();
  client.update('a b c');
  client.ask('one two');
  client.ask('s', { kind: 'stream' });
  client.inquire('a', 'ping');
  for (const each of ['a', 'b', 'c']) client.hearFrames(each, frames);
  client.pass(100);
  askedIn(frames);
}

describe('whatever arrives', () => {
  test('is heard or counted, and never thrown about', () => {
    const frames = fc.array(fc.uint8Array({ maxLength: 64 }), { maxLength: 3 });
    fc.assert(fc.property(frames, hearAll), { numRuns: 300 });
  });

  test('be it a message with some bytes changed', () => {
    const changes = fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { minLength: 1, maxLength: 4 });
    const entries = fc.array(fc.constantFrom(...all), { minLength: 1, maxLength: 4 });
    const property = fc.property(entries, changes, (list, bytes) => {
      const [frame = new Uint8Array(0)] = messageOf(...list);
      for (const [at, to] of bytes) frame[at % frame.length] = to;
      hearAll([frame]);
    });
    fc.assert(property, { numRuns: 1000 });
  });

  test('be it a list of anything', () => {
    const kinds = fc.constantFrom(...Object.values(entry));
    const pieces = fc.array(fc.oneof(fc.nat(9), fc.string(), kinds, fc.constant(null)), {
      maxLength: 12,
    });
    const property = fc.property(kinds, pieces, (kind, list) =>
      hearAll([frameOf(WORD, kind, ...list)]),
    );
    fc.assert(property, { numRuns: 1000 });
  });

  test('be it all that there is to say, in any order', () => {
    const property = fc.property(fc.shuffledSubarray([...all]), (entries) => {
      if (entries.length > 0) hearAll(messageOf(...entries));
    });
    fc.assert(property, { numRuns: 300 });
  });
});

describe('a message', () => {
  test('is one frame that begins with the word of the protocol', () => {
    const [frame = new Uint8Array(0)] = messageOf(['beat']);
    expect(readerOf([frame])?.left).toBe(1);
    expect([readerOf([]), readerOf([frame, frame]), readerOf([frameOf('bs2', 10)])]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  test('is gathered until it leaves, and is full after some thousand bytes', () => {
    const letter = new Letter();
    expect([letter.isEmpty, letter.isFull]).toEqual([true, false]);
    let entries = 0;
    for (; !letter.isFull; entries += 1) letter.add(entry.result).uint(entries).item(itemOf('x'));
    expect(entries).toBeGreaterThan(MESSAGE_BYTES / 10);
    expect(letter.isEmpty).toBe(false);
    const [frame] = letter.take();
    expect(frame?.length).toBeLessThan(MESSAGE_BYTES + 10);
    expect([letter.isEmpty, letter.isFull]).toEqual([true, false]);
  });

  test('that has not left says what it asked', () => {
    expect(askedIn(messageOf(...said))).toEqual({ numbers: [1, 2, 3], events: 1 });
    expect(askedIn(messageOf(['mark', 2], ...said))).toEqual({ numbers: [1, 2, 3], events: 1 });
    expect(askedIn(messageOf(['quiet']))).toEqual({ numbers: [], events: 0 });
    expect(askedIn([])).toEqual({ numbers: [], events: 0 });
  });
});

describe('a piece', () => {
  const readerOfItems = (...items: readonly unknown[]) => {
    const reader = readerOf([frameOf(WORD, ...items)]);
    if (reader === undefined) throw new Error('no message');
    return reader;
  };

  test.each([[null], [{}], [{ key: 'k' }], [{ headers: {} }], [meta], [{ key: 'k', more: 1 }]])(
    '%j may travel beside what is asked',
    (value) => {
      const reader = readerOfItems(value, 7);
      expect(readMeta(reader)).toEqual(value);
      expect([reader.uint(), reader.isAtEnd]).toEqual([7, true]);
    },
  );

  test.each([
    [1],
    ['k'],
    [[]],
    [{ key: 1 }],
    [{ key: '' }],
    [{ headers: [] }],
    [{ headers: { a: 1 } }],
  ])('%j may not', (value) => {
    const reader = readerOfItems(value, 7);
    expect([readMeta(reader), reader.left]).toEqual([undefined, 0]);
  });

  test('is one of some words, or makes no sense', () => {
    for (const word of ['OVERLOADED', 'EXPIRED', 'BAD_INPUT']) {
      expect(readRefusal(readerOfItems(word))).toBe(word);
    }
    for (const word of ['ping', 'info', 'stats']) {
      expect(readQuestion(readerOfItems(word))).toBe(word);
    }
    for (const word of ['', 'overloaded', 'toString', 1, null]) {
      const reader = readerOfItems(word, 7);
      expect([readRefusal(reader), readQuestion(reader), reader.left]).toEqual([
        undefined,
        undefined,
        0,
      ]);
    }
  });

  test('of a hello is as many signatures as it says', () => {
    const demand = (...list: readonly unknown[]) => readHello(readerOfItems(entry.hello, ...list));
    expect(demand('math', '1', 'h', 2, 'call a', 'event b')).toEqual({
      name: 'math',
      version: '1',
      signatures: ['call a', 'event b'],
    });
    expect(demand('math', '1', 'h', 0)?.signatures).toEqual([]);
    expect(demand('math', '1', 'h', 3, 'call a', 'event b')).toBeUndefined();
    expect(demand('math', '1', 'h', 1, 7)).toBeUndefined();
    expect(demand('math', '1', 'h')).toBeUndefined();
    expect(readHello(readerOfItems(entry.beat))).toBeUndefined();
  });

  test('of what is asked is read in its place', () => {
    const session = new Session('c', [2, 0], { maxUnreadBytes: 1000 });
    const kinds = ['call', 'stream', 'event'] as const;
    const served = (said_: number, ...list: readonly unknown[]) =>
      readServed(said_, session, readerOfItems(...list), { kinds, now: 100 });
    const call = served(entry.call, 7, 1, 500, meta, 'input');
    expect(call?.came).toMatchObject({ number: 7, kind: 'call', method: 0, deadline: 600, meta });
    expect(call?.effect).toBe('0 k');
    const event = served(entry.event, 0, 0, null, 'input');
    expect(event?.came).toMatchObject({ number: 0, kind: 'event', method: 2, deadline: Infinity });
    expect(event?.effect).toBeUndefined();
    expect(served(entry.call, 7, 0, 500, null, 'input'), 'an event is not called').toBeUndefined();
    expect(served(entry.call, 7, 2, 500, null, 'input'), 'no such place').toBeUndefined();
    expect(served(entry.call, 7, 1, 500, null), 'no input').toBeUndefined();
  });
});
