/**
 * Promises: what the doc comments say in passing, held by a test each.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import {
  type BrokerlessError,
  Publisher,
  Pull,
  Push,
  Reply,
  Request,
  Subscriber,
} from 'brokerless';
import { describe, expect, test } from 'vitest';
import * as zmq from 'zeromq';
import { rejects } from '../contracts/lifecycle.ts';
import { numbers } from '../support/collect.ts';
import { thrownBy } from '../support/thrown.ts';
import { until } from '../support/until.ts';

describe('a publisher with codec frames', () => {
  const frames = [Buffer.from('one'), Buffer.from('two')];

  test('sends the topic and the frames, and no number behind them', async () => {
    await using publisher = await Publisher.bind('tcp://127.0.0.1:*', { codec: 'frames' });
    const raw = new zmq.Subscriber({ linger: 0 });
    raw.connect(publisher.endpoint);
    raw.subscribe('topic');
    await publisher.subscribers(1, { topic: 'topic', timeoutMs: 5000 });
    await publisher.send('topic', frames);
    expect((await raw.receive()).map(String)).toEqual(['topic', 'one', 'two']);
    raw.close();
  });

  test('cannot be asked to number them', () => {
    thrownBy(() => new Publisher({ codec: 'frames', numbered: true }), 'BAD_OPTION');
  });
});

test('serve and subscribers refuse an argument that is missing', async () => {
  await using reply = new Reply();
  await rejects(reply.serve(undefined as never), 'BAD_OPTION');
  await using publisher = new Publisher();
  await rejects(publisher.subscribers(undefined as never), 'BAD_OPTION');
});

test('a request made when its server has gone has not run', async () => {
  const reply = await Reply.bind<number, number>('tcp://127.0.0.1:*');
  void reply.serve((n) => n);
  await using request = await Request.connect<number, number>(reply.endpoint, { timeoutMs: 100 });
  expect(await request.request(1, { timeoutMs: 20_000 })).toBe(1);
  await reply.close();
  await until(() => request.stats().connections === 0);
  // ZeroMQ itself lets go of a connection some milliseconds after it has told of its end.
  let told: unknown;
  do told = await rejects(request.request(0), 'TIMEOUT');
  while ((told as BrokerlessError).mayHaveRun !== 'no');
  for (const n of numbers(3)) {
    expect(await rejects(request.request(n), 'TIMEOUT')).toMatchObject({ mayHaveRun: 'no' });
  }
});

test('a subscription to a topic of more than 1024 bytes is a fault, and not counted', async () => {
  await using publisher = await Publisher.bind('tcp://127.0.0.1:*');
  const raw = new zmq.Subscriber({ linger: 0 });
  raw.connect(publisher.endpoint);
  raw.subscribe('x'.repeat(1025), 'x'.repeat(1024));
  await publisher.subscribers(1, { topic: 'x'.repeat(1024), timeoutMs: 5000 });
  await until(() => publisher.stats().faults === 1);
  await using subscriber = new Subscriber();
  thrownBy(() => subscriber.subscribe('x'.repeat(1025)), 'BAD_VALUE');
  raw.close();
});

test('values sent in a tight loop share messages although each send is awaited', async () => {
  await using pull = await Pull.bind<Uint8Array>('tcp://127.0.0.1:*');
  await using push = await Push.connect<Uint8Array>(pull.endpoint);
  await push.ready({ timeoutMs: 5000 });
  let messages = 0;
  const count = (): void => {
    messages += 1;
  };
  subscribe('brokerless:sent', count);
  for (const _ of numbers(1000)) await push.send(new Uint8Array(100));
  await until(() => push.stats().sent === 1000);
  unsubscribe('brokerless:sent', count);
  expect(messages).toBeLessThan(50);
});
