/**
 * A user's program: the sockets and the patterns with the types a user would write. Prints what it
 * got, as JSON, and ends by itself.
 */
import {
  BrokerlessError,
  isBrokerlessError,
  Pull,
  Push,
  type PushOptions,
  Request,
} from 'brokerless';
import type { Assign } from 'brokerless/kit';
import { LazyPirate, type LazyPirateOptions } from 'brokerless/patterns/lazy-pirate';
import {
  type LoadBalancer,
  startBalancedWorker,
  startLoadBalancer,
} from 'brokerless/patterns/load-balancer';
import {
  type PirateQueueOptions,
  startPirateQueue,
  startPirateWorker,
  type WorkerLoss,
} from 'brokerless/patterns/paranoid-pirate';
import { startSink, startVentilator, startWorker } from 'brokerless/patterns/pipeline';
import {
  type ConnectOptions,
  call,
  connectTo,
  contract,
  event,
  isFailure,
  type ServerMiddleware,
  serve,
  stream,
  type,
} from 'brokerless/patterns/service';

interface Job {
  readonly id: number;
  readonly tags: ReadonlySet<string>;
}

async function sockets(): Promise<number[]> {
  const options: PushOptions<Job> = { overflow: 'wait', maxQueueBytes: 1 << 20 };
  await using pull = await Pull.bind<Job>('tcp://127.0.0.1:*');
  await using push = await Push.connect<Job>(pull.endpoint, options);
  await push.send({ id: 1, tags: new Set(['a', 'b']) });
  const { id, tags } = await pull.receive();
  return [id, tags.size];
}

const square = (item: number): number => item * item;

async function pipeline(): Promise<number> {
  await using sink = await startSink<number>({ bind: 'tcp://127.0.0.1:*' });
  await using ventilator = await startVentilator([1, 2, 3], {
    bind: 'tcp://127.0.0.1:*',
    sink: sink.endpoint,
  });
  const worker = await startWorker({
    from: ventilator.endpoint,
    to: sink.endpoint,
    handler: square,
  });
  let sum = 0;
  for await (const result of sink) if (result.ok) sum += result.value;
  await worker.close();
  return sum;
}

const anywhere = { clients: 'tcp://127.0.0.1:*', workers: 'tcp://127.0.0.1:*' };

async function loadBalancer(): Promise<string> {
  await using broker: LoadBalancer = await startLoadBalancer({ ...anywhere, assign: 'priority' });
  const worker = await startBalancedWorker({
    broker: broker.workers,
    handler: (name: string) => `hello, ${name}`,
  });
  await using request = await Request.connect<string, string>(broker.clients);
  const greeting = await request.request('Ada');
  await worker.close();
  return greeting;
}

async function pirates(): Promise<[answer: number, lost: WorkerLoss | undefined]> {
  const newest: Assign = (idle, { last }) => [...idle].at(-1) ?? last;
  const options: PirateQueueOptions = { ...anywhere, assign: newest, heartbeatMs: 500 };
  await using queue = await startPirateQueue(options);
  const lost = new Promise<WorkerLoss>((resolve) => {
    queue.on('worker:lost', ({ reason }) => resolve(reason));
  });
  const worker = await startPirateWorker({
    queue: queue.workers,
    handler: square,
    heartbeatMs: 500,
  });
  const asking: LazyPirateOptions<number, number> = { servers: [queue.clients], timeoutMs: 5000 };
  await using client = new LazyPirate(asking);
  const answer = await client.request(7, { priority: 9 });
  await worker.leave();
  return [answer, await lost];
}

const shop = contract('shop', {
  add: call<{ readonly a: number; readonly b: number }, number>({ idempotent: true }),
  primes: stream<{ readonly upTo: number }, number>(),
  buy: call<string, void, { SOLD_OUT: { readonly left: number } }>({
    errors: { SOLD_OUT: type<{ readonly left: number }>() },
  }),
  noted: event<string>(),
});

async function service(): Promise<readonly unknown[]> {
  const asked: string[] = [];
  const noting: ServerMiddleware = ({ method, input }, next) => {
    asked.push(method);
    return next(input);
  };
  await using server = await serve(
    shop,
    {
      add: ({ a, b }) => a + b,
      async *primes({ upTo }) {
        for (const prime of [2, 3, 5, 7, 11]) if (prime <= upTo) yield prime;
      },
      buy: (_, context) => {
        throw context.failure('SOLD_OUT', { left: 0 });
      },
      noted: () => {},
    },
    { bind: 'tcp://127.0.0.1:*', use: [noting] },
  );
  const options: ConnectOptions = { to: [server.endpoint], balance: 'leastBusy' };
  await using client = await connectTo(shop, options);
  const sum: number = await client.add({ a: 4, b: 4 });
  const primes: number[] = [];
  for await (const prime of client.primes({ upTo: 9 })) primes.push(prime);
  const failure: unknown = await client.buy('tea').catch((reason: unknown) => reason);
  const isSoldOut =
    isFailure(failure, shop.methods.buy, 'SOLD_OUT') && failure.data.data.left === 0;
  const count = asked.filter((method) => method === 'buy').length;
  return [sum, primes, isSoldOut && failure.data.code, count];
}

async function error(): Promise<string> {
  try {
    await Push.bind('tcp://0.0.0.0:*');
    return 'bound';
  } catch (thrown) {
    return isBrokerlessError(thrown) && thrown instanceof BrokerlessError ? thrown.code : 'other';
  }
}

const told = {
  sockets: await sockets(),
  pipeline: await pipeline(),
  loadBalancer: await loadBalancer(),
  pirates: await pirates(),
  service: await service(),
  error: await error(),
};
process.stdout.write(JSON.stringify(told));
