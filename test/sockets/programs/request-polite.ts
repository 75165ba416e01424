/**
 * A program that asks in a tight loop, and answers as a child of itself or beside itself over inproc,
 * and measures how long a timer of 5 ms was kept waiting meanwhile; judged as in polite.ts.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Reply, Request } from 'brokerless';
import { control, Lateness } from '../../support/lateness.ts';

const IN_FLIGHT = 64;

const [kind = 'one', role = 'client'] = process.argv.slice(2);

/** Asks without a break until the time is over; how often. */
async function ask(request: Request<number, number>, lateness: Lateness): Promise<number> {
  let count = 0;
  const loop = async (): Promise<void> => {
    while (!lateness.over) {
      await request.request(count).catch(() => {});
      count += 1;
    }
  };
  const loops = kind.endsWith('many') ? IN_FLIGHT : 1;
  await Promise.all(Array.from({ length: loops }, loop));
  return count;
}

async function client(): Promise<void> {
  const request = new Request<number, number>({ maxInFlight: kind === 'refused' ? 1 : IN_FLIGHT });
  if (kind === 'refused') void request.request(0).catch(() => {}); // It fills the queue.
  const child = kind.startsWith('near')
    ? undefined
    : fork(new URL(import.meta.url), [kind, 'server']);
  if (child === undefined) {
    const reply = await Reply.bind<number, number>('inproc://polite');
    void reply.serve((n) => n);
    await request.connect(reply.endpoint);
  } else {
    const [endpoint] = await once(child, 'message');
    if (kind !== 'refused') await request.connect(String(endpoint));
  }
  const controlled = await control();
  child?.send('measure');
  const lateness = new Lateness();
  const count = await ask(request, lateness);
  const measured = { late: lateness.end(), control: controlled, count };
  child?.send('report');
  const [server] = child === undefined ? [measured] : await once(child, 'message');
  console.log(JSON.stringify({ client: measured, server }));
  process.exit(0);
}

async function server(): Promise<void> {
  process.once('disconnect', () => process.exit(1)); // The client has failed.
  const reply = await Reply.bind<number, number>('tcp://127.0.0.1:*');
  const controlled = control(); // While the client measures its own: both cores are then busy.
  process.send?.(reply.endpoint);
  await Promise.all([controlled, once(process, 'message')]);
  const lateness = new Lateness();
  void once(process, 'message').then(async () => {
    const count = reply.stats().received;
    process.send?.({ late: lateness.end(), control: await controlled, count }, () => {
      process.exit(0);
    });
  });
  await reply.serve((n) => n);
}

await (role === 'client' ? client() : server());
