/**
 * Tests of the word count as a user runs it: what it counts, what it prints, and what it refuses.
 */
import { spawnSync } from 'node:child_process';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { withoutNotes } from '../support/child.ts';
import { run } from '../support/command.ts';
import { compiled } from '../support/compiled.ts';
import { PYTHON, requirePython } from '../support/python.ts';
import { root } from '../support/root.ts';
import { addUnreadable, distinctWords, emptyTree, nastyTree, treeOf } from './trees.ts';
import { MAIN, type Summary, summaryOf, wordCount } from './word-count.ts';

/** What this process waits for without a turn of its event loop, no test deadline can end. */
const LIMIT = { timeout: 60_000, killSignal: 'SIGKILL' } as const;

const figure = (value: number): string => value.toLocaleString('en-US');

describe('a tree of every kind of file', () => {
  let tree: Awaited<ReturnType<typeof nastyTree>>;
  beforeAll(async () => {
    tree = await nastyTree();
    return () => tree[Symbol.asyncDispose]();
  });

  test('gives the figures that an independent count gives', async (context) => {
    requirePython(context, 'unicodedata');
    const script = fileURLToPath(new URL('programs/reference.py', import.meta.url));
    const [counted, reference] = await Promise.all([
      wordCount(tree.path, '--json', '--workers', '2'),
      run(PYTHON, [script, tree.path], { cwd: root }),
    ]);
    const { workers, seconds, ...figures } = summaryOf(counted);
    const { skipped, ...expected } = JSON.parse(reference) as Summary & { skipped: number };
    expect(skipped).toBe(6);
    expect(figures).toEqual(expected);
    expect(counted.stderr).toBe('');
    expect(workers).toHaveLength(2);
    expect(workers.reduce((sum, { files }) => sum + files, 0)).toBe(figures.files);
    expect(seconds).toBeGreaterThan(0);
  });

  test('gives the same figures through npm start, and as a table', async () => {
    const args = ['start', '--silent', '--', tree.path];
    const json = JSON.parse(await run('npm', [...args, '--json'], { cwd: root })) as Summary;
    const { code, stdout, stderr } = await wordCount(tree.path);
    expect([code, stderr]).toEqual([0, '']);
    for (const value of [json.files, json.bytes, json.words, json.distinct]) {
      expect(stdout).toContain(figure(value));
    }
    for (const [word, times] of json.top) {
      expect(stdout).toMatch(new RegExp(`│ ${word} +│ +${figure(times)} `));
    }
    expect(stdout).toMatch(/skipped: too large +│ +1 /);
    expect(stdout).toMatch(/skipped: not UTF-8 +│ +5 /);
    expect(stdout).toMatch(/unreadable +│ +0 /);
    expect(stdout, 'colours').not.toContain('\u001b');
    expect(stdout).toMatch(/process \d+ +│ +[\d,]+ +│ +\d+\.\d\d +│ +\d+ %/);
  });
});

describe('words', () => {
  test('are cut out first and then lower-cased, as JavaScript does', async () => {
    await using tree = await treeOf({ a: 'ΟΔΟΣ οδος İx ẞ', b: 'ODOΣ1Σ' });
    const { top } = summaryOf(await wordCount(tree.path, '--json'));
    const words = ['ΟΔΟΣ', 'οδος', 'İx', 'ẞ', 'ODOΣ', 'Σ'].map((word) => word.toLowerCase());
    expect(new Map(top)).toEqual(
      new Map(words.map((word) => [word, words.filter((each) => each === word).length])),
    );
  });

  test('of equal number go by the word, and only ten are shown', async () => {
    const words = 'm l k j i h g f e d c b a'.split(' ');
    await using tree = await treeOf({ a: words.join(' '), b: 'm' });
    const { top, distinct } = summaryOf(await wordCount(tree.path, '--json'));
    expect(distinct).toBe(13);
    expect(top.map(([word]) => word).join('')).toBe('mabcdefghi');
  });

  test('may be none, with more workers than files', async () => {
    await using tree = await treeOf({ a: '', b: '42' });
    const summary = summaryOf(await wordCount(tree.path, '--json', '--workers', '4'));
    expect(summary).toMatchObject({ files: 2, bytes: 2, words: 0, distinct: 0, top: [] });
    expect(summary.workers).toHaveLength(4);
  });

  test('may all be different, in a long file', async () => {
    await using tree = await treeOf({ a: distinctWords(2 << 20) });
    const summary = summaryOf(await wordCount(tree.path, '--json', '--workers', '1'));
    const words = Math.floor((2 << 20) / 6);
    expect(summary).toMatchObject({ files: 1, bytes: 2 << 20, words, distinct: words });
  });

  test('of an empty tree are none, in the table too', async () => {
    await using tree = await emptyTree();
    const { code, stdout, stderr } = await wordCount(tree.path, '--workers', '1');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/files +│ +0 /);
    expect(stdout).not.toMatch(/NaN|Infinity|undefined/);
  });
});

describe('what cannot be read', () => {
  test('is named and counted, and the rest is counted all the same', async () => {
    await using tree = await treeOf({ a: 'one two' });
    addUnreadable(tree);
    const counted = await wordCount(tree.path, '--workers', '1');
    expect(counted.code).toBe(0);
    const lines = counted.stderr.trim().split('\n');
    expect(lines).toHaveLength(2);
    for (const line of lines) expect(line).toMatch(/^unreadable: .*: ENAMETOOLONG/);
    expect(counted.stdout).toMatch(/files +│ +1 /);
    expect(counted.stdout).toMatch(/unreadable +│ +2 /);
  });

  test('for lack of permission is so too', async () => {
    await using tree = await treeOf({ a: 'one two', b: 'x', 'sub/c': 'y', 'open/d': 'z' });
    await chmod(join(tree.path, 'b'), 0);
    await chmod(join(tree.path, 'sub'), 0);
    const flags = [compiled(MAIN), tree.path, '--json'];
    // Root reads everything unless it gives up the right to.
    const humbly = ['--bounding-set', '-dac_override,-dac_read_search', process.execPath];
    const isRoot = process.getuid?.() === 0;
    const [command, args] = isRoot ? ['setpriv', [...humbly, ...flags]] : [process.execPath, flags];
    const counted = spawnSync(command, args, { cwd: root, encoding: 'utf8', ...LIMIT });
    await chmod(join(tree.path, 'sub'), 0o700);
    expect(counted.status, counted.stderr).toBe(0);
    expect(JSON.parse(counted.stdout)).toMatchObject({ files: 2, words: 3 });
    const lines = withoutNotes(counted.stderr).trim().split('\n').toSorted();
    expect(lines).toEqual([
      expect.stringMatching(/^unreadable: .*\/b: EACCES/),
      expect.stringMatching(/^unreadable: .*\/sub: EACCES/),
    ]);
  });
});

describe('a command line that makes no sense', () => {
  const nowhere = '/nowhere/at/all';
  test.each([
    ['no workers', ['--workers', '0']],
    ['a number of workers that is none', ['--workers', 'x']],
    ['two directories', ['src', 'test']],
    ['an unknown flag', ['--jsn']],
    ['a directory that is not there', [nowhere]],
    ['a directory with a newline in its name that is not there', ['no\nwhere']],
    ['a file for a directory', ['package.json']],
  ])('%s: one line on the error output, nothing else, and exit code 2', async (_, args) => {
    const { code, stdout, stderr } = await wordCount(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^[^\n]+\n$/);
    expect(stderr).toContain('npm start [-- DIR] [--workers N] [--json]');
  });
});

describe('on a terminal', () => {
  test('a bar shows how far it is, and the table follows', async () => {
    await using tree = await treeOf({ a: 'one two', b: 'two', c: 'three' });
    const command = [process.execPath, compiled(MAIN)];
    const line = [...command, tree.path].map((word) => `'${word}'`).join(' ');
    const shown = await run('script', ['-qec', line, join(tree.path, '.typescript')], {
      cwd: root,
    });
    expect(shown).toMatch(/ 0% \| 0 of 4 files/);
    expect(shown).toContain('│ two');
    expect(shown.indexOf('of 4 files')).toBeLessThan(shown.indexOf('│ two'));
  });

  test('--json still prints one object, and no bar where the output is no terminal', async () => {
    await using tree = await emptyTree();
    await writeFile(join(tree.path, 'a'), 'one');
    const counted = await wordCount(tree.path, '--json');
    expect(counted.stdout.trim().split('\n')).toHaveLength(1);
    expect(counted.stderr).toBe('');
    const keys = ['files', 'bytes', 'words', 'distinct', 'top', 'workers', 'seconds'];
    expect(Object.keys(summaryOf(counted))).toEqual(keys);
  });
});
