/**
 * Contract: what a service can be asked, as a plain value that both sides share; their types follow from it.
 *
 *     export const math = contract('math', {
 *       add: call<{ a: number; b: number }, number>(),
 *       primes: stream<{ upTo: number }, number>(),
 *     });
 *
 * There is no code to generate. Each kind of method carries, in a member that exists in types only, what a client
 * has of it and what a server needs for it, so a contract of hundreds of calls costs the compiler little.
 */
import type { Schema } from 'brokerless';
import { boolean, type Checks, checkArgument, checkOptions, integer, text } from 'brokerless/kit';
import type { AskOptions, EventOptions, StreamOptions } from './ask-options.ts';
import type { CallContext } from './context.ts';
import {
  type clientNames,
  hashOf,
  type MethodKind,
  nameFault,
  signatureOf,
} from './contract-rules.ts';
import { isSchemas, isType } from './schemas.ts';

/** The failures that a method may answer with: for each code the type of its data. */
export type Failures = Readonly<Record<string, unknown>>;

/** No failure but those that nobody declares. */
export type NoFailures = Readonly<Record<string, never>>;

/** One method of a contract. `Ask` is what a client has of it, `Serve` what a server needs for it. */
export interface Method<Ask = unknown, Serve = unknown, Fails = unknown> {
  /** How it is asked and answered. */
  readonly kind: MethodKind;
  /** Checks what it is given, if anything does. */
  readonly input: Schema<unknown> | undefined;
  /** Checks what it gives. */
  readonly output: Schema<unknown> | undefined;
  /** Check the data of failures, by their codes. */
  readonly errors: Readonly<Record<string, Schema<unknown>>> | undefined;
  /** Whether it may be carried out again when nobody knows whether it has been. */
  readonly isIdempotent: boolean;
  /** How long a client waits for it unless it says otherwise, in milliseconds. */
  readonly timeoutMs: number | undefined;
  /** Types, and nothing at run time. */
  readonly types?: { readonly ask: Ask; readonly serve: Serve; readonly fails: Fails } | undefined;
}

/** A method that gives one answer. */
export type Call<In, Out, Fails extends Failures = NoFailures> = Method<
  (input: In, options?: AskOptions) => Promise<Out>,
  (input: In, context: CallContext<Fails>) => Out | Promise<Out>,
  Fails
>;

/** A method that gives one value after the other. */
export type Stream<In, Out, Fails extends Failures = NoFailures> = Method<
  (input: In, options?: StreamOptions) => AsyncIterableIterator<Out, undefined>,
  (input: In, context: CallContext<Fails>) => Iterable<Out> | AsyncIterable<Out>,
  Fails
>;

/** A method that gives no answer. */
export type Event<In> = Method<
  (input: In, options?: EventOptions) => Promise<void>,
  (input: In, context: CallContext<NoFailures>) => void | Promise<void>,
  NoFailures
>;

/** What may be said of a method. */
export interface MethodOptions<In, Out, Fails> {
  /**
   * Checks what it is given, by any library that speaks Standard Schema: at the client before it leaves, and at
   * the server, whose handler gets what the schema makes of it. Default: no check.
   */
  readonly input?: Schema<In> | undefined;
  /** Checks what it gives: at the server before it leaves; the client gets what the schema makes of it. */
  readonly output?: Schema<Out> | undefined;
  /** The failures it declares, each with a schema of its data; {@link type} is one that checks nothing. */
  readonly errors?: { readonly [Code in keyof Fails]: Schema<Fails[Code]> } | undefined;
  /** Whether it may be carried out twice: then a client asks again when a server is lost. Default false. */
  readonly idempotent?: boolean | undefined;
  /** How long a client waits for it unless it says otherwise, in milliseconds. Default: as the client's options say. */
  readonly timeoutMs?: number | undefined;
}

const methodChecks: Checks<MethodOptions<unknown, unknown, Failures>> = {
  input: isType,
  output: isType,
  errors: isSchemas,
  idempotent: boolean,
  timeoutMs: integer(1, 0x7fff_ffff),
};

/**
 * A method that is asked and gives one answer.
 *
 * @throws BrokerlessError `BAD_OPTION` for an option that is unknown or of the wrong kind.
 */
export function call<In, Out, Fails extends Failures = NoFailures>(
  options: MethodOptions<In, Out, Fails> = {},
): Call<In, Out, Fails> {
  return method('call', options);
}

/**
 * A method that gives any number of values, one after the other, no more than its reader has room for.
 *
 * @throws BrokerlessError `BAD_OPTION` for an option that is unknown or of the wrong kind.
 */
export function stream<In, Out, Fails extends Failures = NoFailures>(
  options: Omit<MethodOptions<In, Out, Fails>, 'idempotent'> = {},
): Stream<In, Out, Fails> {
  return method('stream', options);
}

/**
 * Something to be told, to one server and at most once: no answer comes back.
 *
 * @throws BrokerlessError `BAD_OPTION` for an option that is unknown or of the wrong kind.
 */
export function event<In>(
  options: Pick<MethodOptions<In, never, NoFailures>, 'input'> = {},
): Event<In> {
  return method('event', options);
}

function method<In, Out, Fails>(
  kind: MethodKind,
  options: MethodOptions<In, Out, Fails>,
): Method<never, never, never> {
  checkOptions(kind, options as MethodOptions<unknown, unknown, Failures>, methodChecks);
  const { input, output, errors, idempotent = false, timeoutMs } = options;
  return {
    kind,
    input,
    output,
    errors,
    isIdempotent: idempotent,
    timeoutMs,
  };
}

/** Names of a client's own members, which no method may have. */
export type ReservedName = (typeof clientNames)[number];

/** The methods of a contract, by name. */
export type Methods = Readonly<Record<string, Method>> & {
  readonly [Name in ReservedName]?: never;
};

/** What a service can be asked. */
export interface Contract<Own extends Methods = Methods> {
  /** The name of the service. */
  readonly name: string;
  /** Told apart from others by whoever wrote it: see the options of {@link contract}. */
  readonly version: string;
  /** What it can be asked, by name. */
  readonly methods: Own;
  /** A number made of name, version, and the names and kinds of all methods, in hexadecimal. */
  readonly hash: string;
}

/** What may be said of a contract. */
export interface ContractOptions {
  /**
   * A word that client and server must have in common. Change it when a method of the same name takes or gives
   * something else: no program can see that by itself. Default `'1'`.
   */
  readonly version?: string | undefined;
}

/**
 * A contract: a name and methods. A client may know fewer methods than its server, and no others.
 *
 * @throws BrokerlessError `BAD_OPTION` for a name that no method can have, or a method that is none.
 */
export function contract<Own extends Methods>(
  name: string,
  methods: Own,
  options: ContractOptions = {},
): Contract<Own> {
  checkArgument('contract', 'name', name, text);
  checkOptions('contract', options, { version: text });
  for (const [key, value] of Object.entries(methods)) {
    checkArgument('contract', 'the name of a method', key, nameFault);
    checkArgument('contract', key, value, isMethod);
  }
  const { version = '1' } = options;
  const signatures = Object.entries(methods).map(([key, { kind }]) => signatureOf(kind, key));
  return { name, version, methods, hash: hashOf(name, version, signatures) };
}

function isMethod(value: unknown): string | undefined {
  const { kind } = Object(value) as Partial<Method>;
  const isOne = kind === 'call' || kind === 'stream' || kind === 'event';
  return isOne ? undefined : 'what call(), stream() or event() gives';
}
