/**
 * Runs the programs of the pattern's README as they stand there, from the package, from a copy of the folder in a
 * program of one's own, and in Python; and compares its tables with the code.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fanOut } from 'brokerless/patterns/work-queue';
import { describe, expect, test } from 'vitest';
import { Live } from '../../examples/live.ts';
import { runScript } from '../../support/child.ts';
import { type Folder, temporaryFolder } from '../../support/consumer.ts';
import { makeProject } from '../../support/project.ts';
import { PYTHON, requirePython } from '../../support/python.ts';
import { root } from '../../support/root.ts';

const PATTERN = join(root, 'patterns/work-queue');
const readme = await readFile(join(PATTERN, 'README.md'), 'utf8');
const coming = await readFile(join(PATTERN, 'COMING-FROM.md'), 'utf8');
const programs = [...readme.matchAll(/^```js\n\/\/ ([\w-]+\.mjs)[^\n]*\n(.*?)^```$/gms)].map(
  ([, name = '', text = '']) => [name, text] as const,
);
const names = (await readdir(PATTERN)).filter((name) => name.endsWith('.ts'));
const texts = await Promise.all(names.map((name) => readFile(join(PATTERN, name), 'utf8')));
const source = texts.join('\n');

/** A project with a copy of the pattern's folder, and with what the README says that a copy needs. */
async function makeCopy(): Promise<Folder> {
  const folder = await makeProject(programs, { copyOf: 'work-queue' });
  const piscina = join(root, 'node_modules/piscina');
  await symlink(piscina, join(folder.path, 'node_modules/piscina'));
  return folder;
}

const start = ({ path }: Folder, name: string): Live => new Live(join(path, name));

/** A program runs to its end, and prints what it says that it does. */
async function play({ path }: Folder, name: string): Promise<void> {
  const ran = await runScript(join(path, name), { timeoutMs: 60_000 });
  expect(ran).toMatchObject({ code: 0, stderr: '' });
  const text = new Map(programs).get(name) ?? '';
  const told = [...text.matchAll(/\/\/ prints: (.*)$/gm)].map(([, line]) => `${line}\n`);
  expect(told).not.toEqual([]);
  expect(ran.stdout).toBe(told.join(''));
}

/** Hub, worker and producer do what the README says, and go when they are told to. */
async function playHub(project: Folder): Promise<void> {
  using producer = start(project, 'producer.mjs');
  using worker = start(project, 'worker.mjs');
  using hub = start(project, 'hub.mjs');
  expect(await producer.ends(), producer.output + hub.output).toBe(0);
  const done = ['Oslo', 'Rome', 'Lima'].map((to) => `done Ada to ${to}`);
  expect(producer.lines).toEqual(['3 items are accepted', ...done]);
  worker.kill('SIGINT');
  expect(await worker.ends(), worker.output).toBe(0);
  expect(await hub.says(/^a worker is lost: (.*)$/)).toBe('left');
  hub.kill('SIGINT');
  expect(await hub.ends(), hub.output).toBe(0);
  expect(hub.lines[0]).toBe('a worker is there');
  expect(worker.output).toBe('');
}

describe('the programs of the README', { timeout: 120_000 }, () => {
  const parts = ['count-words.mjs', 'hub.mjs', 'worker.mjs', 'producer.mjs', 'count-primes.mjs'];
  const whole = programs.map(([name]) => name).filter((name) => !parts.includes(name));

  test('are these, and one more block shows the store', () => {
    const all = ['squares', 'words', 'letters', 'wishes', 'store', 'primes', 'flow'];
    expect(whole).toEqual(all.map((name) => `${name}.mjs`));
    expect(readme.match(/^```(?:js|ts)$/gm)).toHaveLength(programs.length + 1);
    expect(readme.match(/^```python$/gm)).toHaveLength(1);
  });

  test.each(whole)('%s runs as it stands there', async (name) => {
    await using project = await makeProject(programs);
    await play(project, name);
  });

  test('hub, worker and producer run in any order', async () => {
    await using project = await makeProject(programs);
    await playHub(project);
  });

  test('run with a copy of the folder, those with processes and threads too', async () => {
    await using project = await makeCopy();
    await playHub(project);
    await play(project, 'words.mjs');
    await play(project, 'primes.mjs');
  });

  test('run with the worker in Python', async (context) => {
    requirePython(context, 'zmq', 'cbor2');
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'worker.py');
    await writeFile(path, /^```python\n(.*?)^```$/ms.exec(readme)?.[1] ?? '');
    await using doubled = await fanOut<unknown>([1, 'ab', null], { retryMs: 1 });
    const child = spawn(PYTHON, [path, doubled.endpoint], { stdio: 'inherit' });
    const exit = once(child, 'exit');
    const ends: unknown[] = [];
    for await (const outcome of doubled) {
      const { index, status, attempts } = outcome;
      if (status === 'done') ends[index] = outcome.value;
      else ends[index] = [status, attempts, status === 'failed' && outcome.error.code];
    }
    child.kill('SIGKILL');
    await exit;
    expect(ends).toEqual([2, 'abab', ['failed', 3, 'TypeError']]);
  });
});

/** The rows of the first table after `heading`, a list of cells each. */
function tableAfter(heading: string): string[][] {
  const [, after = ''] = readme.split(heading);
  const [table = ''] = /(?:^\|.*\n)+/m.exec(after) ?? [];
  const rows = table.trimEnd().split('\n').slice(2);
  return rows.map((row) =>
    row
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  );
}

/** The names in the first column of that table. */
const namesAfter = (heading: string): (string | undefined)[] =>
  tableAfter(heading).map(([cell = '']) => /^`'?([\w:]+)'?`/.exec(cell)?.[1]);

/** The block of the code that begins with `start`, up to its end. */
function blockOf(start: string): string {
  const [, after = ''] = source.split(start);
  return after.split(/^(?:\}|;)/m)[0] ?? '';
}

/** The options of a table of checks: its own and, unless only those are meant, the ones that it includes. */
function checked(checks: string, isWhole: boolean): string[] {
  const block = blockOf(`const ${checks}:`).replace(/^.*?= \{\n/s, '');
  const own = [...block.matchAll(/^ {2}(\w+)(?=[:,])/gm)].map(([, name = '']) => name);
  const included = [...block.matchAll(/^ {2}\.\.\.(\w+)/gm)].map(([, name = '']) => name);
  return isWhole ? [...included.flatMap((name) => checked(name, true)), ...own] : own;
}

const members = (start: string): string[] =>
  [...blockOf(start).matchAll(/^ {2}readonly '?(\w+(?::\w+)?)/gm)].map(([, name = '']) => name);

describe('the tables of the README', () => {
  const optionTables = [
    { heading: 'What every queue takes', checks: 'queueChecks', isWhole: true },
    { heading: '\n`startWorkQueue(options)` also', checks: 'hubChecks', isWhole: false },
    { heading: '\n`fanOut(source, options)` also', checks: 'fanOutChecks', isWhole: false },
    { heading: '\n`connectProducer(endpoint, options)`', checks: 'producerChecks', isWhole: true },
    { heading: '\n`startQueueWorker(options)`', checks: 'workerChecks', isWhole: true },
    { heading: '\n`producer.send(item, options)`', checks: 'itemChecks', isWhole: true },
    { heading: '\n`startCrew({ file, count })`', checks: 'crewChecks', isWhole: true },
  ];

  test.each(optionTables)('name every option of $checks and no other', (each) => {
    const options = checked(each.checks, each.isWhole);
    expect(options.length).toBeGreaterThan(2);
    expect(namesAfter(each.heading).toSorted()).toEqual(options.toSorted());
  });

  test.each(optionTables)('say the same numbers as the code about $checks', ({ heading }) => {
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
    ['\n`queue.stats()`, and', 'interface QueueStats'],
    ['\nOf a hub also:', 'interface WorkQueueStats'],
    ['\n`producer.stats()`', 'interface ProducerStats'],
    ['\n`worker.stats()`', 'interface QueueWorkerStats'],
    ['\n`queue.on(…)` tells', 'interface QueueEvents'],
  ])('after %j name every member of %s and no other', (heading, interfaceName) => {
    const named = members(interfaceName);
    expect(named.length).toBeGreaterThan(1);
    expect(namesAfter(heading)).toEqual(named);
  });

  test('name every reason to lose a worker, every end and every record', () => {
    const words = (text: string): (string | undefined)[] =>
      [...text.matchAll(/'(\w+)'/g)].map(([, word]) => word);
    const [losses = ''] = /^export type WorkerLoss = [^;]*/m.exec(source) ?? [];
    expect(namesAfter('The reasons:').toSorted()).toEqual(words(losses).toSorted());
    const [, statuses = ''] = /^const statuses[^[]*\[\][^[]*\[([^\]]*)/m.exec(source) ?? [];
    expect(namesAfter('\n## Outcomes')).toEqual(words(statuses));
    const [status = ''] = /^\| `status` +\| `.*$/m.exec(readme) ?? [];
    expect([...status.matchAll(/`"(\w+)"`/g)].map(([, word]) => word)).toEqual(words(statuses));
    const records = source.slice(source.indexOf('export type StoreRecord'));
    const kinds = [...(records.split(/;\n\n/)[0]?.matchAll(/kind: '(\w+)'/g) ?? [])].map(
      ([, kind]) => kind,
    );
    expect(namesAfter('is tried again every 250 ms')).toEqual(kinds);
  });
});

describe('the table of messages', () => {
  const forms = [...source.matchAll(/^ {2}(\w+): \{ fixed: '(\w*)', each: '(\w*)' \}/gm)];
  const rows = tableAfter('\n## On the wire');
  const shown = rows.map(([, , message = '']) => message.slice(2, -2).split(', '));

  test('has every word of the code, and no other', () => {
    const words = shown.map(([word = '']) => word.slice(1, -1));
    expect(forms.length).toBeGreaterThan(15);
    expect([...new Set(words)].toSorted()).toEqual(forms.map(([, word]) => word).toSorted());
  });

  test('has as many pieces in each as the code, and says of which there may be more', () => {
    for (const [, word, fixed = '', each = ''] of forms) {
      for (const pieces of shown.filter(([first]) => first === `"${word}"`)) {
        const isList = pieces.at(-1) === '…';
        expect(isList, word).toBe(each !== '');
        const fields = pieces.length - 1 - Number(isList);
        expect(fields, word).toBe(fixed.length + each.length);
      }
    }
  });

  test('names the options of an item as the code does', () => {
    const wishes = members('interface Wishes');
    const [, fields = ''] = readme.split('\n| field ');
    const ofOptions = fields.split('\n').filter((line) => /\| of `options`/.test(line));
    const named = ofOptions.flatMap((line) => line.split('|')[1]?.match(/\w+/g) ?? []);
    expect(named.toSorted()).toEqual(wishes.toSorted());
  });
});

describe('the pages', () => {
  test.each([
    ['README.md', readme],
    ['COMING-FROM.md', coming],
  ])('%s leads nowhere that is not there', (_, page) => {
    const links = [...page.matchAll(/\]\((?!https?:)([^)#]*)(#[\w-]+)?\)/g)];
    expect(links.length).toBeGreaterThan(1);
    for (const [, path = '', anchor] of links) {
      expect(existsSync(join(PATTERN, path)), path).toBe(true);
      if (path !== '' && path !== 'README.md') continue;
      const headings = [...readme.matchAll(/^#+ (.*)$/gm)].map(
        ([, heading = '']) =>
          `#${heading
            .toLowerCase()
            .replace(/[^\w -]/g, '')
            .replaceAll(' ', '-')}`,
      );
      if (anchor !== undefined) expect(headings).toContain(anchor);
    }
  });

  test('name tests that there are', async () => {
    const tests = await readdir(new URL('.', import.meta.url));
    const [, after = ''] = readme.split('\n| tests ');
    const [rows = ''] = after.split('\n\n');
    for (const [, name = ''] of rows.matchAll(/`([\w-]+)…?`/g)) {
      const isTest = (file: string): boolean => file.startsWith(name) && file.endsWith('.test.ts');
      expect(tests.some(isTest), name).toBe(true);
    }
  });

  test('promise nobody who comes from elsewhere what is not in the code', () => {
    const ours = [...coming.matchAll(/^\|.*\|([^|]*)\|$/gm)]
      .map(([, cell = '']) => cell)
      .join('\n');
    const calls = [...ours.matchAll(/`[^`]*?\b(?:queue|producer|worker)\.(\w+)\(/g)];
    const options = [...ours.matchAll(/`(\w+[A-Z]\w*)(?:`|:)/g)];
    expect([calls.length > 10, options.length > 20]).toEqual([true, true]);
    for (const [, name = ''] of [...calls, ...options]) {
      expect(source, name).toMatch(new RegExp(`\\b${name}\\b\\??[(:<,]`));
    }
  });
});
