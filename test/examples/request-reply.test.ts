/**
 * Tests of the example of request and reply: two processes, started in either order.
 */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Live } from './live.ts';
import { emptyTree } from './trees.ts';

const SERVER = 'examples/request-reply/server.ts';
const CLIENT = 'examples/request-reply/client.ts';

const ANSWERS = [
  'hello, Ada',
  'the server says: nobody to greet {"code":"NO_NAME","data":{"try":"Ada"}}',
  'hello, Grace',
];

describe('a server that greets', { timeout: 60_000 }, () => {
  test('answers two clients, and stops when it is told to', async () => {
    using server = new Live(SERVER, 'tcp://127.0.0.1:*');
    const endpoint = await server.says(/^answering at (.*)$/);
    using one = new Live(CLIENT, endpoint);
    using other = new Live(CLIENT, endpoint);
    for (const client of [one, other]) {
      expect(await client.ends()).toBe(0);
      expect(client.lines).toEqual(ANSWERS);
    }
    server.kill('SIGTERM');
    expect(await server.ends()).toBe(0);
    expect(server.lines).toEqual([`answering at ${endpoint}`, 'answered 6 requests']);
  });

  test('answers a client that was there first', async () => {
    await using folder = await emptyTree();
    const endpoint = `ipc://${join(folder.path, 'socket')}`;
    using client = new Live(CLIENT, endpoint);
    using server = new Live(SERVER, endpoint);
    expect(await client.ends()).toBe(0);
    expect(client.lines).toEqual(ANSWERS);
    expect(server.lines).toEqual([`answering at ${endpoint}`]);
  });
});
