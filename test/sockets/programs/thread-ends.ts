/**
 * A program that starts threads, two at a time, each with sockets of all types that talk over tcp and
 * over inproc and then wait for more, and each ending as the argument says; after each two, other
 * sockets must still talk.
 */
import { isMainThread, parentPort, threadId, Worker, workerData } from 'node:worker_threads';
import { Dealer, Publisher, Pull, Push, Reply, Request, Router, Subscriber } from 'brokerless';

const [how = 'throw', times = '6'] = process.argv.slice(2);
const NOWHERE = 'tcp://127.0.0.1:9';

type Closable = Pick<Push, 'close'>;
const ignore = (): void => {};

/** For each pair: sockets that have talked at `endpoint`, with operations pending, and idle ones. */
const pairs: Readonly<Record<string, (endpoint: string) => Promise<Closable[]>>> = {
  async push(endpoint) {
    const pull = await Pull.bind(endpoint);
    const push = await Push.connect(pull.endpoint);
    await push.send('hello');
    await pull.receive();
    pull.receive().catch(ignore);
    const idle = await Push.connect(NOWHERE);
    for (let n = 0; n < 100; n += 1) idle.send('to nobody').catch(ignore);
    return [pull, push, idle];
  },
  async dealer(endpoint) {
    const router = await Router.bind(endpoint);
    const dealer = await Dealer.connect(router.endpoint);
    await dealer.send('hello');
    const { peer } = await router.receive();
    await router.send(peer, 'hello');
    await dealer.receive();
    for (const socket of [router, dealer]) socket.receive().catch(ignore);
    for (let n = 0; n < 100; n += 1) router.send(peer, n).catch(ignore);
    const idle = await Dealer.connect(NOWHERE);
    for (let n = 0; n < 100; n += 1) idle.send('to nobody').catch(ignore);
    idle.receive().catch(ignore);
    const alone = await Router.connect(NOWHERE);
    alone.receive().catch(ignore);
    alone.send('00', 'to nobody').catch(ignore);
    return [router, dealer, idle, alone];
  },
  async request(endpoint) {
    const reply = await Reply.bind<string, string>(endpoint);
    reply.serve((text) => (text === 'hang' ? new Promise(ignore) : text)).catch(ignore);
    const request = await Request.connect<string, string>(reply.endpoint);
    await request.request('hello');
    request.request('hang').catch(ignore);
    const idle = await Request.connect(NOWHERE);
    idle.request('to nobody').catch(ignore);
    return [reply, request, idle];
  },
  async publisher(endpoint) {
    const publisher = await Publisher.bind(endpoint, { overflow: 'wait' });
    const subscriber = await Subscriber.connect(publisher.endpoint);
    subscriber.subscribe('t');
    await publisher.subscribers(1, { topic: 't' });
    await publisher.send('t', 'hello');
    await subscriber.receive();
    subscriber.receive().catch(ignore);
    publisher.subscribers(9).catch(ignore);
    for (let n = 0; n < 1000; n += 1) publisher.send('t', 'more').catch(ignore);
    const idle = (await Subscriber.connect(NOWHERE)).subscribe('t');
    idle.ready().catch(ignore);
    return [publisher, subscriber, idle];
  },
};

async function inThread(): Promise<void> {
  const data: { how: string } = workerData;
  const sockets: Closable[] = [];
  for (const [name, open] of Object.entries(pairs)) {
    sockets.push(...(await open('tcp://127.0.0.1:*')));
    sockets.push(...(await open(`inproc://${name}-${threadId}`)));
  }
  if (data.how === 'exit') process.exit(3);
  if (data.how === 'throw') {
    setImmediate(() => {
      throw new Error('thrown in the thread');
    });
    return;
  }
  await Promise.all(sockets.map((socket) => socket.close({ drainMs: 0 })));
  if (data.how === 'terminate') {
    setInterval(ignore, 1000); // So that it does not end by itself.
    parentPort?.postMessage('closed', []);
  }
}

/** Runs one thread and gives its exit code. */
function thread(): Promise<number> {
  const worker = new Worker(new URL(import.meta.url), { workerData: { how } });
  worker.on('error', (error) => console.error(String(error)));
  worker.once('message', () => void worker.terminate());
  return new Promise((resolve) => worker.once('exit', resolve));
}

async function inMain(): Promise<void> {
  const reply = await Reply.bind<number, number>('tcp://127.0.0.1:*');
  void reply.serve((n) => n);
  const request = await Request.connect<number, number>(reply.endpoint);
  const codes: number[] = [];
  for (let time = 0; time < Number(times); time += 2) {
    codes.push(...(await Promise.all([thread(), thread()])));
    if ((await request.request(time)) !== time) throw new Error('the other sockets went wrong');
  }
  const bound = await Pull.bind('tcp://127.0.0.1:*'); // Sockets made later must work, too.
  const late = await Push.connect(bound.endpoint);
  await late.send('late');
  console.log(JSON.stringify({ codes: [...new Set(codes)], late: await bound.receive() }));
  await Promise.all([reply, request, bound, late].map((socket) => socket.close()));
}

await (isMainThread ? inMain() : inThread());
