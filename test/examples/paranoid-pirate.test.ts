/**
 * Tests of the example of the paranoid pirate: whoever is killed, every request is answered.
 */
import { describe, expect, test } from 'vitest';
import { runScript } from '../support/child.ts';
import { run } from '../support/command.ts';
import { compiled } from '../support/compiled.ts';
import { PYTHON, requirePython } from '../support/python.ts';
import { root } from '../support/root.ts';
import { Live } from './live.ts';

const MAIN = 'examples/paranoid-pirate/main.ts';
const SUMMARY =
  /^requests (\d+), answered (\d+), killed (\d+), redelivered (\d+), repeated work (\d+)$/;

/** The numbers of the last line. */
function summaryOf(output: string): Record<string, number> {
  const [, ...counts] = SUMMARY.exec(output.trimEnd().split('\n').at(-1) ?? '') ?? [];
  const [requests, answered, killed, redelivered, repeated] = counts.map(Number);
  return { requests, answered, killed, redelivered, repeated } as Record<string, number>;
}

describe('the paranoid pirate', { timeout: 90_000 }, () => {
  test('answers every request although workers are killed', async () => {
    using main = new Live(MAIN, '--requests', '600', '--workers', '3', '--kills', '4');
    expect(await main.ends(), main.output).toBe(0);
    const summary = summaryOf(main.output);
    expect(summary).toMatchObject({ requests: 600, answered: 600, killed: 4 });
    expect(main.output.match(/^process \d+ is killed$/gm)).toHaveLength(4);
    expect(main.output.match(/^worker \w+ is lost: gone$/gm)?.length).toBeGreaterThanOrEqual(4);
    // What a killed worker had in hand is given to another, who begins anew with what had been begun.
    expect(summary['redelivered']).toBeGreaterThan(0);
    expect(summary['repeated']).toBeLessThanOrEqual(summary['redelivered'] ?? 0);
  });

  test('repeats nothing if nobody is killed', async () => {
    using main = new Live(MAIN, '--requests', '100', '--workers', '2', '--kills', '0');
    expect(await main.ends(), main.output).toBe(0);
    expect(summaryOf(main.output)).toMatchObject({ answered: 100, killed: 0, repeated: 0 });
  });

  test('draws a table on a terminal', async (context) => {
    requirePython(context);
    const terminal = 'import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)';
    const command = [process.execPath, compiled(MAIN)];
    const args = ['--requests', '60', '--workers', '2', '--kills', '1'];
    const shown = await run(PYTHON, ['-c', terminal, ...command, ...args], { cwd: root });
    expect(shown).toMatch(/│ process \d+ +│ +\d+ │ killed/);
    expect(summaryOf(shown)).toMatchObject({ requests: 60, answered: 60, killed: 1 });
  });

  test.each([
    [['--workers', '0'], '--workers must be a whole number from 1 to 64, got "0"'],
    [['--requests', ' '], '--requests must be a whole number from 1 to 1000000, got " "'],
    [['--kill', '1'], "Unknown option '--kill'"],
  ])('refuses %j in a line', async (args, reason) => {
    const { code, stdout, stderr } = await runScript(MAIN, {
      args,
      source: true,
    });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(reason);
    expect(stderr).toMatch(/; usage: main\.ts \[--requests N\] [^\n]*\n$/);
  });
});
