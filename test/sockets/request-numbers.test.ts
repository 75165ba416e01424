/**
 * Numbers of Request and Reply: both ends count the same bytes, and the same moments are published.
 */
import { channel } from 'node:diagnostics_channel';
import { expect, test } from 'vitest';
import { rejects } from '../contracts/lifecycle.ts';
import { asking } from '../support/asking.ts';
import { numbers } from '../support/collect.ts';
import { until } from '../support/until.ts';

/** Calls `action`; what was published on the channel `name` meanwhile. */
async function published(name: string, action: () => Promise<void>): Promise<object[]> {
  const messages: object[] = [];
  const listener = (message: unknown): number => messages.push(Object(message));
  channel(name).subscribe(listener);
  try {
    await action();
  } finally {
    channel(name).unsubscribe(listener);
  }
  return messages;
}

const sum = (messages: readonly object[]): number =>
  messages.reduce((total, message) => total + Number(Reflect.get(message, 'bytes')), 0);

test('both ends count the same messages and bytes, and publish them', async () => {
  await using both = await asking((n: number) => 'x'.repeat(n));
  let received: object[] = [];
  const sent = await published('brokerless:sent', async () => {
    received = await published('brokerless:received', async () => {
      await Promise.all(numbers(50).map((n) => both.request.request(n)));
      await until(() => both.reply.stats().sent === 50 && both.reply.stats().connections === 1);
    });
  });
  const [client, server] = [both.request.stats(), both.reply.stats()];
  expect(client).toMatchObject({ sent: 50, received: 50, connections: 1 });
  expect(server).toMatchObject({ sent: 50, received: 50, connections: 1 });
  // A ROUTER puts the client's name before each message, five bytes, and takes it off again.
  expect(server.bytesReceived).toBe(client.bytesSent + 50 * 5);
  expect(server.bytesSent).toBe(client.bytesReceived + 50 * 5);
  expect([sent.length, received.length]).toEqual([100, 100]);
  expect(sum(sent)).toBe(client.bytesSent + server.bytesSent);
  expect(sum(received)).toBe(client.bytesReceived + server.bytesReceived);
  for (const message of sent) expect(message).toMatchObject({ values: 1 });
});

test('what makes no sense is published with its reason', async () => {
  const options = { reply: { codec: 'json' }, request: { codec: 'text' } } as const;
  await using both = await asking((text: string) => text, options);
  const faults = await published('brokerless:fault', async () => {
    await rejects(both.request.request('{'), 'HANDLER_FAILED');
  });
  const { endpoint } = both.reply;
  expect(faults).toEqual([{ endpoint, reason: expect.any(String) }]);
});
