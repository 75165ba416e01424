/**
 * One contestant of the bench `rules` at one case, in a process of its own.
 */
import { Bench } from 'tinybench';
import { tell } from '../support/child.ts';
import { floorBroker, floorClient, floorLane } from './floors.ts';
import { CLIENT, crowds, fans, LANE, type RulesJob } from './job.ts';
import { ourBroker, ourClient, ourLane } from './ours.ts';
import { floorFanOut, ourFanOut } from './work-queue.ts';

const MEASURE_MS = 500;
const WARM_MS = 500;
const IN_FLIGHT = 64;

// Steps in one call, so that the stopwatch costs nothing beside them.
const STEPS = 100;

const step = stepOf(JSON.parse(process.argv[2] ?? '{}') as RulesJob);

const bench = new Bench({ time: MEASURE_MS, warmupTime: WARM_MS, throws: true });
bench.add(
  'steps',
  () => {
    for (let i = 0; i < STEPS; i += 1) step();
  },
  { async: false },
);
const [task] = await bench.run();
const result = task?.result;
if (result?.state !== 'completed') throw new Error('nothing measured');
tell({ us: (result.latency.p50 * 1000) / STEPS });

function stepOf({ way, subject }: RulesJob): () => void {
  const isOurs = way === 'ours';
  const crowd = crowds.get(subject);
  if (crowd !== undefined) return isOurs ? ourBroker(crowd) : floorBroker(crowd);
  if (subject === LANE) return isOurs ? ourLane() : floorLane();
  if (subject === CLIENT) return isOurs ? ourClient(IN_FLIGHT) : floorClient(IN_FLIGHT);
  const workers = fans.get(subject);
  if (workers !== undefined) return isOurs ? ourFanOut(workers) : floorFanOut(workers);
  throw new Error(`no case "${subject}"`);
}
