/**
 * Asks and answers for a test: a Reply with a Request connected to it, a desk where a test answers by
 * hand, and a server that knows nothing of this package.
 */
import { getEventListeners } from 'node:events';
import {
  type Handler,
  type HandlerContext,
  Reply,
  type ReplyOptions,
  Request,
  type RequestOptions,
  type ServeOptions,
} from 'brokerless';
import * as zmq from 'zeromq';

/** How the two ends are made. */
export interface AskingOptions<Out, In> {
  /** Where the Reply is bound. Default `ipc://*`. */
  readonly endpoint?: string;
  /** Options of the Request. */
  readonly request?: RequestOptions<Out, In>;
  /** Options of the Reply. */
  readonly reply?: ReplyOptions<Out, In>;
  /** How it serves. */
  readonly serve?: ServeOptions;
}

/** A Reply that serves and a Request connected to it, both closed with the scope. */
export async function asking<Out, In>(
  handler: Handler<Out, In>,
  { endpoint = 'ipc://*', ...options }: AskingOptions<Out, In> = {},
) {
  const reply = await Reply.bind<Out, In>(endpoint, options.reply);
  const serving = reply.serve(handler, options.serve);
  const request = await Request.connect<Out, In>(reply.endpoint, options.request);
  await request.ready({ timeoutMs: 5000 });
  return {
    reply,
    request,
    serving,
    async [Symbol.asyncDispose]() {
      await Promise.all([request.close({ drainMs: 0 }), reply.close({ drainMs: 0 })]);
    },
  };
}

/** A request that waits for a test to answer it. */
export interface Held<In, Out> {
  readonly request: In;
  readonly signal: AbortSignal;
  readonly resolve: (result: Out) => void;
  readonly reject: (error: unknown) => void;
}

/** A handler that takes requests and answers none until the test does. */
export class Desk<In = unknown, Out = unknown> {
  /** All requests so far, in the order in which they came. */
  readonly held: Held<In, Out>[] = [];

  /** The handler to serve with. */
  readonly handler = (request: In, { signal }: HandlerContext): Promise<Out> =>
    new Promise((resolve, reject) => this.held.push({ request, signal, resolve, reject }));

  /** What was asked so far. */
  get requests(): In[] {
    return this.held.map(({ request }) => request);
  }
}

/** A raw zeromq Router, bound by tcp, that answers only as the test tells it to. */
export function rawServer() {
  const raw = new zmq.Router();
  raw.bindSync('tcp://127.0.0.1:*');
  return {
    raw,
    endpoint: raw.lastEndpoint ?? '',
    [Symbol.dispose]: () => raw.close(),
  };
}

/** A signal, what fires it, and how many listen to it. */
export function signalling() {
  const controller = new AbortController();
  const reason = new Error('enough');
  const { signal } = controller;
  return {
    signal,
    reason,
    abort: () => controller.abort(reason),
    listeners: () => getEventListeners(signal, 'abort').length,
  };
}
