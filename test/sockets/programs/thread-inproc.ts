/**
 * A program whose main thread binds sockets of all types over inproc and whose thread connects to them
 * and talks; what the thread received is printed.
 */
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { Dealer, Publisher, Pull, Push, Reply, Request, Router, Subscriber } from 'brokerless';

const COUNT = 2000;
const all = Array.from({ length: COUNT }, (_, n) => n);

async function inThread(): Promise<void> {
  const push = await Push.connect<number>('inproc://pull');
  const dealer = await Dealer.connect<number>('inproc://router');
  const request = await Request.connect<number, number>('inproc://reply');
  const subscriber = await Subscriber.connect<{ t: number }>('inproc://publisher');
  subscriber.subscribe('t');
  const ready = await subscriber.ready();
  const published = (async () => {
    let count = 0;
    for await (const { value } of subscriber) {
      if (value !== count) throw new Error(`expected ${count}, got ${value}`);
      count += 1;
      if (count === COUNT) break;
    }
    return count;
  })();
  parentPort?.postMessage('subscribed', []);
  for (const n of all) void push.send(n);
  const echoes = (async () => {
    let count = 0;
    for await (const value of dealer) {
      if (value !== count) throw new Error(`expected ${count}, got ${value}`);
      count += 1;
      if (count === COUNT) break;
      if (count % 100 === 0) for (let n = count; n < count + 100; n += 1) void dealer.send(n);
    }
    return count;
  })();
  for (let n = 0; n < 100; n += 1) void dealer.send(n);
  const answers = await Promise.all(all.map((n) => request.request(n)));
  const right = answers.every((answer, n) => answer === n + 1);
  const result = { ready, published: await published, echoed: await echoes, right };
  await Promise.all([push, dealer, request, subscriber].map((socket) => socket.close()));
  parentPort?.postMessage(result, []);
}

async function inMain(): Promise<void> {
  const pull = await Pull.bind<number>('inproc://pull');
  const router = await Router.bind<number>('inproc://router');
  const reply = await Reply.bind<number, number>('inproc://reply');
  const publisher = await Publisher.bind<{ t: number }>('inproc://publisher', { overflow: 'wait' });
  void reply.serve((n) => n + 1);
  void (async () => {
    for await (const { peer, value } of router) void router.send(peer, value);
  })();
  let pulled = 0;
  void (async () => {
    for await (const value of pull) if (value === pulled) pulled += 1;
  })();
  const worker = new Worker(new URL(import.meta.url));
  let result: unknown;
  worker.on('message', (message) => {
    if (message === 'subscribed') for (const n of all) void publisher.send('t', n);
    else result = message;
  });
  const code = await new Promise((resolve) => worker.once('exit', resolve));
  console.log(JSON.stringify({ code, pulled, ...Object(result) }));
  await Promise.all([pull, router, reply, publisher].map((socket) => socket.close()));
}

await (isMainThread ? inMain() : inThread());
