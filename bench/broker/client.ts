/**
 * The client of every broker: asks on one DEALER of raw `zeromq`, so many requests in flight.
 *
 * It says when the warm-up is over, so that the other processes know what of their work is timed.
 */
import { Dealer } from 'zeromq';
import { Calls } from '../floors/calls.ts';
import { pinned } from '../floors/pinned.ts';
import { endWithBench, tell } from '../support/child.ts';
import { givenJob } from '../support/job.ts';
import { type Ask, askAll } from '../support/round-trips.ts';
import type { ClientJob } from './job.ts';

const job = givenJob() as ClientJob;
const { warm, count, inFlight } = job;

const socket = new Dealer(pinned());
socket.connect(job.endpoint);
endWithBench();
const calls = new Calls(socket);
const listening = calls.listen(1 + warm + inFlight + count);
const ask: Ask = (payload) => calls.ask(payload);
await askAll({ ...job, warm: 1, count: warm }, ask);
tell({ warm });
tell(await askAll({ ...job, warm: inFlight, count }, ask)); // Untimed: until so many are under way again.
await listening;
socket.close();
