/**
 * Tests of our client with servers in Python, written from the wire table alone.
 */
import {
  type ConnectOptions,
  call,
  connectTo,
  contract,
  isFailure,
} from 'brokerless/patterns/service';
import { beforeEach, describe, expect, test } from 'vitest';
import { numbers } from '../../support/collect.ts';
import { reservedEndpoint } from '../../support/port.ts';
import { requirePython } from '../../support/python.ts';
import { until } from '../../support/until.ts';
import { Peer, summing, sums } from './peers.ts';
import { LONG, later, met, PATIENT } from './running.ts';

const TCP = 'tcp://127.0.0.1:*';
const BEAT_MS = 1000; // Nobody dies of a busy machine.

beforeEach((context) => requirePython(context, 'zmq', 'cbor2'));

/** Their server, and where it is bound. */
async function theirServer({ bind = TCP, heartbeatMs = BEAT_MS, concurrency = 100 } = {}) {
  const server = new Peer('server', bind, `${heartbeatMs}`, `${concurrency}`);
  const endpoint = String(await server.says('bound'));
  return { server, endpoint, [Symbol.dispose]: () => server[Symbol.dispose]() };
}

function ourClient(to: ConnectOptions['to'], options: Partial<ConnectOptions> = {}) {
  return connectTo(sums, { to, connectMs: LONG.timeoutMs, ...options });
}

async function reasonOf(promise: Promise<unknown>): Promise<unknown> {
  return await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
}

describe('our client, with their server', PATIENT, () => {
  test('answers calls and streams, and says what has failed', async () => {
    using there = await theirServer();
    await using client = await ourClient(there.endpoint);
    const answers = await Promise.all(numbers(500).map((n) => client.add({ a: n, b: 1 })));
    expect(answers).toEqual(numbers(500).map((n) => n + 1));
    const error = await reasonOf(client.buy('tea'));
    expect(isFailure(error, summing.buy, 'SOLD_OUT') && error.data.data.left).toBe(0);
    const values: number[] = [];
    for await (const n of client.count({ to: 1000 }, { credit: 7 })) values.push(n);
    expect(values).toEqual(numbers(1000).map((n) => n + 1));
    await client.noted('snow');
    expect(await there.server.says('noted')).toBe('snow');
    expect(client.stats()).toMatchObject({ received: 502, faults: 0, late: 0, inFlight: 0 });
  });

  test('hears key, headers and the time that is left', async () => {
    using there = await theirServer();
    await using client = await ourClient(there.endpoint);
    const options = { key: 'k', headers: { traceparent: '00-1' }, timeoutMs: 60_000 };
    const seen = await client.seen(null, options);
    expect(seen).toMatchObject({ key: 'k', headers: { traceparent: '00-1' }, asked: 1 });
    expect([Number(seen.ms) > 50_000, Number(seen.ms) <= 60_000]).toEqual([true, true]);
    expect(await client.seen(null, options)).toEqual(seen);
  });

  test('is told what nobody waits for, and says how far it had got', async () => {
    using there = await theirServer();
    await using client = await ourClient(there.endpoint);
    const stop = new AbortController();
    const aborted = reasonOf(client.rest(60_000, { signal: stop.signal }));
    const late = await reasonOf(client.rest(60_000, { timeoutMs: 2500 }));
    const data = { progress: 'running', server: there.endpoint, attempts: 1 };
    expect(late).toMatchObject({ code: 'TIMEOUT', mayHaveRun: 'maybe', data });
    stop.abort();
    expect(await aborted).toMatchObject({ code: 'ABORTED', mayHaveRun: 'maybe' });
    const { server } = there;
    const stopped = (): number => server.all('cancelled').length + server.all('expired').length;
    await until(() => stopped() === 2, LONG);
    for await (const n of client.count({ to: 1_000_000 }, { credit: 10 })) if (n === 20) break;
    await until(() => stopped() === 3, LONG);
    expect(client.stats().inFlight).toBe(0);
  });

  test('refuses another contract when we connect', async () => {
    using there = await theirServer();
    const other = contract('sums', { ...summing, subtract: call<number, number>() });
    const refused = connectTo(other, { to: there.endpoint, connectMs: LONG.timeoutMs });
    await expect(refused).rejects.toMatchObject({
      code: 'CONTRACT_MISMATCH',
      message: expect.stringContaining('call subtract'),
    });
  });

  test('that has too much to do is asked again', async () => {
    using there = await theirServer({ concurrency: 1 });
    const patient = contract('sums', { rest: call<number, string>({ idempotent: true }) });
    const options = { to: there.endpoint, connectMs: LONG.timeoutMs, retries: 1000 };
    await using client = await connectTo(patient, { ...options, timeoutMs: LONG.timeoutMs });
    const both = [client.rest(100), client.rest(1), client.rest(1)];
    expect(await Promise.all(both)).toEqual(['rested', 'rested', 'rested']);
    expect(there.server.all('overloaded').length).toBeGreaterThan(0);
    expect(client.stats().retried).toBe(there.server.all('overloaded').length);
  });

  test('says what it is', async () => {
    using there = await theirServer();
    await using client = await ourClient(there.endpoint);
    const [ping] = await client.ask('ping', LONG);
    const [info] = await client.ask('info', LONG);
    expect(ping?.value).toBeGreaterThan(0);
    expect(info).toMatchObject({ server: there.endpoint, value: { name: 'sums' } });
    expect(await client.add({ a: 4, b: 4 })).toBe(8);
    await client.ask('stats', LONG);
    await until(() => there.server.all('marked').length === 3, LONG);
    expect(there.server.all('marked').map(({ marked }) => marked)).toEqual([1000, 1000, 1001]);
  });

  test('stays while it is alive, loses it when it is frozen, and finds it again', async () => {
    using there = await theirServer();
    await using client = await ourClient(there.endpoint);
    const lost: string[] = [];
    client.on('server:down', ({ reason }) => lost.push(reason));
    await there.server.says('beaten', { times: 4 });
    expect([lost, there.server.all('lost')]).toEqual([[], []]);
    const asked = later(client.rest(60_000, LONG));
    await until(() => client.stats().sent === 1, LONG);
    there.server.child.kill('SIGSTOP');
    await expect(asked).rejects.toMatchObject({ code: 'UNREACHABLE', mayHaveRun: 'maybe' });
    expect(lost).toEqual(['silent']);
    const again = client.add({ a: 1, b: 2 }, LONG);
    there.server.child.kill('SIGCONT');
    expect(await again).toBe(3);
  });

  test('finds another in its place, and asks again what may be asked again', async () => {
    using first = await theirServer({ bind: await reservedEndpoint() });
    await using client = await ourClient(first.endpoint);
    first.server.child.kill('SIGSTOP');
    const sum = client.add({ a: 1, b: 2 }, LONG);
    await until(() => client.stats().sent === 1, LONG);
    first.server.child.kill('SIGKILL');
    await met(client, 0);
    using _ = await theirServer({ bind: first.endpoint });
    expect(await sum).toBe(3);
    expect(client.stats()).toMatchObject({ sent: 2, retried: 1, received: 1 });
  });

  test('lets one that drains go, and asks the other', async () => {
    using leaver = await theirServer();
    using stayer = await theirServer();
    await using client = await ourClient([leaver.endpoint, stayer.endpoint]);
    await met(client, 2);
    const resting = Promise.all([client.rest(1000), client.rest(1000)]);
    await until(() => client.servers().every(({ inFlight }) => inFlight === 1), LONG);
    leaver.server.child.kill('SIGTERM');
    await leaver.server.says('drained');
    await leaver.server.ends();
    expect(await resting).toEqual(['rested', 'rested']);
    await Promise.all(numbers(100).map((n) => client.add({ a: n, b: 1 })));
    const [gone, here] = client.servers();
    expect([gone?.asked, here?.asked]).toEqual([1, 101]);
  });
});
