/**
 * Failures of a request say whether it may have run: never `'no'` if it was, or will be.
 */
import { isBrokerlessError, Reply, Request } from 'brokerless';
import { encode } from 'cbor-x';
import { describe, expect, test } from 'vitest';
import { failure, rejects } from '../contracts/lifecycle.ts';
import { asking, Desk, rawServer, signalling } from '../support/asking.ts';
import { numbers } from '../support/collect.ts';
import { turns } from '../support/turns.ts';
import { until } from '../support/until.ts';

const no = { mayHaveRun: 'no' };
const maybe = { mayHaveRun: 'maybe' };

/** An endpoint that nobody has: it was free a moment ago. */
async function vacant(): Promise<string> {
  const held = await Reply.bind('tcp://127.0.0.1:*');
  await held.close();
  return held.endpoint;
}

describe('a request that never met a server has not run', () => {
  test.for(['unconnected', 'connected to nobody'])('of a socket %s', async (how) => {
    await using request = new Request<number>();
    if (how !== 'unconnected') await request.connect(await vacant());
    const { signal, abort } = signalling();
    const aborted = rejects(request.request(2, { signal }), 'ABORTED');
    const closed = rejects(request.request(3), 'CLOSED');
    expect(await rejects(request.request(1, { timeoutMs: 20 }), 'TIMEOUT')).toMatchObject(no);
    expect(await rejects(request.request(1, { deadlineMs: 20 }), 'TIMEOUT')).toMatchObject(no);
    abort();
    expect(await aborted).toMatchObject(no);
    await request.close();
    expect(await closed).toMatchObject(no);
    expect(await rejects(request.request(4), 'CLOSED')).toMatchObject(no);
  });

  test('and does not run either when a server comes after all', async () => {
    const endpoint = await vacant();
    await using request = await Request.connect<string>(endpoint, { reconnectMs: 10 });
    const { signal, abort } = signalling();
    const late = [...numbers(5).map((n) => `late ${n}`), 'retried'].map((what) => {
      const options = { timeoutMs: 30, retries: what === 'retried' ? 1 : 0 };
      return rejects(request.request(what, options), 'TIMEOUT');
    });
    const aborted = rejects(request.request('aborted', { signal }), 'ABORTED');
    abort();
    for (const call of [...late, aborted]) expect(await call).toMatchObject(no);
    const ran: unknown[] = [];
    await using reply = await Reply.bind(endpoint);
    void reply.serve((what) => ran.push(what));
    await request.request('wanted');
    expect(ran).toEqual(['wanted']);
    await until(() => request.stats().depth === 0);
    expect(request.stats()).toMatchObject({ sent: 1, depthBytes: 0, inFlight: 0 });
  });

  test('and one that is closed meanwhile leaves nothing to run', async () => {
    const endpoint = await vacant();
    const request = await Request.connect<string>(endpoint, { reconnectMs: 10 });
    const calls = numbers(5).map((n) => rejects(request.request(`${n}`), 'CLOSED'));
    await turns();
    const closing = request.close({ drainMs: 5000 });
    const ran: unknown[] = [];
    await using reply = await Reply.bind(endpoint);
    void reply.serve((what) => ran.push(what));
    for (const call of calls) expect(await call).toMatchObject(no);
    await closing;
    await using other = await Request.connect<string>(endpoint);
    await other.request('other');
    expect(ran).toEqual(['other']);
  });

  test('and those that wait for a while take up no room for those that come after', async () => {
    const options = { timeoutMs: 1, maxQueueBytes: 3000 };
    await using request = await Request.connect<number>(await vacant(), options);
    for (const n of numbers(60)) {
      const error = await failure(request.request(n));
      if (isBrokerlessError(error, 'QUEUE_FULL')) await until(() => request.stats().depth === 0);
      else expect(error).toMatchObject({ code: 'TIMEOUT', ...no });
    }
    await until(() => request.stats().depth === 0);
  });
});

describe('a request that waits behind others', () => {
  test('has not run when its time is over, and does not run later', async () => {
    const desk = new Desk<number, number>();
    const highWaterMark = 2;
    await using both = await asking(desk.handler, {
      endpoint: 'inproc://behind',
      request: { highWaterMark },
      reply: { highWaterMark },
      serve: { concurrency: 1 },
    });
    const { request } = both;
    const { signal, abort } = signalling();
    const calls = numbers(20).map((n) => request.request(n).then(() => n));
    await until(() => desk.held.length === 1 && request.stats().sent > 1);
    expect(request.stats().depth).toBeGreaterThan(5);
    const late = rejects(request.request(100, { timeoutMs: 20 }), 'TIMEOUT');
    const aborted = rejects(request.request(101, { signal }), 'ABORTED');
    const last = request.request(102).then(() => 102);
    expect(await late).toMatchObject(no);
    abort();
    expect(await aborted).toMatchObject(no);
    for (let at = 0; at < 21; at += 1) {
      await until(() => desk.held.length > at);
      desk.held[at]?.resolve(0);
    }
    expect(await Promise.all([...calls, last])).toEqual([...numbers(20), 102]);
    expect(desk.requests).toEqual([...numbers(20), 102]);
  });
});

describe('a request that a server has may have run', () => {
  test('when its time is over, its signal fires, or the socket closes', async () => {
    const desk = new Desk<string, string>();
    await using both = await asking(desk.handler);
    const { request } = both;
    const { signal, abort } = signalling();
    const late = rejects(request.request('late', { timeoutMs: 30 }), 'TIMEOUT');
    const overdue = rejects(request.request('overdue', { deadlineMs: 30 }), 'TIMEOUT');
    const aborted = rejects(request.request('aborted', { signal }), 'ABORTED');
    const closed = rejects(request.request('closed'), 'CLOSED');
    await until(() => desk.held.length === 4);
    abort();
    const errors = await Promise.all([late, overdue, aborted]);
    for (const error of errors) expect(error).toMatchObject(maybe);
    await request.close({ drainMs: 0 });
    expect(await closed).toMatchObject(maybe);
  });

  test('when the server is gone', async () => {
    const desk = new Desk<string, string>();
    await using both = await asking(desk.handler);
    const call = rejects(both.request.request('lost', { timeoutMs: 200 }), 'TIMEOUT');
    await until(() => desk.held.length === 1);
    await both.reply.close({ drainMs: 0 });
    expect(await call).toMatchObject(maybe);
  });

  test('when the handler failed', async () => {
    await using both = await asking(() => Promise.reject(new Error('halfway')));
    const error = await rejects(both.request.request(1), 'HANDLER_FAILED');
    expect(error).toMatchObject({ ...maybe, message: 'halfway' });
  });

  test('when its signal fires in the same turn', async () => {
    await using both = await asking((n: number) => n);
    const { signal, abort } = signalling();
    const call = rejects(both.request.request(1, { signal }), 'ABORTED');
    abort();
    const error = await call;
    await both.request.request(2);
    expect(error).toMatchObject(both.request.stats().sent === 2 ? maybe : no);
  });

  test('when the socket closes in the same turn', async () => {
    await using both = await asking((n: number) => n);
    const call = rejects(both.request.request(1), 'CLOSED');
    await both.request.close();
    expect(await call).toMatchObject(both.request.stats().sent === 1 ? maybe : no);
  });
});

test('what was refused before it was sent has not run', async () => {
  const desk = new Desk();
  const options = { maxInFlight: 1, maxMessageBytes: 100 };
  await using both = await asking(desk.handler, { request: options });
  const { request } = both;
  expect(
    await rejects(
      request.request(() => 1),
      'BAD_VALUE',
    ),
  ).toMatchObject(no);
  expect(await rejects(request.request('x'.repeat(200)), 'TOO_LARGE')).toMatchObject(no);
  const bad = request.request(1, { timeoutMs: -1 });
  expect(await rejects(bad, 'BAD_OPTION')).toMatchObject(no);
  const open = rejects(request.request('open'), 'CLOSED');
  expect(await rejects(request.request('more'), 'QUEUE_FULL')).toMatchObject(no);
  await until(() => desk.held.length === 1);
  expect(desk.requests).toEqual(['open']);
  expect(request.stats()).toMatchObject({ sent: 1, refused: 1, inFlight: 1 });
  await request.close({ drainMs: 0 });
  await open;
});

describe('a reply that makes no sense', () => {
  const failed = (value: unknown): Buffer[] => [Buffer.alloc(0), encode(value)];
  test.for([
    ['no CBOR', [Buffer.from([0xff])]],
    ['an empty frame', [Buffer.alloc(0)]],
    ['two values', [Buffer.from('d9b10c9f0102ff', 'hex')]],
    ['bytes after the value', [Buffer.from('0102', 'hex')]],
    ['a value that is too large', [encode('x'.repeat(300))]],
    ['two body frames', [encode(1), encode(2)]],
    ['three of them', [Buffer.alloc(0), encode(1), encode(2)]],
    ['a failure that is a text', failed('failed')],
    ['a failure without a message', failed({ code: 'C' })],
    ['an empty failure', [Buffer.alloc(0), Buffer.alloc(0)]],
  ] as const)('is told at once to who asked, and counted: %s', async ([_what, bodies]) => {
    using server = rawServer();
    const faults: unknown[] = [];
    await using request = await Request.connect(server.endpoint, {
      maxMessageBytes: 256,
      onFault: (fault) => faults.push(fault),
    });
    const call = rejects(request.request(1), 'BAD_MESSAGE');
    const [client, id] = (await server.raw.receive()) as [Buffer, Buffer];
    await server.raw.send([client, id, Buffer.alloc(0), ...bodies]);
    expect(await call).toMatchObject({ ...maybe, cause: expect.any(Error) });
    expect(request.stats()).toMatchObject({ faults: 1, inFlight: 0, late: 0 });
    expect(faults).toMatchObject([{ code: 'BAD_MESSAGE' }]);
    const next = request.request(2);
    await server.raw.send(await server.raw.receive());
    expect(await next).toBe(2);
  });
});
