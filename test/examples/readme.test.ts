/**
 * Runs the snippets of the README as they stand there, and compares what they print with what they say.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Reply } from 'brokerless';
import { describe, expect, test } from 'vitest';
import { runScript } from '../support/child.ts';
import { makeProject } from '../support/project.ts';
import { python, requirePython } from '../support/python.ts';
import { root } from '../support/root.ts';
import { emptyTree } from './trees.ts';

const readme = await readFile(join(root, 'README.md'), 'utf8');
const snippets = [...readme.matchAll(/^```js\n\/\/ (\w+\.mjs)[^\n]*\n(.*?)^```$/gms)];

describe('the snippets of the README', { timeout: 90_000 }, () => {
  test('are these', () => {
    const names = snippets.map(([, name]) => name);
    expect(names).toEqual(['hello.mjs', 'ask.mjs', 'news.mjs', 'talk.mjs', 'pirates.mjs']);
    expect(readme.match(/^```(?:js|ts|python)$/gm)).toHaveLength(names.length + 1);
  });

  test.each(snippets.map(([, name = '', text = '']) => [name, text]))('%s', async (name, text) => {
    await using project = await makeProject([[name, text]]);
    const ran = await runScript(join(project.path, name), { timeoutMs: 60_000 });
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    const promised = [...text.matchAll(/\/\/ prints: (.*)$/gm)].map(([, line]) => `${line}\n`);
    if (promised.length > 0) expect(ran.stdout).toBe(promised.join(''));
    else expect(ran.stdout.match(/greeting: 'hello'/g)).toHaveLength(3);
  });

  test('a REQ in Python recognises an error', async (context) => {
    requirePython(context, 'zmq', 'cbor2');
    await using folder = await emptyTree();
    const text = /^```python\n(.*?)^```$/ms.exec(readme)?.[1] ?? '';
    const program = join(folder.path, 'ask.py');
    await writeFile(program, text);
    await using reply = await Reply.bind<{ readonly name: string }, string>('tcp://127.0.0.1:*');
    void reply.serve(({ name }) => {
      if (name !== '') return name;
      throw Object.assign(new Error('nobody to greet'), { code: 'NO_NAME' });
    });
    const told = await python(program, [reply.endpoint]);
    expect(told).toEqual({ code: 0, stdout: 'failed: NO_NAME nobody to greet\n', stderr: '' });
  });
});

describe('the table of options', () => {
  const sources = ['options', 'request-options', 'publisher', 'subscriber', 'router'];

  test('names every option that a socket takes', async () => {
    const texts = sources.map((name) => readFile(join(root, `src/sockets/${name}.ts`), 'utf8'));
    const found = [...(await Promise.all(texts)).join('').matchAll(/^ {2}readonly (\w+)\?:/gm)];
    const table = readme.slice(readme.indexOf('### Options'), readme.indexOf('An unknown option'));
    const ofCalls = ['signal', 'deadlineMs'];
    const options = new Set(found.map(([, name = '']) => name));
    const missing = [...options].filter((name) => !table.includes(`\`${name}\``));
    expect(missing.toSorted()).toEqual(ofCalls.toSorted());
  });
});

test('the table of errors names every code', async () => {
  const { errorCodes } = await import('brokerless');
  const table = readme.slice(readme.indexOf('## Errors'), readme.indexOf('## On the wire'));
  for (const code of errorCodes) expect(table).toContain(`\`${code}\``);
});
