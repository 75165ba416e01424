/**
 * Answerer: takes requests no faster than handlers finish, and sends each reply where it belongs.
 */
import { BrokerlessError, messageOf } from '../errors.ts';
import { systemClock } from '../run/clock.ts';
import { hear } from '../run/hear.ts';
import { nextTurn, overdue, workOf } from '../run/turn.ts';
import { bodyStart, DELIMITER, encodeFailure, failureOf } from '../wire/envelope.ts';
import type { Exchange } from './exchange.ts';
import type { ReceivingHalf } from './socket.ts';

/** What a handler may look at besides the request. */
export interface HandlerContext {
  /** Aborts when the socket is closed: an answer would not be sent much longer. */
  readonly signal: AbortSignal;
}

/** Answers a request. What it throws reaches the caller as `HANDLER_FAILED`. */
export type Handler<In, Out> = (request: In, context: HandlerContext) => Out | Promise<Out>;

/** How requests are served. */
export interface ServeOptions {
  /**
   * How many handlers may run at a time. Default 100. Requests beyond it wait in ZeroMQ, up to
   * `highWaterMark` for each client.
   */
  readonly concurrency?: number | undefined;
  /** Stops serving. Handlers that run go on, and their replies are sent. */
  readonly signal?: AbortSignal | undefined;
  /** Hears what handlers throw, and of results that cannot travel. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

interface Serving<In, Out> {
  readonly handler: Handler<In, Out>;
  readonly onError: ((error: unknown) => void) | undefined;
}

const CONCURRENCY = 100;

// How long the last answers get to be read before the connection is cut: a client's ZeroMQ throws away
// what it has received and not yet handed out when its connection ends (ZMQ_IMMEDIATE).
const READING_MS = 50;

/** Serves the requests of one socket. */
export class Answerer<In, Out> implements ReceivingHalf {
  received = 0;
  depth = 0; // A request goes straight to its handler.
  /** How many handlers run. */
  inFlight = 0;
  readonly #exchange: Exchange<Out, In>;
  readonly #abort = new AbortController();
  readonly #context: HandlerContext = { signal: this.#abort.signal };
  #reading: Promise<Buffer[]> | undefined;
  #serving = false;
  #answeredAt = -Infinity;
  #closed = false;
  #onStop: (() => void) | undefined; // Called when the signal fires.
  #onFewer: (() => void) | undefined; // Called when a handler has finished.

  constructor(exchange: Exchange<Out, In>) {
    this.#exchange = exchange;
  }

  get bytesReceived(): number {
    return this.#exchange.bytesReceived;
  }

  /** Serves until the socket is closed or the signal fires, and all handlers have finished. */
  async serve(handler: Handler<In, Out>, options: ServeOptions): Promise<void> {
    if (this.#serving) throw new BrokerlessError('BAD_OPTION', 'serve: it is being served already');
    const { concurrency = CONCURRENCY, signal, onError } = options;
    const stop = (): void => this.#onStop?.();
    this.#serving = true;
    signal?.addEventListener('abort', stop, { once: true });
    try {
      while (!this.#closed && signal?.aborted !== true) {
        if (this.inFlight >= concurrency) {
          await this.#fewer();
          continue;
        }
        const frames = await (signal === undefined ? this.#read() : this.#readUntilStopped());
        if (frames === undefined) continue; // The signal has fired.
        this.#reading = undefined;
        if (this.#closed) {
          this.depth += 1; // Too late: it stays unread.
          break;
        }
        const bytes = this.#exchange.count(frames);
        this.#take(this.#exchange.whole(frames), { handler, onError });
        if (overdue(workOf(1, bytes))) await nextTurn();
      }
    } catch (error) {
      if (!this.#closed) throw error; // A read fails when its socket is closed.
    } finally {
      this.#serving = false;
      signal?.removeEventListener('abort', stop);
    }
    await this.#finish();
  }

  /** Takes no more requests, tells the handlers that run, and resolves when they have finished. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#abort.abort(new BrokerlessError('CLOSED', 'Reply: the socket is being closed'));
    await this.#finish();
    await this.#exchange.writer.drain();
    const readBy = this.#answeredAt + READING_MS;
    if (readBy > systemClock.now()) {
      await new Promise<void>((resolve) => {
        systemClock.at(readBy, resolve);
      });
    }
  }

  /** The next message. What nobody took is kept for whoever serves next. */
  #read(): Promise<Buffer[]> {
    return (this.#reading ??= this.#exchange.read());
  }

  #readUntilStopped(): Promise<Buffer[] | undefined> {
    return new Promise((resolve, reject) => {
      this.#onStop = () => resolve(undefined);
      this.#read().then(resolve, reject);
    });
  }

  #take(frames: readonly Uint8Array[], serving: Serving<In, Out>): void {
    // The first frame is the name that the ROUTER gave the client, which is never empty.
    const start = bodyStart(frames);
    if (start === undefined) {
      this.#exchange.fault('a request without an empty frame and a body');
      return;
    }
    const address = frames.slice(0, start);
    this.inFlight += 1;
    if (frames.length > start + 1) {
      this.#refuse(address, new Error('a request of several bodies'));
      return;
    }
    let request: In | Promise<In>;
    try {
      request = this.#exchange.valueOf(frames[start] as Uint8Array);
    } catch (error) {
      this.#refuse(address, error);
      return;
    }
    if (request instanceof Promise) {
      request.then(
        (value) => this.#handle(value, address, serving),
        (error: unknown) => this.#refuse(address, error),
      );
    } else this.#handle(request, address, serving);
  }

  #handle(request: In, address: Uint8Array[], { handler, onError }: Serving<In, Out>): void {
    this.received += 1;
    const fail = (error: unknown): void => {
      this.#answer(address, DELIMITER, encodeFailure(failureOf(error)));
      hear(onError, error);
    };
    const succeed = (result: Out): void => {
      try {
        this.#answer(address, this.#exchange.encode(result));
      } catch (error) {
        fail(error);
      }
    };
    let result: Out | Promise<Out>;
    try {
      result = handler(request, this.#context);
    } catch (error) {
      fail(error);
      return;
    }
    if (isThenable(result)) result.then(succeed, fail);
    else succeed(result);
  }

  #refuse(address: Uint8Array[], error: unknown): void {
    const message = messageOf(error);
    this.#exchange.fault(message);
    this.#answer(address, DELIMITER, encodeFailure({ code: 'BAD_MESSAGE', message }));
  }

  #answer(address: Uint8Array[], ...body: Uint8Array[]): void {
    this.#answeredAt = systemClock.now();
    this.#exchange.writer.push({ frames: address.concat(body), count: 1 });
    this.inFlight -= 1;
    this.#onFewer?.();
  }

  #fewer(): Promise<void> {
    return new Promise((resolve) => {
      const before = this.#onFewer;
      this.#onFewer = () => {
        this.#onFewer = undefined;
        before?.();
        resolve();
      };
    });
  }

  async #finish(): Promise<void> {
    while (this.inFlight > 0) await this.#fewer();
  }
}

function isThenable<T>(value: T | Promise<T>): value is Promise<T> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}
