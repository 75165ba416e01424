/**
 * Middleware: functions that stand around calls, at the client and at the server.
 *
 *     const timing: ServerMiddleware = async (call, next) => {
 *       const start = performance.now();
 *       try { return await next(call.input); } finally { record(call.method, performance.now() - start); }
 *     };
 */
import type { AskOptions } from './ask-options.ts';
import type { CallContext } from './context.ts';
import type { MethodKind } from './contract-rules.ts';

/** What a server is asked, as its middleware sees it. */
export interface IncomingCall {
  /** The name of the method. */
  readonly method: string;
  /** How it is answered: a call with a promise or a value, a stream with an iterable, an event with nothing. */
  readonly kind: MethodKind;
  /** What it is given, checked. */
  readonly input: unknown;
  /** What the handler may look at. */
  readonly context: CallContext<Readonly<Record<string, unknown>>>;
}

/** Stands around the handlers of a server: what it returns or throws is the answer. */
export type ServerMiddleware = (call: IncomingCall, next: (input: unknown) => unknown) => unknown;

/** What a client asks, as its middleware sees it. */
export interface OutgoingCall {
  /** The name of the method. */
  readonly method: string;
  /** How it is answered: a call and an event with a promise, a stream with an async iterable. */
  readonly kind: MethodKind;
  /** What it is given. */
  readonly input: unknown;
  /** What its caller says of it. */
  readonly options: AskOptions;
}

/**
 * Stands around the calls of a client: what it returns or throws is what the caller gets. That of a stream is its
 * async iterable, or a promise of it.
 */
export type ClientMiddleware = (
  call: OutgoingCall,
  next: (input: unknown, options: AskOptions) => unknown,
) => unknown;

/** A handler, whatever its types. */
export type AnyHandler = (
  input: unknown,
  context: CallContext<Readonly<Record<string, unknown>>>,
) => unknown;

/** A handler with middleware around it. */
export function surround(
  handler: AnyHandler,
  { method, kind }: Pick<IncomingCall, 'method' | 'kind'>,
  use: readonly ServerMiddleware[],
): AnyHandler {
  return use.reduceRight<AnyHandler>(
    (inner, layer) => (input, context) =>
      layer({ method, kind, input, context }, (changed) => inner(changed, context)),
    handler,
  );
}

/** How a client asks, whatever its types. */
export type AnyAsk = (input: unknown, options: AskOptions) => unknown;

/** A way to ask with middleware around it. */
export function enclose(
  ask: AnyAsk,
  { method, kind }: Pick<OutgoingCall, 'method' | 'kind'>,
  use: readonly ClientMiddleware[],
): AnyAsk {
  return use.reduceRight<AnyAsk>(
    (inner, layer) => (input, options) => layer({ method, kind, input, options }, inner),
    ask,
  );
}
