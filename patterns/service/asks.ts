/**
 * Asks: how each method of a contract is asked: from an input to a promise of its output, or to a stream of values.
 */
import { BrokerlessError } from 'brokerless';
import type { Bodies, Clock } from 'brokerless/kit';
import { ClientCall } from './call-rules.ts';
import { type AskedMethod, type Caller, PendingCall } from './caller.ts';
import type { ClientAct } from './client-acts-rules.ts';
import type { ConnectOptions } from './client-options.ts';
import type { ClientRules } from './client-rules.ts';
import { AskedNumbers } from './client-stats.ts';
import type { Contract, Method } from './contract.ts';
import { Heeding } from './heeding.ts';
import { type AnyOptions, abortedError, CREDIT, Inputs } from './inputs.ts';
import { enclose } from './middleware.ts';
import { Reading } from './reading.ts';
import { arrivalOf } from './schemas.ts';

/** What asking is done with. */
export interface AsksParts {
  /** Say whom to ask, and when. */
  readonly rules: ClientRules<Caller>;
  /** Has the rules decide something, and what they decide done. */
  readonly perform: (decide: (now: number) => readonly ClientAct<Caller>[]) => void;
  /** Tells the time. */
  readonly clock: Clock;
  /** Turns values into bytes and bytes into values. */
  readonly bodies: Bodies<unknown, unknown>;
  /** What the client was told. */
  readonly options: ConnectOptions;
  /** Hears of what a server says that makes no sense. */
  readonly onFault: (fault: BrokerlessError) => void;
}

/** A method of the contract, with what asks it. */
interface Ask extends AskedMethod {
  readonly inputs: Inputs;
}

const MAX_IN_FLIGHT = 65_536;
const MAX_BYTES = 64 << 20;

/** Asks methods. */
export class Asks {
  /** Counts what becomes of each method, by name. */
  readonly numbers: readonly (readonly [string, AskedNumbers])[];
  /** How each method is asked, by name. */
  readonly methods: Readonly<Record<string, unknown>>;
  /** Calls refused because too many were under way. */
  refused = 0;
  /** Whether nothing may be asked any more. */
  isClosed = false;
  readonly #parts: AsksParts;

  constructor(contract: Contract, parts: AsksParts) {
    this.#parts = parts;
    const decode = (item: Uint8Array): unknown => parts.bodies.decode(item);
    const entries = Object.entries(contract.methods);
    const asks = entries.map(([key, method], place): Ask => {
      const name = `${contract.name}.${key}`;
      const inputs = new Inputs(name, place, method, parts);
      const arrival = arrivalOf(method.output);
      return { name, inputs, decode, arrival, numbers: new AskedNumbers() };
    });
    this.numbers = entries.map(([key], place) => [key, (asks[place] as Ask).numbers]);
    this.methods = Object.fromEntries(
      entries.map(([key, method], place) => [key, this.#wayOf(key, method, asks[place] as Ask)]),
    );
  }

  #wayOf(key: string, { kind }: Method, ask: Ask): unknown {
    const { use = [] } = this.#parts.options;
    const way =
      kind === 'stream'
        ? (input: unknown, options?: AnyOptions) => this.#stream(ask, input, options)
        : (input: unknown, options?: AnyOptions) => this.#call(ask, input, options);
    if (use.length === 0) return way;
    const enclosed = enclose(way, { method: key, kind }, use);
    return kind === 'stream'
      ? (input: unknown, options: AnyOptions = {}) => streamOf(enclosed(input, options))
      : async (input: unknown, options: AnyOptions = {}) => enclosed(input, options);
  }

  #call(ask: Ask, input: unknown, given: AnyOptions | undefined): Promise<unknown> {
    const caller = new PendingCall(ask);
    try {
      const options = ask.inputs.optionsOf(given);
      const checking = ask.inputs.check(input);
      if (checking === undefined) this.#begin(ask, input, options, caller);
      else void this.#beginChecked(checking, ask, input, options, caller);
    } catch (error) {
      caller.fail(error);
    }
    return caller.answer;
  }

  async #beginChecked(
    checking: Promise<undefined>,
    ask: Ask,
    input: unknown,
    options: AnyOptions,
    caller: PendingCall,
  ): Promise<void> {
    try {
      await checking;
      this.#begin(ask, input, options, caller);
    } catch (error) {
      caller.fail(error);
    }
  }

  #begin(ask: Ask, input: unknown, options: AnyOptions, caller: PendingCall): void {
    const call = this.#newCall(ask, input, options, caller);
    const { signal, within } = options;
    if (signal !== undefined || within !== undefined) {
      caller.heeding = new Heeding();
      caller.heeding.heed([signal, within?.signal], (fired) => this.#abort(call, ask, fired));
    }
    this.#parts.perform((now) => this.#parts.rules.ask(call, now));
  }

  #stream(ask: Ask, input: unknown, given: AnyOptions | undefined): Reading {
    const { rules, perform } = this.#parts;
    let call: ClientCall<Caller> | undefined;
    const heeding = new Heeding();
    return new Reading({
      method: ask,
      credit: given?.credit ?? CREDIT,
      begin: async (reading) => {
        const options = ask.inputs.optionsOf(given);
        await ask.inputs.check(input);
        if (reading.isOver) return; // Its reader has gone meanwhile.
        const begun = this.#newCall(ask, input, options, reading);
        call = begun;
        heeding.heed([options.signal, options.within?.signal], (fired) => {
          this.#abort(begun, ask, fired);
        });
        perform((now) => rules.ask(begun, now));
      },
      more: (count) => {
        const begun = call;
        if (begun !== undefined) perform((now) => rules.more(begun, count, now));
      },
      leave: () => {
        const begun = call;
        if (begun === undefined || begun.stage === 'over') return;
        ask.numbers.failed += 1;
        perform((now) => rules.forget(begun, now));
      },
      ended: () => heeding.end(),
    });
  }

  /** Throws if it cannot be asked. */
  #newCall(ask: Ask, input: unknown, options: AnyOptions, key: Caller): ClientCall<Caller> {
    const { rules, clock } = this.#parts;
    const { maxInFlight = MAX_IN_FLIGHT } = this.#parts.options;
    if (this.isClosed) throw closedError(ask.name, 'no');
    if (rules.calls.size >= maxInFlight || rules.calls.bytes >= MAX_BYTES) {
      this.refused += 1;
      throw new BrokerlessError('QUEUE_FULL', `${ask.name}: too many calls are under way`);
    }
    const call = new ClientCall(key, ask.inputs.askedOf(input, options, clock.now()));
    ask.numbers.asked += 1;
    return call;
  }

  #abort(call: ClientCall<Caller>, ask: Ask, signal: AbortSignal): void {
    if (call.stage === 'over') return;
    ask.numbers.failed += 1;
    this.#parts.perform((now) => this.#parts.rules.forget(call, now));
    call.key.fail(abortedError(ask.name, signal, call.mayHaveRun));
  }
}

/** The stream that middleware gives, or promises. */
function streamOf(given: unknown): unknown {
  return given instanceof Promise ? promised(given) : given;
}

async function* promised(stream: Promise<unknown>): AsyncGenerator<unknown, undefined> {
  yield* (await stream) as AsyncIterable<unknown>;
  return undefined;
}

/** The error of asking a client that is closed, or that is closed before the answer has come. */
export function closedError(name: string, mayHaveRun: 'no' | 'maybe'): BrokerlessError {
  return new BrokerlessError('CLOSED', `${name}: the client is closed`, { mayHaveRun });
}
