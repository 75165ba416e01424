/**
 * What a Router cannot send is an error of that send, or counted where nobody awaits it, and everybody
 * else is served meanwhile.
 */
import { BrokerlessError, Dealer, type Peer, Router, type RouterOptions } from 'brokerless';
import { describe, expect, test } from 'vitest';
import { Writer } from '../../src/sockets/writer.ts';
import { rejects, transports } from '../contracts/lifecycle.ts';
import { runScript } from '../support/child.ts';
import { numbers } from '../support/collect.ts';
import { collectGarbage } from '../support/garbage.ts';
import { receiveAll } from '../support/receive.ts';
import { turns } from '../support/turns.ts';
import { until } from '../support/until.ts';

const NOBODY: Peer = '00ffffffff';
const tight = { highWaterMark: 30, kernelBufferBytes: 4096 };

/** A Router and a Dealer that it knows by name. */
async function pair(
  endpoint: string,
  options: RouterOptions<unknown, unknown> = {},
): Promise<{ router: Router; dealer: Dealer; peer: Peer }> {
  const router = await Router.bind(endpoint, options);
  const dealer = await Dealer.connect(router.endpoint, tight);
  await dealer.send('hello');
  const { peer } = await router.receive();
  return { router, dealer, peer };
}

/** Sends until the peer's pipe is full; resolves with the error and how many were taken. */
async function fill(router: Router, peer: Peer): Promise<{ error: unknown; taken: number }> {
  for (let taken = 0; taken < 5000; taken += 1) {
    const error: unknown = await router.send(peer, new Uint8Array(50_000)).catch((cause) => cause);
    if (error !== undefined) return { error, taken };
  }
  throw new Error('it was never full');
}

describe.each(Object.entries(transports))('over %s', (_name, endpoint) => {
  test('a peer that was never there, or has gone, is unreachable', async () => {
    const { router, dealer, peer } = await pair(endpoint);
    const never = await rejects(router.send(NOBODY, 1), 'UNREACHABLE');
    expect(never).toMatchObject({ mayHaveRun: 'no', cause: { code: 'EHOSTUNREACH' } });
    await router.send(peer, 'there');
    expect(await dealer.receive()).toBe('there');
    await dealer.close();
    await using other = await Dealer.connect(router.endpoint);
    await other.send('hello');
    const { peer: next } = await router.receive();
    await rejects(router.send(peer, 1), 'UNREACHABLE');
    await router.send(next, 'served');
    expect(await other.receive()).toBe('served');
    expect(router.stats()).toMatchObject({ dropped: 2, sent: 2, depth: 0, depthBytes: 0 });
    await router.close();
  });

  test('a peer that takes nothing is full, and another is served', async () => {
    const { router, dealer, peer } = await pair(endpoint, tight);
    await using other = await Dealer.connect(router.endpoint);
    await other.send('hello');
    const { peer: next } = await router.receive();
    const { error, taken } = await fill(router, peer);
    expect(error).toBeInstanceOf(BrokerlessError);
    expect(error).toMatchObject({ code: 'PEER_FULL', mayHaveRun: 'no', cause: { code: 'EAGAIN' } });
    for (const n of numbers(20)) {
      await router.send(next, n);
      expect(await other.receive()).toBe(n);
    }
    expect(await receiveAll(dealer, taken)).toHaveLength(taken);
    await until(() => router.stats().depth === 0);
    let refused = 1; // That there is room again is told to the Router with a delay.
    for (
      ;
      await router.send(peer, 'again').then(
        () => false,
        () => true,
      );
      refused += 1
    )
      await turns(1);
    expect(await dealer.receive()).toBe('again');
    expect(router.stats()).toMatchObject({ dropped: refused, sent: taken + 21 });
    await Promise.all([router.close(), dealer.close()]);
  });
});

test('one turn for peers that are there and gone fails only those that are gone', async () => {
  const { router, dealer, peer } = await pair('ipc://*');
  const sends = numbers(60).map((n) => router.send(n % 3 === 0 ? NOBODY : peer, n));
  const outcomes = await Promise.allSettled(sends);
  expect(outcomes.map(({ status }) => status === 'fulfilled')).toEqual(
    numbers(60).map((n) => n % 3 !== 0),
  );
  expect(await receiveAll(dealer, 40)).toEqual(numbers(60).filter((n) => n % 3 !== 0));
  expect(router.stats()).toMatchObject({ dropped: 20, sent: 40 });
  await Promise.all([router.close(), dealer.close()]);
});

test('sends to a gone peer that nobody awaits are counted and raise nothing', async () => {
  const program = new URL('programs/router-unawaited.ts', import.meta.url);
  const run = await runScript(program, { source: true });
  expect(run.code, run.stderr).toBe(0);
  expect(JSON.parse(run.stdout)).toEqual({ dropped: 1500, unhandled: 0, served: 'still here' });
});

describe('a name that no Router gives', () => {
  const names = [
    '',
    '0',
    'xyz',
    '00FF',
    ' 00',
    'ab'.repeat(256),
    7,
    undefined,
    null,
    new Uint8Array(5),
  ];
  test.for(names)('is a bad value: %o', async (name) => {
    await using router = await Router.bind<number>('inproc://names');
    const error = await rejects(router.send(name as Peer, 1), 'BAD_VALUE');
    expect(String(error)).toContain('peer');
    await rejects(router.send(NOBODY, 1), 'UNREACHABLE');
    expect(router.stats()).toMatchObject({ sent: 0, dropped: 1, depth: 0 });
  });
});

describe('the queue has a bound', () => {
  test('of what waits: one more is refused, and the others are sent', async () => {
    const { router, dealer, peer } = await pair('ipc://*', { batch: false, maxQueueBytes: 20_000 });
    const outcomes = await Promise.allSettled(
      numbers(100).map((n) => router.send(peer, new Uint8Array(1000).fill(n))),
    );
    const codes = outcomes.map((each) => (each.status === 'rejected' ? each.reason.code : 'sent'));
    const sent = codes.filter((code) => code === 'sent').length;
    expect(new Set(codes)).toEqual(new Set(['sent', 'QUEUE_FULL']));
    expect(sent).toBeGreaterThanOrEqual(15);
    expect(sent).toBeLessThanOrEqual(22);
    expect(await receiveAll(dealer, sent)).toHaveLength(sent);
    expect(router.stats()).toMatchObject({ refused: 100 - sent, sent, dropped: 0, depth: 0 });
    await router.send(peer, 'again');
    expect(await dealer.receive()).toBe('again');
    await Promise.all([router.close(), dealer.close()]);
  });

  test('of what is sent to many peers in one turn', async () => {
    await using router = await Router.bind<Uint8Array>('ipc://*', { maxQueueBytes: 100_000 });
    const sends = numbers(50).map((n) =>
      router.send(`00${(n + 16).toString(16)}`, new Uint8Array(50_000)),
    );
    const { depthBytes } = router.stats();
    await Promise.allSettled(sends);
    expect(depthBytes).toBeLessThan(200_000);
  });

  test('of memory, when it never runs empty', async () => {
    let take: () => void = () => {};
    const write = (): Promise<void> =>
      new Promise((resolve) => {
        take = resolve;
      });
    const writer = new Writer({ write, onSent: () => {} });
    collectGarbage();
    const before = process.memoryUsage().arrayBuffers;
    let most = 0;
    for (let n = 0; n < 20_000; n += 1) {
      writer.push({ frames: [new Uint8Array(4096)], count: 1 });
      for (; writer.depth > 10; await turns(1)) take();
      if (n % 2000 !== 0) continue;
      collectGarbage();
      most = Math.max(most, process.memoryUsage().arrayBuffers - before);
    }
    expect(writer).toMatchObject({ depth: 10, sent: 19_990 });
    expect(most).toBeLessThan(10 << 20); // All that has passed through is 80 MB.
  });
});

describe('a Router that is closed', () => {
  test('has sent what was taken in that turn', async () => {
    await using dealer = await Dealer.bind<number>('ipc://*');
    const router = await Router.connect<number>(dealer.endpoint);
    await dealer.send(-1);
    const { peer } = await router.receive();
    const sends = numbers(100).map((n) => router.send(peer, n));
    expect(await router.close()).toEqual({ unsent: 0, unread: 0, flushed: true });
    await Promise.all(sends);
    expect(await receiveAll(dealer, 100)).toEqual(numbers(100));
    await rejects(router.send(peer, 1), 'CLOSED');
  });

  test('says what was never read', async () => {
    const { router, dealer } = await pair('ipc://*');
    for (const n of numbers(10)) void dealer.send(n);
    expect((await router.receive()).value).toBe(0);
    expect(await router.close()).toMatchObject({ unread: 9, flushed: true });
    await dealer.close();
  });

  test('tells who waits for a value to leave that it did not', async () => {
    const router = new Router<number>(); // Never bound: nothing can leave.
    const sending = router.send(NOBODY, 1).then(
      () => 'sent',
      (error: unknown) => (error instanceof BrokerlessError ? error.code : error),
    );
    expect(await router.close({ drainMs: 20 })).toMatchObject({ unsent: 1 });
    await turns(10);
    expect(await Promise.race([sending, Promise.resolve('never')])).toBe('CLOSED');
  });
});
