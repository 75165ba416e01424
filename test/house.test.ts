/**
 * The house rules: what DESIGN asks of the whole code base, each held by a test that names every
 * offender. How the rules themselves are known to bite is in house/rules.test.ts.
 */
import { describe, expect, test } from 'vitest';
import { strayImports, zones } from './house/direction.ts';
import { undocumented } from './house/docs.ts';
import { doorFaults, doors, exportedNames, patternFaults, patternFolders } from './house/doors.ts';
import { excuses, machineTraces, sleeps } from './house/hygiene.ts';
import { headingFaults, impureRules, impurities, timeUses, turnUses } from './house/purity.ts';
import {
  badNotes,
  defaultExports,
  foreignSyntax,
  longFunctions,
  speechless,
  tooLong,
  wideLines,
} from './house/shape.ts';
import type { Source } from './house/source.ts';
import { codeIn, files, scriptsIn } from './house/source.ts';

const library = ['src', 'patterns'];
const everywhere = [...library, 'examples', 'bench', 'test'];

/** No file among `sources` breaks `rule`; if one does, the failure lists each place. */
function expectAll(sources: readonly Source[], rule: (source: Source) => string[]): void {
  expect(sources.flatMap((source) => rule(source))).toEqual([]);
}

const except = (sources: readonly Source[], ...places: readonly string[]): Source[] =>
  sources.filter(({ path }) => !places.some((place) => path.startsWith(place)));

describe('direction', () => {
  test('every row of the table of directions has files', () => {
    for (const { place } of zones) scriptsIn(place.replace(/\/$/, ''));
  });

  test('a file imports only what its row of the table allows', () => {
    expectAll(scriptsIn('src', 'patterns', 'examples', 'bench'), strayImports);
  });

  test('only the clock knows what time it is', () => {
    const clock = 'src/run/clock.ts';
    expect(scriptsIn(clock).flatMap(timeUses), 'the clock reads the time').not.toEqual([]);
    expectAll(except(scriptsIn(...library), clock), timeUses);
  });

  test('only sockets and drive put things off to a later turn of the event loop', () => {
    const places = ['src/sockets', 'src/run'];
    expect(scriptsIn(...places).flatMap(turnUses), 'they do').not.toEqual([]);
    expectAll(except(scriptsIn(...library), ...places), turnUses);
  });
});

describe('purity', () => {
  test('the wire and the rules are pure', () => {
    expectAll(scriptsIn('src/wire', 'src/rules'), impurities);
  });

  test('a file of a pattern has two parts, I the rules and II the sockets', () => {
    expectAll(scriptsIn('patterns'), headingFaults);
  });

  test('part I of a pattern is pure', () => {
    expectAll(scriptsIn('patterns'), impureRules);
  });
});

describe('shape', () => {
  test('no file is longer than can be read in one sitting', () => {
    expectAll(codeIn(...everywhere), tooLong);
  });

  test('no line is wider than the page', () => {
    expectAll(codeIn(...everywhere), wideLines);
  });

  test('no function is longer than a screen', () => {
    expectAll(scriptsIn(...everywhere), longFunctions);
  });

  test('the language is used without its dark corners', () => {
    expectAll(scriptsIn(...everywhere), foreignSyntax);
  });

  test('everything is exported by name', () => {
    expectAll(scriptsIn(...everywhere), defaultExports);
  });

  test('nothing is silenced and nothing is put off', () => {
    expectAll(codeIn(...everywhere), badNotes);
  });
});

describe('words', () => {
  test('every file opens with one sentence that says what it is', () => {
    expectAll(codeIn(...everywhere), speechless);
  });

  test('every public symbol and every public member has a doc comment', () => {
    expectAll(scriptsIn(...library), undocumented);
  });
});

describe('doors', () => {
  for (const { name, source } of doors()) {
    test(`${name} exports these names`, () => {
      expect(scriptsIn(source.slice(2)).flatMap(exportedNames)).toMatchSnapshot();
    });
  }

  test('the front door has at most 25 names that exist at run time, and 60 with types', async () => {
    expect(Object.keys(await import('brokerless')).length).toBeLessThanOrEqual(25);
    expect(scriptsIn('src/index.ts').flatMap(exportedNames).length).toBeLessThanOrEqual(60);
  });

  test('every door leads to a source and to its build', () => {
    expect(doors().flatMap(doorFaults)).toEqual([]);
  });

  test('every pattern has an index, a README and a door', () => {
    expect(patternFolders().flatMap(patternFaults)).toEqual([]);
  });
});

describe('hygiene', () => {
  test('no test sleeps', () => {
    const tests = scriptsIn('test').filter(({ path }) => path.endsWith('.test.ts'));
    expectAll(tests, sleeps);
  });

  test('no test is skipped, left alone or tried again', () => {
    expectAll(scriptsIn('test'), excuses);
  });

  test('no path of one machine and no registry stands in the tree', () => {
    expectAll(files(), machineTraces);
  });
});
