/**
 * Tests of the chat: a room and its clients, each a process of its own.
 */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { until } from '../support/until.ts';
import { Live } from './live.ts';
import { emptyTree } from './trees.ts';

const SERVER = 'examples/chat/server.ts';
const CLIENT = 'examples/chat/client.ts';
const GONE = 'the room is gone; waiting for it';

/** Resolves once a client has shown this line so often. */
const shows = (client: Live, line: string, times = 1): Promise<void> =>
  until(() => client.lines.filter((each) => each === line).length === times, {
    timeoutMs: 30_000,
    what: `"${line}" is shown ${times} times`,
  });

describe('a chat', { timeout: 90_000 }, () => {
  test('shows everybody what is said, and who comes and goes', async () => {
    using server = new Live(SERVER, 'tcp://127.0.0.1:*');
    const endpoint = await server.says(/^the room is at (.*)$/);
    using ada = new Live(CLIENT, '--name', 'ada', endpoint);
    await shows(ada, 'ada has joined');
    using bob = new Live(CLIENT, '--name', 'bob', endpoint);
    await shows(ada, 'bob has joined');

    ada.type('hello');
    await shows(bob, 'ada: hello');
    bob.type('/who');
    await shows(bob, 'here: ada, bob');
    bob.kill('SIGKILL');
    await shows(ada, 'bob has left');

    using eve = new Live(CLIENT, '--name', 'eve', endpoint);
    await shows(ada, 'eve has joined');
    ada.type('goodbye');
    ada.hangUp();
    expect(await ada.ends()).toBe(0);
    await shows(eve, 'ada has left');
    expect(eve.lines.slice(1)).toEqual(['eve has joined', 'ada: goodbye', 'ada has left']);
    expect(bob.lines.slice(1)).toEqual(['bob has joined', 'ada: hello', 'here: ada, bob']);
  });

  test.each(['SIGTERM', 'SIGKILL'] as const)('goes on after a %s of the server', async (signal) => {
    await using folder = await emptyTree();
    const endpoint = `ipc://${join(folder.path, 'room')}`;
    using ada = new Live(CLIENT, '--name', 'ada', endpoint); // It is there first.
    using bob = new Live(CLIENT, '--name', 'bob', endpoint);
    using first = new Live(SERVER, endpoint);
    await shows(ada, 'ada has joined');
    await shows(bob, 'bob has joined');
    first.kill(signal);
    expect(await first.ends()).toBe(signal === 'SIGTERM' ? 0 : signal);

    for (const client of [ada, bob]) await shows(client, GONE);
    using second = new Live(SERVER, endpoint);
    await shows(ada, 'ada has joined', 2);
    await shows(bob, 'bob has joined', 2);
    ada.type('is everybody back?');
    await shows(bob, 'ada: is everybody back?');

    for (const client of [ada, bob]) {
      client.hangUp();
      expect(await client.ends()).toBe(0);
      expect(client.lines.filter((line) => line === GONE)).toHaveLength(1);
    }
    second.kill('SIGINT');
    expect(await second.ends()).toBe(0);
    expect(second.lines).toEqual([`the room is at ${endpoint}`]);
  });
});
