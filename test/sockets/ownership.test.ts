/**
 * Ownership: whose memory it is. What was sent is the sender's again unless it was given away, and
 * what was received is the receiver's alone where sender and receiver could share it.
 */
import { Pull, Push } from 'brokerless';
import { describe, expect, test } from 'vitest';
import * as zmq from 'zeromq';
import { transports } from '../contracts/lifecycle.ts';
import { take } from '../support/collect.ts';
import { turns } from '../support/turns.ts';

const SIZES = [16, 129, 4096, 100_000];

/** Whether two byte strings, equal at first, lie in the same memory: what is written is seen. */
function share(a: Uint8Array, b: Uint8Array): boolean {
  a[0] = (a[0] ?? 0) ^ 0xff;
  return a[0] === b[0];
}

describe.each(Object.entries(transports))('over %s', (_name, endpoint) => {
  describe.each(['raw', 'cbor'] as const)('with codec %s', (codec) => {
    test.for(SIZES)('a buffer of %i bytes may be written to once it was sent', async (size) => {
      await using push = await Push.bind<Uint8Array>(endpoint, { codec });
      const value = new Uint8Array(size).fill(1);
      for (let n = 1; n <= 3; n += 1) void push.send(value.fill(n));
      value.fill(99);
      await using pull = await Pull.connect<Uint8Array>(push.endpoint, { codec });
      const got = await take(pull, 3);
      expect(got.map((bytes, i) => filled(bytes, size, i + 1))).toEqual([true, true, true]);
      expect(filled(value, size, 99)).toBe(true);
    });

    test.for(SIZES)('%i bytes received may be written to by who asked for copies', async (size) => {
      await using push = await Push.bind<Uint8Array>(endpoint, { codec });
      await using pull = await Pull.connect<Uint8Array>(push.endpoint, { codec, copy: true });
      const value = new Uint8Array(size).fill(1);
      await push.send(value);
      await push.send(value);
      const [one, other] = await take(pull, 2);
      if (one === undefined || other === undefined) throw new Error('nothing came');
      one.fill(7);
      expect(filled(other, size, 1)).toBe(true);
      expect(filled(value, size, 1)).toBe(true);
    });
  });
});

describe('over inproc', () => {
  const endpoint = 'inproc://ownership';
  const nested = {
    list: [new Uint8Array(300).fill(1)],
    map: new Map([['k', new Uint8Array(200)]]),
  };

  test.for([
    ['raw', new Uint8Array(4096).fill(1)],
    ['cbor', new Uint8Array(4096).fill(1)],
    ['cbor', nested],
  ] as const)('a %s value shares no memory with its sender', async ([codec, value]) => {
    await using push = await Push.bind<unknown>(endpoint, { codec });
    await using pull = await Pull.connect<unknown>(endpoint, { codec });
    const before = structuredClone(value);
    await push.send(value);
    await push.send(value);
    const [one, other] = await take(pull, 2);
    for (const bytes of byteStrings(one)) bytes.fill(9);
    for (const kept of [value, before, other]) {
      expect(byteStrings(kept).map((bytes) => bytes.join())).toEqual(
        byteStrings(before).map((bytes) => bytes.join()),
      );
    }
  });

  test.for(['raw', 'cbor'] as const)('two receivers share none, codec %s', async (codec) => {
    await using push = await Push.bind<Uint8Array>(endpoint, { codec });
    await using one = await Pull.connect<Uint8Array>(endpoint, { codec });
    await using other = await Pull.connect<Uint8Array>(endpoint, { codec });
    const value = new Uint8Array(1000).fill(1);
    for (let n = 0; n < 2; n += 1) {
      await push.send(value);
      await turns(1); // One a message, so that each of the two gets one.
    }
    const [first, second] = await Promise.all([one.receive(), other.receive()]);
    expect([first[0], second[0]]).toEqual([1, 1]);
    expect(share(first, second)).toBe(false);
    expect(value[0]).toBe(1);
  });

  test('what was given away is not shared with the receiver either', async () => {
    await using push = await Push.bind<Uint8Array>(endpoint, { codec: 'raw' });
    await using pull = await Pull.connect<Uint8Array>(endpoint, { codec: 'raw' });
    const value = new Uint8Array(1000).fill(1);
    await push.send(value, { transfer: true });
    expect(share(await pull.receive(), value)).toBe(false);
  });
});

describe('transfer', () => {
  /** What a raw peer over inproc, which shares memory, receives of `value` sent so. */
  async function shared(value: Uint8Array, transfer: boolean): Promise<boolean> {
    await using push = await Push.bind<Uint8Array>('inproc://transfer', { codec: 'raw' });
    const peer = new zmq.Pull();
    peer.connect('inproc://transfer');
    await push.send(value, { transfer });
    const [frame] = await peer.receive();
    peer.close();
    return frame !== undefined && share(frame, value);
  }

  test('gives a buffer away as it is, and else it is copied', async () => {
    expect(await shared(new Uint8Array(4096), true)).toBe(true);
    expect(await shared(new Uint8Array(4096), false)).toBe(false);
  });

  test('gives a part of a larger buffer away', async () => {
    await using push = await Push.bind<Uint8Array>('ipc://*', { codec: 'raw' });
    await using pull = await Pull.connect<Uint8Array>(push.endpoint, { codec: 'raw' });
    const whole = Uint8Array.from({ length: 4096 }, (_, i) => i % 251);
    await push.send(whole.subarray(1000, 2000), { transfer: true });
    expect(Buffer.from(await pull.receive()).equals(whole.subarray(1000, 2000))).toBe(true);
  });

  test('changes nothing for codecs that make bytes of their own', async () => {
    await using push = await Push.bind('ipc://*');
    await using pull = await Pull.connect(push.endpoint);
    const value = new Uint8Array(1000).fill(5);
    await push.send(value, { transfer: true });
    value.fill(6);
    expect(filled((await pull.receive()) as Uint8Array, 1000, 5)).toBe(true);
  });
});

test('a received byte string is a view unless copies were asked for', async () => {
  await using push = await Push.bind<Uint8Array>('ipc://*');
  await using pull = await Pull.connect<Uint8Array>(push.endpoint);
  for (let n = 0; n < 2; n += 1) void push.send(new Uint8Array(500));
  const [one, other] = await take(pull, 2);
  expect(one?.buffer).toBe(other?.buffer);
});

function byteStrings(value: unknown): Uint8Array[] {
  if (value instanceof Uint8Array) return [value];
  if (value instanceof Map) return [...value.values()].flatMap(byteStrings);
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(byteStrings);
}

// Not by toEqual: it takes a Buffer for something else, and shows what differs byte by byte.
function filled(bytes: Uint8Array, size: number, byte: number): boolean {
  return bytes.length === size && bytes.every((each) => each === byte);
}
