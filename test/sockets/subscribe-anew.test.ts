/**
 * Test of a subscriber that nobody reads while its publisher is restarted.
 */
import { Publisher, Subscriber } from 'brokerless';
import { expect, test } from 'vitest';

test('a subscriber subscribes anew at a restarted publisher though nobody reads', async () => {
  const first = await Publisher.bind('tcp://127.0.0.1:*');
  const { endpoint } = first;
  await using subscriber = await Subscriber.connect(endpoint);
  subscriber.subscribe('x');
  await first.subscribers(1, { topic: 'x', timeoutMs: 5000 });
  await first.close();
  await using second = await Publisher.bind(endpoint);
  await expect(second.subscribers(1, { topic: 'x', timeoutMs: 5000 })).resolves.toBeUndefined();
});
