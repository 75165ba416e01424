/**
 * Sends values of every type through a packer and an unpacker, and ends badly if one is changed.
 */
import { deepStrictEqual } from 'node:assert';
import { isNativeAccelerationEnabled } from 'cbor-x';
import * as fc from 'fast-check';
import { arrived, values } from '../../support/values.ts';
import { pack, unpack } from '../../support/wire.ts';

console.log(`native: ${String(isNativeAccelerationEnabled)}`);

const lists = fc.array(values, { minLength: 1, maxLength: 10 });
const property = fc.property(lists, fc.integer({ min: 1, max: 3 }), (sent, deal) => {
  const read = pack(sent, { deal }).flatMap(({ frame }) => {
    const { values: some, fault } = unpack(frame);
    deepStrictEqual(fault, undefined);
    return some;
  });
  deepStrictEqual(read, sent.map(arrived));
});
fc.assert(property, { numRuns: 400 });
