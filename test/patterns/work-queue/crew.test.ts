/**
 * Tests of crews: real processes that are started, killed, frozen, and started again.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ManualClock } from 'brokerless/testing';
import { describe, expect, test } from 'vitest';
import { type ProcessCrew, startCrew } from '../../../patterns/work-queue/crew.ts';
import type { CrewExit, CrewOptions } from '../../../patterns/work-queue/crew-options.ts';
import { type RunResult, runScript } from '../../support/child.ts';
import { compiled } from '../../support/compiled.ts';
import { temporaryFolder } from '../../support/consumer.ts';
import { until } from '../../support/until.ts';

const LONG = { timeoutMs: 30_000 } as const;
const PATIENT = { timeout: 90_000 } as const;
const FLAGS = ['--no-warnings'];

const program = (name: string): URL =>
  pathToFileURL(compiled(new URL(`programs/${name}.ts`, import.meta.url)));

/** A crew whose members do as `how` says, and leave their marks in a folder; stopped with the scope. */
async function crewOf(
  how: string,
  options: Partial<CrewOptions> = {},
): Promise<ProcessCrew & { folder: string }> {
  const folder = await temporaryFolder();
  const crew = startCrew({
    file: program('member'),
    count: 1,
    args: [folder.path, how],
    execArgv: FLAGS,
    ...options,
  });
  crew.failed.catch(() => {});
  const dispose = async (): Promise<void> => {
    await crew.stop();
    await folder[Symbol.asyncDispose]();
  };
  return Object.assign(crew, { folder: folder.path, [Symbol.asyncDispose]: dispose });
}

/** Waits until all processes of a crew have left their marks: they are past their start. */
async function ready(crew: ProcessCrew & { folder: string }, count: number): Promise<number[]> {
  const marked = (): number[] =>
    crew.pids.filter((pid) => existsSync(join(crew.folder, String(pid))));
  await until(() => marked().length === count, { ...LONG, what: `${count} processes are ready` });
  return marked();
}

/** Whether there is a process of this id. */
function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('a crew', PATIENT, () => {
  test('runs as many processes as it is told, with their arguments, flags and environment', async () => {
    await using crew = await crewOf('stay', { count: 2, env: { CREW_TEST: 'yes' } });
    const pids = await ready(crew, 2);
    expect(crew.size).toBe(2);
    expect(new Set(pids).size).toBe(2);
    for (const pid of pids) {
      const told = JSON.parse(readFileSync(join(crew.folder, String(pid)), 'utf8'));
      expect(told).toEqual({ args: [crew.folder, 'stay'], variable: 'yes', flags: FLAGS });
    }
    expect(crew.restarts).toBe(0);
  });

  test('takes a path as well as a URL', async () => {
    await using crew = await crewOf('stay', { file: fileURLToPath(program('member')) });
    await ready(crew, 1);
  });

  test('replaces a process that is killed, and leaves the others alone', async () => {
    await using crew = await crewOf('stay', { count: 2 });
    const [victim = 0, other = 0] = await ready(crew, 2);
    const exits: CrewExit[] = [];
    const starts: number[] = [];
    crew.on('exit', (exit) => exits.push(exit));
    crew.on('start', ({ pid }) => starts.push(pid));
    process.kill(victim, 'SIGKILL');
    await until(() => exits.length === 1, LONG);
    expect(exits).toEqual([{ pid: victim, code: null, signal: 'SIGKILL' }]);
    expect(crew.size, 'at once').toBe(2);
    const pids = await ready(crew, 2);
    expect(pids).toContain(other);
    expect(pids).not.toContain(victim);
    expect(pids).toContain(starts[0]);
    expect(crew.restarts).toBe(1);
  });

  test('waits longer before it starts what keeps dying', async () => {
    const clock = new ManualClock();
    await using crew = await crewOf('die', { clock, random: () => 0.999 });
    await until(() => clock.alarms.length === 1, { ...LONG, what: 'two have died' });
    expect(crew.restarts, 'the first was replaced at once').toBe(1);
    expect(clock.alarms).toEqual([clock.now() + 99]);
    clock.advance(100);
    expect(crew.restarts).toBe(2);
    await until(() => clock.alarms.length === 1, { ...LONG, what: 'the third has died' });
    expect(clock.alarms).toEqual([clock.now() + 199]);
    await crew.stop();
    expect(clock.alarms).toEqual([]);
  });

  test('gives up a program that cannot start, and says how it ended', async () => {
    const options = { count: 2, maxQuickDeaths: 4, steadyMs: 600_000, random: () => 0 };
    await using crew = await crewOf('die', options);
    const exits: CrewExit[] = [];
    crew.on('exit', (exit) => exits.push(exit));
    const error = await crew.failed.catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: 'HANDLER_FAILED',
      data: { file: program('member').href, deaths: 4, code: 3, signal: null },
    });
    expect(String(error)).toContain(`${program('member').href}: 4 times in a row`);
    expect(String(error)).toContain('with exit code 3');
    await crew.stop();
    expect(crew.size).toBe(0);
    expect(exits.filter(({ code }) => code === 3).length).toBeGreaterThanOrEqual(4);
    expect(exits.length, 'none was started after that').toBeLessThanOrEqual(5);
  });

  test('gives up when no process can be made, and says why', async () => {
    const tooLong = { CREW_TEST: 'x'.repeat(1 << 22) };
    await using crew = await crewOf('stay', { env: tooLong, maxQuickDeaths: 2 });
    await expect(crew.failed).rejects.toThrow(/because .*E2BIG/);
    expect(crew.size).toBe(0);
  });

  test('does not give up while somebody says that its processes do their work', async () => {
    await using crew = await crewOf('die', { maxQuickDeaths: 2, random: () => 0 });
    let hasFailed = false;
    crew.failed.catch(() => {
      hasFailed = true;
    });
    crew.thrives();
    crew.on('exit', () => crew.thrives());
    await until(() => crew.restarts >= 4, LONG);
    expect(hasFailed).toBe(false);
  });

  test('refuses options that make no sense', () => {
    const file = program('member');
    expect(() => startCrew({ file, count: 0 })).toThrow('startCrew: count must be a whole number');
    expect(() => startCrew({ file: '', count: 1 })).toThrow('file must be a URL, or a non-empty');
    const args = [1] as unknown as string[];
    expect(() => startCrew({ file, count: 1, args })).toThrow('args must be an array of strings');
    expect(() => startCrew({ count: 1 } as CrewOptions)).toThrow('file must be');
  });
});

describe('stopping a crew', PATIENT, () => {
  test('ends its processes and starts none any more', async () => {
    await using crew = await crewOf('stay', { count: 2 });
    const pids = await ready(crew, 2);
    await Promise.all([crew.stop(), crew.stop()]);
    expect(pids.filter(isAlive)).toEqual([]);
    expect([crew.size, crew.restarts]).toEqual([0, 0]);
  });

  test('kills a process that does not end when it is asked to', async () => {
    await using crew = await crewOf('stubborn', { stopMs: 50 });
    await ready(crew, 1);
    const exits: CrewExit[] = [];
    crew.on('exit', (exit) => exits.push(exit));
    await crew.stop();
    expect(exits).toMatchObject([{ signal: 'SIGKILL' }]);
  });

  test('kills a process that is frozen', async () => {
    await using crew = await crewOf('stay', { stopMs: 50 });
    const [pid = 0] = await ready(crew, 1);
    process.kill(pid, 'SIGSTOP');
    await crew.stop();
    expect(isAlive(pid)).toBe(false);
  });
});

describe('a parent that ends', PATIENT, () => {
  const cases = [
    { end: 'exits', how: 'stubborn', by: 'the crew' },
    { end: 'is killed', how: 'stay', by: 'leaveWithParent' },
  ] as const;

  test.each(cases)('and $end takes its crew along, by $by', async ({ end, how }) => {
    await using folder = await temporaryFolder();
    const parent = fork(program('crew-parent'), [folder.path, how], { execArgv: FLAGS });
    const [pids] = (await once(parent, 'message')) as [number[]];
    expect(pids.filter(isAlive)).toHaveLength(2);
    if (end === 'exits') parent.send('exit');
    else parent.kill('SIGKILL');
    await until(() => !pids.some(isAlive), { ...LONG, what: 'they are gone' });
  });

  test('is nothing that a program with nothing left to do waits for', async () => {
    await using folder = await temporaryFolder();
    const member = fork(program('member'), [folder.path, 'idle'], { execArgv: FLAGS });
    expect(await once(member, 'exit')).toEqual([0, null]);
    expect(readdirSync(folder.path)).toEqual([String(member.pid)]);
  });

  test('is nobody for a program that was started by hand', async () => {
    await using folder = await temporaryFolder();
    const args = [folder.path, 'idle'];
    const run: RunResult = await runScript(program('member'), { args, ...LONG });
    expect(run).toMatchObject({ code: 0, stderr: '' });
  });
});
