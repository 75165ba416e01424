/**
 * Tests of clients and servers that are processes of their own: aborted from afar, killed, frozen, too busy to
 * breathe, told to end.
 */
import { isBrokerlessError } from 'brokerless';
import { describe, expect, test } from 'vitest';
import { failure, rejects } from '../../contracts/lifecycle.ts';
import { signalling } from '../../support/asking.ts';
import { numbers } from '../../support/collect.ts';
import { until } from '../../support/until.ts';
import { ClientProcess, ServerProcess } from './processes.ts';
import { errands } from './programs/errands.ts';
import { clientOf, LONG, later, met, PATIENT, sorted } from './running.ts';

/** Waits until a server has nothing in hand, and knows no client. */
async function forgets(server: ServerProcess): Promise<void> {
  const end = performance.now() + LONG.timeoutMs;
  for (let left = Infinity; left > 0; ) {
    const { inFlight, clients } = await server.stats();
    left = inFlight + clients;
    expect(performance.now()).toBeLessThan(end);
  }
}

describe('a caller that gives up', PATIENT, () => {
  test('aborts the signal of the handler in the other process', async () => {
    using server = await ServerProcess.start();
    await using client = await clientOf(errands, server);
    let quickest = Infinity;
    // A machine that has much else to do may be late; not each time.
    for (let tries = 0; tries < 5 && quickest > 50; tries += 1) {
      const { signal, abort } = signalling();
      const from = server.said.length;
      const asked = later(client.hold('a', { signal, ...LONG }));
      await server.says('held', from);
      const start = performance.now();
      abort();
      await rejects(asked, 'ABORTED');
      expect(await server.says('aborted', from)).toEqual(['a', 'ABORTED']);
      quickest = Math.min(quickest, performance.now() - start);
    }
    expect(quickest).toBeLessThan(50);
    expect(await server.stats()).toMatchObject({ inFlight: 0, clients: 1 });
  });

  test('leaves a stream, whose source is left in the other process', async () => {
    using server = await ServerProcess.start();
    await using client = await clientOf(errands, server);
    for await (const n of client.count()) if (n === 1000) break;
    await server.says('left');
    expect(await server.stats()).toMatchObject({ inFlight: 0 });
  });

  test('whose time is over is as one that gives up', async () => {
    using server = await ServerProcess.start();
    await using client = await clientOf(errands, server);
    await rejects(client.hold('a', { timeoutMs: 50 }), 'TIMEOUT');
    const [, code] = await server.says('aborted');
    expect(['ABORTED', 'TIMEOUT']).toContain(code);
  });
});

describe('a client process that is', PATIENT, () => {
  test('killed leaves nothing at work in the server', async () => {
    using server = await ServerProcess.start();
    using client = await ClientProcess.start(server.endpoint, 10);
    await until(() => server.count('held') === 10, LONG);
    expect(await server.stats()).toMatchObject({ inFlight: 11, clients: 1 });
    client.signal('SIGKILL');
    await until(() => server.count('aborted') === 10 && server.count('left') === 1, LONG);
    expect(server.said.filter(([word]) => word === 'aborted').map(([, , code]) => code)).toEqual(
      numbers(10).map(() => 'CLOSED'),
    );
    const [reason] = await server.says('lost');
    expect(['gone', 'nothing']).toContain(reason); // It may have been sent a beat.
    const stats = await server.stats();
    expect(stats).toMatchObject({ inFlight: 0, depth: 0, clients: 0 });
    expect(stats.methods['hold']).toMatchObject({ cancelled: 10, failed: 0, done: 0 });
  });

  test('killed is missed by its silence, if nothing else tells', async () => {
    using server = await ServerProcess.start({ notifications: false, heartbeatMs: 500 });
    using client = await ClientProcess.start(server.endpoint, 3);
    client.signal('SIGKILL');
    await until(() => server.count('aborted') === 3, LONG);
    const [reason] = await server.says('lost');
    expect(['silent', 'nothing']).toContain(reason); // It may have been sent a value of its stream.
    await forgets(server);
  });

  test('frozen for longer than it may be silent is lost, and back when it goes on', async () => {
    using server = await ServerProcess.start({ heartbeatMs: 500 });
    using client = await ClientProcess.start(server.endpoint, 2);
    client.signal('SIGSTOP');
    await until(() => server.count('aborted') === 2, LONG);
    await forgets(server);
    client.signal('SIGCONT');
    await until(() => client.count('ended') === 2, LONG);
    expect(client.said.filter(([word]) => word === 'ended')).toEqual(
      numbers(2).map(() => ['ended', 'UNREACHABLE']),
    );
    expect(await client.ask('who')).toEqual([server.child.pid]);
    expect(await server.stats()).toMatchObject({ clients: 1 });
  });
});

describe('a server process that is killed', PATIENT, () => {
  test('fails at once what may not be carried out twice, and what it was giving', async () => {
    using server = await ServerProcess.start();
    await using client = await clientOf(errands, server, { noServer: 'fail' });
    const values = client.count(undefined, { credit: 10 });
    for (const n of numbers(10)) expect(await values.next()).toEqual({ value: n, done: false });
    const asked = rejects(client.hold('a', LONG), 'UNREACHABLE');
    await server.says('held');
    const start = performance.now();
    await server.end('SIGKILL');
    expect(await asked).toMatchObject({ mayHaveRun: 'maybe', data: { server: server.endpoint } });
    const read = (async () => {
      for await (const value of values) expect(value).toBeGreaterThan(9);
    })();
    await rejects(read, 'UNREACHABLE');
    expect(performance.now() - start).toBeLessThan(15_000); // Not after three beats.
    await rejects(client.who(), 'UNREACHABLE');
    expect(client.stats()).toMatchObject({ inFlight: 0, connections: 0 });
  });

  test('has what may be carried out twice done by another', async () => {
    using one = await ServerProcess.start();
    using two = await ServerProcess.start();
    await using client = await clientOf(errands, [one, two]);
    await met(client, 2);
    const slow = numbers(40).map((n) => client.read({ n, ms: 300 }, LONG));
    await until(() => client.servers().every(({ inFlight }) => inFlight > 0));
    await one.end('SIGKILL');
    expect(await Promise.all(slow)).toEqual(numbers(40));
    expect(client.stats()).toMatchObject({ retried: 20, inFlight: 0, connections: 1 });
    expect(await client.who()).toBe(two.child.pid);
  });
});

describe('a server process that blocks its event loop', PATIENT, () => {
  test('is avoided for so long, and asked again when it is back', async () => {
    using one = await ServerProcess.start({ heartbeatMs: 500 });
    using two = await ServerProcess.start({ heartbeatMs: 500 });
    await using client = await clientOf(errands, one, { reconnectMs: 20 });
    await using both = await clientOf(errands, [one, two]);
    await met(both, 2);
    const heard: unknown[] = [];
    client.on('server:down', ({ reason }) => heard.push(reason));
    const asked = rejects(client.block(6000, { retries: 0, ...LONG }), 'UNREACHABLE');
    await one.says('blocked');
    expect(await Promise.all(numbers(10).map(() => both.who(undefined, LONG)))).toContain(
      two.child.pid,
    );
    await asked;
    await met(both, 1);
    expect(await both.who(undefined, LONG)).toBe(two.child.pid);
    expect(await client.who(undefined, LONG)).toBe(one.child.pid);
    expect(heard).toEqual(['silent']);
    await met(both, 2);
    expect(await one.stats()).toMatchObject({ inFlight: 0, clients: 2 });
  });
});

describe('a server process that is told to end', PATIENT, () => {
  test('under load answers all that it was asked, and ends well', async () => {
    using server = await ServerProcess.start();
    await using client = await clientOf(errands, server, { noServer: 'fail' });
    let asked = 0;
    let isOver = false;
    const outcomes: PromiseSettledResult<number>[] = [];
    const load = numbers(64).map(async () => {
      while (!isOver) {
        asked += 1;
        const n = asked;
        const [outcome] = await Promise.allSettled([client.write({ n, ms: n % 20 })]);
        outcomes.push(outcome);
        if (outcome.status === 'rejected') return;
      }
    });
    await until(() => outcomes.length > 500, LONG);
    server.signal('SIGTERM');
    await until(() => server.hasEnded, LONG);
    isOver = true;
    await Promise.all(load);
    expect([server.child.exitCode, server.child.signalCode]).toEqual([0, null]);
    const { answers, failures } = sorted(outcomes);
    expect(answers.toSorted((a, b) => a - b)).toHaveLength(asked - failures.length);
    // Whoever asked when it was known to go was told so, and nothing of it was sent.
    for (const each of failures) {
      expect(isBrokerlessError(each, 'UNREACHABLE'), String(each)).toBe(true);
      expect(each).toMatchObject({ mayHaveRun: 'no' });
    }
    expect(client.stats()).toMatchObject({ sent: answers.length, late: 0, retried: 0 });
  });

  test('with what never ends waits no longer than it may', async () => {
    using server = await ServerProcess.start({ drainMs: 100 });
    await using client = await clientOf(errands, server);
    const asked = failure(client.hold('a', LONG));
    await server.says('held');
    await server.end('SIGTERM');
    expect(server.child.exitCode).toBe(0);
    expect(await asked).toMatchObject({ code: 'UNREACHABLE', mayHaveRun: 'maybe' });
    expect(await server.says('aborted')).toEqual(['a', 'CLOSED']);
  });

  test('a second time ends at once', async () => {
    using server = await ServerProcess.start({ drainMs: 60_000 });
    await using client = await clientOf(errands, server);
    const asked = failure(client.hold('a', { timeoutMs: 60_000 }));
    await server.says('held');
    server.signal('SIGTERM');
    await met(client, 0);
    expect(server.hasEnded).toBe(false);
    await server.end('SIGTERM');
    expect(server.child.signalCode).toBe('SIGTERM');
    expect(await asked).toMatchObject({ code: 'UNREACHABLE' });
  });
});
