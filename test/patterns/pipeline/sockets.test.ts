/**
 * Tests of a whole pipeline over real sockets: sources, workers, outcomes, and the end.
 */
import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { runScript } from '../../support/child.ts';
import { numbers } from '../../support/collect.ts';
import { turns } from '../../support/turns.ts';
import { until } from '../../support/until.ts';
import { drain, Gate, settled, startPipeline, transports } from './running.ts';

const double = (x: number): number => 2 * x;
const doubled = (count: number): number[] => numbers(count).map(double);

async function slowly(x: number): Promise<number> {
  await turns(1);
  return x;
}

async function* asynchronous(count: number): AsyncGenerator<number> {
  for (let i = 0; i < count; i += 1) {
    if (i % 7 === 0) await turns(1);
    yield i;
  }
}

describe.each(transports)('over %s', (transport) => {
  test('every item is worked on once and the sink ends with the last result', async () => {
    await using pipe = await startPipeline<number>(numbers(300), { transport });
    await Promise.all([pipe.work(double), pipe.work(double), pipe.work(double)]);
    const { results, values, missing } = await drain(pipe.sink);
    expect([results.length, missing]).toEqual([300, []]);
    expect(values).toEqual(doubled(300));
    expect(pipe.sink.stats()).toMatchObject({
      received: 300,
      refused: 0,
      faults: 0,
      expected: 300,
    });
  });

  test('the workers stop at the end, and the ventilator then says how many items there were', async () => {
    const ventilator = { workers: 2 };
    await using pipe = await startPipeline<number>(numbers(20), { transport, ventilator });
    await Promise.all([pipe.work(double), pipe.work(double)]);
    await drain(pipe.sink);
    let finished: number | undefined;
    void pipe.ventilator.finished.then((count) => (finished = count));
    await until(() => finished === 20);
    await Promise.all(pipe.workers.map((worker) => worker.finished));
  });
});

describe('a source', () => {
  const sources: [string, () => Iterable<unknown> | AsyncIterable<unknown>][] = [
    ['a list', () => numbers(50)],
    ['a set', () => new Set(numbers(50))],
    ['an async generator', () => asynchronous(50)],
    ['a stream', () => Readable.from(numbers(50))],
  ];
  test.each(sources)('may be %s', async (_, source) => {
    await using pipe = await startPipeline<number>(source());
    await pipe.work(double);
    expect((await drain(pipe.sink)).values).toEqual(doubled(50));
  });

  test('may be empty', async () => {
    await using pipe = await startPipeline<number>([]);
    const worker = await pipe.work(double);
    expect(await drain(pipe.sink)).toEqual({ results: [], values: [], missing: [] });
    expect(await pipe.ventilator.finished).toBe(0);
    await worker.finished;
  });

  test('may give every kind of value that travels', async () => {
    const values = [null, undefined, 'ä', 1.5, 2n ** 70n, [1, [2]], { a: { b: 1 } }, new Date(0)];
    await using pipe = await startPipeline<unknown>(values);
    await pipe.work((x) => x);
    expect((await drain(pipe.sink)).values).toEqual(values);
  });

  test('that throws ends the run with what came before, and finished rejects with its error', async () => {
    const mistake = new Error('the source is broken');
    async function* broken(): AsyncGenerator<number> {
      yield* numbers(5);
      throw mistake;
    }
    await using pipe = await startPipeline<number>(broken());
    const worker = await pipe.work(double);
    expect((await drain(pipe.sink)).values).toEqual(doubled(5));
    await expect(pipe.ventilator.finished).rejects.toBe(mistake);
    await worker.finished;
  });

  test('that throws at once ends the run too', async () => {
    const mistake = new Error('nothing to read');
    const broken = {
      [Symbol.iterator]: (): Iterator<number> => {
        throw mistake;
      },
    };
    await using pipe = await startPipeline<number>(broken);
    await pipe.work(double);
    expect((await drain(pipe.sink)).results).toEqual([]);
    await expect(pipe.ventilator.finished).rejects.toBe(mistake);
  });

  test('is read no faster than the workers take', async () => {
    let read = 0;
    function* endless(): Generator<string> {
      for (;;) {
        read += 1;
        yield 'x'.repeat(100);
      }
    }
    const gate = new Gate();
    await using pipe = await startPipeline<number>(endless());
    const worker = await pipe.work(() => gate.opened);
    await until(() => worker.stats().inFlight === 1);
    expect(await settled(() => read)).toBeLessThan(500);
    pipe.ventilator.kill();
    gate.open();
    await drain(pipe.sink);
  });

  test('is let go when the ventilator is closed', async () => {
    const gate = new Gate();
    async function* held(): AsyncGenerator<number> {
      try {
        for (;;) yield 1;
      } finally {
        gate.open();
      }
    }
    await using pipe = await startPipeline<number>(held());
    await pipe.work((x) => x);
    await until(() => pipe.sink.stats().received > 0);
    await pipe.ventilator.close();
    await gate.opened;
  });
});

describe('a batched pipeline', () => {
  test('loses and mixes up nothing', async () => {
    await using pipe = await startPipeline<number>(numbers(5000), { ventilator: { batch: true } });
    await Promise.all([pipe.work(double, { batch: true }), pipe.work(double, { batch: true })]);
    const { results, values, missing } = await drain(pipe.sink);
    expect([results.length, missing]).toEqual([5000, []]);
    expect(values).toEqual(doubled(5000));
  });
});

describe('workers', () => {
  test('share the items fairly from the start', async () => {
    await using pipe = await startPipeline<number>(numbers(300), { ventilator: { workers: 3 } });
    for (let i = 0; i < 3; i += 1) await pipe.work(slowly);
    await drain(pipe.sink);
    for (const worker of pipe.workers) expect(worker.stats().received).toBeGreaterThan(50);
  });

  test('that come late get a share of what is left', async () => {
    await using pipe = await startPipeline<number>(numbers(3000));
    const joined = new Gate(); // The first does not do most of it before the other is there.
    await pipe.work(async (x: number) => {
      if (x >= 200) await joined.opened;
      return slowly(x);
    });
    let late: Promise<unknown> | undefined;
    const { values } = await drain(pipe.sink, (count) => {
      if (count !== 100) return;
      late = pipe.work(slowly).then(async () => {
        await until(() => pipe.ventilator.stats().connections === 2);
        joined.open();
      });
    });
    await late;
    expect(values).toEqual(numbers(3000));
    expect(pipe.workers[1]?.stats().received).toBeGreaterThan(500);
  });

  test('work on as many items at once as their concurrency', async () => {
    const gate = new Gate();
    await using pipe = await startPipeline<number>(numbers(20));
    const worker = await pipe.work(() => gate.opened, { concurrency: 7 });
    await until(() => worker.stats().inFlight === 7);
    expect(await settled(() => worker.stats().received, 100)).toBe(7);
    gate.open();
    expect((await drain(pipe.sink)).results).toHaveLength(20);
  });

  test('are told the number of the item, and tell the sink their name', async () => {
    await using pipe = await startPipeline<number>(['a', 'b']);
    await pipe.work((item: string, { id, signal }) => `${item}${id}${signal.aborted}`, {
      name: 'me',
    });
    const { results } = await drain(pipe.sink);
    expect(results).toEqual([
      { ok: true, id: 0, worker: 'me', value: 'a0false' },
      { ok: true, id: 1, worker: 'me', value: 'b1false' },
    ]);
  });
});

describe('nothing is left open', () => {
  test('once all parts are closed, the process ends by itself', async () => {
    const script = new URL('programs/whole.ts', import.meta.url);
    const { code, signal, stdout, stderr } = await runScript(script, { source: true });
    expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' });
    expect(stdout).toBe('0 2 4\n');
  });
});
