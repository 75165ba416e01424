/**
 * Polite: however tight a loop of requests is, timers have their turn at both ends.
 */
import { describe, test } from 'vitest';
import { expectTwoGood, isPunctual } from '../support/punctual.ts';

const program = new URL('programs/request-polite.ts', import.meta.url);

describe('a tight loop never keeps a timer waiting', () => {
  test.for([
    ['many', 1000],
    ['near-one', 200],
    ['near-many', 1000],
    ['refused', 1000],
  ] as const)('of requests: %s', { timeout: 60_000 }, async ([kind, atLeast]) => {
    await expectTwoGood<'client' | 'server'>(
      program,
      kind,
      ({ client, server }) => isPunctual(client) && isPunctual(server) && client.count > atLeast,
    );
  });
});
