/**
 * Rounds: a broker, the workers behind it and the client before it, each in a process of its own.
 */
import type { Counted } from '../support/job.ts';
import { Program, script } from '../support/processes.ts';
import type { Trips } from '../support/round-trips.ts';
import { type Contestant, calibrated } from '../support/rounds.ts';
import { expectedSum } from '../support/values.ts';
import type { ClientJob, Doors, WorkerJob } from './job.ts';
import type { Watched } from './watch.ts';

/** A broker's program, and about how many requests a second to expect of it. */
export interface Broker {
  readonly file: URL;
  readonly expected: number;
}

/** What is around the broker. */
export interface Shape
  extends Pick<ClientJob, 'size' | 'inFlight'>,
    Pick<WorkerJob, 'socket' | 'lanes'> {
  /** How many processes of workers there are. */
  readonly workers: number;
}

/** What came of a round: of the client, and of the broker and the workers, in this order. */
export interface BrokerReport {
  readonly sent: Trips;
  readonly received: readonly [Watched, ...Watched[]];
}

const TIMED_SECONDS = 2;

const client = new URL('./client.ts', import.meta.url);
const worker = new URL('./worker.ts', import.meta.url);

/** The broker as a contestant; one that loses or damages bodies is none. */
export function brokerContestant(
  name: string,
  { file, expected }: Broker,
  shape: Shape,
): Contestant<BrokerReport> {
  const length = { expected, seconds: TIMED_SECONDS };
  return calibrated(name, length, {
    rate: requestRate,
    async measure(counted) {
      const report = await runBroker(file, shape, counted);
      const sum = expectedSum('bytes', { ...counted, warm: shape.inFlight });
      if (report.sent.sum === sum) return report;
      throw new Error(`${name}: the client read ${report.sent.sum} in its replies, not ${sum}`);
    },
  });
}

/** Completed requests a second. */
export function requestRate({ sent }: BrokerReport): number {
  return sent.values / sent.seconds;
}

async function runBroker(
  file: URL,
  { size, inFlight, socket, lanes, workers }: Shape,
  counted: Counted,
): Promise<BrokerReport> {
  const broker = new Program(script(file, {}));
  const started: Program[] = [];
  const start = (program: URL, job: ClientJob | WorkerJob): Program => {
    const one = new Program(script(program, job));
    started.push(one);
    return one;
  };
  try {
    const doors = await broker.line<Doors>();
    const behind = Array.from({ length: workers }, () =>
      start(worker, { socket, lanes, endpoint: doors.workers }),
    );
    const asking = start(client, { size, inFlight, ...counted, endpoint: doors.clients });
    const others = [broker, ...behind];
    const failures = others.map(({ failure }) => failure);
    await Promise.race([asking.line(), ...failures]); // The warm-up is over.
    for (const other of others) other.begin();
    const sent = await Promise.race([asking.line<Trips>(), ...failures]);
    for (const other of others) other.endInput();
    const received = await Promise.all(others.map((other) => other.line<Watched>()));
    return { sent, received: received as [Watched, ...Watched[]] };
  } finally {
    await Promise.all(started.map((program) => program.end()));
    await broker.end();
  }
}
