/**
 * A program that sends in a tight loop, or receives in one as a child of itself, and measures how long
 * a timer of 5 ms was kept waiting meanwhile. What the machine itself does to a timer is left out as
 * far as the kernel tells it, and else measured right before, with a loop that computes and lets go of
 * the event loop every 4 ms.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { isBrokerlessError, Pull, Push } from 'brokerless';
import { control, Lateness } from '../../support/lateness.ts';

const [kind = 'small', role = 'sender'] = process.argv.slice(2);
const value = kind === 'object' ? { id: 1, name: 'value', ok: true, args: [1, 2, 3] } : bytes();

function bytes(): Uint8Array {
  return new Uint8Array(kind === 'large' ? 64 * 1024 : 16);
}

async function send(): Promise<void> {
  const child = fork(new URL(import.meta.url), [kind, 'receiver']);
  const [endpoint] = await once(child, 'message');
  const push = new Push<unknown>(kind === 'refused' ? { overflow: 'reject' } : {});
  if (kind !== 'refused') await push.connect(String(endpoint));
  if (kind !== 'refused') await push.ready();
  const controlled = await control();
  child.send('measure');
  const lateness = new Lateness();
  let count = 0;
  while (!lateness.over) {
    try {
      await push.send(value);
    } catch (error) {
      if (!isBrokerlessError(error, 'QUEUE_FULL')) throw error;
    }
    count += 1;
  }
  const sender = { late: lateness.end(), control: controlled, count };
  child.send('report');
  const [receiver] = await once(child, 'message');
  console.log(JSON.stringify({ sender, receiver }));
  process.exit(0);
}

async function receive(): Promise<void> {
  const pull = await Pull.bind('tcp://127.0.0.1:*');
  const controlled = control(); // While the sender measures its own: both cores are then busy.
  process.send?.(pull.endpoint);
  const [, late] = await Promise.all([controlled, once(process, 'message')]);
  void late;
  const lateness = new Lateness();
  let count = 0;
  void once(process, 'message').then(async () => {
    process.send?.({ late: lateness.end(), control: await controlled, count }, () => {
      process.exit(0);
    });
  });
  for await (const received of pull) if (received !== undefined) count += 1;
}

await (role === 'sender' ? send() : receive());
