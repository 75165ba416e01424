/**
 * Tests of what goes wrong in a pipeline without anyone dying: handlers that throw, values that cannot
 * travel, results of an earlier run, parts that come late.
 */
import { Push } from 'brokerless';
import { startSink, startVentilator, startWorker } from 'brokerless/patterns/pipeline';
import { describe, expect, test } from 'vitest';
import { numbers } from '../../support/collect.ts';
import { reservedEndpoint } from '../../support/port.ts';
import { until } from '../../support/until.ts';
import { drain, freeEndpoint, Gate, settled, startPipeline } from './running.ts';

const quiet = { sink: { silenceMs: 2000 } };

describe('a handler', () => {
  test('that throws or rejects makes its item fail, and no other', async () => {
    await using pipe = await startPipeline<number>(numbers(6), quiet);
    const worker = await pipe.work((x: number) => {
      if (x === 2) throw new Error('two is too much');
      return x === 4 ? Promise.reject(new TypeError('four as well')) : x;
    });
    const { results, values, missing } = await drain(pipe.sink);
    expect([values, missing]).toEqual([[0, 1, 3, 5], []]);
    const failures = results.filter(({ ok }) => !ok);
    expect(failures).toEqual([
      { ok: false, id: 2, worker: worker.name, reason: 'two is too much' },
      { ok: false, id: 4, worker: worker.name, reason: 'four as well' },
    ]);
    expect(worker.stats()).toMatchObject({ received: 6, failed: 2, inFlight: 0 });
    expect(pipe.sink.stats()).toMatchObject({ received: 6, failed: 2 });
  });

  const oddities: [string, () => unknown][] = [
    ['that throws nothing', () => Promise.reject(undefined)],
    ['that throws an object without a prototype', () => Promise.reject(Object.create(null))],
    [
      'that throws an error whose message is no text',
      () => Promise.reject(Object.assign(new Error('no'), { message: { no: 1 } })),
    ],
    [
      'that throws an error too long to travel',
      () => Promise.reject(new Error('x'.repeat(2_000_000))),
    ],
    ['whose result cannot be encoded', () => () => {}],
    ['whose result is too long', () => 'x'.repeat(2_000_000)],
    [
      'whose result has a getter that throws',
      () => ({
        get value(): never {
          throw new Error('no');
        },
      }),
    ],
  ];
  test.each(oddities)('%s makes its item fail, and no other', async (_, misbehave) => {
    await using pipe = await startPipeline<number>(numbers(3), quiet);
    await pipe.work((x: number) => (x === 1 ? misbehave() : x));
    const { results, values, missing } = await drain(pipe.sink);
    expect([values, missing]).toEqual([[0, 2], []]);
    expect(results.find(({ id }) => id === 1)).toMatchObject({ ok: false });
  });
});

describe('an item', () => {
  test.each([
    ['that cannot be encoded', () => {}],
    ['that is too long', 'x'.repeat(2_000_000)],
  ])('%s is reported as failed by the ventilator, and the others go on', async (_, bad) => {
    await using pipe = await startPipeline<unknown>([0, bad, 2], quiet);
    await pipe.work((x) => x);
    const { results, values, missing } = await drain(pipe.sink);
    expect([values, missing]).toEqual([[0, 2], []]);
    expect(results.find(({ ok }) => !ok)).toMatchObject({ id: 1, worker: 'ventilator' });
    expect(await pipe.ventilator.finished).toBe(3);
  });
});

describe('kill', () => {
  test('ends an endless run exactly', async () => {
    function* endless(): Generator<number> {
      for (let i = 0; ; i += 1) yield i;
    }
    await using pipe = await startPipeline<number>(endless());
    await Promise.all([pipe.work((x) => x), pipe.work((x) => x)]);
    const { values, missing } = await drain(pipe.sink, (count) => {
      if (count === 50) pipe.ventilator.kill();
    });
    const count = await pipe.ventilator.finished;
    expect([values, missing]).toEqual([numbers(count), []]);
    await Promise.all(pipe.workers.map((worker) => worker.finished));
  });

  test('by signal is the same, also before the run has begun', async () => {
    const signal = AbortSignal.abort();
    await using pipe = await startPipeline<number>(numbers(9), { ventilator: { signal } });
    expect((await drain(pipe.sink)).results).toEqual([]);
    expect(await pipe.ventilator.finished).toBe(0);
  });

  test('deals nothing that a slow source gives after it', async () => {
    const [asked, gate] = [new Gate(), new Gate()];
    async function* slow(): AsyncGenerator<number> {
      yield 0;
      asked.open();
      await gate.opened;
      yield 1;
    }
    await using pipe = await startPipeline<number>(slow());
    const worker = await pipe.work((x) => x);
    await asked.opened;
    pipe.ventilator.kill();
    gate.open();
    expect((await drain(pipe.sink)).values).toEqual([0]);
    expect(await pipe.ventilator.finished).toBe(1);
    expect(pipe.ventilator.stats().sent).toBe(1);
    expect(worker.stats().received).toBe(1);
  });
});

describe('runs after each other', () => {
  test('a late result of the first is refused by the sink of the second', async () => {
    const [bind, gate] = [await reservedEndpoint(), new Gate()];
    const first = await startSink({ bind });
    const { endpoint } = first;
    const options = { bind: freeEndpoint(), sink: endpoint, stopMs: 0 };
    const earlier = await startVentilator(['late'], options);
    const handler = (): Promise<void> => gate.opened;
    await using late = await startWorker({ from: earlier.endpoint, to: endpoint, handler });
    await until(() => late.stats().inFlight === 1);
    await Promise.all([earlier.close(), first.close()]);

    await using second = await startSink<number>({ bind: endpoint, silenceMs: 5000 });
    await using later = await startVentilator(numbers(3), { bind: freeEndpoint(), sink: endpoint });
    const refused = async (x: number): Promise<number> => {
      gate.open();
      await until(() => second.stats().refused === 1);
      return x;
    };
    await using _ = await startWorker({ from: later.endpoint, to: endpoint, handler: refused });
    expect((await drain(second)).values).toEqual(numbers(3));
    expect(second.stats()).toMatchObject({ received: 3, refused: 1, expected: 3 });
  });
});

describe('a sink', () => {
  test('that starts last misses nothing', async () => {
    const endpoint = await reservedEndpoint();
    const options = { bind: freeEndpoint(), sink: endpoint };
    await using ventilator = await startVentilator(numbers(200), options);
    const worker = { from: ventilator.endpoint, to: endpoint, handler: (x: number) => x };
    await using early = await startWorker(worker);
    await until(() => early.stats().received > 0);
    await settled(() => early.stats().received);
    await using sink = await startSink<number>({ bind: endpoint, silenceMs: 8000, maxDepth: 2 });
    const { values, missing } = await drain(sink);
    expect([values, missing]).toEqual([numbers(200), []]);
  });

  test('counts nonsense from whoever reaches its port, and goes on', async () => {
    await using pipe = await startPipeline<number>(numbers(3));
    await using stranger = await Push.connect<unknown>(pipe.sink.endpoint);
    for (const message of ['hello', ['done'], ['end', 7], null]) await stranger.send(message);
    await until(() => pipe.sink.stats().faults === 4);
    await pipe.work((x) => x);
    expect((await drain(pipe.sink)).values).toEqual(numbers(3));
  });

  test('reads no more than maxDepth ahead of its application, and then raises no false alarm', async () => {
    await using pipe = await startPipeline<number>(numbers(40), {
      sink: { maxDepth: 4, silenceMs: 2000 },
    });
    await pipe.work((x) => x);
    await until(() => pipe.sink.stats().depth === 4);
    expect(await settled(() => pipe.sink.stats().depth, 2500)).toBe(4);
    const { values, missing } = await drain(pipe.sink);
    expect([values, missing]).toEqual([numbers(40), []]);
  });

  // Not over ipc: libzmq drops what is still in the kernel when a peer hangs up at a full pipe.
  test.each(['tcp', 'inproc'] as const)(
    'that takes slowly over %s still gets what was sent by workers that have left',
    async (transport) => {
      await using pipe = await startPipeline<string>(numbers(150), {
        transport,
        sink: { maxDepth: 1, silenceMs: 2000 },
      });
      const worker = await pipe.work((x: number) => String(x).padEnd(1000));
      await worker.finished;
      const { results, missing } = await drain(pipe.sink);
      expect([results.length, missing]).toEqual([150, []]);
    },
  );

  test('is patient with a slow source even if little silence is allowed', async () => {
    const [asked, gate] = [new Gate(), new Gate()];
    async function* slow(): AsyncGenerator<number> {
      yield 0;
      asked.open();
      await gate.opened;
      yield 1;
    }
    await using pipe = await startPipeline<number>(slow(), { sink: { silenceMs: 1000 } });
    await pipe.work((x) => x);
    const ending = drain(pipe.sink);
    await asked.opened;
    const since = performance.now();
    await until(() => performance.now() - since > 1200);
    gate.open();
    expect(await ending).toMatchObject({ values: [0, 1], missing: [] });
  });
});
