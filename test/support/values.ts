/**
 * Values for property tests: everything that travels as CBOR, and what becomes of it on the way.
 */
import * as fc from 'fast-check';

/** Numbers of every kind that has its own head. */
const numbers = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double(),
  fc.float(),
  fc.constantFrom(0, -0, 23, 24, -24, -25, 255, 256, -256, -257, 65_535, 65_536, -65_537),
  fc.constantFrom(2 ** 31, -(2 ** 31), 2 ** 32 - 1, 2 ** 32, -(2 ** 32), -(2 ** 32) - 1),
  fc.constantFrom(2 ** 53 - 1, -(2 ** 53) + 1, 2 ** 53, Number.NaN, Infinity, -Infinity),
);

/** Integers up to the longest magnitude that is allowed, 64 bytes. */
const bigints = fc.oneof(
  fc.bigInt({ min: -(1n << 512n), max: (1n << 512n) - 1n }),
  fc.bigInt({ min: -(1n << 64n) - 2n, max: (1n << 64n) + 2n }),
  fc.bigInt({ min: -(1n << 53n) - 2n, max: (1n << 53n) + 2n }),
  fc.constantFrom(0n, -1n, 1n << 53n, (1n << 64n) - 1n, 1n << 64n, -(1n << 64n)),
);

/** Text from ASCII to astral, with lengths around those where heads grow. */
export const texts: fc.Arbitrary<string> = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.string({ unit: fc.constantFrom('a', 'é', '€', '😀'), maxLength: 300 }),
  fc.constantFrom(...[22, 23, 24, 63, 64, 65, 255, 256, 65_536].map((n) => 'x'.repeat(n))),
  fc.constantFrom('\ufeff', '\ufeffx'), // Without its native part cbor-x takes it off long text.
);

/** Byte strings, mostly short. */
export const byteStrings: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.constantFrom(...[0, 1, 23, 24, 255, 256].map((length) => new Uint8Array(length).fill(0xff))),
);

// Seconds are sent as a float of 64 bits, which counts milliseconds exactly up to the year 130,000.
const far = 4e15;
const dates = fc.date({ noInvalidDate: true, min: new Date(-far), max: new Date(far) });

/** Values of every type that travels. A `__proto__` key does not: it has tests of its own. */
export const values: fc.Arbitrary<unknown> = fc.letrec((tie) => {
  const scalar = fc.oneof(
    numbers,
    texts,
    bigints,
    fc.boolean(),
    fc.constantFrom(null, undefined),
    dates,
    byteStrings,
  );
  const any = tie('any');
  const keys = texts.filter((key) => key !== '__proto__');
  return {
    any: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      scalar,
      fc.array(any, { maxLength: 6 }),
      fc.array(fc.tuple(keys, any), { maxLength: 6 }).map((pairs) => Object.fromEntries(pairs)),
      fc.array(fc.tuple(any, any), { maxLength: 5 }).map((pairs) => new Map(pairs)),
      fc.array(any, { maxLength: 5 }).map((members) => new Set(members)),
    ),
  };
})['any'];

/** What arrives of a value: -0 as 0, and a BigInt that a number can hold as that number. */
export function arrived(value: unknown): unknown {
  if (value === 0) return 0;
  if (typeof value === 'bigint') {
    return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  }
  if (Array.isArray(value)) return value.map(arrived);
  if (value instanceof Map) {
    return new Map([...value].map(([key, held]) => [arrived(key), arrived(held)]));
  }
  if (value instanceof Set) return new Set([...value].map(arrived));
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Uint8Array || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([key, held]) => [key, arrived(held)]));
}
