/**
 * A program with threads that send frames which zeromq does not copy, over inproc with sockets of all types, and end
 * before what they have sent is let go of. How much of it came is printed, when all has been let go of.
 */
import { once } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { Dealer, Publisher, Pull, Push, Reply, Request, Router, Subscriber } from 'brokerless';

const [THREADS, COUNT, BYTES] = [8, 50, 1000];
const payload = (n: number): Uint8Array => new Uint8Array(BYTES).fill(n);
const isRight = (value: Uint8Array, n: number): boolean =>
  value.length === BYTES && value.every((byte) => byte === n);
const options = { codec: 'raw', overflow: 'wait' } as const;

async function inThread(): Promise<void> {
  const push = await Push.connect<Uint8Array>('inproc://pull', options);
  const dealer = await Dealer.connect<Uint8Array>('inproc://router', { codec: 'raw' });
  const request = await Request.connect<Uint8Array, Uint8Array>('inproc://reply', { codec: 'raw' });
  const publisher = await Publisher.connect<{ t: Uint8Array }>('inproc://subscriber', options);
  await publisher.subscribers(1, { topic: 't' });
  let right = 0;
  for (let n = 0; n < COUNT; n += 1) {
    await Promise.all([
      push.send(payload(n)),
      dealer.send(payload(n)),
      publisher.send('t', payload(n)),
    ]);
    if (isRight(await request.request(payload(n)), n)) right += 1;
    if (isRight(await dealer.receive(), n)) right += 1;
  }
  await Promise.all([push, dealer, request, publisher].map((socket) => socket.close()));
  parentPort?.postMessage(right, []);
}

async function inMain(): Promise<void> {
  const pull = await Pull.bind<Uint8Array>('inproc://pull', { codec: 'raw' });
  const router = await Router.bind<Uint8Array>('inproc://router', { codec: 'raw' });
  const reply = await Reply.bind<Uint8Array, Uint8Array>('inproc://reply', { codec: 'raw' });
  const subscriber = await Subscriber.bind<{ t: Uint8Array }>('inproc://subscriber', {
    codec: 'raw',
  });
  subscriber.subscribe('t');
  let right = 0;
  void reply.serve((value) => value);
  void (async () => {
    for await (const { peer, value } of router) void router.send(peer, value);
  })();
  void (async () => {
    let n = 0;
    for await (const value of pull) if (isRight(value, n++ % COUNT)) right += 1;
  })();
  void (async () => {
    let n = 0;
    for await (const { value } of subscriber) if (isRight(value, n++ % COUNT)) right += 1;
  })();
  for (let thread = 0; thread < THREADS; thread += 1) {
    const worker = new Worker(new URL(import.meta.url));
    worker.on('message', (count: number) => {
      right += count;
    });
    await once(worker, 'exit');
  }
  while (right < THREADS * COUNT * 4) await new Promise(setImmediate);
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  for (let times = 0; times < 5; times += 1) {
    collect();
    await new Promise(setImmediate);
  }
  console.log(right);
  await Promise.all([pull, router, reply, subscriber].map((socket) => socket.close()));
}

await (isMainThread ? inMain() : inThread());
