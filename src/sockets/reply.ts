/**
 * Reply: answers requests, many at a time, from one socket.
 *
 * Speaks the envelope of REP from a ROUTER, so any REQ client in any language can ask, and one that is
 * slow to be answered holds up no other. The address of a request is sent back as it came.
 *
 * Spec: rfc.zeromq.org/spec/28 (REP).
 */
import { Router as ZmqRouter } from 'zeromq';
import { closedError } from '../errors.ts';
import { callback, checkArgument, checkOptions, integer, shaped } from '../rules/check.ts';
import { Answerer, type Handler, type ServeOptions } from './answerer.ts';
import { Exchange } from './exchange.ts';
import { lifeOf } from './halves.ts';
import { type ReplyOptions, replyChecks } from './request-options.ts';
import { opened, TypedSocket } from './socket.ts';
import type { ReplyStats } from './stats.ts';
import { writeFrames } from './transfer.ts';

const serveChecks = {
  concurrency: integer(1),
  signal: shaped('an AbortSignal', 'addEventListener', 'removeEventListener'),
  onError: callback,
};

/** The answering end: `In` is what it is asked with, `Out` what it answers with. */
export class Reply<In = unknown, Out = unknown> extends TypedSocket<ZmqRouter> {
  readonly #answerer: Answerer<In, Out>;

  /** @throws BrokerlessError `BAD_OPTION` for an option that is unknown or out of range. */
  constructor(options: ReplyOptions<In, Out> = {}) {
    checkOptions('Reply', options, replyChecks);
    const native = { mandatory: true, sendTimeout: 0 };
    const life = lifeOf(ZmqRouter, 'Reply', { ...options, batch: false }, native);
    const exchange = new Exchange<Out, In>(life, options, {
      write: (frames) => writeFrames(life, frames),
    });
    const answerer = new Answerer(exchange);
    super(life, { outbox: exchange.writer, inbox: answerer }, options.drainMs);
    this.#answerer = answerer;
  }

  /** A Reply that is bound to `endpoint`. Rejects as the constructor throws and as `bind` rejects. */
  static override async bind<In = unknown, Out = unknown>(
    endpoint: string,
    options?: ReplyOptions<In, Out>,
  ): Promise<Reply<In, Out>> {
    return opened(new Reply(options), (reply) => reply.bind(endpoint));
  }

  /** A Reply connected to `endpoint`. Rejects as the constructor throws and as `connect` rejects. */
  static async connect<In = unknown, Out = unknown>(
    endpoint: string,
    options?: ReplyOptions<In, Out>,
  ): Promise<Reply<In, Out>> {
    return opened(new Reply(options), (reply) => reply.connect(endpoint));
  }

  /**
   * Answers each request with what `handler` returns or resolves with, until the socket is closed or
   * `signal` fires; then it waits for the handlers that still run, and resolves. If the handler throws,
   * the caller hears its message, its `code` if it has one, and its `data`. A request that makes no
   * sense is answered with `BAD_MESSAGE`.
   *
   * Rejects with `CLOSED` if the socket is closed already, with `BAD_OPTION` if it is being served.
   */
  async serve(handler: Handler<In, Out>, options: ServeOptions = {}): Promise<void> {
    checkArgument('serve', 'handler', handler, callback);
    checkOptions('serve', options, serveChecks);
    if (this.closed) throw closedError('Reply');
    await this.#answerer.serve(handler, options);
  }

  /** The socket's numbers at this moment. */
  override stats(): ReplyStats {
    return { ...super.stats(), inFlight: this.#answerer.inFlight };
  }
}
