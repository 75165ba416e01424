/**
 * Mail: sends what a shop has to say to its customers. A refusal for now is tried again, one for good is kept.
 *
 *     node --conditions=@brokerless/source --import tsx examples/mail/main.ts
 *
 * In Python this is Celery, and a broker and a store of results to install. This process is the hub, and
 * the producer; two workers and an SMTP server are there to try it with.
 */
import { connectProducer, startCrew, startWorkQueue } from 'brokerless/patterns/work-queue';
import { Postbox } from './smtp.ts';
import type { Mail } from './worker.ts';

const postbox = new Postbox(['ada@example.org', 'alan@example.org']);
const port = await postbox.listen();

const local = 'tcp://127.0.0.1:*';
const hub = await startWorkQueue({ producers: local, workers: local, maxAttempts: 3 });
const file = new URL('worker.ts', import.meta.url);
const crew = startCrew({ file, count: 2, args: [hub.workers, String(port)] });
const producer = await connectProducer<Mail, string>(hub.producers);

/** Sends the mail about an order. Asked for twice, it is sent once: both are the same item. */
async function send(order: number, to: string): Promise<string> {
  const mail = { to, subject: `Order ${order}`, text: 'Your order is on its way.' };
  return producer.send(mail, { key: `order-${order}`, unique: true });
}

async function tell(id: string, to: string): Promise<void> {
  const outcome = await producer.outcome(id);
  const how = outcome.status === 'done' ? outcome.value : outcome.status;
  console.log(`${to}: ${how}, at attempt ${outcome.attempts}`);
}

const orders = [
  [17, 'ada@example.org'],
  [18, 'alan@example.org'],
  [18, 'alan@example.org'], // Somebody has clicked twice.
  [19, 'grace@example.org'],
] as const;
const ids = await Promise.all(orders.map(([order, to]) => send(order, to)));
await Promise.all([...new Set(ids)].map((id) => tell(id, orders[ids.indexOf(id)]?.[1] ?? '')));

for (const { id, item, history } of hub.deadLetters()) {
  const { to } = item as Mail;
  console.log(`dead letter to ${to}, tried ${history.length} times: ${history.at(-1)?.reason}`);
  postbox.known.add(to); // Somebody sees to it, and then it is sent again.
  await tell(await hub.resend(id), to);
}
console.log(`delivered: ${postbox.delivered.toSorted().join(', ')}`);
await Promise.all([producer.close(), crew.stop()]);
await hub.close();
postbox.close();
