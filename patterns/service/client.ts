/**
 * Client: asks what a contract says, of one server or of several.
 *
 *     caller ──▶ [ client ] DEALER ──▶ server, one of a list that may change
 *
 * Trouble it takes away: calls that wait for ever or are answered with another's answer; servers that are asked
 * although they are dead, restarted or busy; types that two programs mean differently. Guaranteed: every call ends by
 * its deadline, once, with its own answer or an error that says whether it may have been carried out. Lost: nothing
 * silently; a call that may not be carried out twice fails with its server.
 */
import { checkArgument, checkOptions, type Listenable, type WaitOptions } from 'brokerless/kit';
import { Asking } from './asking.ts';
import type { LossReason } from './client-acts-rules.ts';
import { type ConnectOptions, connectChecks } from './client-options.ts';
import type { ClientStats } from './client-stats.ts';
import type { Contract, Methods } from './contract.ts';
import type { LinkStage } from './link-rules.ts';
import type { ServerStats } from './server-stats.ts';
import type { ServerInfo } from './serving.ts';

/** What there is to hear of a client. */
export interface ClientEvents {
  /** A server is there and takes calls. */
  readonly 'server:up': { readonly server: string };
  /** A server is not asked any more. */
  readonly 'server:down': { readonly server: string; readonly reason: LossReason };
  /** A server does not offer what this client wants. */
  readonly 'server:mismatch': { readonly server: string; readonly reason: string };
}

/** A server as a client sees it. */
export interface ServerState {
  /** Its endpoint. */
  readonly server: string;
  /**
   * `'up'` if it takes calls; `'down'` if there is no connection, `'greeting'` if it has not answered on the one
   * there is, `'draining'` if it takes no new calls, `'refused'` if it is of another contract.
   */
  readonly state: LinkStage;
  /** What it has been asked and has not answered. */
  readonly inFlight: number;
  /** How often it was asked in all. */
  readonly asked: number;
}

/** What can be asked of servers themselves, and what each answers. */
export interface Answers {
  /** How long the question and its answer took, in milliseconds. */
  readonly ping: number;
  /** What it is. */
  readonly info: ServerInfo;
  /** Its numbers. */
  readonly stats: ServerStats;
}

/** What one server has answered. */
export interface FromServer<T> {
  /** Its endpoint. */
  readonly server: string;
  /** Its answer. */
  readonly value: T;
}

/** What every client has, whatever its contract. */
export interface ServiceClient extends AsyncDisposable, Listenable<ClientEvents> {
  /**
   * Resolves when a server is there and takes calls. Rejects with `CONTRACT_MISMATCH` when all are of another contract,
   * with `TIMEOUT`, `ABORTED` or `CLOSED`.
   */
  ready(options?: WaitOptions): Promise<void>;
  /**
   * Asks all servers that are there about themselves, and resolves with the answers that come within `timeoutMs`
   * (default 1000). Rejects with `ABORTED` or `CLOSED`.
   */
  ask<Question extends keyof Answers>(
    question: Question,
    options?: WaitOptions,
  ): Promise<readonly FromServer<Answers[Question]>[]>;
  /** Its servers as they are at this moment. */
  servers(): readonly ServerState[];
  /** Its numbers at this moment. */
  stats(): ClientStats;
  /** Ends it. Whoever waits is rejected with `CLOSED`. Closing again changes nothing. */
  close(): Promise<void>;
}

/** A client: the methods of its contract, and what every client has. */
export type Client<Own extends Methods> = ServiceClient & {
  readonly [Name in keyof Own]: NonNullable<Own[Name]['types']>['ask'];
};

/**
 * Connects to the servers of a contract. Resolves when the first is there, or when `connectMs` are over without one:
 * which side starts first does not matter.
 *
 * Rejects with `BAD_OPTION`, with `ADDRESS` for an endpoint that is none, and with `CONTRACT_MISMATCH` if all servers
 * are of another contract.
 *
 * A call rejects with `HANDLER_FAILED` if the handler says that it failed: the message is the handler's, and `data` is
 * `{ code, data?, stack? }`; with `TIMEOUT`, whose `data` says how far it had got (`progress`: `'waiting'`, `'sent'`
 * or `'running'`); `ABORTED`; `CLOSED`; `UNREACHABLE` if its server was lost, or none is there; `OVERLOADED`;
 * `CONTRACT_MISMATCH`; `QUEUE_FULL` if too many are under way here; `BAD_VALUE` or `TOO_LARGE` for an input that is
 * refused; `BAD_MESSAGE` for an answer that makes no sense. Its `mayHaveRun` says whether it may have been carried out.
 */
export async function connectTo<Own extends Methods>(
  contract: Contract<Own>,
  options: ConnectOptions,
): Promise<Client<Own>> {
  checkOptions('connectTo', options, connectChecks);
  checkArgument('connectTo', 'to', options.to, connectChecks.to);
  const asking = new Asking(contract, options);
  try {
    await asking.begin();
  } catch (error) {
    await asking.close();
    throw error;
  }
  return Object.assign(asking, asking.methods) as unknown as Client<Own>;
}
