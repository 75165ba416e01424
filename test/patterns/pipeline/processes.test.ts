/**
 * Tests of workers that are processes of their own: killed, frozen, and written in another language.
 */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { afterEach, describe, expect, test } from 'vitest';
import { numbers } from '../../support/collect.ts';
import { compiled } from '../../support/compiled.ts';
import { PYTHON, requirePython } from '../../support/python.ts';
import { turns } from '../../support/turns.ts';
import { until } from '../../support/until.ts';
import { drain, type Pipeline, startPipeline } from './running.ts';

const program = (name: string): string => compiled(new URL(`programs/${name}`, import.meta.url));

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** A worker process; with `limit` it holds on to the item after so many, and says which that is. */
function startProcess(
  pipe: Pipeline<unknown>,
  limit?: number,
): { child: ChildProcess; held: number[] } {
  const args = [pipe.ventilator.endpoint, pipe.sink.endpoint];
  if (limit !== undefined) args.push(String(limit));
  const child = fork(program('worker.ts'), args);
  children.push(child);
  const held: number[] = [];
  child.on('message', (id) => held.push(Number(id)));
  return { child, held };
}

const ended = (child: ChildProcess): boolean =>
  child.exitCode !== null || child.signalCode !== null;

describe('a worker process that holds an item', () => {
  const deaths = [
    ['and is killed', 'SIGKILL'],
    ['and is frozen', 'SIGSTOP'],
  ] as const;
  test.each(deaths)('%s: the sink names exactly what has no result', async (_, signal) => {
    await using pipe = await startPipeline<number>(numbers(600), {
      ventilator: { workers: 3, stopMs: 5000 },
      sink: { silenceMs: 1500 },
    });
    const victim = startProcess(pipe, 20);
    const others = [startProcess(pipe), startProcess(pipe)];
    const ending = drain(pipe.sink);
    await until(() => victim.held.length === 1, { timeoutMs: 45_000 });
    victim.child.kill(signal);

    const { results, missing } = await ending;
    const given = results.map(({ id }) => id);
    expect([...given, ...missing].toSorted((a, b) => a - b)).toEqual(numbers(600));
    expect(missing).toContain(victim.held[0]);
    expect(missing.length).toBeLessThan(300);
    expect(results.every((result) => result.ok && result.value === 2 * result.id)).toBe(true);
    await pipe.ventilator.finished;
    await until(() => others.every(({ child }) => ended(child)));
  });
});

describe('a worker written in Python from the table of messages', () => {
  test('works and fails and stops like ours, beside ours', async (context) => {
    requirePython(context, 'zmq', 'cbor2');
    const source = numbers(400).map((x) => (x % 100 === 99 ? 'fail' : x));
    await using pipe = await startPipeline<{ twice: number }>(source, {
      ventilator: { workers: 2 },
    });
    const args = [program('worker.py'), pipe.ventilator.endpoint, pipe.sink.endpoint, 'python'];
    const child = spawn(PYTHON, args, { stdio: 'inherit' });
    children.push(child);
    const ours = await pipe.work(async (x: number | 'fail') => {
      await turns(20); // So that the other, which may begin later, has its share.
      if (x === 'fail') throw new Error('I was asked to');
      return { twice: 2 * x };
    });

    const { results, missing } = await drain(pipe.sink);
    expect([results.length, missing]).toEqual([400, []]);
    const expected = source.map((x) => (x === 'fail' ? 'I was asked to' : { twice: 2 * x }));
    for (const result of results) {
      expect(result.ok ? result.value : result.reason).toEqual(expected[result.id]);
    }
    const shares = ['python', ours.name].map(
      (name) => results.filter(({ worker }) => worker === name).length,
    );
    expect(Math.min(...shares)).toBeGreaterThan(20);
    expect(shares.reduce((a, b) => a + b)).toBe(400);
    await until(() => child.exitCode === 0);
  });
});
