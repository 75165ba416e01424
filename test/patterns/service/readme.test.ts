/**
 * Runs the programs of the pattern's README as they stand there, from the package, from a copy of the folder in a
 * program of one's own, and in Python; and compares its tables with the code.
 */
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { askChecks, streamChecks } from '../../../patterns/service/ask-options.ts';
import { connectChecks } from '../../../patterns/service/client-options.ts';
import { entry } from '../../../patterns/service/messages.ts';
import { serveChecks } from '../../../patterns/service/server-options.ts';
import { Live } from '../../examples/live.ts';
import { runScript } from '../../support/child.ts';
import { run } from '../../support/command.ts';
import type { Folder } from '../../support/consumer.ts';
import { makeProject, type ProjectOptions } from '../../support/project.ts';
import { python, requirePython } from '../../support/python.ts';
import { root } from '../../support/root.ts';

const PATTERN = join(root, 'patterns/service');
const readme = await readFile(join(PATTERN, 'README.md'), 'utf8');
const names = (await readdir(PATTERN)).filter((name) => name.endsWith('.ts'));
const source = (await Promise.all(names.map((name) => readFile(join(PATTERN, name), 'utf8')))).join(
  '\n',
);

const first = [...readme.matchAll(/^`(\w+\.ts)`,[^\n]*\n\n```ts\n(.*?)^```$/gms)];
const snippets = [...readme.matchAll(/^```js\n\/\/ (\w+\.mjs)[^\n]*\n(.*?)^```$/gms)];
const programs = [...readme.matchAll(/^```python\n# (\w+\.py)\n(.*?)^```$/gms)];

/** A project with all the programs. */
function makePrograms(options: ProjectOptions = {}): Promise<Folder> {
  const change = (text: string): string => text.replace("'./shared.ts'", "'./shared.js'");
  return makeProject(
    [...first, ...snippets, ...programs].map(([, name = '', text = '']) => [name, text]),
    { ...options, change },
  );
}

/** How a user of TypeScript compiles them, with the sources in place of the package. */
const settings = {
  compilerOptions: {
    strict: true,
    noEmit: true,
    target: 'es2022',
    lib: ['esnext'],
    module: 'nodenext',
    types: ['node'],
    typeRoots: [join(root, 'node_modules/@types')],
    allowImportingTsExtensions: true,
    customConditions: ['@brokerless/source'],
    paths: { 'brokerless/patterns/service': [join(PATTERN, 'index.ts')] },
  },
};

const ANSWERS = ['4 and 4 is 8', ...[2, 3, 5, 7].map((prime) => `${prime} is prime`)];

/** Server and client do what the README says, whoever is there first, and go when they are told to. */
async function play({ path }: Folder): Promise<void> {
  using client = new Live(join(path, 'client.ts'));
  using server = new Live(join(path, 'server.ts'));
  expect(await client.ends(), client.output + server.output).toBe(0);
  expect(client.lines).toEqual(ANSWERS);
  server.kill('SIGTERM');
  expect(await server.ends(), server.output).toBe(0);
  expect(new Set(server.lines)).toEqual(new Set(['a client is there'])); // A slow one introduces itself twice.
}

/** A program runs to its end, and prints what it says that it does. */
async function expectPromise({ path }: Folder, name: string, text: string): Promise<void> {
  const ran = await runScript(join(path, name), { source: true, timeoutMs: 30_000 });
  expect(ran).toMatchObject({ code: 0, stderr: '' });
  const told = [...text.matchAll(/\/\/ prints: (.*)$/gm)].map(([, line]) => `${line}\n`);
  expect(told).not.toEqual([]);
  expect(ran.stdout).toBe(told.join(''));
}

describe('the programs of the README', { timeout: 120_000 }, () => {
  test('are these', () => {
    expect(first.map(([, name]) => name)).toEqual(['shared.ts', 'server.ts', 'client.ts']);
    const all = ['within', 'keys', 'streams', 'several', 'failures', 'middleware'];
    expect(snippets.map(([, name]) => name)).toEqual(all.map((name) => `${name}.mjs`));
    expect(readme.match(/^```(?:js|ts|python)$/gm)).toHaveLength(3 + all.length + 1);
  });

  test('run as they stand there, in any order', async () => {
    await using project = await makePrograms();
    await play(project);
  });

  test.each(snippets.map(([, name = '', text = '']) => [name, text]))(
    '%s prints what it says',
    async (name, text) => {
      await using project = await makePrograms();
      await expectPromise(project, name, text);
    },
  );

  test('run with a copy of the folder', async () => {
    await using project = await makePrograms({ copyOf: 'service' });
    await play(project);
    for (const [, name = '', text = ''] of snippets) await expectPromise(project, name, text);
  });

  test('have types that hold, and a wrong field is found', async () => {
    await using folder = await makeProject([]);
    for (const [, name = '', text = ''] of first) await writeFile(join(folder.path, name), text);
    await writeFile(join(folder.path, 'tsconfig.json'), JSON.stringify(settings));
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    const compile = (): Promise<string> => run(process.execPath, [tsc], { cwd: folder.path });
    await compile();
    const client = join(folder.path, 'client.ts');
    const text = await readFile(client, 'utf8');
    await writeFile(client, text.replace('{ a: 4, b: 4 }', '{ a: 4, c: 4 }'));
    await expect(compile()).rejects.toThrow(/client\.ts.*'c' does not exist/);
  });

  test('run with the call in Python', async (context) => {
    requirePython(context, 'zmq', 'cbor2');
    await using project = await makePrograms();
    using server = new Live(join(project.path, 'server.ts'));
    const told = await python(join(project.path, 'call.py'));
    expect(told, server.output).toEqual({ code: 0, stdout: '[1, 8]\n', stderr: '' });
    server.kill('SIGINT');
    expect(await server.ends(), server.output).toBe(0);
  });
});

test('a whole service in one process ends by itself', async () => {
  const whole = new URL('programs/whole.ts', import.meta.url);
  const ran = await runScript(whole, { source: true, timeoutMs: 60_000 });
  expect(ran).toEqual({ code: 0, signal: null, stderr: '', stdout: '2 4 6 8 9\n' });
});

/** The rows of the first table after `heading`, a list of cells each. */
function tableAfter(heading: string): string[][] {
  const [, after = ''] = readme.split(heading);
  const [table = ''] = /(?:^\|.*\n)+/m.exec(after) ?? [];
  const rows = table.trimEnd().split('\n').slice(2);
  return rows.map((row) =>
    row
      .slice(1, -1)
      .split(' | ')
      .map((cell) => cell.trim()),
  );
}

/** The names in the first column of that table. */
const namesAfter = (heading: string): (string | undefined)[] =>
  tableAfter(heading).map(([cell = '']) => /^`'?([\w:]+)/.exec(cell)?.[1]);

/** The members of an interface. */
function membersOf(start: string): (string | undefined)[] {
  const [, after = ''] = source.split(`export interface ${start} `);
  const [block = ''] = after.split(/^\}/m);
  return [...block.matchAll(/^ {2}(?:readonly )?'?(\w+(?::\w+)?)/gm)].map(([, name]) => name);
}

/** The words of a type. */
function wordsOf(type: string): (string | undefined)[] {
  const [, block = ''] = new RegExp(`^export type ${type} =([^;]*);`, 'm').exec(source) ?? [];
  return [...block.matchAll(/'(\w+)'/g)].map(([, word]) => word);
}

const optionTables = [
  ['\n`serve(contract, handlers, options)`', Object.keys(serveChecks)],
  ['\n`connectTo(contract, options)`', Object.keys(connectChecks)],
  ['\n`client.add(input, options)`', [...new Set(Object.keys({ ...askChecks, ...streamChecks }))]],
] as const;

describe('the tables of the README', () => {
  test.each(optionTables)('after %j name every option and no other', (heading, options) => {
    expect(namesAfter(heading).toSorted()).toEqual(options.toSorted());
  });

  test.each(optionTables)('after %j say the same numbers as the code', (heading) => {
    for (const [cell = '', value = ''] of tableAfter(heading)) {
      if (!/^[\d,]+(?: \w?iB)?$/.test(value)) continue;
      const name = /\w+/.exec(cell)?.[0] ?? '';
      const docs = new RegExp(`/\\*\\*((?:(?!\\*/)[^])*)\\*/\\s*readonly ${name}\\?`, 'g');
      const told = [...source.matchAll(docs)].map(([, doc = '']) =>
        /Default ([^.(]*)/.exec(doc)?.[1]?.trim(),
      );
      expect(told, name).toContain(value);
    }
  });

  test.each([
    ['\nEach takes options', 'MethodOptions<In, Out, Fails>', []],
    ['\n`server.stats()`', 'ServerStats', []],
    ['\n`server.stats().methods.add`', 'MethodCounts', ['durations']],
    ['\n`client.stats()`', 'ClientStats', []],
    ['\n`client.stats().methods.add`', 'AskedCounts', ['inFlight', 'durations']],
    ['`client.on(…)` tells', 'ClientEvents', []],
    ['\n`server.on(…)` tells', 'ServerEvents', []],
    ['\nA handler is called', 'CallContext<Fails> extends Within', []],
  ])('after %j name every member of %s and no other', (heading, interfaceName, more) => {
    const members = membersOf(interfaceName);
    expect(members.length).toBeGreaterThan(1);
    expect(namesAfter(heading)).toEqual([...members, ...more]);
  });

  test('name every reason, every way to choose a server, and every state of one', () => {
    expect(namesAfter('\nWhy a server is asked no more')).toEqual(wordsOf('LossReason'));
    expect(namesAfter('\nWhy a client is lost')).toEqual(wordsOf('ClientLoss'));
    expect(namesAfter('\n## Many servers').slice(0, 2)).toEqual(wordsOf('BalanceName'));
    for (const stage of wordsOf('LinkStage')) expect(readme).toContain(`\`'${stage}'\``);
    for (const refusal of wordsOf('Refusal')) expect(readme).toContain(`\`${refusal}\``);
  });

  test('name every code that a client rejects with', async () => {
    const page = await readFile(join(PATTERN, 'client.ts'), 'utf8');
    const [, doc = ''] = page.split('A call rejects with');
    const codes = [...(doc.split('*/')[0] ?? '').matchAll(/`([A-Z_]{6,})`/g)].map(
      ([, code]) => code,
    );
    expect(codes.length).toBeGreaterThan(8);
    expect(namesAfter('\n## Failures').toSorted()).toEqual([...codes, 'BAD_OPTION'].toSorted());
  });

  test('name every entry of the wire by its number', () => {
    const rows = tableAfter('\n## On the wire').map(([cell = '']) => cell.split(' '));
    const told = Object.fromEntries(rows.map(([number, name]) => [name, Number(number)]));
    expect(told).toEqual(entry);
  });

  test('explain every piece of an entry', () => {
    const ofEntries = tableAfter('\n## On the wire').flatMap(([, , cell = '']) => cell.split(', '));
    const explained = tableAfter('\n| 22 mark').flatMap(([cell = '']) => cell.split(', '));
    const pieces = new Set(ofEntries.map((piece) => piece.replace(/^so many (\w+)s$/, '$1')));
    expect([...pieces].filter((piece) => piece !== '').toSorted()).toEqual(explained.toSorted());
  });
});

describe('the page', () => {
  test('leads nowhere that is not there', () => {
    const links = [...readme.matchAll(/\]\((?!https?:)([^)#]*)(#[\w-]+)?\)/g)];
    expect(links.length).toBeGreaterThan(5);
    const headings = [...readme.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => {
      return `#${heading
        .toLowerCase()
        .replaceAll(/[^\w -]/g, '')
        .replaceAll(' ', '-')}`;
    });
    for (const [, path = '', anchor] of links) {
      expect(existsSync(join(PATTERN, path)), path).toBe(true);
      if (path === '' && anchor !== undefined) expect(headings).toContain(anchor);
    }
  });

  test('names tests that there are', async () => {
    const tests = await readdir(new URL('.', import.meta.url));
    const proofs = tableAfter('\n## What happens when').flatMap(([, , cell = '']) =>
      [...cell.matchAll(/`([\w-]+)`/g)].map(([, name]) => `${name}.test.ts`),
    );
    expect(proofs.length).toBeGreaterThan(20);
    expect(proofs.filter((name) => !tests.includes(name))).toEqual([]);
  });
});
