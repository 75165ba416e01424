/**
 * Compares the page about all patterns with the folders that there are, and with what they import.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { patternNames } from '../support/copied.ts';
import { root } from '../support/root.ts';

const PATTERNS = join(root, 'patterns');
const readme = await readFile(join(PATTERNS, 'README.md'), 'utf8');

/** What some files import besides, as the page says. */
const exceptions: Readonly<Record<string, readonly string[]>> = {
  'work-queue/crew.ts': ['node:child_process'],
};
const onTheWorkQueue = ['brokerless/patterns/work-queue'];

test('the page names every pattern, and leads to its README', async () => {
  const rows = [...readme.matchAll(/^\| \[`([\w-]+)`\]\(([\w-]+)\)/gm)];
  const named = rows.map(([, name, link]) => ({ name, link }));
  const folders = await patternNames();
  expect(named.map(({ name }) => name).toSorted()).toEqual(folders);
  for (const { name, link } of named) {
    expect(link).toBe(name);
    const text = await readFile(join(PATTERNS, String(link), 'README.md'), 'utf8');
    expect(text).toMatch(/^# \w/);
  }
});

test('the page names all that patterns import', async () => {
  const table = readme.slice(
    readme.indexOf('What a pattern imports'),
    readme.indexOf('No pattern'),
  );
  const told = [...table.matchAll(/^\| `([\w/.]+)`/gm)].map(([, name]) => name);
  expect(told).toEqual(['brokerless', 'brokerless/kit', './']);
  const names = await readdir(PATTERNS, { recursive: true });
  for (const name of names.filter((each) => each.endsWith('.ts'))) {
    const text = await readFile(join(PATTERNS, name), 'utf8');
    const imported = [...text.matchAll(/ from '([^']+)';$/gm)].map(([, from]) => String(from));
    const besides = [
      ...told,
      ...(exceptions[name] ?? []),
      ...(name.startsWith('tasks/') ? onTheWorkQueue : []),
    ];
    const strange = imported.filter(
      (from) => !besides.includes(from) && !/^\.\/[\w-]+\.ts$/.test(from),
    );
    expect(strange, name).toEqual([]);
  }
});
