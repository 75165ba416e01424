/**
 * Ours: calls that are made when they are due, and wait for nobody. What the server refuses is counted.
 *
 * The server answers at once; or, if it is to rest, after some milliseconds, with a limit to how many rest at a time.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { isBrokerlessError } from 'brokerless';
import { connectTo, serve } from 'brokerless/patterns/service';
import type { PacedTask } from '../service/paced.ts';
import { endWithBench, everythingArrived, meter, tell } from '../support/child.ts';
import { givenJob, type Job } from '../support/job.ts';
import { Arrivals, sendOnSchedule } from '../support/pacing.ts';
import { echo } from './service-contract.ts';

// Who is late is charged for it, and not refused.
const MAX_IN_FLIGHT = 10_000_000;

const job = givenJob() as Job<PacedTask>;
await (job.role === 'bind' ? answer() : ask());

async function answer(): Promise<void> {
  const { restMs = 0, concurrency = 1000, maxQueued = 10_000 } = job;
  const handlers = {
    echo: (input: Uint8Array): Uint8Array => input,
    rest: async (input: Uint8Array): Promise<Uint8Array> => {
      await delay(restMs);
      return input;
    },
  };
  const server = await serve(echo, handlers, { bind: job.address, concurrency, maxQueued });
  tell({ endpoint: server.endpoint });
  const usage = meter();
  await everythingArrived();
  tell({ ...usage(), refused: server.stats().refused });
  await server.close();
}

async function ask(): Promise<void> {
  const client = await connectTo(echo, { to: job.endpoint, maxInFlight: MAX_IN_FLIGHT });
  endWithBench();
  await client.ready();
  const arrivals = new Arrivals(job);
  let left = job.warm + job.count;
  let refused = 0;
  let onEnd = (): void => {};
  const end = (): void => {
    left -= 1;
    if (left === 0) onEnd();
  };
  const take = (value: Uint8Array): void => {
    arrivals.take(value);
    end();
  };
  const fail = (error: unknown): void => {
    if (!isBrokerlessError(error, 'OVERLOADED')) throw error;
    refused += 1;
    end();
  };
  const ended = new Promise<void>((resolve) => {
    onEnd = resolve;
  });
  const usage = await sendOnSchedule(job, async (value) => {
    (job.restMs === undefined ? client.echo(value) : client.rest(value)).then(take, fail);
  });
  await ended;
  tell({ ...arrivals.report(), ...usage(), refused, answered: job.count - refused });
  await client.close();
}
