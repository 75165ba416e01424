/**
 * Strangers: whatever knocks at a bound socket's port, nothing is thrown, memory stays bounded, what
 * made no sense is counted, and a good peer beside it is served.
 */
import { randomBytes } from 'node:crypto';
import { Pull, Push } from 'brokerless';
import { describe, expect, test } from 'vitest';
import * as zmq from 'zeromq';
import { collect, numbers } from '../support/collect.ts';
import { bytes, greeting, Stranger, sayings } from '../support/stranger.ts';
import { until } from '../support/until.ts';

const HANDSHAKE_MS = 250;

/** A stranger that has said `hello` and was taken for a peer, the only one. */
async function shaken(socket: Pull | Push, hello: Uint8Array): Promise<Stranger> {
  const stranger = new Stranger(socket.endpoint, hello);
  await until(() => socket.stats().connections === 1);
  return stranger;
}

const ready = '04 1a 05 5245414459 0b 536f636b65742d54797065 00000004';
const asPush = Buffer.concat([greeting, bytes(`${ready} 50555348`)]);
const asPull = Buffer.concat([greeting, bytes(`${ready} 50554c4c`)]);

/** Bytes that libzmq takes for a peer of its first protocols, which shake no hands: it serves them. */
const oldPeers: readonly (readonly [string, Buffer])[] = [
  ['HTTP', Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')],
  ['ZMTP 1.0 and a message', bytes('01 00 06 00 48454c4c4f')],
  ['ZMTP 2.0 and a message', bytes('ff 00000000000000 01 7f 01 08 00 00 00 05 48454c4c4f')],
];

describe.each(oldPeers)('a stranger that says %s', (_what, bytes) => {
  test('is not counted as a peer, and a good one beside it reaches a bound Pull', async () => {
    await using pull = await Pull.bind<number>('tcp://127.0.0.1:*');
    using stranger = new Stranger(pull.endpoint, bytes);
    await using good = await Push.connect<number>(pull.endpoint);
    const got = collect(pull);
    for (const n of numbers(50)) await good.send(n);
    await until(() => got.length === 50);
    expect(got).toEqual(numbers(50));
    await until(() => pull.stats().connections === 1);
    expect(stranger.cut).toBe(false);
  });
});

describe.each(sayings)('a stranger that says %s', (_what, bytes) => {
  test('reaches no reader of a bound Pull, is not counted, and is cut', async () => {
    await using pull = await Pull.bind<string>('tcp://127.0.0.1:*', {
      codec: 'text',
      handshakeMs: HANDSHAKE_MS,
    });
    using stranger = new Stranger(pull.endpoint, bytes);
    await using good = await Push.connect<string>(pull.endpoint, { codec: 'text' });
    const got = collect(pull);
    for (const n of numbers(50)) await good.send(`${n}`);
    await until(() => got.length >= 50);
    await until(() => stranger.cut, { timeoutMs: 4000, what: 'the stranger was cut' });
    for (const n of numbers(50)) await good.send(`${n + 50}`);
    await until(() => got.length >= 100);
    expect(got).toEqual(numbers(100).map(String));
    expect(pull.stats().connections).toBe(1);
  });

  test('is dealt nothing by a bound Push', async () => {
    await using push = await Push.bind<number>('tcp://127.0.0.1:*', { handshakeMs: HANDSHAKE_MS });
    let accepted = 0;
    push.on('accept', () => {
      accepted += 1;
    });
    using stranger = new Stranger(push.endpoint, bytes);
    await until(() => accepted === 1);
    await using good = await Pull.connect<number>(push.endpoint);
    await good.ready();
    const got = collect(good);
    for (const n of numbers(50)) await push.send(n);
    await until(() => got.length === 50, { what: 'all came to the good peer' });
    expect(got).toEqual(numbers(50));
    await until(() => stranger.cut, { timeoutMs: 4000, what: 'the stranger was cut' });
    expect(push.stats().connections).toBe(1);
    expect(stranger.received).toBeLessThan(300);
  });
});

describe('a peer that shakes hands and then misbehaves', () => {
  test('makes faults of malformed messages, and no more', async () => {
    await using pull = await Pull.bind<number>('tcp://127.0.0.1:*');
    const frames = [
      '00 00',
      '00 01 ff',
      '00 02 0101',
      '00 03 d9b10c',
      '00 05 d9b10c9fff',
      '00 01 1c',
    ];
    using stranger = await shaken(pull, asPush);
    stranger.say(Buffer.concat(frames.map(bytes)));
    await using good = await Push.connect<number>(pull.endpoint);
    const got = collect(pull);
    await until(() => pull.stats().faults === frames.length);
    for (const n of numbers(100)) await good.send(n);
    await until(() => got.length === 100);
    expect(got).toEqual(numbers(100));
    expect({ cut: stranger.cut, faults: pull.stats().faults }).toEqual({ cut: false, faults: 6 });
  });

  test('is cut when it sends a frame over the limit, and a good peer goes on', async () => {
    await using pull = await Pull.bind<Uint8Array>('tcp://127.0.0.1:*', { maxMessageBytes: 1000 });
    let disconnects = 0;
    pull.on('disconnect', () => {
      disconnects += 1;
    });
    await using good = await Push.connect<Uint8Array>(pull.endpoint);
    const rude = new zmq.Push({ linger: 0, reconnectInterval: 10_000 });
    rude.connect(pull.endpoint);
    const got = collect(pull);
    await rude.send(Buffer.alloc(65_537));
    await until(() => disconnects === 1);
    for (const n of numbers(100)) await good.send(new Uint8Array([n]));
    await until(() => got.length === 100 && pull.stats().connections === 1);
    expect(pull.stats()).toMatchObject({ faults: 0, received: 100 });
    rude.close();
  });

  test('cannot announce a frame of many gigabytes', async () => {
    await using pull = await Pull.bind<number>('tcp://127.0.0.1:*');
    using stranger = await shaken(pull, asPush);
    stranger.say(Buffer.concat([bytes('02 0000000fffffffff'), randomBytes(1000)]));
    await until(() => stranger.cut);
    await until(() => pull.stats().connections === 0);
    expect(pull.stats()).toMatchObject({ faults: 0, received: 0 });
  });

  test('makes one fault of a message with the wrong number of frames', async () => {
    await using pull = await Pull.bind<number>('tcp://127.0.0.1:*');
    const peer = new zmq.Push({ linger: 0 });
    peer.connect(pull.endpoint);
    const first = pull.receive();
    await peer.send(['\u0001', '\u0002']);
    await peer.send(['', '', '']);
    await peer.send(numbers(1000).map(() => '\u0001'));
    await peer.send('\u0003');
    expect(await first).toBe(3);
    expect(pull.stats()).toMatchObject({ faults: 3, received: 1 });
    peer.close();
  });

  test('makes one fault of a message of 300,000 frames, and a good peer is served', async () => {
    await using pull = await Pull.bind<number>('tcp://127.0.0.1:*');
    const frame = bytes('01 01 00');
    const message = Buffer.concat([
      ...numbers(299_999).map(() => frame),
      bytes('00 01 00'), // The last of them.
    ]);
    using stranger = await shaken(pull, asPush);
    stranger.say(message);
    await using good = await Push.connect<number>(pull.endpoint);
    const got = collect(pull);
    await until(() => pull.stats().faults === 1);
    for (const n of numbers(100)) await good.send(n);
    await until(() => got.length === 100);
    expect(pull.stats()).toMatchObject({ faults: 1, received: 100 });
    expect(stranger.cut).toBe(false);
  });

  test('gains nothing by sending to a Push', async () => {
    await using push = await Push.bind<number>('tcp://127.0.0.1:*');
    const junk = Buffer.concat(numbers(1000).map(() => bytes('00 03 010203')));
    using stranger = await shaken(push, asPull);
    stranger.say(junk);
    for (const n of numbers(10)) await push.send(n);
    await until(() => stranger.received > 100); // It is a PULL like any other, after all.
    expect(push.stats()).toMatchObject({ faults: 0, sent: 10, received: 0 });
  });
});

test('a hundred strangers at once upset nobody', async () => {
  await using pull = await Pull.bind<number>('tcp://127.0.0.1:*', { handshakeMs: HANDSHAKE_MS });
  const said = sayings.map(([, bytes]) => bytes).filter((bytes) => bytes[0] === 0xff);
  const strangers = numbers(100).map(
    (n) => new Stranger(pull.endpoint, said[n % said.length] ?? Buffer.alloc(0)),
  );
  await using good = await Push.connect<number>(pull.endpoint);
  const got = collect(pull);
  for (const n of numbers(1000)) await good.send(n);
  await until(() => got.length === 1000);
  expect(got).toEqual(numbers(1000));
  for (const stranger of strangers) stranger[Symbol.dispose]();
  await until(() => pull.stats().connections === 1);
});
