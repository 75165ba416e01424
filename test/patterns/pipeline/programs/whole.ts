/**
 * A whole pipeline in one process, which ends by itself once the parts are closed.
 */
import { startSink, startVentilator, startWorker } from 'brokerless/patterns/pipeline';

const sink = await startSink<number>({ bind: 'tcp://127.0.0.1:*' });
const ventilator = await startVentilator([0, 1, 2], { bind: 'ipc://*', sink: sink.endpoint });
const worker = await startWorker({
  from: ventilator.endpoint,
  to: sink.endpoint,
  handler: (x: number) => 2 * x,
});

const values: number[] = [];
for await (const result of sink) if (result.ok) values.push(result.value);
await ventilator.finished;
await worker.finished;
await Promise.all([ventilator.close(), sink.close()]);
console.log(values.join(' '));
