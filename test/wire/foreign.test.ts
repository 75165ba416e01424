/**
 * Values of other libraries, whose heads may be wider than they need be, and our own values read
 * without the native part of cbor-x, which many machines lack.
 */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { runScript } from '../support/child.ts';
import { encodeForeign, type Widths } from '../support/foreign.ts';
import { expectSame } from '../support/same.ts';
import { arrived, values } from '../support/values.ts';
import { batchOf, unpack } from '../support/wire.ts';

const widths = fc.infiniteStream(fc.constantFrom(0, 0, 1, 2, 4, 8));

const next =
  (stream: fc.Stream<number>): Widths =>
  () =>
    stream.next().value ?? 0;

describe('a value whose heads are wider than they need be', () => {
  test('is the same value, alone', () => {
    const property = fc.property(values, widths, (value, stream) => {
      const item = encodeForeign(value, next(stream));
      expectSame(unpack(item), { values: [arrived(value)], fault: undefined });
    });
    fc.assert(property, { numRuns: 400 });
  });

  test('is the same value in a batch, and so are its neighbours', () => {
    const lists = fc.array(values, { minLength: 1, maxLength: 6 });
    const property = fc.property(lists, widths, fc.boolean(), (sent, stream, copy) => {
      const width = next(stream);
      const frame = batchOf(...sent.map((value) => encodeForeign(value, width)));
      fc.pre(frame.length <= 65_536);
      expectSame(unpack(frame, { copy }), { values: sent.map(arrived), fault: undefined });
    });
    fc.assert(property, { numRuns: 300 });
  });
});

describe('without the native part of cbor-x', () => {
  test('values come back as with it', async () => {
    const { code, stdout, stderr } = await runScript(
      new URL('./programs/round-trips.ts', import.meta.url),
      { source: true, env: { CBOR_NATIVE_ACCELERATION_DISABLED: 'true' }, timeoutMs: 15_000 },
    );
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: 'native: false\n', stderr: '' });
  });
});
