/**
 * What the benches of brokers have in common: the cases, and what is asked of each.
 *
 * A client keeps 64 requests of 100 bytes in flight on one connection; two processes of workers send
 * them back at once. So all that is measured is what a request costs on its way. On a machine of few
 * cores, or one that others use, what all processes together spend on a request says more than the rate.
 */
import type { Brief, Outcome, Row } from '../support/report.ts';
import { alternate, compare } from '../support/rounds.ts';
import { usage } from '../support/usage.ts';
import type { WorkerSocket } from './job.ts';
import {
  type Broker,
  type BrokerReport,
  brokerContestant,
  requestRate,
  type Shape,
} from './rounds.ts';

/** A bench of a broker. */
export interface BrokerBench {
  readonly bench: string;
  readonly socket: WorkerSocket;
  readonly ours: Broker;
  readonly floor: Broker;
}

const FLOOR_NAME = 'two ROUTERs by hand';
const LANES = [1, 8];
const around = { size: 100, inFlight: 64, workers: 2 };

const questions: readonly {
  readonly name: string;
  readonly unit: string;
  readonly of: (report: BrokerReport) => number;
}[] = [
  { name: '', unit: 'req/s', of: requestRate },
  { name: ', p50', unit: 'µs', of: ({ sent }) => sent.p50 },
  { name: ', p99', unit: 'µs', of: ({ sent }) => sent.p99 },
  {
    name: ', CPU of the broker',
    unit: 'µs/req',
    of: (report) => (report.received[0].cpu / requestRate(report)) * 1e6,
  },
  {
    name: ', CPU of all processes',
    unit: 'µs/req',
    of: (report) => (coresOf(report) / requestRate(report)) * 1e6,
  },
  { name: ', timers late, p99', unit: 'ms', of: ({ received }) => received[0].lateMs },
];

function coresOf({ sent, received }: BrokerReport): number {
  return received.reduce((sum, { cpu }) => sum + cpu, sent.cpu);
}

/** Measures every case that was asked for. */
export async function measureBroker(given: BrokerBench, brief: Brief): Promise<Outcome> {
  const rows: Row[] = [];
  for (const lanes of LANES) {
    const name = `2 workers of ${lanes} lane${lanes === 1 ? '' : 's'}`;
    if (!questions.some((question) => brief.wants(name + question.name))) continue;
    brief.note(name);
    rows.push(...(await measured(name, given, { ...around, socket: given.socket, lanes }, brief)));
  }
  return { rows: rows.filter((row) => brief.wants(row.case)) };
}

async function measured(
  name: string,
  { bench, ours, floor }: BrokerBench,
  shape: Shape,
  { rounds }: Brief,
): Promise<Row[]> {
  const contestants = [
    brokerContestant('ours', ours, shape),
    brokerContestant(FLOOR_NAME, floor, shape),
  ];
  const series = await alternate(contestants, rounds);
  const own = series.get('ours') ?? [];
  const hand = series.get(FLOOR_NAME) ?? [];
  return questions.map((question) => ({
    bench,
    case: name + question.name,
    class: 'a',
    unit: question.unit,
    floorName: FLOOR_NAME,
    ...compare(own.map(question.of), hand.map(question.of)),
    ...usage(own, hand),
  }));
}
