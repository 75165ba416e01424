/**
 * Test of the example with several servers, one of which is killed.
 */
import { expect, test } from 'vitest';
import { Live } from './live.ts';

test('a killed server costs no lookup, and each payment it costs may have run', async () => {
  using main = new Live('examples/several-servers/main.ts');
  expect(await main.ends(), main.output).toBe(0);
  expect(main.lines).toContain('lookups: 150 answered, 0 failed');
  const payments = /^payments: (\d+) answered, (\d+) failed$/m.exec(main.output) ?? [];
  const [answered = 0, failed = 0] = payments.slice(1).map(Number);
  expect(answered + failed).toBe(150);
  expect(failed).toBeGreaterThan(0);
  expect(await main.says(/^failed with (.*)$/)).toBe('TIMEOUT, may have run: maybe');
  expect(main.output.match(/^failed with/gm)).toHaveLength(1);
  expect(Number(await main.says(/^asked again (\d+) times$/))).toBeGreaterThan(0);
}, 60_000);
