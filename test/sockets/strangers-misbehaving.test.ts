/**
 * Strangers that shake hands as a peer of the right type and then misbehave: each message that makes no
 * sense is one fault, nothing is thrown, and a good peer beside them is served.
 */
import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { type Bound, type Kind, kinds } from '../support/bound.ts';
import { numbers } from '../support/collect.ts';
import { bytes, hello, hostileItems, message, Stranger } from '../support/stranger.ts';
import { until } from '../support/until.ts';

/** A stranger that has said hello and was taken for a peer, the only one. */
async function shaken(socket: Bound, { peerType }: Kind): Promise<Stranger> {
  const stranger = new Stranger(socket.endpoint, hello(peerType));
  await until(() => socket.stats().connections === 1);
  return stranger;
}

const frames = (texts: readonly string[]): Buffer =>
  message(...texts.map((text) => Buffer.from(text)));

describe.each(kinds)('a peer of a bound $name', (kind) => {
  test('makes one fault of each message with the wrong frames', async () => {
    await using socket = await kind.open();
    using stranger = await shaken(socket, kind);
    stranger.say(Buffer.concat(kind.malformed.map(frames)));
    await until(() => socket.stats().faults >= kind.malformed.length);
    await socket.exchange(100);
    expect(socket.stats().faults).toBe(kind.malformed.length);
    expect(stranger.cut).toBe(false);
  });

  test('makes one fault of each hostile body', async () => {
    await using socket = await kind.open();
    using stranger = await shaken(socket, kind);
    for (const [, item] of hostileItems) stranger.say(message(...kind.envelope, item));
    await until(() => socket.stats().faults >= hostileItems.length);
    await socket.exchange(100);
    expect(socket.stats().faults).toBe(hostileItems.length);
    expect(stranger.cut).toBe(false);
  });

  test('makes faults of random frames, and no more', async () => {
    await using socket = await kind.open();
    using stranger = await shaken(socket, kind);
    const junk = numbers(300).map((n) =>
      message(Buffer.from('\u0003'), randomBytes(1 + (n % 200)), randomBytes(9)),
    );
    stranger.say(Buffer.concat(junk));
    await until(() => socket.stats().faults >= 300);
    await socket.exchange(100);
    // ZeroMQ gives the frames of a message to a publisher one by one if they look like subscriptions.
    const most = kind.name === 'Publisher' ? 400 : 300;
    expect(socket.stats().faults).toBeLessThanOrEqual(most);
  });

  test('is cut when it announces a frame over the limit, and costs no memory', async () => {
    await using socket = await kind.open({ maxMessageBytes: 1000 });
    using stranger = await shaken(socket, kind);
    const before = process.memoryUsage.rss();
    stranger.say(Buffer.concat([bytes('02 0000000000010001'), randomBytes(1000)]));
    await until(() => stranger.cut, { what: 'a frame of 65,537 bytes was refused' });
    using other = new Stranger(socket.endpoint, hello(kind.peerType));
    other.say(Buffer.concat([bytes('02 0000000fffffffff'), randomBytes(1000)]));
    await until(() => other.cut, { what: 'a frame of 64 GiB was refused' });
    await socket.exchange(100);
    expect(socket.stats().faults).toBe(0);
    expect(process.memoryUsage.rss() - before).toBeLessThan(64 << 20);
  });

  test('makes one fault of 300,000 frames in a message, and a good peer is served', async () => {
    await using socket = await kind.open();
    using stranger = await shaken(socket, kind);
    const before = process.memoryUsage.rss();
    const endless = Buffer.concat([
      ...numbers(299_999).map(() => bytes('01 01 03')),
      bytes('00 01 03'),
    ]);
    stranger.say(endless);
    await until(() => socket.stats().faults === 1, { timeoutMs: 60_000 });
    await socket.exchange(100);
    expect(socket.stats().faults).toBe(1);
    expect(stranger.cut).toBe(false);
    expect(process.memoryUsage.rss() - before).toBeLessThan(400 << 20);
  });
});
