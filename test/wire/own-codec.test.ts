/**
 * A codec of your own: what it may give, what it may throw, and whose memory is whose.
 */
import { describe, expect, test } from 'vitest';
import type { Codec } from '../../src/wire/codec.ts';
import { frameOf, read } from '../support/single.ts';
import { thrownBy } from '../support/thrown.ts';

describe('a codec of your own', () => {
  const upper: Codec<string> = {
    encode: (value) => value.toUpperCase(),
    decode: (bytes) => Buffer.from(bytes).toString(),
  };

  test('may give text or bytes', () => {
    expect(read(upper, frameOf(upper, 'abc')).values).toEqual(['ABC']);
    const bytes: Codec<number> = {
      encode: (value) => Uint8Array.of(value),
      decode: ([value = -1]) => value,
    };
    expect(read(bytes, frameOf(bytes, 7)).values).toEqual([7]);
  });

  test('may use one buffer again and again: what it gives is copied, unless it is given away', () => {
    const scratch = new Uint8Array(1);
    const codec: Codec<number> = {
      encode(value) {
        scratch[0] = value;
        return scratch;
      },
      decode: ([value = -1]) => value,
    };
    const frames = [1, 2, 3].map((value) => frameOf(codec, value));
    expect(frames.flatMap((frame) => read(codec, frame).values)).toEqual([1, 2, 3]);
    expect(frameOf(codec, 4, true)).toBe(scratch);
  });

  test('that throws refuses the value, or makes the frame a fault', () => {
    const fault = new Error('mine');
    const thrower: Codec<unknown> = {
      encode() {
        throw fault;
      },
      decode() {
        throw fault;
      },
    };
    const error = thrownBy(() => frameOf(thrower, 1), 'BAD_VALUE');
    expect(error.message).toBe('cannot be encoded: mine');
    expect(error.cause).toBe(fault);
    expect(read(thrower, Uint8Array.of(1))).toEqual({ values: [], fault: 'mine' });
  });

  test.each([['text'], [undefined], [null], [{ message: 'x' }], [Object.create(null)]])(
    'may throw anything: %o',
    (thrown: unknown) => {
      const codec: Codec<unknown> = {
        encode: () => '',
        decode: () => {
          throw thrown as Error;
        },
      };
      expect(read(codec, Uint8Array.of(1)).fault).toBeTypeOf('string');
    },
  );

  test.each([[5], [undefined], [Promise.resolve('x')], [new Uint16Array(2)], [new ArrayBuffer(2)]])(
    'that gives %s for bytes refuses the value',
    (given) => {
      const codec: Codec<unknown> = {
        encode: () => given as unknown as string,
        decode: () => 1,
      };
      expect(thrownBy(() => frameOf(codec, 1), 'BAD_VALUE').message).toMatch(/^the codec gave /);
    },
  );
});
