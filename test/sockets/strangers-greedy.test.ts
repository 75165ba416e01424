/**
 * Strangers that keep to the protocol and ask for too much: topics without end, answers that they never
 * read, messages one after the other. Memory stays bounded, and good peers are served.
 */
import { Publisher, Reply, Request, Router } from 'brokerless';
import { describe, expect, test } from 'vitest';
import { kinds } from '../support/bound.ts';
import { runScript } from '../support/child.ts';
import { numbers } from '../support/collect.ts';
import { collectGarbage } from '../support/garbage.ts';
import { bytes, hello, message, Stranger } from '../support/stranger.ts';
import { until } from '../support/until.ts';

const MIB = 1 << 20;
const TCP = 'tcp://127.0.0.1:*';

describe('a subscriber with topics of a million bytes', () => {
  test.for(['leaves', 'unsubscribes', 'stays'])('that %s harms nobody', async (how) => {
    const program = new URL('programs/strangers-topics.ts', import.meta.url);
    const run = await runScript(program, { source: true, args: [how, '1000000'] });
    expect(run, run.stderr).toMatchObject({ code: 0, signal: null });
    expect(run.stdout).toMatch(/^served [1-9]/); // Each is a fault.
  });
});

test('a subscriber to 150,000 topics costs a publisher a bounded count of them', async () => {
  await using publisher = await Publisher.bind<Record<string, number>>(TCP);
  using stranger = new Stranger(publisher.endpoint, hello('SUB'));
  await until(() => publisher.stats().connections === 1);
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  const topics = numbers(150_000).map((n) => message(Buffer.from(`\u0001topic ${n}`)));
  stranger.say(Buffer.concat(topics));
  await publisher.subscribers(1, { topic: 'topic 99999', timeoutMs: 60_000 });
  stranger.say(message(Buffer.from('\u0001again'), Buffer.from('\u0002')));
  collectGarbage();
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(100 * MIB);
  stranger[Symbol.dispose]();
  await until(() => publisher.stats().connections === 0, { timeoutMs: 60_000 });
  await publisher.subscribers(0, { topic: 'topic 99999' });
});

describe('a peer that asks and never reads', () => {
  const answer = 'x'.repeat(10_000);

  test('has a Reply lose its answers, and nobody else', async () => {
    await using reply = await Reply.bind<number, string>(TCP, { highWaterMark: 100 });
    void reply.serve(() => answer);
    using stranger = new Stranger(reply.endpoint, hello('DEALER'));
    await until(() => reply.stats().connections === 1);
    const before = process.memoryUsage.rss();
    const asked = message(bytes('31'), bytes(''), bytes('01'));
    for (const _ of numbers(20)) stranger.say(Buffer.concat(numbers(1000).map(() => asked)));
    await until(() => reply.stats().received === 20_000, { timeoutMs: 60_000 });
    await using good = await Request.connect<number, string>(reply.endpoint);
    const answers = await Promise.all(numbers(50).map((n) => good.request(n)));
    expect(answers).toEqual(numbers(50).map(() => answer));
    const { sent, dropped, inFlight, depth } = reply.stats();
    expect({ all: sent + dropped, inFlight, depth }).toEqual({
      all: 20_050,
      inFlight: 0,
      depth: 0,
    });
    expect(process.memoryUsage.rss() - before).toBeLessThan(200 * MIB);
  });

  test('is full for a Router, which keeps nothing for it', async () => {
    await using router = await Router.bind<number, unknown>(TCP, { highWaterMark: 10 });
    using stranger = new Stranger(router.endpoint, hello('DEALER'));
    await until(() => router.stats().connections === 1);
    stranger.pause();
    stranger.say(message(bytes('01')));
    const { peer } = await router.receive();
    let full = 0;
    for (let n = 0; n < 20_000 && full === 0; n += 1) {
      const sends = numbers(5000).map((value) => router.send(peer, value));
      full = (await Promise.allSettled(sends)).filter(({ status }) => status === 'rejected').length;
    }
    expect(full).toBeGreaterThan(0);
    expect(router.stats()).toMatchObject({ dropped: full, depth: 0, depthBytes: 0 });
  });
});

describe.each(kinds)('a peer of a bound $name', (kind) => {
  test('gains no memory by sending 50,000 messages that make no sense', async () => {
    await using socket = await kind.open();
    using stranger = new Stranger(socket.endpoint, hello(kind.peerType));
    await until(() => socket.stats().connections === 1);
    const junk = message(...kind.envelope, bytes('ff'), bytes('ff'), bytes('ff'));
    const thousand = Buffer.concat(numbers(1000).map(() => junk));
    const before = process.memoryUsage.rss();
    for (const _ of numbers(50)) stranger.say(thousand);
    await until(() => socket.stats().faults >= 50_000, { timeoutMs: 60_000 });
    await socket.exchange(20);
    expect(process.memoryUsage.rss() - before).toBeLessThan(200 * MIB);
  });
});
