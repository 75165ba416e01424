/**
 * Codecs other than CBOR: one value a frame, there and back, and what each refuses.
 */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Message } from '../../src/wire/batch.ts';
import { codecOf } from '../../src/wire/codec.ts';
import { packerFor } from '../../src/wire/packer.ts';
import { BatchUnpacker, SingleUnpacker, unpackerFor } from '../../src/wire/unpacker.ts';
import { expectSame } from '../support/same.ts';
import { frameOf, read, type Single } from '../support/single.ts';
import { thrownBy } from '../support/thrown.ts';
import { texts } from '../support/values.ts';
import { batchOf, itemOf } from '../support/wire.ts';

const utf8 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));

describe('json', () => {
  test('carries whatever JSON can hold', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expectSame(read('json', frameOf('json', value)), {
          values: [JSON.parse(JSON.stringify(value))],
          fault: undefined,
        });
      }),
      { numRuns: 200 },
    );
  });

  test.each([undefined, () => 1, Symbol('s')])('has no word for %s', (value) => {
    const { message } = thrownBy(() => frameOf('json', value), 'BAD_VALUE');
    expect(message).toMatch(/^cannot be encoded: JSON has no word for /);
  });

  test('refuses what JSON refuses', () => {
    thrownBy(() => frameOf('json', 1n), 'BAD_VALUE');
    const cycle: unknown[] = [];
    cycle.push(cycle);
    expect(thrownBy(() => frameOf('json', cycle), 'BAD_VALUE').cause).toBeInstanceOf(TypeError);
  });

  test.each(['', '{', '{"a":1', '01', '[1,]', '\ufeff1', '1 2'])('is at fault for "%s"', (text) => {
    const { values, fault } = read('json', utf8(text));
    expect(values).toEqual([]);
    expect(fault).toBeTypeOf('string');
  });

  test('is at fault for bytes that are not UTF-8, and never throws', () => {
    expect(read('json', Uint8Array.of(0x22, 0xff, 0x22)).fault).toBeTypeOf('string');
    const any = fc.property(fc.uint8Array(), (frame) => {
      const { values, fault } = read('json', frame);
      expect(values.length).toBe(fault === undefined ? 1 : 0);
    });
    fc.assert(any, { numRuns: 300 });
  });

  test('makes a key __proto__ a key', () => {
    const [value] = read('json', utf8('{"__proto__":{"polluted":1}}')).values as [object];
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });
});

describe('text', () => {
  test('carries any text, with its byte order mark', () => {
    const any = fc.property(texts, (text) => {
      expectSame(read('text', frameOf('text', text)), { values: [text], fault: undefined });
    });
    fc.assert(any, { numRuns: 200 });
    expect(read('text', frameOf('text', '\ufeffx')).values).toEqual(['\ufeffx']);
    expect(read('text', frameOf('text', '')).values).toEqual(['']);
  });

  test.each([[5], [undefined], [null], [['x']], [Uint8Array.of(1)]])('refuses %s', (value) => {
    const { message } = thrownBy(() => frameOf('text', value as unknown as string), 'BAD_VALUE');
    expect(message).toMatch(/^cannot be encoded: expected a string, got /);
  });

  test('refuses half a surrogate pair, which UTF-8 cannot hold', () => {
    thrownBy(() => frameOf('text', 'x\ud800'), 'BAD_VALUE');
  });

  test.each([[[0xff]], [[0xc0, 0x80]], [[0xed, 0xa0, 0x80]], [[0x61, 0xe2, 0x82]]])(
    'is at fault for the bytes %j',
    (bytes) => {
      const { values, fault } = read('text', Uint8Array.from(bytes));
      expect(values).toEqual([]);
      expect(fault).toBeTypeOf('string');
    },
  );
});

describe('raw', () => {
  test('carries any bytes as they are, none and those of a batch too', () => {
    const batch = batchOf(itemOf(1), itemOf(2));
    for (const bytes of [new Uint8Array(0), Uint8Array.of(0xff), batch, new Uint8Array(100_000)]) {
      const frame = frameOf('raw', bytes);
      expectSame(new Uint8Array(frame), new Uint8Array(bytes));
      expectSame(
        read('raw', frame).values.map((value) => new Uint8Array(value as Uint8Array)),
        [new Uint8Array(bytes)],
      );
    }
  });

  test.each([['text'], [[1, 2]], [new Uint16Array(1)], [new ArrayBuffer(1)], [undefined]])(
    'refuses %s',
    (value) => {
      const { message } = thrownBy(
        () => frameOf('raw', value as unknown as Uint8Array),
        'BAD_VALUE',
      );
      expect(message).toMatch(/^cannot be encoded: expected a Uint8Array, got /);
    },
  );

  test('copies what is sent, unless it is given away', () => {
    const bytes = Uint8Array.of(1, 2, 3);
    const copied = frameOf('raw', bytes);
    expect(copied.buffer).not.toBe(bytes.buffer);
    expect(frameOf('raw', bytes, true)).toBe(bytes);
    bytes.fill(9);
    expect([...copied]).toEqual([1, 2, 3]);
  });

  test('hands out the frame itself, or with `copy` memory of its own', () => {
    const frame = Uint8Array.of(1, 2, 3);
    expect(read('raw', frame).values[0]).toHaveProperty('buffer', frame.buffer);
    const [copy] = read('raw', frame, true).values as [Uint8Array];
    expect(copy.buffer).not.toBe(frame.buffer);
    frame.fill(9);
    expect([...copy]).toEqual([1, 2, 3]);
  });
});

describe('every codec', () => {
  test.each<Single>(['json', 'text', 'raw'])('%s measures the frame, both ways', (codec) => {
    const value = codec === 'raw' ? new Uint8Array(10) : '0123456789';
    const { length } = frameOf<unknown>(codec, value);
    expect(frameOf<unknown>(codec, value, false, length)).toHaveLength(length);
    const error = thrownBy(() => frameOf<unknown>(codec, value, false, length - 1), 'TOO_LARGE');
    expect(error.message).toContain(`takes ${length} bytes once encoded`);
    const frame = frameOf<unknown>(codec, value);
    expect(read(codec, frame, false, length).fault).toBeUndefined();
    expect(read(codec, frame, false, length - 1)).toEqual({
      values: [],
      fault: `a value of ${length} bytes, more than ${length - 1}`,
    });
  });

  test('freezes a value into the frame that it will be', () => {
    const emitted: Message[] = [];
    const packer = packerFor<unknown>(codecOf('json'), true, {
      maxMessageBytes: 100,
      emit: (message) => emitted.push(message),
      deal: () => 1,
    });
    packer.packItem(packer.freeze({ a: 1 }, false));
    expect(emitted.map(({ frame, count }) => [Buffer.from(frame).toString(), count])).toEqual([
      ['{"a":1}', 1],
    ]);
  });

  test('has the unpacker made for it', () => {
    const options = { maxMessageBytes: 1, copies: () => false };
    expect(unpackerFor('cbor', options)).toBeInstanceOf(BatchUnpacker);
    expect(unpackerFor(codecOf('text'), options)).toBeInstanceOf(SingleUnpacker);
  });

  test('hands out byte strings that are plain Uint8Arrays, copied or not', () => {
    const bytes = Uint8Array.of(1, 2, 3);
    for (const copy of [false, true]) {
      for (const [codec, frame] of [
        ['cbor', itemOf(bytes)],
        ['cbor', batchOf(itemOf(bytes), itemOf([bytes]))],
        ['raw', bytes],
      ] as const) {
        const options = { maxMessageBytes: 100, copies: () => copy };
        const unpacker = unpackerFor<unknown>(codec === 'raw' ? codecOf(codec) : codec, options);
        const values: unknown[] = [];
        unpacker.open(frame);
        unpacker.read(values, 10);
        for (const value of values.flat()) {
          expect([codec, copy, (value as object).constructor.name]).toEqual([
            codec,
            copy,
            'Uint8Array',
          ]);
        }
      }
    }
  });
});
