/**
 * Tests of workers and clients that are processes of their own: killed, frozen, and written in another
 * language.
 */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { numbers } from '../../support/collect.ts';
import { compiled } from '../../support/compiled.ts';
import { PYTHON, python, requirePython } from '../../support/python.ts';
import { until } from '../../support/until.ts';
import { type Balancing, balancing } from './balancing.ts';

const program = (name: string): string => compiled(new URL(`programs/${name}`, import.meta.url));

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** A worker process that the broker knows. */
async function startProcess({ broker }: Balancing) {
  const before = broker.stats().workers;
  const child = fork(program('worker.ts'), [broker.workers]);
  children.push(child);
  const said: unknown[] = [];
  child.on('message', (message) => said.push(message));
  await until(() => broker.stats().workers === before + 1, { timeoutMs: 15_000 });
  return { child, said };
}

const gone = (child: ChildProcess): Promise<void> =>
  until(() => child.exitCode !== null || child.signalCode !== null);

describe('a worker process that is killed', () => {
  test('while it is idle costs no request', async () => {
    await using world = await balancing();
    const victim = await startProcess(world);
    await world.work((x: number) => 3 * x);
    victim.child.kill('SIGKILL');
    await until(() => world.events.some(([what]) => what === 'gone'), { timeoutMs: 15_000 });
    const client = await world.client();
    expect(await client.request(7)).toBe(21);
    expect(world.broker.stats()).toMatchObject({
      received: 1,
      sent: 1,
      workers: 1,
      redelivered: 0,
    });
  });

  test('while it is idle costs no request, even if nobody tells of it', async () => {
    await using world = await balancing({ notifications: false });
    const victim = await startProcess(world);
    await world.work((x: number) => 3 * x);
    victim.child.kill('SIGKILL');
    await gone(victim.child);
    const client = await world.client();
    const answers = await Promise.all(numbers(20).map((n) => client.request(n)));
    expect(answers).toEqual(numbers(20).map((n) => 3 * n));
    expect(world.broker.stats()).toMatchObject({ received: 20, sent: 20, deadLettered: 0 });
  });

  test('while it is busy: its client is told at once, and nobody else does it again', async () => {
    await using world = await balancing();
    const victim = await startProcess(world);
    const seen: unknown[] = [];
    const client = await world.client();
    const held = client.request('hold');
    await until(() => victim.said.length === 1, { timeoutMs: 15_000 });
    await world.work((x: unknown) => void seen.push(x));
    victim.child.kill('SIGKILL');
    await expect(held).rejects.toMatchObject({
      code: 'HANDLER_FAILED',
      data: { code: 'WORKER_LOST' },
    });
    expect(seen).toEqual([]);
    expect(world.broker.stats()).toMatchObject({ deadLettered: 1, busy: 0, workers: 1 });
  });

  test('while it is busy and nobody tells of it: its client hears when its time is over', async () => {
    await using world = await balancing({ notifications: false, requestMs: 400 });
    const victim = await startProcess(world);
    const client = await world.client();
    const held = client.request('hold');
    held.catch(() => {}); // It may fail before it is looked at.
    await until(() => victim.said.length === 1, { timeoutMs: 15_000 });
    victim.child.kill('SIGKILL');
    await expect(held).rejects.toMatchObject({ data: { code: 'WORKER_LOST' } });
    expect(world.broker.stats()).toMatchObject({ expired: 1, busy: 0, workers: 0 });
    expect(world.events.at(-1)?.[0]).toBe('silent');
  });
});

test('a worker process that is frozen and goes on is taken on again, and is late', async () => {
  await using world = await balancing({ requestMs: 1500 });
  const { child } = await startProcess(world);
  const client = await world.client();
  expect(await client.request(1)).toBe(2);
  child.kill('SIGSTOP');
  await expect(client.request(2)).rejects.toMatchObject({ data: { code: 'WORKER_LOST' } });
  expect(world.broker.stats().workers).toBe(0);
  child.kill('SIGCONT');
  await until(() => world.broker.stats().workers === 1, { timeoutMs: 15_000 });
  expect(world.broker.stats().late).toBe(1);
  expect(await client.request(3)).toBe(6);
});

describe('in Python', () => {
  test('a REQ worker from the Guide works beside ours', async (context) => {
    requirePython(context, 'zmq', 'cbor2');
    await using world = await balancing();
    const count = 40;
    const args = [program('worker.py'), world.broker.workers, String(count)];
    const child = spawn(PYTHON, args, { stdio: 'inherit' });
    children.push(child);
    await world.knows(1);
    await world.work((x: number) => ({ node: x }));
    const client = await world.client();
    let fromPython = 0;
    for (let n = 0; fromPython < count; n += 1) {
      const answer = await client.request(n);
      if ('python' in (answer as object)) {
        expect(answer).toEqual({ python: n });
        fromPython += 1;
      } else expect(answer).toEqual({ node: n });
    }
    await until(() => child.exitCode === 0);
    await world.knows(1);
    expect(world.broker.stats()).toMatchObject({ faults: 0, late: 0, deadLettered: 0 });
  });

  test.for(['req', 'correlate', 'dealer'])('a client asks by %s', async (kind, context) => {
    requirePython(context, 'zmq', 'cbor2');
    await using world = await balancing();
    await world.work((x: number) => {
      if (x === 3) throw new Error('not three');
      return 2 * x;
    });
    const asks = fileURLToPath(new URL('../../sockets/peers/req.py', import.meta.url));
    const { stdout, stderr, code } = await python(asks, [kind, world.broker.clients, '[1,2,3,4]']);
    expect([code, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toMatchObject([
      { value: 2 },
      { value: 4 },
      { failure: { code: 'HANDLER_FAILED', message: 'not three' } },
      { value: 8 },
    ]);
  });
});
