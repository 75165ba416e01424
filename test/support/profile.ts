/**
 * The profile as tests speak of it: the reasons for refusing an item, and two ways to say what
 * becomes of one wherever it stands.
 */
import { expect } from 'vitest';
import { flaws } from '../../src/wire/scan.ts';
import { meet } from './hostile.ts';
import { expectSame } from './same.ts';
import { batchOf, hex, join } from './wire.ts';

/** Why items are refused. */
export const reasons = {
  truncated: flawThatBegins('the bytes end before'),
  tooDeep: flawThatBegins('containers stand in one another'),
  notDefinite: flawThatBegins('a length that is indefinite'),
  badTag: flawThatBegins('a tag outside the profile'),
  longBignum: flawThatBegins('a bignum of more than'),
  badText: flawThatBegins('text that is not valid'),
  badSimple: flawThatBegins('a simple value other'),
  manyKeys: flawThatBegins('Sets or Maps with'),
} as const;

function flawThatBegins(opening: string): string {
  const found = Object.values(flaws).filter((flaw) => flaw.startsWith(opening));
  if (found.length !== 1) throw new Error(`${found.length} reasons begin with "${opening}"`);
  return found.join();
}

/** The item is refused for `reason`: bare, in an array, and in a batch behind a good value. */
export function expectRefused(item: Uint8Array, reason: string): void {
  expect(meet(item)).toEqual({ values: [], fault: reason });
  expect(meet(join(hex('81'), item))).toEqual({ values: [], fault: reason });
  expect(meet(join(hex('a1 61 61'), item))).toEqual({ values: [], fault: reason });
  expect(meet(batchOf(hex('05'), item))).toEqual({ values: [5], fault: reason });
}

/** The item is decoded to `value`: bare, in containers, in a batch. */
export function expectRead(item: Uint8Array, value: unknown): void {
  for (const copy of [false, true]) {
    expectSame(meet(item, { copy }), { values: [value], fault: undefined });
    expectSame(meet(join(hex('81'), item), { copy }).values, [[value]]);
    expectSame(meet(join(hex('a1 61 61'), item), { copy }).values, [{ a: value }]);
    const batch = batchOf(hex('05'), item, item, hex('61 62'));
    expectSame(meet(batch, { copy }).values, [5, value, value, 'b']);
  }
}
