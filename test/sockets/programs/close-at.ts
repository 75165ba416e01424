/**
 * A program that closes a Pull while it is iterated, at every message around the 513th, at which
 * zeromq puts an operation off and its own loop throws ENOTSOCK.
 */
import { Pull, Push } from 'brokerless';

const [batch = 'false', where = 'inside'] = process.argv.slice(2);
const ends: string[] = [];

async function closeAt(k: number): Promise<string> {
  const pull = await Pull.bind<number>(`inproc://close-${k}`);
  const push = await Push.connect<number>(pull.endpoint, { batch: batch === 'true' });
  for (let n = 1; n <= 600; n += 1) void push.send(n);
  await new Promise(setImmediate);
  let closing: Promise<unknown> = Promise.resolve();
  const close = (): void => {
    closing = Promise.all([pull.close(), push.close({ drainMs: 0 })]);
  };
  let last = 0;
  try {
    for await (const value of pull) {
      last = value;
      if (value !== k) continue;
      if (where === 'inside') close();
      else queueMicrotask(close);
    }
    return last >= k ? 'ended' : `ended early, at ${last}`;
  } catch (error) {
    return `threw ${String(error)}`;
  } finally {
    await closing;
  }
}

for (let k = 500; k <= 530; k += 1) ends.push(await closeAt(k));
console.log([...new Set(ends)].join());
