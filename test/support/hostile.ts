/**
 * Meets hostile bytes: unpacks them, and then looks whether anything was left poisoned.
 */
import { isDeepStrictEqual } from 'node:util';
import { batchOf, hex, type Unpacked, type UnpackOptions, unpack } from './wire.ts';

// Written by hand, so that a fault of our own encoder cannot hide one of the decoder.
const text = 'ä'.repeat(40);
const items: readonly (readonly [digits: string, value: unknown])[] = [
  ['a2 61 61 01 61 62 82 02 f6', { a: 1, b: [2, null] }],
  ['d9 0103 a1 01 a1 61 63 f7', new Map([[1, { c: undefined }]])],
  ['a1 61 6d d9 0103 a0', { m: new Map() }],
  ['d9 0102 82 01 63 e2 82 ac', new Set([1, '€'])],
  ['c1 1a 66 00 00 00', new Date(0x66000000 * 1000)],
  ['3b 00000001 2a05f200', -5000000001],
  ['c2 49 01 0000000000000000', 1n << 64n],
  ['82 43 010203 a0', [new Uint8Array([1, 2, 3]), {}]],
  ['44 ffffffff', new Uint8Array([255, 255, 255, 255])],
  [`78 50 ${'c3a4'.repeat(40)}`, text],
  ['a1 65 6f74686572 f5', { other: true }],
];
const good = batchOf(...items.map(([digits]) => hex(digits)));
const expected = items.map(([, value]) => value);
const bare = hex('a1 61 78 d9 0103 a1 61 79 a1 61 7a 01');
const expectedBare = [{ x: new Map([['y', { z: 1 }]]) }];
const prototypeNames = Object.getOwnPropertyNames(Object.prototype).join();

/**
 * Unpacks `frame`, whatever it is. Throws if that throws, or if afterwards good messages no longer
 * come out right or a prototype has changed.
 */
export function meet(frame: Uint8Array, options: UnpackOptions = {}): Unpacked {
  const outcome = unpack(frame, options);
  checkHealth();
  return outcome;
}

function checkHealth(): void {
  for (const copy of [false, true]) {
    check(unpack(good, { copy }), expected);
    check(unpack(bare, { copy }), expectedBare);
  }
  if (Object.getOwnPropertyNames(Object.prototype).join() !== prototypeNames) {
    throw new Error('the prototype of all objects was changed');
  }
}

function check({ values, fault }: Unpacked, wanted: readonly unknown[]): void {
  if (fault !== undefined) throw new Error(`a good message is at fault now: ${fault}`);
  if (!isDeepStrictEqual(values, wanted)) throw new Error('a good message came out wrong');
}
