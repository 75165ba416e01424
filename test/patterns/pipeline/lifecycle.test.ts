/**
 * Tests of coming, leaving and closing: what a worker holds when it leaves, close in any state, and
 * options that make no sense.
 */
import { getEventListeners } from 'node:events';
import { isBrokerlessError } from 'brokerless';
import { startSink, startVentilator, startWorker } from 'brokerless/patterns/pipeline';
import { describe, expect, test } from 'vitest';
import { numbers } from '../../support/collect.ts';
import { turns } from '../../support/turns.ts';
import { until } from '../../support/until.ts';
import { drain, freeEndpoint, Gate, startPipeline } from './running.ts';

const ENDPOINT = 'tcp://127.0.0.1:*';

async function slowly(x: number): Promise<number> {
  await turns(1);
  return x;
}

describe('a worker that leaves by its signal', () => {
  test('finishes the item in its hands', async () => {
    const [leaving, gate] = [new AbortController(), new Gate()];
    await using pipe = await startPipeline<number>([7], { ventilator: { stopWorkers: false } });
    const handler = async (x: number): Promise<number> => {
      leaving.abort();
      await gate.opened;
      return x;
    };
    const worker = await pipe.work(handler, { signal: leaving.signal });
    await until(() => leaving.signal.aborted);
    gate.open();
    expect((await drain(pipe.sink)).values).toEqual([7]);
    await worker.finished;
  });

  test('loses what was on its way to it, and the sink names just that', async () => {
    const leaving = new AbortController();
    await using pipe = await startPipeline<number>(numbers(1000), {
      ventilator: { workers: 2 },
      sink: { silenceMs: 2000 },
    });
    const leaver = await pipe.work(slowly, { signal: leaving.signal });
    await pipe.work(slowly);
    const { values, missing } = await drain(pipe.sink, (count) => {
      if (count === 100) leaving.abort();
    });
    await leaver.finished;
    expect(missing.length).toBeLessThan(300);
    expect([...values, ...missing].toSorted((a, b) => a - b)).toEqual(numbers(1000));
  });

  test('before it has begun takes nothing', async () => {
    await using pipe = await startPipeline<number>(numbers(3));
    const worker = await pipe.work(slowly, { signal: AbortSignal.abort() });
    await worker.finished;
    expect(worker.stats().received).toBe(0);
  });

  test('leaves no listener at the signal', async () => {
    const { signal } = new AbortController();
    await using pipe = await startPipeline<number>(numbers(3), { ventilator: { signal } });
    await pipe.work(slowly, { signal });
    await drain(pipe.sink);
    await pipe[Symbol.asyncDispose]();
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});

describe('close', () => {
  test('may come at once, and twice', async () => {
    const pipe = await startPipeline<number>(numbers(3));
    await pipe.work(slowly);
    await pipe[Symbol.asyncDispose]();
    await pipe[Symbol.asyncDispose]();
  });

  test('of a sink ends its iteration after what has come', async () => {
    await using pipe = await startPipeline<number>(numbers(5), {
      ventilator: { stopWorkers: false },
    });
    await pipe.work((x) => x);
    await until(() => pipe.sink.stats().depth === 5);
    await pipe.sink.close();
    expect((await drain(pipe.sink)).results).toHaveLength(5);
  });

  test('of a sink that nobody talked to ends its iteration', async () => {
    const sink = await startSink({ bind: ENDPOINT });
    const ending = drain(sink);
    await sink.close();
    expect((await ending).results).toEqual([]);
  });

  test('of a ventilator that waits for workers gives 0 for finished', async () => {
    const ventilator = await startVentilator(numbers(3), {
      bind: ENDPOINT,
      sink: freeEndpoint('inproc'),
      workers: 5,
    });
    await ventilator.close();
    expect(await ventilator.finished).toBe(0);
  });

  test('of a ventilator in the middle of its run lets the sink notice', async () => {
    const gate = new Gate();
    async function* held(): AsyncGenerator<number> {
      yield 0;
      await gate.opened;
    }
    await using pipe = await startPipeline<number>(held(), { sink: { silenceMs: 800 } });
    await pipe.work((x) => x);
    await until(() => pipe.sink.stats().received === 1);
    await pipe.ventilator.close();
    const results: unknown[] = [];
    const reading = (async () => {
      for await (const result of pipe.sink) results.push(result);
    })();
    await expect(reading).rejects.toSatisfy((error) => isBrokerlessError(error, 'MISSING_RESULTS'));
    expect(results).toHaveLength(1);
    gate.open();
  });

  test('of a busy worker fires the signal of its handler', async () => {
    await using pipe = await startPipeline<number>(numbers(3), { sink: { silenceMs: 500 } });
    let fired = false;
    const worker = await pipe.work((_, { signal }) => {
      return new Promise<void>((resolve) => {
        signal.addEventListener('abort', () => {
          fired = true;
          resolve();
        });
      });
    });
    await until(() => worker.stats().inFlight === 1);
    await worker.close();
    expect(fired).toBe(true);
    await worker.finished;
  });

  test('of a worker without a ventilator is quick', async () => {
    const worker = await startWorker({
      from: 'tcp://127.0.0.1:9',
      to: 'tcp://127.0.0.1:9',
      handler: slowly,
    });
    const since = performance.now();
    await worker.close();
    expect(performance.now() - since).toBeLessThan(8000);
  });
});

describe('options that make no sense are refused', () => {
  const sink = { bind: ENDPOINT };
  const vent = { bind: ENDPOINT, sink: 'tcp://127.0.0.1:9' };
  const work = { from: 'tcp://127.0.0.1:9', to: 'tcp://127.0.0.1:9', handler: slowly };
  const misspelt = { slienceMs: 1 };
  const never = {} as unknown as never;
  const bad: [string, () => Promise<unknown>][] = [
    ['startSink: bind', () => startSink({ bind: '' })],
    ['startSink: silenceMs', () => startSink({ ...sink, silenceMs: 0 })],
    ['startSink: maxDepth', () => startSink({ ...sink, maxDepth: 1.5 })],
    ['startSink: unknown option "slienceMs"', () => startSink({ ...sink, ...misspelt })],
    ['startVentilator: workers', () => startVentilator([], { ...vent, workers: 0 })],
    ['startVentilator: waitMs', () => startVentilator([], { ...vent, waitMs: -1 })],
    ['startVentilator: stopMs', () => startVentilator([], { ...vent, stopMs: Number.NaN })],
    ['startVentilator: signal', () => startVentilator([], { ...vent, signal: never })],
    ['startVentilator: sink', () => startVentilator([], { ...vent, sink: never })],
    ['startVentilator: source', () => startVentilator(never, vent)],
    ['startVentilator: source', () => startVentilator(7 as unknown as never, vent)],
    ['startWorker: handler', () => startWorker({ ...work, handler: never })],
    ['startWorker: concurrency', () => startWorker({ ...work, concurrency: 0 })],
    ['startWorker: name', () => startWorker({ ...work, name: '' })],
    ['startWorker', () => startWorker(undefined as unknown as never)],
  ];
  test.each(bad)('%s', async (what, start) => {
    let opened: unknown;
    const error: unknown = await start().then(
      (value) => (opened = value),
      (reason: unknown) => reason,
    );
    if (opened !== undefined) await (opened as AsyncDisposable)[Symbol.asyncDispose]();
    expect(error).toMatchObject({ code: 'BAD_OPTION', message: expect.stringContaining(what) });
  });

  test.each([
    ['nonsense', 'ADDRESS'],
    ['tcp://0.0.0.0:*', 'INSECURE_BIND'],
  ])('an endpoint %s is refused as sockets refuse it', async (endpoint, code) => {
    await expect(startSink({ bind: endpoint })).rejects.toMatchObject({ code });
    const ventilator = startVentilator([], { bind: endpoint, sink: 'tcp://127.0.0.1:9' });
    await expect(ventilator).rejects.toMatchObject({ code });
  });
});
