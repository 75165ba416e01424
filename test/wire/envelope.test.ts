/**
 * The envelope of requests and replies: where the body begins, and failures that always travel.
 */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BATCH_BYTES, sumOfLengths } from '../../src/wire/batch.ts';
import {
  bodyStart,
  DELIMITER,
  decodeFailure,
  encodeFailure,
  MAX_ADDRESS_FRAMES,
} from '../../src/wire/envelope.ts';
import { arrived, values } from '../support/values.ts';
import { batchOf, hex, itemOf, join } from '../support/wire.ts';

const frame = (text: string): Uint8Array => Buffer.from(text);
const named = (count: number): Uint8Array[] => Array.from({ length: count }, () => frame('x'));

describe('the body', () => {
  test('begins after the first empty frame', () => {
    expect(bodyStart([DELIMITER, frame('body')])).toBe(1);
    expect(bodyStart([frame('client'), DELIMITER, frame('body')])).toBe(2);
    expect(bodyStart([frame('a'), frame('b'), DELIMITER, frame('body'), frame('more')])).toBe(3);
  });

  test('may itself be empty, or hold empty frames', () => {
    expect(bodyStart([frame('client'), DELIMITER, DELIMITER])).toBe(2);
    expect(bodyStart([frame('client'), DELIMITER, DELIMITER, frame('failure')])).toBe(2);
  });

  test('is missing where there is no empty frame, or nothing after it', () => {
    expect(bodyStart([])).toBeUndefined();
    expect(bodyStart([DELIMITER])).toBeUndefined();
    expect(bodyStart([frame('client'), frame('body')])).toBeUndefined();
    expect(bodyStart([frame('client'), DELIMITER])).toBeUndefined();
  });

  test('is not looked for behind an address that is too long', () => {
    const rest = [DELIMITER, frame('body')];
    const longest = [...named(MAX_ADDRESS_FRAMES), ...rest];
    expect(bodyStart(longest)).toBe(MAX_ADDRESS_FRAMES + 1);
    expect(bodyStart([frame('x'), ...longest])).toBeUndefined();
    expect(bodyStart([...named(100_000), ...rest])).toBeUndefined();
  });

  test('of whatever frames is what stands after the first empty one', () => {
    const frames = fc.array(fc.uint8Array({ maxLength: 2 }), { maxLength: MAX_ADDRESS_FRAMES });
    const property = fc.property(frames, (all) => {
      const empty = all.findIndex(({ length }) => length === 0);
      const expected = empty < 0 || empty === all.length - 1 ? undefined : empty + 1;
      expect(bodyStart(all)).toBe(expected);
      expect(sumOfLengths(all)).toBe(Buffer.concat(all).length);
    });
    fc.assert(property);
  });
});

describe('a failure', () => {
  test('is plain CBOR: a map of code and message, and of data if there is any', () => {
    const bare = join(hex('a2 64'), frame('code'), hex('61 43 67'), frame('message'), hex('61 6d'));
    expect([...encodeFailure({ code: 'C', message: 'm' })]).toEqual([...bare]);
    expect(decodeFailure(bare)).toEqual({ code: 'C', message: 'm' });
    const facts = itemOf({ code: 'C', message: 'm', data: { n: 1 } });
    expect([...encodeFailure({ code: 'C', message: 'm', data: { n: 1 } })]).toEqual([...facts]);
  });

  test('comes back as it went, whatever its data', () => {
    const text = fc.string({ unit: 'binary', maxLength: 100 });
    const small = values.filter((data) => itemOf(data).length < BATCH_BYTES / 2);
    const property = fc.property(text, text, small, (code, message, data) => {
      const wanted = data === undefined ? { code, message } : { code, message, data };
      expect(arrived(decodeFailure(encodeFailure({ code, message, data })))).toEqual(
        arrived(wanted),
      );
    });
    fc.assert(property, { numRuns: 300 });
  });

  test.for([
    ['a function', () => 1],
    ['a symbol in a list', [Symbol('s')]],
    ['a cycle', cycle()],
    ['more than a batch may hold', 'x'.repeat(1 << 16)],
  ] as const)('travels without its data where that is %s', ([_what, data]) => {
    const failure = decodeFailure(encodeFailure({ code: 'C', message: 'm', data }));
    expect(failure).toEqual({ code: 'C', message: 'm' });
  });

  test('travels however long its words are, and whatever half letters are in them', () => {
    const long = 'ä'.repeat(1 << 20);
    const trimmed = encodeFailure({ code: long, message: long });
    expect(trimmed.length).toBeLessThan(1 << 16);
    const { code, message } = decodeFailure(trimmed);
    expect(long.startsWith(code) && long.startsWith(message)).toBe(true);
    expect(message.length).toBe(10_000);
    const half = `${'x'.repeat(9999)}😀`;
    for (const text of [half, '\ud83d', 'a\udc00b']) {
      const failure = decodeFailure(encodeFailure({ code: text, message: text }));
      expect(failure.message.isWellFormed()).toBe(true);
    }
  });

  test.for([
    ['nothing', new Uint8Array(0)],
    ['no CBOR', hex('ff')],
    ['cut off', encodeFailure({ code: 'C', message: 'm' }).subarray(0, -1)],
    ['a text', itemOf('failed')],
    ['null', itemOf(null)],
    ['without a code', itemOf({ message: 'm' })],
    ['without a message', itemOf({ code: 'C' })],
    ['a code that is a number', itemOf({ code: 1, message: 'm' })],
    ['two of them', batchOf(encodeFailure({ code: 'C', message: 'm' }), itemOf(1))],
  ] as const)('is none if it is %s', ([_what, bytes]) => {
    expect(() => decodeFailure(bytes)).toThrow(Error);
    expect(decodeFailure(encodeFailure({ code: 'C', message: 'm' })).code).toBe('C');
  });

  test('keeps what else a peer wrote to itself', () => {
    const failure = decodeFailure(itemOf({ code: 'C', message: 'm', data: 1, stack: 'at …' }));
    expect(failure).toMatchObject({ code: 'C', message: 'm', data: 1 });
  });
});

function cycle(): unknown {
  const ring: { self?: unknown } = {};
  ring.self = ring;
  return ring;
}
