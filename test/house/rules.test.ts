/**
 * The house rules against planted offenders: what each must catch, and what it must let pass.
 */
import { describe, expect, test } from 'vitest';
import { strayImports } from './direction.ts';
import { undocumented } from './docs.ts';
import { doorFaults, exportedNames, patternFaults } from './doors.ts';
import { excuses, machineTraces, sleeps } from './hygiene.ts';
import { headingFaults, impureRules, impurities, timeUses, turnUses } from './purity.ts';
import {
  badNotes,
  defaultExports,
  foreignSyntax,
  longFunctions,
  speechless,
  tooLong,
  wideLines,
} from './shape.ts';
import { Source, scriptsIn } from './source.ts';

type Rule = (source: Source) => string[];

/** Each text, at its path, is an offence. */
function catches(rule: Rule, path: string, ...texts: readonly string[]): void {
  for (const text of texts) expect(rule(new Source(path, text)), text).not.toEqual([]);
}

/** Each text, at its path, is none. */
function passes(rule: Rule, path: string, ...texts: readonly string[]): void {
  for (const text of texts) expect(rule(new Source(path, text)), text).toEqual([]);
}

test('an offender is named by file, line and reason', () => {
  const source = new Source('src/wire/x.ts', '// ── a wide heading\n\nconst now = Date.now();\n');
  expect(timeUses(source)).toEqual(['src/wire/x.ts:3 Date.now: the clock is src/run/clock.ts']);
});

test('a folder without files fails the rule that names it', () => {
  expect(() => scriptsIn('src/nowhere')).toThrow('nothing to read in src/nowhere');
});

describe('direction', () => {
  test('the library does not know the patterns, itself by name, or what its folder may not', () => {
    catches(
      strayImports,
      'src/rules/x.ts',
      `import '../../patterns/a/b.ts';`,
      `import 'brokerless';`,
    );
    catches(strayImports, 'src/rules/x.ts', `import '../wire/cbor.ts';`, `import 'node:buffer';`);
    catches(strayImports, 'src/run/x.ts', `import '../sockets/push.ts';`);
    catches(strayImports, 'src/sockets/x.ts', `import '../index.ts';`, `import 'cbor-x';`);
    catches(strayImports, 'src/new/x.ts', `export const a = 1;`);
    passes(strayImports, 'src/wire/x.ts', `import '../rules/check.ts'; import 'node:buffer';`);
    passes(strayImports, 'src/sockets/x.ts', `import 'zeromq'; import 'node:os';`);
  });

  test('no way to ask for a module goes unseen', () => {
    const ways = [
      `import type { X } from 'zeromq';`,
      `export { X } from 'zeromq';`,
      `await import('zeromq');`,
      'await import(`zero${"mq"}`);',
      `type X = import('zeromq').Push;`,
      `import x = require('zeromq');`,
      `require('zeromq');`,
    ];
    catches(strayImports, 'src/wire/x.ts', ...ways);
    passes(
      strayImports,
      'src/wire/x.ts',
      `// import 'zeromq';\nexport const a = "import 'zeromq'";`,
    );
  });

  test('a pattern knows the package by name and its own folder', () => {
    const path = 'patterns/pipeline/other.ts';
    catches(strayImports, path, `import '../tasks/x.ts';`, `import '../../src/index.ts';`);
    catches(strayImports, path, `import 'node:os';`, `import 'brokerless/patterns/tasks';`);
    passes(
      strayImports,
      path,
      `import 'brokerless'; import 'brokerless/kit'; import './rules.ts';`,
    );
  });

  test('examples and benches know the package by name', () => {
    catches(strayImports, 'examples/a.ts', `import '../src/index.ts';`, `import 'zeromq';`);
    catches(strayImports, 'examples/a/b.ts', `import 'nodemailer';`);
    passes(strayImports, 'examples/mail/b.ts', `import 'nodemailer'; import 'node:os';`);
    catches(strayImports, 'bench/a.ts', `import '../src/sockets/push.ts';`);
    passes(strayImports, 'bench/a.ts', `import '../src/wire/cbor.ts'; import './floor.ts';`);
  });
});

describe('purity', () => {
  test('time is seen however it is asked for', () => {
    const asked = ['Date.now()', 'new Date()', 'Date()', 'performance.now()', 'process.hrtime()'];
    const timers = ['setTimeout(f, 1)', 'globalThis.setTimeout(f)', 'AbortSignal.timeout(1)'];
    catches(timeUses, 'src/run/x.ts', ...asked, ...timers, 'wait(setInterval)');
    catches(timeUses, 'src/run/x.ts', `import { setTimeout as nap } from 'node:timers/promises';`);
    passes(timeUses, 'src/run/x.ts', 'new Date(5)', 'a instanceof Date', 'clock.setTimeout(f)');
    passes(
      timeUses,
      'src/run/x.ts',
      '/* Date.now() */ // setTimeout',
      '"Date.now()"',
      '/Date.now()/',
    );
    catches(
      turnUses,
      'src/wire/x.ts',
      'setImmediate(f)',
      'queueMicrotask(f)',
      'process.nextTick(f)',
    );
  });

  test('pure code neither waits, nor rolls dice, nor speaks', () => {
    catches(
      impurities,
      'src/rules/x.ts',
      'async () => 1',
      'await x',
      'async function* f() { for await (const a of b) {} }',
    );
    catches(
      impurities,
      'src/rules/x.ts',
      'let a: Promise<void>',
      'Math.random()',
      'console.log(1)',
    );
    catches(impurities, 'src/rules/x.ts', 'crypto.randomUUID()', 'process.env', 'new Push()');
    passes(impurities, 'src/rules/x.ts', 'Math.floor(random)', 'a.process', '`${a} await Promise`');
  });

  test('only the first part of a pattern has to be pure', () => {
    const path = 'patterns/single/other.ts';
    const rules = `import { Push } from 'brokerless';\n// ── I. The rules ──\nconst a = 1;\n`;
    const sockets = '// ── II. The sockets ──\nnew Push();\nasync () => 1;\n';
    passes(impureRules, path, rules + sockets);
    passes(headingFaults, path, rules + sockets);
    catches(impureRules, path, rules.replace('1', 'new Push()') + sockets);
    catches(headingFaults, path, rules, sockets, sockets + rules);
    const beside = 'patterns/pipeline/other.ts'; // Where the rules have files of their own.
    passes(headingFaults, beside, 'new Push();');
    passes(impureRules, beside, 'new Push();');
    catches(headingFaults, beside, rules);
    passes(headingFaults, 'patterns/pipeline/rules.ts', 'const a = 1;');
    catches(impureRules, 'patterns/pipeline/rules.ts', sockets.slice(sockets.indexOf('\n')));
  });
});

describe('shape', () => {
  test('length is counted in lines, columns and lines of a function', () => {
    passes(tooLong, 'src/x.ts', 'a;\n'.repeat(300));
    catches(tooLong, 'src/x.ts', 'a;\n'.repeat(301));
    catches(tooLong, 'patterns/a/x.ts', 'a;\n'.repeat(251));
    passes(wideLines, 'src/x.ts', `// ${'─'.repeat(117)}`);
    catches(wideLines, 'src/x.ts', `// ${'─'.repeat(118)}`);
    const body = `{\n${'a;\n'.repeat(69)}}`;
    catches(longFunctions, 'src/x.ts', `function f() ${body}`, `const f = () => ${body}`);
    catches(longFunctions, 'src/x.ts', `class A { f() ${body} }`);
    passes(
      longFunctions,
      'test/x.ts',
      `describe('a', () => ${body})`,
      `describe.each(a)('b', () => ${body})`,
    );
  });

  test('foreign syntax is seen in code only', () => {
    catches(foreignSyntax, 'src/x.ts', 'let a: any', 'f<any>()', 'enum A {}', 'namespace A {}');
    catches(foreignSyntax, 'src/x.ts', 'a!.b', 'let a!: string', `export * from './a.ts'`);
    catches(foreignSyntax, 'src/x.ts', 'class A { constructor(readonly a: string) {} }');
    passes(foreignSyntax, 'src/x.ts', '// any enum', '"any"', '!a', 'declare global {}', 'a.any');
  });

  test('a default export is for the configs of tools, and for handlers that run in threads', () => {
    catches(defaultExports, 'src/x.ts', 'export default 1', 'export { a as default }');
    catches(defaultExports, 'examples/a/main.ts', 'export default 1');
    catches(defaultExports, 'patterns/a/handler.ts', 'export default 1');
    passes(defaultExports, 'test/vitest.config.ts', 'export default 1');
    passes(defaultExports, 'examples/a/handler.ts', 'export default 1');
    passes(defaultExports, 'src/x.ts', 'const a = { default: 1 }; export { a };');
  });

  test('notes that silence or put off are seen in comments', () => {
    const [later, ignored] = [['TO', 'DO'].join(''), ['@ts', 'ignore'].join('-')];
    catches(badNotes, 'src/x.ts', `// ${later}: later`, `// ${ignored}`);
    catches(badNotes, 'test/x.ts', `// ${['@ts', 'expect-error'].join('-')}`);
    passes(badNotes, 'test/types/x.ts', `// ${['@ts', 'expect-error'].join('-')}`);
  });
});

describe('words', () => {
  test('a file opens with a sentence', () => {
    catches(
      speechless,
      'src/x.ts',
      'const a = 1;',
      '// A line comment is not enough.\n',
      '/** Push. */',
    );
    passes(
      speechless,
      'src/x.ts',
      '/**\n * Push: the end of a pipe\n * that sends.\n *\n * More.\n */',
    );
    passes(speechless, 'bench/x.ts', '#!/usr/bin/env node\n/** Asks what a socket can do. */');
    passes(speechless, 'test/x.py', '#!/usr/bin/python3\n"""A peer that pulls values."""\n');
    passes(
      speechless,
      'bench/x.cc',
      '// The floor: how fast\n// libzmq itself can send.\nint a;\n',
    );
    catches(speechless, 'bench/x.cc', 'int a;\n');
  });

  test('whatever is exported says what it is', () => {
    const silent = ['export const a = 1;', 'export function f() {}', 'const a = 1;\nexport { a };'];
    catches(undocumented, 'src/x.ts', ...silent, '/* A. */ export const a = 1;');
    catches(undocumented, 'src/x.ts', '/** A. */ export class A { b = 1; }');
    catches(undocumented, 'src/x.ts', '/** A. */ export interface A { b: string; }');
    catches(undocumented, 'src/x.ts', '/** A. */ export type A = { b: string };');
    passes(undocumented, 'src/x.ts', 'const a = 1;', `export { a } from './a.ts';`);
    passes(undocumented, 'src/x.ts', '/** Such as `ipc://*`. */\nexport const a = 1;');
    passes(undocumented, 'src/x.ts', '/** A. */\n// A note.\nexport const a = 1;');
    passes(
      undocumented,
      'src/x.ts',
      '/** A. */ export class A { #b = 1; constructor() {} /** C. */ c() {} }',
    );
    catches(
      undocumented,
      'src/x.ts',
      '/** A. */ export class A { /** B. */ static b() {} b() {} }',
    );
    const told = '/** A. */ export interface A { /** B. */ b(): void }\n';
    passes(undocumented, 'src/x.ts', `${told}/** C. */ export class C implements A { b() {} }`);
    catches(undocumented, 'src/x.ts', `${told}/** C. */ export class C implements A { c() {} }`);
    passes(undocumented, 'src/x.ts', '/** F. */ export function f(): void; export function f() {}');
  });

  test('exported names are read from every form of export', () => {
    const text = `export { b, type C } from './b.ts'; export type { D as E } from './d.ts';
      export const a = 1; export class F {} export interface G {} export function h() {}`;
    const names = ['type C', 'type E', 'F', 'type G', 'a', 'b', 'h'];
    expect(exportedNames(new Source('src/x.ts', text))).toEqual(names);
  });
});

test('a door leads to its own source and to the build of it', () => {
  const source = './src/errors.ts';
  const [types, code] = ['./dist/src/errors.d.ts', './dist/src/errors.js'];
  expect(doorFaults({ name: 'a', source, targets: { types, default: code } })).toEqual([]);
  expect(doorFaults({ name: 'a', source, targets: { types, default: types } })).toHaveLength(1);
  expect(doorFaults({ name: 'a', source: './src/no.ts', targets: {} })).toHaveLength(3);
  expect(patternFaults('patterns/nothing')).toHaveLength(3);
});

describe('hygiene', () => {
  test('a sleep is seen, a deadline and a measured timer are not', () => {
    const path = 'test/x.test.ts';
    catches(sleeps, path, 'await sleep(5)', `import { setTimeout } from 'node:timers/promises';`);
    catches(sleeps, path, 'await new Promise((resolve) => setTimeout(resolve, 5))');
    catches(sleeps, path, 'await new Promise((done) => { setTimeout(() => done(), 5); })');
    passes(sleeps, path, 'setInterval(measure, 5)');
    passes(sleeps, path, 'await new Promise((resolve, reject) => setTimeout(reject, 5))');
  });

  test('a test that is left out is seen, one that says when it can run is not', () => {
    catches(
      excuses,
      'test/x.test.ts',
      'test.skip("a")',
      'describe.only("a")',
      'it.concurrent.only("a")',
    );
    catches(excuses, 'test/x.test.ts', 'test("a", { retry: 2 }, f)');
    passes(excuses, 'test/x.test.ts', 'test.skipIf(a)("b", f)', 'list.skip(1)', '"test.skip"');
  });

  test('traces of a machine are seen, paths within the tree are not', () => {
    const path = ['', 'home', 'me', 'x'].join('/');
    const host = ['registry', 'npmjs', 'org'].join('.');
    catches(machineTraces, 'README.md', `see ${path}`, `https://${host}/x`, `"${path}"`);
    catches(machineTraces, '.npmrc', ['registry', 'https://example.com/'].join('='));
    catches(
      machineTraces,
      'package-lock.json',
      ['"resolved"', '"https://example.com/a"'].join(': '),
    );
    passes(machineTraces, 'README.md', `..${path}`, `examples${path}`, 'https://example.com/');
  });
});
