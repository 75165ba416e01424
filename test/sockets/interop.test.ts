/**
 * Peers that know nothing of batches: each sees every value, or something that it can tell is a
 * batch; and what they send is understood.
 */
import { type CodecName, Pull, Push } from 'brokerless';
import { decode } from 'cbor-x';
import { describe, expect, test } from 'vitest';
import * as zmq from 'zeromq';
import { numbers, take } from '../support/collect.ts';
import { python, requirePython } from '../support/python.ts';

const BATCH_TAG = 45_324;

/** What cbor-x makes of a tag that it was not told of. */
interface Tagged {
  readonly tag: number;
  readonly value: unknown[];
}

const isTagged = (value: unknown): value is Tagged =>
  typeof value === 'object' && value !== null && 'tag' in value && 'value' in value;

describe('a raw zeromq Pull', () => {
  test('sees each value alone, or a batch by its tag', async () => {
    const raw = new zmq.Pull();
    raw.bindSync('tcp://127.0.0.1:*');
    await using push = await Push.connect<number>(raw.lastEndpoint ?? '');
    await push.ready();
    const values: unknown[] = [];
    let batches = 0;
    const receive = async (): Promise<void> => {
      const [frame, ...more] = await raw.receive();
      if (frame === undefined || more.length > 0) throw new Error('expected one frame');
      const value: unknown = decode(frame);
      if (isTagged(value)) {
        expect(value.tag).toBe(BATCH_TAG);
        batches += 1;
        values.push(...value.value);
      } else values.push(value);
    };
    await push.send(0);
    await receive();
    expect({ values, batches }).toEqual({ values: [0], batches: 0 });
    for (const n of numbers(999)) void push.send(n + 1);
    while (values.length < 1000) await receive();
    expect(values).toEqual(numbers(1000));
    expect(batches).toBeGreaterThan(0);
    raw.close();
  });

  test('sees one value a message where that was asked for', async () => {
    const raw = new zmq.Pull();
    raw.bindSync('tcp://127.0.0.1:*');
    await using push = await Push.connect(raw.lastEndpoint ?? '', { batch: false });
    const sent = [{ a: [1, 'two', null] }, 'text', 3];
    for (const value of sent) void push.send(value);
    for (const value of sent) {
      const frames = await raw.receive();
      expect(frames.map((frame): unknown => decode(frame))).toEqual([value]);
    }
    raw.close();
  });
});

describe('a raw zeromq Push', () => {
  test.for([
    ['json', '{"a":1}', { a: 1 }],
    ['text', 'ünï', 'ünï'],
    ['raw', '\u0001', new Uint8Array([1])],
    ['cbor', '\u0018\u0018', 24],
  ] as const)('is understood, codec %s', async ([codec, message, value]) => {
    await using pull = await Pull.bind<unknown>('tcp://127.0.0.1:*', { codec });
    const raw = new zmq.Push();
    raw.connect(pull.endpoint);
    await raw.send(message);
    const got = await pull.receive();
    expect(got instanceof Uint8Array ? new Uint8Array(got) : got).toEqual(value);
    raw.close();
  });
});

const program = new URL('peers/values.py', import.meta.url);
const sample = [1, -5, 'ünï', [1, [2]], { a: { b: null } }, true, 0.5, 2 ** 40];

describe('Python, with pyzmq and cbor2', () => {
  /** Runs the peer; it ends once it has received or sent so many values. */
  async function peer(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await python(program, args);
    expect(code, stderr).toBe(0);
    return stdout.trim();
  }

  test('sees all values of batches under their tag', async (context) => {
    requirePython(context, 'zmq', 'cbor2');
    await using push = await Push.bind<unknown>('tcp://127.0.0.1:*');
    const receiving = peer('receive', push.endpoint, '1000');
    await push.ready();
    const values = numbers(1000).map((n) => sample[n % sample.length] ?? n);
    for (const value of values) void push.send(value);
    const got: { values: unknown[]; batches: number } = JSON.parse(await receiving);
    expect(got.values).toEqual(values);
    expect(got.batches).toBeGreaterThan(0);
  });

  test('sees one plain value a message where that was asked for', async (context) => {
    requirePython(context, 'zmq', 'cbor2');
    await using push = await Push.bind<unknown>('tcp://127.0.0.1:*', { batch: false });
    const receiving = peer('receive', push.endpoint, `${sample.length}`);
    for (const value of sample) void push.send(value);
    expect(JSON.parse(await receiving)).toEqual({ values: sample, batches: 0 });
  });

  test.for(['plain', 'batched'])('sends %s values', async (how, context) => {
    requirePython(context, 'zmq', 'cbor2');
    await using pull = await Pull.bind<unknown>('tcp://127.0.0.1:*');
    const sending = peer(how, pull.endpoint, JSON.stringify(sample));
    expect(await take(pull, sample.length)).toEqual(sample);
    await sending;
    expect(pull.stats()).toMatchObject({ faults: 0, received: sample.length });
  });

  test.for([
    ['raw', '"text"'],
    ['json', { a: [1] }],
    ['text', '"ünï"'],
  ] as const)('sends bytes to a Pull of codec %s', async ([codec, value], context) => {
    requirePython(context, 'zmq');
    const options = { codec: codec as CodecName };
    await using pull = await Pull.bind<unknown>('tcp://127.0.0.1:*', options);
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    const sending = peer('bytes', pull.endpoint, text);
    const got = await pull.receive();
    expect(got instanceof Uint8Array ? Buffer.from(got).toString() : got).toEqual(value);
    await sending;
  });
});
