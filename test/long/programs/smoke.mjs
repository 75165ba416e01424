/**
 * Two processes that talk: pushes values of several kinds to a child that compares each with what it
 * must be. Its argument is the endpoint for the child to bind; both must end by themselves.
 */
import { deepStrictEqual } from 'node:assert';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Pull, Push } from 'brokerless';

const COUNT = 10_000;

/** The value number `index`, of a kind that depends on it. */
function valueAt(index) {
  const kinds = [
    index,
    -index / 3,
    `value ${index} – ünïcödé 🙂`,
    { index, nested: { list: [index, null, true], text: 'x'.repeat(index % 300) } },
    new Uint8Array(index % 500).fill(index),
    new Date(1_700_000_000_000 + index),
    new Map([
      [index, 'number'],
      ['key', index],
    ]),
    new Set([index, 'member']),
    2n ** 70n + BigInt(index),
    null,
  ];
  return kinds[index % kinds.length];
}

async function pull(endpoint) {
  const socket = await Pull.bind(endpoint);
  process.stdout.write(`${socket.endpoint}\n`);
  let index = 0;
  for await (const value of socket) {
    const plain = value instanceof Uint8Array ? new Uint8Array(value) : value;
    deepStrictEqual(plain, valueAt(index));
    index += 1;
    if (index === COUNT) break;
  }
  await socket.close();
  process.stdout.write(`pulled ${index}\n`);
}

async function push(endpoint) {
  const self = fileURLToPath(import.meta.url);
  const stdio = ['ignore', 'pipe', 'inherit'];
  const child = spawn(process.execPath, [self, endpoint, 'pull'], { stdio });
  const ended = once(child, 'exit');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const { value: bound } = await lines.next();
  const socket = await Push.connect(bound);
  for (let index = 0; index < COUNT; index += 1) await socket.send(valueAt(index));
  const { value: last } = await lines.next();
  const [code] = await ended;
  const report = await socket.close();
  process.stdout.write(JSON.stringify({ node: process.version, last, code, report }));
}

const [endpoint, role] = process.argv.slice(2);
await (role === 'pull' ? pull(endpoint) : push(endpoint));
