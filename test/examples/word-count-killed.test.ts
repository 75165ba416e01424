/**
 * Tests of the word count when its processes die: never a hang, never a total that is wrong.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { compiled } from '../support/compiled.ts';
import { until } from '../support/until.ts';
import { largeTree, treeOf } from './trees.ts';
import { alive, bytesRead, Running, type Summary, summaryOf, wordCount } from './word-count.ts';

const FILES = 160;
const DEADLINE = { timeoutMs: 90_000 };
const MUCH = 5 << 20; // Bytes; a worker that has read so much has counted some fifteen files.

let tree: Awaited<ReturnType<typeof largeTree>>;
let undisturbed: Summary;
beforeAll(async () => {
  tree = await largeTree(FILES);
  undisturbed = summaryOf(await wordCount(tree.path, '--json', '--workers', '2'));
  return () => tree[Symbol.asyncDispose]();
}, 120_000);

const args = (): string[] => [tree.path, '--json', '--workers', '2'];

/** Waits until two workers are there, other than those, and resolves with them. */
async function twoWorkers(running: Running, dead: readonly number[] = []): Promise<number[]> {
  const present = (): number[] => running.workers().filter((pid) => !dead.includes(pid));
  await until(() => present().length === 2, { ...DEADLINE, what: 'two workers are there' });
  return present();
}

/** The same, and then waits until one has counted some files; that is the first. */
async function midRun(running: Running, dead: readonly number[] = []): Promise<number[]> {
  const workers = await twoWorkers(running, dead);
  const busy = (): number | undefined => workers.find((pid) => bytesRead(pid) > MUCH);
  await until(() => busy() !== undefined, {
    ...DEADLINE,
    what: 'a worker has counted some files',
  });
  expect(running.ended).toBe(false);
  const first = busy() as number;
  return [first, ...workers.filter((pid) => pid !== first)];
}

/** The run must end with the totals of one that nobody disturbed; returns the workers that it lists. */
async function exactly(running: Running): Promise<number[]> {
  await until(() => running.ended, { ...DEADLINE, what: 'the run has ended' });
  const result = await running.result;
  const { workers, seconds: _, ...figures } = summaryOf(result);
  const { workers: _two, seconds: _time, ...expected } = undisturbed;
  expect(figures).toEqual(expected);
  expect(workers.reduce((sum, { files }) => sum + files, 0)).toBe(FILES);
  expect(result.stderr).toBe('');
  return workers.map(({ pid }) => pid);
}

/** Registers tests that take long, in `npm run test:long` only. */
const seldom = (register: () => void): void => {
  if (process.env['BROKERLESS_LONG'] === 'true') register();
};

describe('in the middle of a run', { timeout: 240_000 }, () => {
  test('a worker that is killed is replaced, and the totals are exact', async () => {
    using running = new Running(args());
    const [victim = 0, other = 0] = await midRun(running);
    process.kill(victim, 'SIGKILL');
    const workers = await exactly(running);
    expect(workers).toEqual([expect.any(Number), expect.any(Number), expect.any(Number)]);
    expect(workers).toEqual(expect.arrayContaining([victim, other]));
    await until(() => workers.every((pid) => !alive(pid)));
  });

  seldom(() => {
    test('so are all workers that are killed at once, and one of those that came after them', async () => {
      using running = new Running(args());
      const first = await midRun(running);
      for (const pid of first) process.kill(pid, 'SIGKILL');
      const [third = 0] = await twoWorkers(running, first);
      process.kill(third, 'SIGKILL');
      const workers = await exactly(running);
      expect(workers).toHaveLength(5);
      expect(workers).toEqual(expect.arrayContaining([...first, third]));
    });
  });

  seldom(() => {
    test('the table tells of those that were replaced too', async () => {
      using running = new Running([tree.path, '--workers', '2']);
      const [victim = 0] = await midRun(running);
      process.kill(victim, 'SIGKILL');
      await until(() => running.ended, { ...DEADLINE, what: 'the run has ended' });
      const { code, stdout } = await running.result;
      expect(code).toBe(0);
      expect(stdout).toContain(`process ${victim} `);
      expect(stdout.match(/process \d+/g)).toHaveLength(3);
      expect(Number(/all +│ +160 .*│ +(\d+) % /.exec(stdout)?.[1])).toBeLessThanOrEqual(100);
    });
  });

  seldom(() => {
    test('a worker that is frozen does not outlive the end of the run', async () => {
      using running = new Running([...args().slice(0, 2), '--workers', '3']);
      await until(() => running.workers().length === 3, { ...DEADLINE, what: 'three workers' });
      // Frozen before it has joined: it holds nothing, and nobody waits for it.
      const [frozen = 0] = running.workers();
      process.kill(frozen, 'SIGSTOP');
      expect(await exactly(running)).toHaveLength(3);
      expect(alive(frozen)).toBe(false);
    });
  });

  test('the main process that is killed takes its workers along', async () => {
    using running = new Running(args());
    const workers = await midRun(running);
    process.kill(running.pid, 'SIGKILL');
    await until(() => workers.every((pid) => !alive(pid)), { what: 'the workers have ended' });
  });
});

describe('before the run has begun', { timeout: 240_000 }, () => {
  test('workers that are killed are replaced, and the totals are exact', async () => {
    using running = new Running(args());
    const workers = await twoWorkers(running);
    for (const pid of workers) process.kill(pid, 'SIGKILL');
    expect(await exactly(running)).toEqual(expect.arrayContaining(workers));
  });

  test('the main process that is killed takes its workers along', async () => {
    using running = new Running(args());
    const workers = await twoWorkers(running);
    process.kill(running.pid, 'SIGKILL');
    await until(() => workers.every((pid) => !alive(pid)), { what: 'the workers have ended' });
  });
});

describe('what cannot be counted', { timeout: 240_000 }, () => {
  const program = (name: string): string => compiled(new URL(`programs/${name}`, import.meta.url));

  test('a file that every worker dies of is named, and it is the only one', async () => {
    const files = Array.from({ length: 40 }, (_, i) => [`file ${i}`, `word number ${i}`]);
    await using poisoned = await treeOf(Object.fromEntries(files));
    const poison = join(poisoned.path, 'poison');
    await writeFile(poison, 'poison');
    using running = new Running(
      [poisoned.path, '--workers', '2'],
      ['--import', program('poison.ts')],
    );
    await until(() => running.ended, { ...DEADLINE, what: 'the run has ended' });
    const { code, stdout, stderr } = await running.result;
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toBe(
      `no total: 1 files could not be counted\nmissing: ${poison}: the worker was lost\n`,
    );
  });

  test('with workers that cannot start it says so in a line, and ends', async () => {
    using running = new Running(args(), ['--import', program('unstartable.ts')]);
    await until(() => running.ended, { ...DEADLINE, what: 'the run has ended' });
    const { code, stdout, stderr } = await running.result;
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(
      /^no total: [^\n]*word-count\/worker\.js[^\n]* with exit code 7[^\n]*\n$/,
    );
  });
});
