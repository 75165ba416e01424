/**
 * A Router and a crowd: many peers served in one turn of the event loop cost little each.
 */
import { Dealer, type Peer, Router } from 'brokerless';
import { describe, expect, test } from 'vitest';
import { numbers } from '../support/collect.ts';
import { gather, receiveAll } from '../support/receive.ts';
import { until } from '../support/until.ts';

const MIB = 1 << 20;
const COUNT = 200;

describe.each(['inproc://crowd', 'ipc://*'])('two hundred dealers over %s', (endpoint) => {
  test('are all served in each turn, in order, within little memory', async () => {
    await using router = await Router.bind<Uint8Array>(endpoint);
    const dealers = await Promise.all(
      numbers(COUNT).map(() => Dealer.connect<Uint8Array>(router.endpoint)),
    );
    for (const [i, dealer] of dealers.entries()) void dealer.send(Uint8Array.of(i));
    const peers: Peer[] = [];
    for (const { peer, value } of await receiveAll(router, COUNT)) peers[value[0] ?? 0] = peer;
    const got = dealers.map((dealer) => gather(dealer));
    const before = process.memoryUsage().arrayBuffers;
    let most = 0;
    for (const round of numbers(10)) {
      for (const n of numbers(5)) {
        for (const peer of peers) void router.send(peer, new Uint8Array(100).fill(5 * round + n));
      }
      expect(router.stats().depth).toBe(5 * COUNT);
      await until(() => router.stats().depth === 0);
      most = Math.max(most, process.memoryUsage().arrayBuffers - before);
    }
    await until(() => got.every(({ length }) => length === 50));
    for (const own of got) expect(own.map((value) => value[0])).toEqual(numbers(50));
    expect(router.stats()).toMatchObject({ sent: 50 * COUNT, dropped: 0, depthBytes: 0 });
    expect(most).toBeLessThan(64 * MIB);
    await Promise.all(dealers.map((dealer) => dealer.close()));
  });
});

// The memory of each open batch begins twice as large as the last message that left, whoever that was
// for (RouterOutbox.#slabBytes): 300 MB here.
test('a large value for one of five thousand names does not cost all others as much', async () => {
  await using router = await Router.bind<Uint8Array>('inproc://slabs');
  const names = numbers(5000).map((n) => `00${(n + 0x100000).toString(16)}`);
  const sends: Promise<void>[] = [];
  const before = process.memoryUsage().arrayBuffers;
  sends.push(router.send(names[0] ?? '', new Uint8Array(60_000)));
  await Promise.allSettled(sends);
  for (const name of names) sends.push(router.send(name, new Uint8Array(16)));
  const most = process.memoryUsage().arrayBuffers - before;
  await Promise.allSettled(sends);
  expect(most).toBeLessThan(64 * MIB);
});
