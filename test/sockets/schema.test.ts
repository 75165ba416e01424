/**
 * Tests of the reasons that schemas give: each says what is wrong, and where. standardschema.dev, version 1.
 */
import type { Schema, SchemaIssue } from 'brokerless';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { checkOne, checkWith } from '../../src/sockets/schema.ts';

const wrong = { items: [{ price: 1 }, { price: 'two' }], 'from place': 3 };

/** A schema that finds these issues in whatever it is given. */
function finding(...issues: readonly SchemaIssue[]): Schema<unknown> {
  return { '~standard': { version: 1, vendor: 'test', validate: () => ({ issues }) } };
}

/** Why `schema` refuses `value`. */
async function reason(schema: Schema<unknown>, value: unknown): Promise<string> {
  try {
    await checkOne(schema)(value);
  } catch (error) {
    return (error as Error).message;
  }
  return expect.fail('it was taken');
}

describe('the reason why a schema refuses a value', () => {
  test('names the path of each field that is wrong, as zod tells it', async () => {
    const item = z.object({ price: z.number('no number') });
    const schema = z.object({ items: z.array(item), 'from place': z.string('no text') });
    const expected = 'refused by the schema: items.1.price: no number; from place: no text';
    expect(await reason(schema, wrong)).toBe(expected);
  });

  test('names it as valibot tells it, in segments that are objects', async () => {
    const item = v.object({ price: v.number('no number') });
    const schema = v.object({ items: v.array(item) });
    expect(await reason(schema, wrong)).toBe('refused by the schema: items.1.price: no number');
  });

  test('names no path where none is given', async () => {
    expect(await reason(z.number('no number'), 'x')).toBe('refused by the schema: no number');
    const nowhere = finding({ message: 'a', path: [] }, { message: 'b', path: undefined });
    expect(await reason(nowhere, 1)).toBe('refused by the schema: a; b');
  });

  test('names keys of every kind that a path may have', async () => {
    const path = ['a', 0, Symbol('b'), { key: 'c' }, { key: 1 }, { key: Symbol('d') }];
    const expected = 'refused by the schema: a.0.Symbol(b).c.1.Symbol(d): no';
    expect(await reason(finding({ message: 'no', path }), 1)).toBe(expected);
  });

  test('is the same for a schema that takes its time', async () => {
    const schema = z.object({ sku: z.string().refine(async () => false, 'gone') });
    expect(await reason(schema, { sku: 'a' })).toBe('refused by the schema: sku: gone');
  });

  test('is what a schema throws', async () => {
    const validate = (): never => {
      throw new Error('broken');
    };
    const schema: Schema<unknown> = { '~standard': { version: 1, vendor: 'test', validate } };
    expect(await reason(schema, 1)).toBe('refused by the schema: broken');
  });

  test('is told of each value among many', () => {
    const reasons: string[] = [];
    const schema = z.object({ n: z.number('no number') });
    const check = checkWith<{ n: number }>(schema, (why) => reasons.push(why));
    expect(check([{ n: 1 }, { n: 'a' }, {}, { n: 2 }])).toEqual([{ n: 1 }, { n: 2 }]);
    const expected = 'refused by the schema: n: no number';
    expect(reasons).toEqual([expected, expected]);
  });
});
