/**
 * The packed package in a user's hands: installed with scripts off, compiled against, run, and its
 * patterns copied.
 */
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from '../support/command.ts';
import { compile, emitting, settings } from '../support/compile.ts';
import type { Folder } from '../support/consumer.ts';
import { makeConsumer } from '../support/consumer.ts';
import { copyProgram, patternNames, told } from '../support/copied.ts';
import { root } from '../support/root.ts';

/** Ours, our dependencies, and what finds their native parts for them. */
const expectedPackages = (
  'brokerless nanoid zeromq cmake-ts cbor-x cbor-extract ' +
  'node-gyp-build-optional-packages detect-libc'
).split(' ');
const packageOf = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/;

/** How long a test may take that starts compilers on a busy machine. */
const PATIENT = { timeout: 120_000 };

let consumer: Folder;
let home: string;

beforeAll(async () => {
  consumer = await makeConsumer();
  home = consumer.path;
  await cp(fileURLToPath(new URL('programs', import.meta.url)), join(home, 'src'), {
    recursive: true,
  });
}, 240_000);

afterAll(() => consumer[Symbol.asyncDispose]());

/** Runs a program of the consumer with the Node.js that runs the tests. */
const node = (...args: readonly string[]): Promise<string> =>
  run(process.execPath, args, { cwd: home, timeoutMs: 60_000 });

describe('a program of a user', PATIENT, () => {
  test('compiles, runs and ends by itself', async () => {
    await compile(home, emitting, ['src/main.ts']);
    expect(JSON.parse(await node('out/main.js'))).toEqual(told);
  });

  test('gets every door by require', async () => {
    const { value, doors } = JSON.parse(await node('src/main.cjs'));
    expect(value).toEqual({ id: 1 });
    const names = (await patternNames()).map((name) => `brokerless/patterns/${name}`);
    expect(Object.keys(doors)).toEqual(expect.arrayContaining(['brokerless/kit', ...names]));
    expect(Object.values(doors)).not.toContain(false);
  });
});

describe('a pattern copied into an application', PATIENT, async () => {
  const patterns = await patternNames();

  test('is one of these', () => {
    const pirates = ['lazy-pirate', 'load-balancer', 'paranoid-pirate'];
    expect(patterns).toEqual([...pirates, 'pipeline', 'service', 'tasks', 'work-queue']);
  });

  for (const { name, options } of settings) {
    test(`compiles unchanged under ${name}, with a program of a user`, async () => {
      for (const pattern of patterns) {
        await cp(join(root, 'patterns', pattern), join(home, 'src', pattern), { recursive: true });
      }
      await compile(home, options, ['src/main.ts', ...patterns.map((pattern) => `src/${pattern}`)]);
    });
  }

  test('does what the one in the package does', async () => {
    await copyProgram(home, 'src/copied');
    await compile(home, emitting, ['src/copied']);
    expect(JSON.parse(await node('out/copied/main.js'))).toEqual(told);
  });
});

describe('importing the package', () => {
  test('loads its own files and its three dependencies, and nothing else', async () => {
    const files: string[] = JSON.parse(await node('src/loaded.mjs', 'brokerless'));
    const packages = new Set(files.map((file) => packageOf.exec(file)?.[1] ?? file));
    expect([...packages]).toEqual(expect.arrayContaining(['brokerless', 'zeromq', 'cbor-x']));
    expect([...packages].filter((name) => !expectedPackages.includes(name))).toEqual([]);
    const own = files.filter((file) => file.includes('/brokerless/'));
    expect(own.filter((file) => !file.includes('/brokerless/dist/src/'))).toEqual([]);
  });

  // No timed flake: it is CPU time, into which the waits of a busy machine do not enter, of fresh processes that
  // alternate, and a ratio, which is the same on a slow machine. It is 4 to 5: sixty more files take their time.
  test('costs no more than ten times what importing zeromq alone does', PATIENT, async () => {
    const costs = { zeromq: [] as number[], brokerless: [] as number[] };
    for (let round = 0; round < 7; round += 1) {
      costs.zeromq.push(Number(await node('src/cost.mjs', 'zeromq')));
      costs.brokerless.push(Number(await node('src/cost.mjs', 'brokerless')));
    }
    const ratio = median(costs.brokerless) / median(costs.zeromq);
    expect(ratio, JSON.stringify(costs)).toBeLessThan(10);
  });
});

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[values.length >> 1] ?? Number.NaN;
}
