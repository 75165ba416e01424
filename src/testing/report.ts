/**
 * Report: an outcome as text, from which a failure can be played again.
 */
import type { Fault } from './faults.ts';
import type { Outcome } from './simulate.ts';

const SHOWN_LINES = 60;

/**
 * What has become of a run: the seed, why it failed, the faults as a list to be pasted into `faults` of the
 * options, and the last lines of its trace.
 */
export function report(outcome: Outcome): string {
  const { seed, failure, faults, lines, events, hash } = outcome;
  const why = failure === undefined ? 'well' : `failed: ${failure.message}`;
  const shown = lines.slice(-SHOWN_LINES);
  return [
    `seed ${seed} ${why}`,
    `${events} events, hash ${hash}`,
    `faults: [${faults.length === 0 ? '' : '\n'}${faults.map(faultLine).join('')}]`,
    `the last ${shown.length} lines:`,
    ...shown,
  ].join('\n');
}

function faultLine({ kind, at, forMs, nodes, strength }: Fault): string {
  const names = nodes.map((name) => `'${name}'`).join(', ');
  const end = strength === undefined ? '' : `, strength: ${strength}`;
  return `  { kind: '${kind}', at: ${at}, forMs: ${forMs}, nodes: [${names}]${end} },\n`;
}
