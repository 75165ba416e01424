/**
 * What cannot travel is refused where it is sent, and a refusal leaves the packer as it was.
 */
import { describe, expect, test } from 'vitest';
import type { Message } from '../../src/wire/batch.ts';
import { BatchPacker, packerFor } from '../../src/wire/packer.ts';
import { expectSame } from '../support/same.ts';
import { thrownBy } from '../support/thrown.ts';
import { unpack } from '../support/wire.ts';

/** A packer and what it has emitted. */
function packing(maxMessageBytes = 1000): [BatchPacker, Message[]] {
  const emitted: Message[] = [];
  const emit = (message: Message): number => emitted.push(message);
  return [new BatchPacker({ maxMessageBytes, emit, deal: () => 1 }), emitted];
}

const cyclicArray: unknown[] = [];
cyclicArray.push(cyclicArray);
const cyclicObject: Record<string, unknown> = {};
cyclicObject['self'] = { again: [cyclicObject] };
const cyclicMap = new Map<string, unknown>();
cyclicMap.set('self', cyclicMap);
const cyclicSet = new Set<unknown>();
cyclicSet.add(cyclicSet);

function* generate(): Generator<number> {
  yield 1;
}

function deep(depth: number): unknown {
  let value: unknown = 1;
  for (let i = 0; i < depth; i += 1) value = [value];
  return value;
}

const refused: readonly (readonly [name: string, value: unknown])[] = [
  ['a function', () => 1],
  ['a class', Date],
  ['a symbol', Symbol('s')],
  ['a RegExp', /x/g],
  ['an Error', new Error('x')],
  ['a TypeError', new TypeError('x')],
  ['a generator', generate()],
  ['an Int8Array', new Int8Array(2)],
  ['a Uint8ClampedArray', new Uint8ClampedArray(2)],
  ['a Uint16Array', new Uint16Array(2)],
  ['an Int16Array', new Int16Array(2)],
  ['a Uint32Array', new Uint32Array(2)],
  ['an Int32Array', new Int32Array(2)],
  ['a Float32Array', new Float32Array(2)],
  ['a Float64Array', new Float64Array(2)],
  ['a BigInt64Array', new BigInt64Array(2)],
  ['a BigUint64Array', new BigUint64Array(2)],
  ['a boxed string', new String('x')],
  ['a Set of very many numbers', new Set(Array.from({ length: 5000 }, (_, i) => i))],
  ['a Map of very many numbers', new Map(Array.from({ length: 5000 }, (_, i) => [i, i]))],
  ['an array in itself', cyclicArray],
  ['an object in itself', cyclicObject],
  ['a Map in itself', cyclicMap],
  ['a Set in itself', cyclicSet],
  ['33 arrays in one another', deep(33)],
  ['5000 arrays in one another', deep(5000)],
  ['a BigInt of 65 bytes', 1n << 512n],
  ['a negative BigInt of 65 bytes', -(1n << 512n) - 1n],
  ['text with half a surrogate pair', 'x\ud800'],
];

describe('refused where it is sent, and nothing is emitted', () => {
  test.each(refused)('%s', (_, value) => {
    for (const bad of [
      value,
      [1, value],
      { a: value },
      new Map([['k', value]]),
      new Set([value]),
    ]) {
      const [packer, emitted] = packing(1 << 20);
      packer.pack('before');
      const was = [packer.count, packer.bytes];
      const error = thrownBy(() => packer.pack(bad), 'BAD_VALUE');
      expect(error.message).not.toBe('');
      thrownBy(() => packer.freeze(bad), 'BAD_VALUE');
      expect([packer.count, packer.bytes, ...emitted]).toEqual(was);
      packer.pack({ after: new Map([[1, 'x']]) });
      packer.seal();
      expect(emitted.flatMap(({ frame }) => unpack(frame).values)).toEqual([
        'before',
        { after: new Map([[1, 'x']]) },
      ]);
    }
  });

  test('a promise that somebody forgot to await', () => {
    const [packer] = packing();
    const error = thrownBy(() => packer.pack(Promise.resolve(1)), 'BAD_VALUE');
    expect(error.message).toContain('await it');
  });

  test('a value as deep as may be is accepted', () => {
    const [packer, emitted] = packing();
    packer.pack(deep(32));
    packer.seal();
    expect(unpack(emitted[0]?.frame ?? new Uint8Array(0)).values).toEqual([deep(32)]);
  });

  test('a value longer than maxMessageBytes, by every way in', () => {
    const [packer, emitted] = packing(10);
    packer.pack('123456789');
    for (const long of ['1234567890', new Uint8Array(10), { a: '12345678' }]) {
      const error = thrownBy(() => packer.pack(long), 'TOO_LARGE');
      expect(error.message).toMatch(
        /takes 1[12] bytes once encoded, more than maxMessageBytes, 10$/,
      );
      thrownBy(() => packer.freeze(long), 'TOO_LARGE');
    }
    packer.pack(new Uint8Array(9));
    expect(emitted).toEqual([]);
    expect(packer.count).toBe(2);
  });

  test('what the packer of single frames refuses, too', () => {
    const emitted: Message[] = [];
    const packer = packerFor('cbor', false, {
      maxMessageBytes: 10,
      deal: () => 1,
      emit: (message) => emitted.push(message),
    });
    thrownBy(() => packer.pack(/x/, false), 'BAD_VALUE');
    thrownBy(() => packer.pack('x'.repeat(10), false), 'TOO_LARGE');
    thrownBy(() => packer.pack(new Uint8Array(10), false), 'TOO_LARGE');
    expect(emitted).toEqual([]);
    packer.pack('x'.repeat(9), false);
    expect(emitted.map(({ count }) => count)).toEqual([1]);
  });
});

describe('a getter', () => {
  test('that throws is a bad value, with its error as the cause', () => {
    const [packer] = packing();
    const fault = new Error('mine');
    const value = {
      get bad(): never {
        throw fault;
      },
    };
    expect(thrownBy(() => packer.pack(value), 'BAD_VALUE').cause).toBe(fault);
    packer.pack('fine');
    expect(packer.count).toBe(1);
  });

  test('that packs while it is being encoded is refused, and both are as if never packed', () => {
    const [packer, emitted] = packing();
    const value = {
      start: 'x'.repeat(50),
      get bad() {
        packer.pack({ inner: 1 });
        return 1;
      },
    };
    expect(thrownBy(() => packer.pack(value), 'BAD_VALUE').message).toContain(
      'a value sent another while it was encoded',
    );
    expect(packer.count).toBe(0);
    packer.pack([1, 2]);
    packer.seal();
    expect(emitted.flatMap(({ frame }) => unpack(frame).values)).toEqual([[1, 2]]);
  });

  test('that packs and swallows the refusal does not damage the value around it', () => {
    const [packer, emitted] = packing();
    const refusals: unknown[] = [];
    const value = {
      start: 'x'.repeat(50),
      get middle() {
        refusals.push(thrownBy(() => packer.pack({ inner: 1 }), 'BAD_VALUE'));
        packer.pack(Uint8Array.of(1, 2, 3)); // By hand, not through the encoder.
        return 'm';
      },
      end: 2,
    };
    packer.pack(value);
    packer.seal();
    expect(refusals).toHaveLength(1);
    expectSame(
      emitted.flatMap(({ frame }) => unpack(frame).values),
      [Uint8Array.of(1, 2, 3), { start: 'x'.repeat(50), middle: 'm', end: 2 }],
    );
  });
});
