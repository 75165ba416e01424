/**
 * Tests of workers that are processes of their own, and that nothing keeps a program running.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { afterEach, describe, expect, test } from 'vitest';
import { runScript } from '../../support/child.ts';
import { compiled } from '../../support/compiled.ts';
import { until } from '../../support/until.ts';
import { app } from './programs/app.ts';
import { running } from './running.ts';

const program = (name: string): URL => new URL(`programs/${name}`, import.meta.url);

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** What a worker process has begun. */
interface Begun {
  readonly name: string;
  readonly attempt: number;
  readonly pid: number;
}

/** A worker process, which says what it begins. */
function startProcess(queue: string, begun: Begun[]): ChildProcess {
  const child = fork(compiled(program('worker.ts')), [queue]);
  child.on('message', (message) => begun.push(message as Begun));
  children.push(child);
  return child;
}

describe('a worker process that is killed in mid-task', () => {
  test('loses nothing: another does its task, and results are told once', async () => {
    await using run = await running(app, { worker: false });
    const begun: Begun[] = [];
    const victim = startProcess(run.queue.workers, begun);
    const hit = await app.survive.delay('a');
    const others = await Promise.all([1, 2, 3].map((x) => app.square.delay(x)));
    await until(() => begun.length === 1, { timeoutMs: 45_000 });
    expect(begun).toEqual([{ name: 'a', attempt: 1, pid: victim.pid }]);
    victim.kill('SIGKILL');
    const heir = startProcess(run.queue.workers, begun);
    expect(await hit.get({ timeoutMs: 45_000 })).toBe('a at attempt 2');
    expect(begun.at(-1)).toEqual({ name: 'a', attempt: 2, pid: heir.pid });
    const squares = others.map((result) => result.get());
    expect(await Promise.all(squares)).toEqual([1, 4, 9]);
    expect(await hit.outcome()).toMatchObject({ status: 'done', attempts: 2 });
    expect(run.queue.stats()).toMatchObject({ accepted: 4, done: 4, unfinished: 0 });
    expect(run.queue.stats().redelivered).toBeGreaterThan(0);
    heir.disconnect();
    await until(() => heir.exitCode === 0, { timeoutMs: 45_000 });
  });
});

test('a program that has closed all of it ends by itself', async () => {
  const ran = await runScript(program('whole.ts'), { source: true });
  const said = ['12', 'true NO', 'TIMEOUT never', 'cancelled', 'CLOSED'];
  expect(ran).toEqual({ code: 0, signal: null, stdout: `${said.join('\n')}\n`, stderr: '' });
});
