/**
 * One contestant of the bench `codec` at one step of one case, in a process of its own.
 *
 * What else a process has encoded moves these figures by up to four times: the compiler's guesses, and
 * cbor-x's memory, which is one for the whole process.
 */
import { Bench } from 'tinybench';
import { tell } from '../support/child.ts';
import { type CodecJob, valuesOf } from './job.ts';
import { type Way, wayOf } from './ways.ts';

const MEASURE_MS = 250;
const WARM_MS = 250;

const { way, step, subject } = JSON.parse(process.argv[2] ?? '{}') as CodecJob;
const values = valuesOf(subject);

let kept: unknown; // So that no work can be left out as unused.

const bench = new Bench({ time: MEASURE_MS, warmupTime: WARM_MS, throws: true });
bench.add('work', workOf(wayOf(way, values[0])), { async: false });
const [task] = await bench.run();
const result = task?.result;
if (result?.state !== 'completed') throw new Error(`nothing measured, and kept ${typeof kept}`);
tell({ opsPerSecond: (values.length * 1000) / result.latency.p50 });

function workOf({ encode, decode }: Way): () => void {
  const frames = encode(values);
  if (step === 'encode') {
    return () => {
      kept = encode(values);
    };
  }
  return () => {
    kept = decode(frames);
  };
}
