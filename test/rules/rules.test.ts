/**
 * The actions that rules answer with, as `drive` reads them.
 */
import { expect, test } from 'vitest';
import { reopen, send, tell } from '../../src/rules/rules.ts';

test('sending names the port and the message', () => {
  const message = { id: 1 };
  expect(send('out', message)).toStrictEqual({ kind: 'send', to: 'out', message });
});

test('telling carries what is told', () => {
  expect(tell('done')).toStrictEqual({ kind: 'tell', what: 'done' });
});

test('opening anew names the port, and the place if it is another', () => {
  expect(reopen('out')).toStrictEqual({ kind: 'reopen', port: 'out', to: undefined });
  expect(reopen('out', 'tcp://host:1')).toStrictEqual({
    kind: 'reopen',
    port: 'out',
    to: 'tcp://host:1',
  });
});
