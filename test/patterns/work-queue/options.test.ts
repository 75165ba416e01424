/**
 * Tests of options that make no sense: each is refused with its name, and nothing is left open.
 */
import {
  connectProducer,
  fanOut,
  startQueueWorker,
  startWorkQueue,
} from 'brokerless/patterns/work-queue';
import { describe, expect, test } from 'vitest';
import { reservedEndpoint } from '../../support/port.ts';
import { NOWHERE, startShop, TCP } from './running.ts';

const ends = { producers: TCP, workers: TCP };
const work = { queue: NOWHERE, handler: (x: unknown) => x };
const never = {} as unknown as never;

const hub = (wrong: object) => (): Promise<AsyncDisposable> =>
  startWorkQueue({ ...ends, ...wrong });
const worker = (wrong: object) => (): Promise<AsyncDisposable> =>
  startQueueWorker({ ...work, ...wrong });
const producer = (wrong: object) => (): Promise<AsyncDisposable> => connectProducer(NOWHERE, wrong);
const fan = (wrong: object) => (): Promise<AsyncDisposable> => fanOut([1], wrong);

const bad: [string, () => Promise<AsyncDisposable>][] = [
  ['startWorkQueue: producers', hub({ producers: '' })],
  ['startWorkQueue: workers', hub({ workers: undefined })],
  ['startWorkQueue: store', hub({ store: never })],
  ['startWorkQueue: maxAttempts', hub({ maxAttempts: 0 })],
  ['startWorkQueue: retryMs', hub({ retryMs: 0 })],
  ['startWorkQueue: retryMaxMs', hub({ retryMaxMs: NaN })],
  ['startWorkQueue: maxItems', hub({ maxItems: 0 })],
  ['startWorkQueue: maxBytes', hub({ maxBytes: -1 })],
  ['startWorkQueue: overflow', hub({ overflow: 'drop' })],
  ['startWorkQueue: uniqueMs', hub({ uniqueMs: 0 })],
  ['startWorkQueue: maxUnique', hub({ maxUnique: 1.5 })],
  ['startWorkQueue: keepResultsMs', hub({ keepResultsMs: -1 })],
  ['startWorkQueue: maxResults', hub({ maxResults: '7' })],
  ['startWorkQueue: maxDeadLetters', hub({ maxDeadLetters: -1 })],
  ['startWorkQueue: heartbeatMs', hub({ heartbeatMs: 0 })],
  ['startWorkQueue: missesAllowed', hub({ missesAllowed: 1.5 })],
  ['startWorkQueue: maxWorkers', hub({ maxWorkers: 0 })],
  ['startWorkQueue: maxProducers', hub({ maxProducers: 0 })],
  ['startWorkQueue: maxMessageBytes', hub({ maxMessageBytes: 0 })],
  ['startWorkQueue: insecure', hub({ insecure: 'yes' })],
  ['startWorkQueue: clock', hub({ clock: never })],
  ['unknown option "heartbeat"', hub({ heartbeat: 1 })],
  ['startWorkQueue', () => startWorkQueue(undefined as unknown as never)],
  ['startQueueWorker: handler', worker({ handler: 'file.js' })],
  ['startQueueWorker: queue', worker({ queue: '' })],
  ['startQueueWorker: concurrency', worker({ concurrency: 0 })],
  ['startQueueWorker: credit', worker({ credit: -1 })],
  ['startQueueWorker: threads', worker({ handler: new URL('file:///x'), threads: 0 })],
  ['startQueueWorker: reconnectMs', worker({ reconnectMs: 0 })],
  ['startQueueWorker: signal', worker({ signal: never })],
  ['unknown option "workers"', worker({ workers: 2 })],
  ['startQueueWorker', () => startQueueWorker(undefined as unknown as never)],
  ['connectProducer: endpoint', () => connectProducer('')],
  ['connectProducer: outcomes', producer({ outcomes: 1 })],
  ['connectProducer: maxOutcomes', producer({ maxOutcomes: 0 })],
  ['connectProducer: maxUnanswered', producer({ maxUnanswered: 0 })],
  ['connectProducer: drainMs', producer({ drainMs: -1 })],
  ['unknown option "outcome"', producer({ outcome: true })],
  ['fanOut: source', () => fanOut(7 as unknown as never)],
  ['fanOut: bind', fan({ bind: '' })],
  ['fanOut: workers', fan({ workers: { count: 3 } })],
  ['fanOut: maxUnread', fan({ maxUnread: 0 })],
  ['fanOut: signal', fan({ signal: never })],
  ['fanOut: maxItems', fan({ maxItems: 0 })],
  ['unknown option "producers"', fan({ producers: TCP })],
  ['count', fan({ workers: { file: 'worker.js', count: 0 } })],
];

describe('what makes no sense is refused', () => {
  test.each(bad)('%s', async (what, start) => {
    const error: unknown = await start().then(
      (started) => started[Symbol.asyncDispose](),
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ code: 'BAD_OPTION', message: expect.stringContaining(what) });
  });

  const badItems: [string, object][] = [
    ['send: key', { key: 7 }],
    ['send: unique', { unique: 'yes' }],
    ['send: priority', { priority: 256 }],
    ['send: deadlineMs', { deadlineMs: 0 }],
    ['send: delayMs', { delayMs: -1 }],
    ['send: notBefore', { notBefore: new Date(NaN) }],
    ['send: notBefore', { notBefore: '2026-11-21' }],
    ['send: maxAttempts', { maxAttempts: 0 }],
    ['send: signal', { signal: never }],
    ['unknown option "delay"', { delay: 5 }],
  ];
  test.each(badItems)('%s', async (what, wrong) => {
    await using sender = await connectProducer(NOWHERE);
    const message = expect.stringContaining(what);
    await expect(sender.send(1, wrong)).rejects.toMatchObject({ code: 'BAD_OPTION', message });
    expect(sender.stats().sent).toBe(0);
  });
});

describe('what cannot be bound or connected', () => {
  const addresses: [string, () => Promise<AsyncDisposable>, string][] = [
    ['no endpoint for producers', hub({ producers: 'nonsense' }), 'ADDRESS'],
    ['no endpoint for workers', hub({ workers: 'nonsense' }), 'ADDRESS'],
    ['an open port', hub({ producers: 'tcp://0.0.0.0:*' }), 'INSECURE_BIND'],
    ['another open port', hub({ workers: 'tcp://0.0.0.0:*' }), 'INSECURE_BIND'],
    ['an open port of a fan-out', fan({ bind: 'tcp://0.0.0.0:*' }), 'INSECURE_BIND'],
    ['no address of a worker', worker({ queue: 'nonsense', concurrency: 3 }), 'ADDRESS'],
    ['no address of a producer', () => connectProducer('nonsense'), 'ADDRESS'],
  ];
  test.each(addresses)('%s, and nothing stays open', async (_, start, code) => {
    await expect(start()).rejects.toMatchObject({ code });
  });

  test('a fan-out whose processes cannot be started, and its endpoint is free again', async () => {
    const bind = await reservedEndpoint();
    const failing = fanOut([1], { bind, workers: { file: 'worker.js', count: 0 } });
    await expect(failing).rejects.toMatchObject({ code: 'BAD_OPTION' });
    await using again = await fanOut([1], { bind });
    expect(again.endpoint).toBe(bind);
  });

  test('an endpoint for producers that is taken, and the other is free again', async () => {
    await using shop = await startShop();
    const workers = await reservedEndpoint();
    const failing = startWorkQueue({ workers, producers: shop.hub.producers });
    await expect(failing).rejects.toMatchObject({ code: 'ADDRESS' });
    await using again = await startWorkQueue({ ...ends, workers });
    expect(again.workers).toBe(workers);
  });
});
