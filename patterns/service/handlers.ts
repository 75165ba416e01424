/**
 * Handlers: carries out what a server is asked: from the bytes of an input, by way of a handler, to the bytes of its
 * output. The server's rules say what is next, and hear how it ended.
 */
import { BrokerlessError } from 'brokerless';
import {
  type Bodies,
  type Clock,
  encodeFailure,
  failureOf,
  messageOf,
  nextTurn,
  overdue,
  surface,
  workOf,
} from 'brokerless/kit';
import { DeclaredFailure, ServedContext, unwantedError } from './context.ts';
import { entry } from './messages.ts';
import { iteratorOf, Pump } from './pump.ts';
import type { ServedMethod } from './served-method.ts';
import type { Served } from './served-rules.ts';
import type { ServerAct, Unwanted } from './server-acts-rules.ts';
import type { ServerRules } from './server-rules.ts';

/** What handlers are run with. */
export interface HandlersParts {
  /** Say what is next. */
  readonly rules: ServerRules;
  /** Has the rules decide something, and what they decide done. */
  readonly perform: (decide: (now: number) => readonly ServerAct[]) => void;
  /** The methods, in their places. */
  readonly methods: readonly ServedMethod[];
  /** Turns bytes into values and values into bytes. */
  readonly bodies: Bodies<unknown, unknown>;
  /** Tells the time. */
  readonly clock: Clock;
  /** Whether stacks travel. */
  readonly stack: boolean;
  /** Hears of what handlers throw and have not declared. */
  readonly onError: ((error: unknown, method: string) => void) | undefined;
}

/** A job, with its handler at work. */
interface Work {
  readonly context: ServedContext;
  pump: Pump | undefined;
}

/** Runs handlers, as many and as long as the rules let it. */
export class Handlers {
  readonly #parts: HandlersParts;
  #isRunning = false;

  constructor(parts: HandlersParts) {
    this.#parts = parts;
  }

  /** Begins what can be begun. After some milliseconds others have their turn. */
  run(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#parts.perform((now) => this.#runSome(now));
  }

  /** Nobody waits for a job any more. */
  stop(served: Served, why: Unwanted): void {
    const work = served.work as Work | undefined;
    work?.context.abort(unwantedError(why));
    work?.pump?.stop();
  }

  /** The reader of a stream has room for more. */
  resume(served: Served): void {
    (served.work as Work | undefined)?.pump?.resume();
  }

  #runSome(now: number): readonly ServerAct[] {
    const { rules } = this.#parts;
    const acts: ServerAct[] = [];
    for (let served = rules.take(now, acts); served !== undefined; ) {
      this.#begin(served);
      if (overdue(workOf(1, 0))) {
        void nextTurn().then(() => this.#again());
        return acts;
      }
      served = rules.take(this.#parts.clock.now(), acts);
    }
    this.#isRunning = false;
    return acts;
  }

  #again(): void {
    this.#isRunning = false;
    this.run();
  }

  #begin(served: Served): void {
    const { bodies, clock } = this.#parts;
    const method = this.#methodOf(served);
    const context = new ServedContext(method.name, served, clock);
    served.work = { context, pump: undefined } satisfies Work;
    method.numbers.received += 1;
    method.numbers.inFlight += 1;
    try {
      const value = bodies.decode(served.came.input);
      const input = method.arrival === undefined ? value : method.arrival(value);
      if (method.arrival !== undefined && input instanceof Promise) {
        this.#parts.rules.lasts(served);
        input.then(
          (checked) => this.#handle(served, checked, context),
          (error: unknown) => this.#refuse(served, error),
        );
      } else this.#handle(served, input, context);
    } catch (error) {
      this.#refuse(served, error);
    }
  }

  #handle(served: Served, input: unknown, context: ServedContext): void {
    const method = this.#methodOf(served);
    let output: unknown;
    try {
      output = method.handle(input, context);
    } catch (error) {
      this.#fail(served, error);
      return;
    }
    if (isThenable(output)) {
      this.#parts.rules.lasts(served);
      // By way of a promise, which settles once whatever a thenable of somebody's own does.
      Promise.resolve(output).then(
        (value: unknown) => this.#goOn(served, value),
        (error: unknown) => this.#fail(served, error),
      );
    } else this.#goOn(served, output);
  }

  #goOn(served: Served, output: unknown): void {
    const { kind } = this.#methodOf(served);
    if (kind === 'call') this.#succeed(served, output);
    else if (kind === 'stream') this.#stream(served, output);
    else this.#finish(served, 'done', (now) => this.#parts.rules.end(served, now));
  }

  #succeed(served: Served, output: unknown): void {
    const { departure } = this.#methodOf(served);
    const fail = (error: unknown): void => this.#fail(served, error);
    try {
      const checking = departure?.(output);
      if (checking === undefined) this.#answer(served, output);
      else checking.then(() => this.#answer(served, output), fail);
    } catch (error) {
      fail(error);
    }
  }

  #answer(served: Served, output: unknown): void {
    let body: Uint8Array;
    try {
      body = this.#parts.bodies.encode(output);
    } catch (error) {
      this.#fail(served, error);
      return;
    }
    const answer = { kind: entry.result, body };
    this.#finish(served, 'done', (now) => this.#parts.rules.answer(served, answer, now));
  }

  #stream(served: Served, output: unknown): void {
    const { rules, perform, bodies } = this.#parts;
    const { departure } = this.#methodOf(served);
    const source = iteratorOf(output);
    if (source === undefined) {
      this.#fail(served, new BrokerlessError('BAD_VALUE', 'a stream that cannot be iterated'));
      return;
    }
    rules.lasts(served);
    const pump = new Pump(served, source, {
      give: async (value) => {
        await departure?.(value);
        const item = bodies.encode(value);
        perform((now) => rules.item(served, item, now));
      },
      end: () => {
        const how = served.isWanted ? 'done' : 'stopped';
        this.#finish(served, how, (now) => rules.end(served, now));
      },
      fail: (error) => this.#fail(served, error),
    });
    (served.work as Work).pump = pump;
    if (!served.isWanted) pump.stop();
    else pump.resume();
  }

  /** What it was given makes no sense. */
  #refuse(served: Served, error: unknown): void {
    const reason = `${this.#methodOf(served).name}: ${messageOf(error)}`;
    this.#finish(served, 'invalid', (now) => this.#parts.rules.giveUp(served, reason, now));
  }

  #fail(served: Served, error: unknown): void {
    const { rules, stack } = this.#parts;
    const { name } = this.#methodOf(served);
    if ((served.work as Work).context.isAborted) {
      // It was told to stop, and did.
      this.#finish(served, 'stopped', (now) => rules.giveUp(served, `${name}: stopped`, now));
      return;
    }
    if (!(error instanceof DeclaredFailure)) this.#tell(error, name);
    const trace = stack && error instanceof Error ? { stack: error.stack } : undefined;
    const body = encodeFailure({ ...failureOf(error), ...trace });
    this.#finish(served, 'failed', (now) => {
      return rules.answer(served, { kind: entry.failed, body }, now);
    });
  }

  #tell(error: unknown, name: string): void {
    try {
      this.#parts.onError?.(error, name);
    } catch (mistake) {
      surface(mistake);
    }
  }

  #finish(
    served: Served,
    how: 'done' | 'failed' | 'invalid' | 'stopped',
    decide: (now: number) => readonly ServerAct[],
  ): void {
    const { rules, perform } = this.#parts;
    perform((now) => {
      this.#methodOf(served).numbers.end(how, now - served.begunAt);
      served.work = undefined;
      return decide(now);
    });
    if (rules.jobs.isReady) this.run();
  }

  #methodOf(served: Served): ServedMethod {
    return this.#parts.methods[served.came.method] as ServedMethod;
  }
}

function isThenable(value: unknown): value is Promise<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}
