/**
 * The simulated worlds of all patterns that have one, by the pattern's name.
 */
import { BalancerRules } from '../../patterns/load-balancer/rules.ts';
import { LaneRules as BalancedLaneRules } from '../../patterns/load-balancer/worker-rules.ts';
import { QueueRules } from '../../patterns/paranoid-pirate/queue-rules.ts';
import { LaneRules } from '../../patterns/paranoid-pirate/worker-rules.ts';
import { ClientRules } from '../../patterns/service/client-rules.ts';
import { ServerRules } from '../../patterns/service/server-rules.ts';
import { FanOutRules } from '../../patterns/work-queue/fan-out-rules.ts';
import { HubRules } from '../../patterns/work-queue/hub-rules.ts';
import { ProducerRules } from '../../patterns/work-queue/producer-rules.ts';
import { WorkerRules } from '../../patterns/work-queue/worker-rules.ts';
import type { Scenario, SimulationOptions } from '../../src/testing/index.ts';
import { pirates as lazyPirates } from './lazy-pirate/worlds.ts';
import { balancers } from './load-balancer/simulated.ts';
import { pirates as paranoidPirates } from './paranoid-pirate/simulated.ts';
import { services } from './service/simulated.ts';
import { type Makers, workQueues } from './work-queue/simulated.ts';
import { type FanOutMakers, fanOuts } from './work-queue/simulated-fan-out.ts';

/** A world to explore, and what it needs besides. */
export interface Explorable {
  /** Builds it. */
  readonly scenario: Scenario;
  /** How it is to be run. */
  readonly options: Pick<SimulationOptions, 'notifications'>;
}

const workQueue: Makers & FanOutMakers = {
  hub: (options) => new HubRules(options),
  worker: (options) => new WorkerRules(options),
  producer: (options) => new ProducerRules(options),
  fanOut: (options) => new FanOutRules(options),
};

/** What to explore. */
export const explorables: Readonly<Record<string, Explorable>> = {
  'lazy-pirate': { scenario: lazyPirates(), options: {} },
  'load-balancer': {
    scenario: balancers({
      broker: (options) => new BalancerRules(options),
      lane: (options) => new BalancedLaneRules(options),
    }),
    options: { notifications: true },
  },
  'paranoid-pirate': {
    scenario: paranoidPirates({
      queue: (options) => new QueueRules(options),
      lane: (options) => new LaneRules(options),
    }),
    options: {},
  },
  service: {
    scenario: services({
      client: (options) => new ClientRules(options),
      server: (options) => new ServerRules(options),
    }),
    options: {},
  },
  'work-queue': { scenario: workQueues(workQueue), options: {} },
  'work-queue, forgetful': { scenario: workQueues(workQueue, { isDurable: false }), options: {} },
  'work-queue, fan-out': { scenario: fanOuts(workQueue), options: {} },
};
