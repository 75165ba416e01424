/**
 * Equality to the last byte, quick where there are many bytes.
 */
import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';

/** As `expect(actual).toStrictEqual(expected)`, a hundred times quicker unless it fails. */
export function expectSame(actual: unknown, expected: unknown): void {
  if (isDeepStrictEqual(actual, expected)) return;
  expect(actual).toStrictEqual(expected);
  throw new Error('they differ in a way that only isDeepStrictEqual can tell');
}
