/**
 * Simulate: one run of a scenario, from a seed to an outcome that is always the same.
 *
 *     nodes start ─▶ faults and workload for `forMs` ─▶ all healed, `healMs` more ─▶ the last checks
 */
import { type Conditions, Engine } from './engine.ts';
import { drawFaults, type Fault, type FaultKind, faultKinds } from './faults.ts';
import { exponential, seededRandom } from './random.ts';
import { strike } from './strike.ts';
import { Trace } from './trace.ts';
import { World } from './world.ts';

/** Builds a world. What it returns is called at the end, to check what has become of it. */
export type Scenario = (world: World) => (() => void) | void;

/** How a scenario is run. */
export interface SimulationOptions {
  /** What all that is drawn stands on. */
  readonly seed: number;
  /** Which kinds of faults may be drawn. Default: all but `hostile`, which ZeroMQ rules out. */
  readonly kinds?: readonly FaultKind[] | undefined;
  /** Has just these faults happen, and draws none. */
  readonly faults?: readonly Fault[] | undefined;
  /** For how long there are faults, in milliseconds. Default 60000. */
  readonly forMs?: number | undefined;
  /** For how long all is well after that, in milliseconds. Default 30000. */
  readonly healMs?: number | undefined;
  /** Whether all lines of the trace are kept, and not the last 200. Default false. */
  readonly trace?: boolean | undefined;
  /** The most that may happen before the run counts as one that never ends. Default 200000. */
  readonly maxEvents?: number | undefined;
  /** Whether rules are told that a connection has ended. Default: in half of the seeds. */
  readonly notifications?: boolean | undefined;
  /** How many messages fit between the two ends of a connection, each way. Default 1000. */
  readonly highWaterMark?: number | undefined;
}

/** What has become of a run. */
export interface Outcome {
  /** The seed. */
  readonly seed: number;
  /** The faults there were. */
  readonly faults: readonly Fault[];
  /** Why it failed; undefined if it did not. */
  readonly failure: Error | undefined;
  /** A number that stands for all that happened: two runs of a seed have the same. */
  readonly hash: string;
  /** What happened, a line each: the last 200, or all with `trace`. Written when asked for. */
  readonly lines: readonly string[];
  /** How many events there were. */
  readonly events: number;
  /** How often each mark was passed. The simulation sets some of its own, such as `fault:crash`. */
  readonly marks: ReadonlyMap<string, number>;
}

const MAX_EVENTS = 200_000;

/** Runs a scenario once. It never throws: what the scenario throws is the failure of the outcome. */
export function simulate(scenario: Scenario, options: SimulationOptions): Outcome {
  const { seed, forMs = 60_000, healMs = 30_000, kinds = usualKinds } = options;
  const trace = new Trace(options.trace ?? false);
  const engine = new Engine(seed, conditionsOf(options), trace);
  let faults = options.faults ?? [];
  try {
    const world = new World(engine, forMs);
    if (engine.conditions.notifications) engine.mark('notifications');
    const check = scenario(world);
    const struck = World.begin(world);
    faults = options.faults ?? drawFaults(seed, kinds, struck.victims, forMs);
    for (const fault of faults) strike(struck, fault, forMs);
    run(engine, forMs + healMs, options.maxEvents ?? MAX_EVENTS);
    check?.();
  } catch (thrown) {
    engine.failure ??= thrown instanceof Error ? thrown : new Error(String(thrown));
    engine.note('fail', '', engine.failure.message);
  }
  const { failure, marks, events } = engine;
  return {
    seed,
    faults,
    failure,
    hash: trace.hash,
    events,
    marks,
    get lines() {
      return trace.lines();
    },
  };
}

const usualKinds = faultKinds.filter((kind) => kind !== 'hostile');

function conditionsOf(options: SimulationOptions): Conditions {
  const random = seededRandom(`${options.seed}/network`);
  const drawn = {
    minLatencyMs: 0.05 + random(),
    moreLatencyMs: 0.05 + exponential(random, 3),
    notifications: random() < 0.5,
  };
  return {
    ...drawn,
    notifications: options.notifications ?? drawn.notifications,
    highWaterMark: options.highWaterMark ?? 1000,
  };
}

/** Has everything happen until `end`. */
function run(engine: Engine, end: number, maxEvents: number): void {
  for (let next = engine.agenda.next(end); next !== undefined; next = engine.agenda.next(end)) {
    next();
    engine.events += 1;
    if (engine.events > maxEvents) {
      engine.fail(new Error(`a run that never ends: ${maxEvents} events by ${engine.now} ms`));
    }
    if (engine.failure !== undefined) throw engine.failure;
  }
}
