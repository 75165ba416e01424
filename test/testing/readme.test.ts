/**
 * The README of the simulator shows the program that is tested, and a failure as it is really reported.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { explore, faultKinds, report, simulate } from 'brokerless/testing';
import { expect, test } from 'vitest';
import { root } from '../support/root.ts';
import { HopefulRules } from './programs/hopeful.ts';
import { pinging } from './programs/ping.ts';

const readme = readFileSync(join(root, 'src/testing/README.md'), 'utf8');

test('it shows the program that is tested here, to the letter', () => {
  const program = readFileSync(join(root, 'test/testing/programs/ping.ts'), 'utf8');
  const shown = /```ts\n(.*?)```/s.exec(readme)?.[1];
  expect(shown).toBe(program.slice(program.indexOf('import')));
});

test('it shows a failure as it is reported, which can be played again', () => {
  const { failure } = explore(
    pinging(() => new HopefulRules()),
    { seeds: 20 },
  );
  const lines = failure === undefined ? [] : report(failure).split('\n');
  const shown = /\n```\n(seed .*?)\n…\n(.*?)\n```\n/s.exec(readme);
  expect(shown?.[1]).toBe(lines.slice(0, 5).join('\n'));
  expect(shown?.[2]).toBe(lines.slice(-9).join('\n'));
  const [fault] = failure?.faults ?? [];
  expect(readme).toContain(
    `seed: ${failure?.seed},\n  faults: [{ kind: '${fault?.kind}', at: ${fault?.at}, `,
  );
  const again = simulate(
    pinging(() => new HopefulRules()),
    { seed: failure?.seed ?? 0, faults: failure?.faults },
  );
  expect(again.hash).toBe(failure?.hash);
});

test('it tells of every kind of fault', () => {
  for (const kind of faultKinds) expect(readme).toContain(`\n| \`${kind}\``);
});
