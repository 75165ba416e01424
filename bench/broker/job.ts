/**
 * Job: what the processes around a broker are told to do. The client and the workers are the same
 * programs, on raw `zeromq`, whoever the broker is.
 */
import type { RoundTripTask } from '../support/job.ts';

/** What the client is told: what to ask, and where. */
export interface ClientJob extends Omit<RoundTripTask, 'address'> {
  readonly endpoint: string;
}

/** The sockets of workers: DEALERs that beat, as 6/PPP has it, or the REQs of the Guide's lbbroker. */
export type WorkerSocket = 'DEALER' | 'REQ';

/** What a process of workers is told. */
export interface WorkerJob {
  readonly socket: WorkerSocket;
  /** How many sockets it has; each has one request in hand at a time. */
  readonly lanes: number;
  readonly endpoint: string;
}

/** What a broker says when it is bound. */
export interface Doors {
  readonly clients: string;
  readonly workers: string;
}
