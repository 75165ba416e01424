/**
 * A user's program: the sockets and the pipeline with the types a user would write. Prints what it
 * got, as JSON, and ends by itself.
 */
import { BrokerlessError, isBrokerlessError, Pull, Push, type PushOptions } from 'brokerless';
import { startSink, startVentilator, startWorker } from 'brokerless/patterns/pipeline';

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

async function error(): Promise<string> {
  try {
    await Push.bind('tcp://0.0.0.0:*');
    return 'bound';
  } catch (thrown) {
    return isBrokerlessError(thrown) && thrown instanceof BrokerlessError ? thrown.code : 'other';
  }
}

const told = { sockets: await sockets(), pipeline: await pipeline(), error: await error() };
process.stdout.write(JSON.stringify(told));
