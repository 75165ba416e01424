/**
 * Tests of the example of publish and subscribe: a publisher, a subscriber, and a late joiner that stalls.
 */
import { expect, test } from 'vitest';
import { MANY } from '../../examples/publish-subscribe/topics.ts';
import { Live } from './live.ts';

const PUBLISHER = 'examples/publish-subscribe/publisher.ts';
const SUBSCRIBER = 'examples/publish-subscribe/subscriber.ts';

/** What a subscriber says in the end. */
async function account(subscriber: Live) {
  expect(await subscriber.ends()).toBe(0);
  const pattern = /^from (\d+) to (\d+): received (\d+), missed (\d+)$/;
  const [, ...figures] = pattern.exec(subscriber.lines.at(-1) ?? '') ?? [];
  const [first = 0, last = 0, received = 0, missed = 0] = figures.map(Number);
  return { first, last, received, missed };
}

test('each subscriber accounts for every number from its first one on', {
  timeout: 90_000,
}, async () => {
  using publisher = new Live(PUBLISHER, 'tcp://127.0.0.1:*');
  const endpoint = await publisher.says(/^publishing at (.*)$/);

  using early = new Live(SUBSCRIBER, endpoint);
  await early.says(/^number 3$/);
  using late = new Live(SUBSCRIBER, endpoint, 'slow');
  await late.says(/^reading nothing/);
  await publisher.says(/^published 100003 numbers$/);
  late.type('');

  expect(early.lines.slice(0, 4)).toEqual([
    'ready: subscribed',
    'number 1',
    'number 2',
    'number 3',
  ]);
  // The publisher counts on as soon as it knows the late one: what confirms that may be lost in the flood.
  expect(late.lines[0]).toMatch(/^ready: (subscribed|connected)$/);
  expect(late.lines.slice(1, 4)).toEqual(['number 4', 'number 5', 'number 6']);
  for (const [subscriber, first] of [
    [early, 1],
    [late, 4],
  ] as const) {
    const told = await account(subscriber);
    expect(told.first).toBe(first);
    expect(told.last).toBeGreaterThan(MANY);
    expect(told.received + told.missed).toBe(told.last - first + 1);
    if (subscriber === late) expect(told.missed).toBeGreaterThan(1000);
  }
  expect(await publisher.ends()).toBe(0);
});
