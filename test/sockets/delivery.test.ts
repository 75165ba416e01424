/**
 * Delivery: what is sent arrives, in order, by each codec, and only what may arrive.
 */
import { type Codec, Pull, Push, type Schema } from 'brokerless';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { rejects, transports } from '../contracts/lifecycle.ts';
import { collect, numbers, take } from '../support/collect.ts';
import { until } from '../support/until.ts';

describe.each(Object.entries(transports))('over %s', (_name, endpoint) => {
  test.for([true, false])('values arrive in order, batched: %s', async (batch) => {
    await using pull = await Pull.bind<number>(endpoint);
    await using push = await Push.connect<number>(pull.endpoint, { batch });
    const values = numbers(5000);
    const sending = (async () => {
      for (const value of values) await push.send(value);
    })();
    expect(await take(pull, 5000)).toEqual(values);
    await sending;
    expect(push.stats()).toMatchObject({ sent: 5000, depth: 0, depthBytes: 0 });
    expect(pull.stats()).toMatchObject({ received: 5000, depth: 0, faults: 0 });
  });

  test('a hundred sends at once succeed, in order', async () => {
    await using push = await Push.bind<number>(endpoint);
    await using pull = await Pull.connect<number>(push.endpoint);
    await Promise.all(numbers(100).map((value) => push.send(value)));
    expect(await take(pull, 100)).toEqual(numbers(100));
  });

  test('small, large and larger values keep their order', async () => {
    await using pull = await Pull.bind<Uint8Array>(endpoint);
    await using push = await Push.connect<Uint8Array>(pull.endpoint);
    const sizes = [1, 70_000, 2, 3, 65_531, 65_532, 4, 300_000, 5, 1_000_000, 0, 6];
    for (const size of sizes) void push.send(new Uint8Array(size));
    expect((await take(pull, sizes.length)).map(({ length }) => length)).toEqual(sizes);
  });

  test('every peer gets what it is sent in order', async () => {
    await using pull = await Pull.bind<readonly [string, number]>(endpoint);
    const pushes = await Promise.all(
      ['a', 'b', 'c'].map(async (name) => ({ name, push: await Push.connect(pull.endpoint) })),
    );
    for (const n of numbers(500)) for (const { name, push } of pushes) void push.send([name, n]);
    const got = await take(pull, 1500);
    for (const { name, push } of pushes) {
      expect(got.filter(([from]) => from === name).map(([, n]) => n)).toEqual(numbers(500));
      await push.close();
    }
  });
});

const point: Codec<{ x: number; y: number }> = {
  encode: ({ x, y }) => `${x} ${y}`,
  decode(bytes) {
    const [x, y] = Buffer.from(bytes).toString().split(' ').map(Number);
    if (x === undefined || y === undefined) throw new TypeError('not a point');
    return { x, y };
  },
};

const deep = { id: 7, list: [1, 'zwei', null, true], nested: { a: { b: [[]] } } };
const rich = { when: new Date(5), big: 2n ** 70n, set: new Set([1]), map: new Map([['a', 1]]) };

describe('codecs', () => {
  test.for([
    ['cbor', [deep, rich, undefined, null, 'text', new Uint8Array([1, 2]), 2n ** 64n, -0.5]],
    ['json', [deep, null, 'text', 0.5, []]],
    ['text', ['', 'plain', 'ünïcödé 🎉', '\u0000']],
    ['raw', [new Uint8Array([1, 2, 3]), new Uint8Array(0), new Uint8Array(100_000).fill(7)]],
    [point, [{ x: 1, y: -2.5 }]],
  ] as const)('%o carries its values', async ([codec, values]) => {
    const options = { codec: codec as Codec<unknown> };
    await using pull = await Pull.bind('ipc://*', options);
    await using push = await Push.connect(pull.endpoint, options);
    for (const value of values) await push.send(value);
    const got = await take(pull, values.length);
    const plain = (value: unknown) => (value instanceof Uint8Array ? [...value] : value);
    expect(got.map(plain)).toEqual(values.map(plain));
  });

  test.for([
    ['cbor', () => {}],
    ['json', undefined],
    ['json', 1n],
    ['text', 5],
    ['raw', 'text'],
    [{ encode: () => 5, decode: () => 5 }, 'any'],
  ] as const)('%o refuses what it cannot encode, %o', async ([codec, value]) => {
    await using push = new Push({ codec: codec as unknown as Codec<unknown> });
    expect(await rejects(push.send(value), 'BAD_VALUE')).toMatchObject({ mayHaveRun: 'no' });
    expect(push.stats()).toMatchObject({ sent: 0, depth: 0 });
  });

  test('a peer with another codec makes faults, and no errors', async () => {
    await using pull = await Pull.bind('ipc://*', { codec: point });
    await using push = await Push.connect(pull.endpoint, { codec: 'raw' });
    await using good = await Push.connect(pull.endpoint, { codec: point });
    await push.send(new Uint8Array([1]));
    const value = pull.receive();
    await until(() => pull.stats().faults === 1);
    await good.send({ x: 1, y: 2 });
    expect(await value).toEqual({ x: 1, y: 2 });
  });
});

const zod = z.object({ n: z.number().int() });
const slowZod = zod.refine(async ({ n }) => n < 100);
const valibot = v.object({ n: v.pipe(v.number(), v.integer()) });
const slowValibot = v.pipeAsync(
  valibot,
  v.checkAsync(async ({ n }) => n < 100),
);

describe('schemas', () => {
  test.for([
    ['zod', zod],
    ['zod, taking its time', slowZod],
    ['valibot', valibot],
    ['valibot, taking its time', slowValibot],
  ] as const)('%s lets through what fits and counts the rest', async ([, schema]) => {
    const faults: string[] = [];
    const onFault = ({ code, message }: Error & { code: string }) => {
      faults.push(`${code} ${message}`);
    };
    await using pull = await Pull.bind<{ n: number }>('ipc://*', { schema, onFault });
    await using push = await Push.connect<unknown>(pull.endpoint);
    const values = numbers(300).map((n) => (n % 3 === 0 ? { n: 'three' } : { n: n % 100 }));
    for (const value of values) await push.send(value);
    expect(await take(pull, 200)).toEqual(values.filter(({ n }) => typeof n === 'number'));
    await push.send({ n: 1.5 });
    await push.send({ n: 99 });
    expect(await pull.receive()).toEqual({ n: 99 });
    expect(pull.stats()).toMatchObject({ received: 201, faults: 101 });
    expect(faults).toHaveLength(101);
    expect(faults[0]).toMatch(/^BAD_MESSAGE .*schema/);
  });

  test('what a schema makes of a value is what is received', async () => {
    const schema = z.object({ n: z.coerce.number() }).transform(({ n }) => n * 2);
    await using pull = await Pull.bind<number>('ipc://*', { schema });
    await using push = await Push.connect<unknown>(pull.endpoint);
    for (const n of ['1', '2', '3']) await push.send({ n });
    expect(await take(pull, 3)).toEqual([2, 4, 6]);
  });

  test('a schema that throws or rejects refuses that value only', async () => {
    const validate = (value: unknown) => {
      if (value === 1) throw new Error('fussy');
      return value === 2 ? Promise.reject(new Error('fussier')) : { value: Number(value) };
    };
    const schema: Schema<number> = { '~standard': { version: 1, vendor: 'test', validate } };
    await using pull = await Pull.bind<number>('ipc://*', { schema });
    await using push = await Push.connect<unknown>(pull.endpoint);
    for (const n of [0, 1, 2, 3]) await push.send(n);
    expect(await take(pull, 2)).toEqual([0, 3]);
    expect(pull.stats().faults).toBe(2);
  });
});

describe('maxMessageBytes', () => {
  test.for(['cbor', 'raw'] as const)('is checked where a %s value is sent', async (codec) => {
    await using pull = await Pull.bind<Uint8Array>('ipc://*', { codec });
    const options = { codec, maxMessageBytes: 100 };
    await using push = await Push.connect<Uint8Array>(pull.endpoint, options);
    const head = codec === 'cbor' ? 2 : 0;
    await push.send(new Uint8Array(100 - head).fill(1));
    const error = await rejects(push.send(new Uint8Array(101 - head)), 'TOO_LARGE');
    expect(String(error)).toContain('101');
    await push.send(new Uint8Array([2]));
    expect((await take(pull, 2)).map(({ length }) => length)).toEqual([100 - head, 1]);
    expect(push.stats()).toMatchObject({ sent: 2, refused: 0 });
  });

  test('is checked where a value is received, in a batch and alone', async () => {
    await using pull = await Pull.bind<string>('ipc://*', { maxMessageBytes: 100 });
    await using push = await Push.connect<string>(pull.endpoint);
    for (const text of ['a', 'b'.repeat(200), 'lost with it']) void push.send(text);
    expect(await pull.receive()).toBe('a');
    const next = pull.receive();
    await until(() => pull.stats().faults === 1);
    await push.send('x'.repeat(1000));
    await until(() => push.stats().sent === 4);
    await push.send('c');
    expect(await next).toBe('c');
    expect(pull.stats()).toMatchObject({ faults: 2, received: 2 });
  });

  test('is one MiB if nothing else is said', async () => {
    await using push = new Push<Uint8Array>({ codec: 'raw' });
    await push.send(new Uint8Array(1 << 20));
    await rejects(push.send(new Uint8Array((1 << 20) + 1)), 'TOO_LARGE');
    await push.close({ drainMs: 0 });
  });

  test('all of a batch is delivered whose reader is slow', async () => {
    await using pull = await Pull.bind<number>('ipc://*');
    await using push = await Push.connect<number>(pull.endpoint);
    for (const n of numbers(1000)) void push.send(n);
    const first = await take(pull, 10);
    const rest = collect(pull);
    await until(() => rest.length === 990);
    expect([...first, ...rest]).toEqual(numbers(1000));
  });
});
