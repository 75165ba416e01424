/**
 * Strangers that knock at the port of each type of socket and shake no hands: they reach nobody, they
 * are cut, and a good peer beside them is served. (Of Push and Pull: strangers.test.ts.)
 */
import { describe, expect, test } from 'vitest';
import { kinds } from '../support/bound.ts';
import { numbers } from '../support/collect.ts';
import { oldPeers, Stranger, sayings } from '../support/stranger.ts';
import { until } from '../support/until.ts';

const handshakeMs = 250;

describe.each(kinds)('at a bound $name', ({ open }) => {
  test.for(sayings)(
    'a stranger that says %s is cut, and a good peer is served',
    async ([, said]) => {
      await using socket = await open({ handshakeMs });
      using stranger = new Stranger(socket.endpoint, said);
      await socket.exchange(50);
      await until(() => stranger.cut, { what: 'the stranger was cut' });
      await socket.exchange(50);
      expect(stranger.received).toBeLessThan(300); // Its own greeting and handshake, at most.
      await until(() => socket.stats().connections === 0);
      expect(socket.stats().faults).toBe(0);
    },
  );

  test.for(oldPeers)('a stranger that says %s takes nothing from a good peer', async ([, said]) => {
    await using socket = await open({ handshakeMs });
    const stranger = new Stranger(socket.endpoint, said);
    await socket.exchange(50);
    stranger.say(said);
    await socket.exchange(50);
    expect(socket.stats().faults).toBeLessThanOrEqual(4); // What it says may be a message at most.
    stranger[Symbol.dispose]();
    await until(() => socket.stats().connections === 0);
  });

  test('forty strangers at once upset nobody', async () => {
    await using socket = await open({ handshakeMs });
    const strangers = numbers(40).map(
      (n) => new Stranger(socket.endpoint, sayings[n % sayings.length]?.[1] ?? Buffer.alloc(0)),
    );
    await socket.exchange(500);
    await until(() => strangers.every(({ cut }) => cut), { what: 'all were cut' });
    await socket.exchange(10);
  });
});
