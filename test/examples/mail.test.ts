/**
 * Test of the example that sends mail: what becomes of each message, whatever the server says.
 */
import { expect, test } from 'vitest';
import { Live } from './live.ts';

test('mail is tried again, kept or sent once, as it has to be', { timeout: 90_000 }, async () => {
  using main = new Live('examples/mail/main.ts');
  expect(await main.ends(), main.output).toBe(0);
  const [ada, alan, grace] = ['ada', 'alan', 'grace'].map((name) => `${name}@example.org`);
  const queued = '250 OK: message queued, at attempt 2';
  expect(main.lines.slice(0, 3).toSorted()).toEqual([
    `${ada}: ${queued}`, // The server takes nothing at first sight.
    `${alan}: ${queued}`,
    `${grace}: failed, at attempt 3`,
  ]);
  expect(main.lines[3]).toMatch(/^dead letter to grace@example\.org, tried 3 times: .*: 550 /);
  expect(main.lines.slice(4)).toEqual([
    `${grace}: ${queued}`,
    `delivered: ${ada}, ${alan}, ${grace}`,
  ]);
});
