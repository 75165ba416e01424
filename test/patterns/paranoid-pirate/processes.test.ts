/**
 * Tests of workers that are processes of their own and are killed, frozen, or too busy to breathe. Rows 1, 6
 * and 31 of the project's fault model.
 */
import type { Assign } from 'brokerless/kit';
import { describe, expect, test } from 'vitest';
import { numbers } from '../../support/collect.ts';
import { until } from '../../support/until.ts';
import { type Work, WorkerProcess } from './processes.ts';
import { atRest, LONG, later, PATIENT, type Pirates, startPirates } from './running.ts';

const echo = ({ id }: Work): { id: string; by: string } => ({ id, by: 'us' });

/** Whoever joined last comes first: the lanes of the process that is to die. */
const youngest: Assign = (idle) => [...idle].toSorted((a, b) => b.joined - a.joined)[0];

/** Worker processes, once the queue has them. */
async function joined(
  pirates: Pirates,
  count: number,
  options: ConstructorParameters<typeof WorkerProcess>[1] & { heartbeatMs: number },
): Promise<WorkerProcess[] & Disposable> {
  const lanes = pirates.queue.stats().workers + count * (options.concurrency ?? 1);
  const processes = numbers(count).map(() => new WorkerProcess(pirates.queue.workers, options));
  await until(() => pirates.queue.stats().workers === lanes, LONG);
  const dispose = (): void => {
    for (const each of processes) each[Symbol.dispose]();
  };
  return Object.assign(processes, { [Symbol.dispose]: dispose });
}

/** The process that holds request `id`, once one does. */
async function holder(processes: readonly WorkerProcess[], id: string): Promise<WorkerProcess> {
  const find = (): WorkerProcess | undefined =>
    processes.find(({ said }) => said.some(([word, what]) => word === 'begin' && what === id));
  await until(() => find() !== undefined, { ...LONG, what: `${id} has begun` });
  return find() as WorkerProcess;
}

describe('a worker process that is killed', PATIENT, () => {
  test('in mid-job: its request begins elsewhere within 100 ms, as the connection ends', async () => {
    await using pirates = await startPirates({ assign: youngest });
    let begunAt = 0;
    await pirates.work((work: Work) => {
      begunAt = performance.now();
      return echo(work);
    });
    const client = await pirates.client<Work>();
    let [tries, quickest] = [0, Infinity];
    // A machine that has much else to do may be late; not each time.
    for (; tries < 5 && quickest > 100; tries += 1) {
      using victims = await joined(pirates, 1, { heartbeatMs: 1000 });
      const id = `${tries}`;
      const asked = later(client.request({ id, how: 'hold' }));
      const victim = await holder(victims, id);
      const killedAt = performance.now();
      victim.kill('SIGKILL');
      expect(await asked).toEqual({ id, by: 'us' });
      quickest = Math.min(quickest, begunAt - killedAt);
    }
    expect(quickest).toBeLessThan(100);
    await atRest(pirates, 1);
    const counted = { received: tries, sent: tries, redelivered: tries, deadLettered: 0, late: 0 };
    expect(pirates.queue.stats()).toMatchObject(counted);
  });

  test('in mid-job, without notifications: as soon as its silence is noticed', async () => {
    await using pirates = await startPirates({ heartbeatMs: 200, notifications: false });
    using victims = await joined(pirates, 1, { heartbeatMs: 200, notifications: false });
    const client = await pirates.client<Work>();
    const asked = later(client.request({ id: 'a', how: 'hold' }));
    const victim = await holder(victims, 'a');
    await pirates.work(echo, { notifications: false });
    const killedAt = performance.now();
    victim.kill('SIGKILL');
    expect(await asked).toEqual({ id: 'a', by: 'us' });
    expect(performance.now() - killedAt).toBeLessThan(3 * 200 + 5000);
    await atRest(pirates, 1);
  });

  test('with many lanes, idle and busy: no request is tried out on one dead lane after the other', async () => {
    await using pirates = await startPirates({ assign: youngest });
    await pirates.work(echo);
    const client = await pirates.client<Work>();
    using victims = await joined(pirates, 1, { heartbeatMs: 1000, concurrency: 16 });
    const asked = later(client.request({ id: 'a', how: 'hold' }));
    const victim = await holder(victims, 'a');
    victim.kill('SIGKILL');
    expect(await asked).toEqual({ id: 'a', by: 'us' });
    await atRest(pirates, 1);
    expect(pirates.queue.stats()).toMatchObject({ sent: 1, deadLettered: 0 });
  });
});

describe('a worker process that is frozen for longer than it may be silent', PATIENT, () => {
  test('is lost, its late answer refused, the effect is one, and all its lanes come back', async () => {
    const options = { heartbeatMs: 300, reconnectMs: 50, concurrency: 8 };
    await using pirates = await startPirates({ heartbeatMs: 300, assign: youngest });
    await pirates.work(echo);
    using frozen = await joined(pirates, 1, options);
    const client = await pirates.client<Work>();
    const lost: string[] = [];
    pirates.queue.on('worker:lost', ({ reason }) => lost.push(reason));
    const asked = later(client.request({ id: 'a', how: 'hold' }));
    const victim = await holder(frozen, 'a');
    victim.kill('SIGSTOP');
    expect(await asked).toEqual({ id: 'a', by: 'us' });
    await until(() => lost.length === 8, LONG);
    expect(lost).toEqual(numbers(8).map(() => 'silent'));

    victim.tell('let go');
    victim.kill('SIGCONT');
    await until(() => pirates.queue.stats().late === 1, LONG);
    await atRest(pirates, 9);
    const { received, sent, deadLettered, dropped } = pirates.queue.stats();
    expect([received, sent, deadLettered, dropped]).toEqual([1, 1, 0, 0]);
    expect(client.stats()).toMatchObject({ received: 1, late: 0, faults: 0 });
    await victim.hears('end');
    const { reconnects } = await victim.statsWhen(({ connections }) => connections === 8);
    expect(reconnects).toBeGreaterThanOrEqual(8);
  });
});

describe('a handler that blocks its event loop for longer than it may be silent', PATIENT, () => {
  test('loses its request to another, and its process comes back', async () => {
    await using pirates = await startPirates({ heartbeatMs: 200 });
    using blocked = await joined(pirates, 1, { heartbeatMs: 200, reconnectMs: 50 });
    const client = await pirates.client<Work>();
    const asked = later(client.request({ id: 'a', how: 4000 }));
    const victim = await holder(blocked, 'a');
    await pirates.work(echo);
    expect(await asked).toEqual({ id: 'a', by: 'us' });
    await victim.hears('end');
    await until(() => pirates.queue.stats().late === 1, LONG);
    await atRest(pirates, 2);
    expect(pirates.queue.stats()).toMatchObject({ received: 1, sent: 1, redelivered: 1 });
    expect(client.stats()).toMatchObject({ received: 1, late: 0 });
  });
});

describe('workers that leave one after the other under load', PATIENT, () => {
  test('lose nothing and repeat nothing', async () => {
    await using pirates = await startPirates();
    using leavers = await joined(pirates, 2, { heartbeatMs: 1000, concurrency: 2 });
    const client = await pirates.client<Work, { id: string }>();
    const done = new Map<string, number>();
    let isOver = false;
    let asked = 0;
    const load = numbers(16).map(async () => {
      while (!isOver) {
        asked += 1;
        const id = `${asked}`;
        expect((await client.request({ id })).id).toBe(id);
        done.set(id, (done.get(id) ?? 0) + 1);
      }
    });
    const more = async (count: number): Promise<void> => {
      const target = done.size + count;
      await until(() => done.size >= target, LONG);
    };
    await more(50);
    const heir = await pirates.work(echo, { concurrency: 2 });
    for (const leaver of leavers) {
      leaver.tell('leave');
      await until(() => leaver.hasEnded, { ...LONG, what: 'the worker process has ended' });
      expect(leaver.child.exitCode).toBe(0);
      await more(20);
    }
    for (let i = 0, last = heir; i < 3; i += 1) {
      const next = await pirates.work(echo, { concurrency: 2 });
      await more(20);
      await last.leave();
      last = next;
    }
    isOver = true;
    await Promise.all(load);
    await atRest(pirates, 2);
    const counted = { received: asked, sent: asked, redelivered: 0, late: 0, dropped: 0 };
    expect(pirates.queue.stats()).toMatchObject(counted);
    const begun = leavers.flatMap(({ said }) => said).filter(([word]) => word === 'begin').length;
    const ours = pirates.workers.reduce((sum, worker) => sum + worker.stats().received, 0);
    expect(begun + ours).toBe(asked);
  });
});
