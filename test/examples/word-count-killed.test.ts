/**
 * Tests of the word count when its processes die: never a hang, never a total that is wrong.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { runScript } from '../support/child.ts';
import { until } from '../support/until.ts';
import { largeTree } from './trees.ts';
import { alive, bytesRead, Running, type Summary } from './word-count.ts';

const FILES = 160;
const DEADLINE = { timeoutMs: 30_000 };
const MUCH = 5 << 20; // Bytes; a worker that has read so much has counted some fifteen files.

let tree: Awaited<ReturnType<typeof largeTree>>;
beforeAll(async () => {
  tree = await largeTree(FILES);
  return () => tree[Symbol.asyncDispose]();
});

const args = (): string[] => [tree.path, '--json', '--workers', '2'];

/** Waits until two workers are there, and then until each has begun to count. */
async function midRun(running: Running): Promise<number[]> {
  await until(() => running.workers().length === 2, { ...DEADLINE, what: 'two workers are there' });
  const workers = running.workers();
  const busy = (): boolean => workers.every((pid) => bytesRead(pid) > MUCH);
  await until(busy, { ...DEADLINE, what: 'both workers have counted some files' });
  expect(running.ended).toBe(false);
  return workers;
}

/** The result of a run that must have named what it lacks, and must not have printed a total. */
async function failure(running: Running): Promise<string[]> {
  await until(() => running.ended, { ...DEADLINE, what: 'the run has ended' });
  const { code, stdout, stderr } = await running.result;
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  const missing = [...stderr.matchAll(/^missing: (.*)$/gm)].map(([, path]) => String(path));
  expect(missing.length).toBeGreaterThan(0);
  const paths = (await readdir(tree.path)).map((name) => join(tree.path, name));
  expect(paths).toEqual(expect.arrayContaining(missing));
  expect(new Set(missing).size).toBe(missing.length);
  return missing;
}

describe('in the middle of a run', { timeout: 60_000 }, () => {
  test('a worker that is killed ends it with the names of what is missing', async () => {
    using running = new Running(args());
    const [victim = 0, other = 0] = await midRun(running);
    process.kill(victim, 'SIGKILL');
    const missing = await failure(running);
    expect(missing.length).toBeLessThan(FILES);
    await until(() => !alive(other));
  });

  test('so do all workers that are killed at once', async () => {
    using running = new Running(args());
    for (const pid of await midRun(running)) process.kill(pid, 'SIGKILL');
    await failure(running);
  });

  test('the main process that is killed takes its workers along', async () => {
    using running = new Running(args());
    const workers = await midRun(running);
    process.kill(running.pid, 'SIGKILL');
    await until(() => workers.every((pid) => !alive(pid)), { what: 'the workers have ended' });
  });
});

describe('before the run has begun', { timeout: 60_000 }, () => {
  const started = async (running: Running): Promise<number[]> => {
    await until(() => running.workers().length === 2, DEADLINE);
    return running.workers();
  };

  test('a worker that is killed does not hold it up for ever', async () => {
    using running = new Running(args());
    const [victim = 0] = await started(running);
    process.kill(victim, 'SIGKILL');
    await until(() => running.ended, { ...DEADLINE, what: 'the run has ended' });
    const { code, stdout, stderr } = await running.result;
    // Either nothing was lost and the total is right, or what was lost is named.
    if (code === 0) expect((JSON.parse(stdout) as Summary).files).toBe(FILES);
    else
      expect({ code, stdout, named: stderr.includes('missing: ') }).toEqual({
        code: 1,
        stdout: '',
        named: true,
      });
  });

  test('all workers that are killed end it with all files missing', async () => {
    using running = new Running(args());
    for (const pid of await started(running)) process.kill(pid, 'SIGKILL');
    expect(await failure(running)).toHaveLength(FILES);
  });

  test('the main process that is killed takes its workers along', async () => {
    using running = new Running(args());
    const workers = await started(running);
    process.kill(running.pid, 'SIGKILL');
    await until(() => workers.every((pid) => !alive(pid)), { what: 'the workers have ended' });
  });
});

describe('a worker that is frozen', () => {
  test('does not outlive the end of the run', async () => {
    const script = new URL('programs/frozen.ts', import.meta.url);
    const ended = await runScript(script, { source: true });
    expect(ended).toEqual({ code: 0, signal: null, stdout: '', stderr: '' });
  });
});
