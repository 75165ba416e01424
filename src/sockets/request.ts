/**
 * Request: asks and waits for the answer, many questions at a time, over one socket.
 *
 * Speaks the envelope of REQ from a DEALER, with a number on each request, so any REP server in any
 * language can answer and each reply finds its own question. Requests are dealt among the servers that
 * are connected. A request always ends, by its time limit if by nothing else, and its error says
 * whether it may have run: at most once, unless you ask for retries.
 *
 * Spec: rfc.zeromq.org/spec/28 (REQ); the number is that of its option REQ_CORRELATE.
 */
import { Dealer as ZmqDealer } from 'zeromq';
import { checkOptions } from '../rules/check.ts';
import { Asker } from './asker.ts';
import { Exchange } from './exchange.ts';
import { lifeOf } from './halves.ts';
import {
  type AskOptions,
  askChecks,
  type RequestOptions,
  requestChecks,
} from './request-options.ts';
import { opened, TypedSocket } from './socket.ts';
import type { RequestStats } from './stats.ts';
import { offerFrames, roomIn } from './transfer.ts';

/** The asking end: `Out` is what it asks with, `In` what it is answered with. */
export class Request<Out = unknown, In = unknown> extends TypedSocket<ZmqDealer> {
  readonly #asker: Asker<Out, In>;

  /** @throws BrokerlessError `BAD_OPTION` for an option that is unknown or out of range. */
  constructor(options: RequestOptions<Out, In> = {}) {
    checkOptions('Request', options, requestChecks);
    // What nobody wants any more must not leave later: ZeroMQ takes a request at once or not at all.
    const native = { immediate: true, sendTimeout: 0 };
    const life = lifeOf(ZmqDealer, 'Request', { ...options, batch: false }, native);
    const exchange = new Exchange<Out, In>(life, options, {
      write: (frames) => offerFrames(life, frames),
      room: () => roomIn(life),
    });
    const asker = new Asker(options, exchange);
    super(life, { outbox: exchange.writer, inbox: asker }, options.drainMs);
    this.#asker = asker;
  }

  /** A Request that is bound to `endpoint`. Rejects as the constructor throws and as `bind` rejects. */
  static override async bind<Out = unknown, In = unknown>(
    endpoint: string,
    options?: RequestOptions<Out, In>,
  ): Promise<Request<Out, In>> {
    return opened(new Request(options), (request) => request.bind(endpoint));
  }

  /** A Request connected to `endpoint`. Rejects as the constructor throws and as `connect` rejects. */
  static async connect<Out = unknown, In = unknown>(
    endpoint: string,
    options?: RequestOptions<Out, In>,
  ): Promise<Request<Out, In>> {
    return opened(new Request(options), (request) => request.connect(endpoint));
  }

  /**
   * Asks one of the connected servers, and resolves with its answer. With nobody connected the request
   * waits, as long as its time lasts.
   *
   * Rejects with `HANDLER_FAILED` if the server says that it failed: the message is the server's, and
   * `data` is `{ code, data? }` as the server gave them. Rejects with `TIMEOUT`, `ABORTED` or `CLOSED`,
   * each with `mayHaveRun` `'no'` if the request has not left this process and `'maybe'` if it has; with
   * `BAD_MESSAGE` if the answer makes no sense (`'maybe'`); with `BAD_VALUE`, `TOO_LARGE`, `QUEUE_FULL` or
   * `BAD_OPTION` if nothing was sent.
   */
  request(value: Out, options?: AskOptions): Promise<In> {
    try {
      if (options !== undefined) checkOptions('request', options, askChecks);
      return this.#asker.ask(value, options ?? {});
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** The socket's numbers at this moment. A request counts as sent once, and once for each retry. */
  override stats(): RequestStats {
    const { inFlight, retried, late } = this.#asker;
    return { ...super.stats(), inFlight, retried, late };
  }
}
