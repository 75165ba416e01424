/**
 * Interop: what other CBOR libraries see of a batch, and what we see of their values.
 */
import { decode, Tag } from 'cbor-x';
import { beforeEach, describe, expect, test } from 'vitest';
import { BATCH_TAG } from '../../src/wire/batch.ts';
import { python, requirePython } from '../support/python.ts';
import { expectSame } from '../support/same.ts';
import { hex, pack, unpack } from '../support/wire.ts';

const sent = [1, 'two', { three: [3, null] }, Uint8Array.of(4), true, -5000000001, 1.5];

function batch(values: readonly unknown[]): Uint8Array {
  const [message] = pack(values);
  return message?.frame ?? new Uint8Array(0);
}

describe('a library that never heard of batches', () => {
  test('cbor-x: sees a tag and in it the list of every value', () => {
    const seen: unknown = decode(Buffer.from(batch(sent)));
    expect(seen).toBeInstanceOf(Tag);
    expect(Reflect.get(seen as Tag, 'tag')).toBe(BATCH_TAG);
    expectSame((seen as Tag).value, [...sent.slice(0, 3), Buffer.of(4), ...sent.slice(4)]);
  });

  test('cbor-x: sees one value as that value', () => {
    expect(decode(Buffer.from(batch([{ alone: 1 }])))).toEqual({ alone: 1 });
  });
});

describe('cbor2, of Python', () => {
  beforeEach((context) => requirePython(context, 'cbor2'));

  test('sees a tag and in it the list of every value, and one value as that value', async () => {
    const program = new URL('./programs/read_batch.py', import.meta.url);
    const frames = [batch(sent), batch([sent[2]]), batch([7n, 1n << 70n, new Date(0)])];
    const input = frames.map((frame) => Buffer.from(frame).toString('hex')).join('\n');
    const { stdout, stderr, code } = await python(program, [], input);
    expect([stderr, code]).toEqual(['', 0]);
    expect(stdout.trimEnd().split('\n')).toEqual([
      "CBORTag(45324, [1, 'two', {'three': [3, None]}, b'\\x04', True, -5000000001.0, 1.5])",
      "{'three': [3, None]}",
      'CBORTag(45324, [7, 1180591620717411303424, ' +
        'datetime.datetime(1970, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)])',
    ]);
  });

  test('writes values that arrive as they were, alone and in a batch', async () => {
    const written = await writtenByPython();
    const values = Object.entries(expected);
    for (const [name, value] of values) {
      const item = hex(written.get(name) ?? '');
      expectSame([name, unpack(item)], [name, { values: [value], fault: undefined }]);
    }
    expectSame(unpack(hex(written.get('batch') ?? '')), {
      values: values.map(([, value]) => value),
      fault: undefined,
    });
  });

  test('writes floats of every width, and dates as seconds, that arrive as they were', async () => {
    const written = await writtenByPython();
    for (const [name, value] of Object.entries(widths)) {
      const item = hex(written.get(name) ?? '');
      expectSame([name, unpack(item)], [name, { values: [value], fault: undefined }]);
    }
  });

  test('writes dates after the year 2106 as seconds that are too wide, which is a fault', async () => {
    const item = hex((await writtenByPython()).get('late timestamp') ?? '');
    expect(unpack(item)).toMatchObject({ values: [], fault: expect.stringContaining('a tag') });
  });
});

const widths = {
  float16: 1.5,
  float32: 3.4028234663852886e38,
  float64: 1.1,
  timestamp: new Date('2013-03-21T20:04:00.500Z'),
};

const expected: Readonly<Record<string, unknown>> = {
  zero: 0,
  'small negative': -1,
  'most safe': Number.MAX_SAFE_INTEGER,
  'least safe': Number.MIN_SAFE_INTEGER,
  'beyond safe': 2n ** 53n,
  'negative of 33 bits': -5000000001,
  'most of 64 bits': 2n ** 64n - 1n,
  'least of 64 bits': -(2n ** 64n),
  bignum: 2n ** 64n,
  'negative bignum': -(2n ** 64n) - 1n,
  'long bignum': 2n ** 512n - 1n,
  text: 'hä€😀',
  bytes: Uint8Array.of(0, 255),
  list: [1, [2, [3, []]], {}],
  map: { a: 1, b: { c: [Number.MAX_SAFE_INTEGER, 2n ** 60n] } },
  keys: { 1: 'one', [2 ** 40]: 'big' },
  set: new Set([1]),
  none: null,
  booleans: [true, false],
  undefined: undefined,
  float: 1.1,
  'float not finite': [Infinity, -Infinity],
  'nested bytes': { k: [Uint8Array.of(120, 121, 122), new Uint8Array(0)] },
  date: new Date('2013-03-21T20:04:00.500Z'),
};

/** What the Python program wrote, by name. */
async function writtenByPython(): Promise<ReadonlyMap<string, string>> {
  const program = new URL('./programs/write_values.py', import.meta.url);
  const { stdout, stderr, code } = await python(program);
  expect([stderr, code]).toEqual(['', 0]);
  const lines = stdout.trimEnd().split('\n');
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), line.split(' ').at(-1) ?? '']),
  );
}
