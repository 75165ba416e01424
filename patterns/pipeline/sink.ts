/**
 * Sink: collects the results of a batch of work, and knows when it has all of them.
 *
 *     workers ──PUSH──▶ sink ◀──PUSH── ventilator
 *
 * The ventilator says how many items there are, every result carries the number of its item, so the
 * end is exact: each result is handed out once, and the iteration ends with the last. If results stay
 * away for a stated time it ends with an error that says which.
 */
import { BrokerlessError, Pull } from 'brokerless';
import {
  boolean,
  type Checks,
  checkOptions,
  drive,
  Feed,
  integer,
  once,
  type Running,
  text,
} from 'brokerless/kit';
import { type Result, SinkRules, type SinkTold } from './sink-rules.ts';

// ── II. The sockets: one to hear everything ──────────────────────────────────────────────────

/** Options of {@link startSink}. */
export interface SinkOptions {
  /** Where workers and the ventilator connect, such as `tcp://127.0.0.1:5558`. */
  readonly bind: string;
  /**
   * How long no result may come while some are owed, in milliseconds, before the rest are declared
   * missing. Longer than the longest item takes. Default 30,000.
   */
  readonly silenceMs?: number | undefined;
  /** How many results may wait for the application before no more are read. Default 1000. */
  readonly maxDepth?: number | undefined;
  /** The most bytes of one result once encoded. Default 1 MiB. */
  readonly maxMessageBytes?: number | undefined;
  /** Allows a TCP bind beyond loopback. Default false. */
  readonly insecure?: boolean | undefined;
}

/** The numbers of a sink. */
export interface SinkStats {
  /** Results handed out, failures among them. */
  readonly received: number;
  /** Results that are failures: a handler threw, or gave what cannot travel. */
  readonly failed: number;
  /** Results refused: a second one for an item, or one of another batch. */
  readonly refused: number;
  /** Messages that made no sense. */
  readonly faults: number;
  /** Results that wait for the application. */
  readonly depth: number;
  /** How many results there will be; undefined until the ventilator has read its source. */
  readonly expected: number | undefined;
}

/**
 * A sink at work. Iterating it gives each result once, in the order they come in, and ends with the
 * last; it throws `MISSING_RESULTS` after too long a silence, with `data: { missing, expected }`, the
 * numbers of the items without a result (the first 100,000) and how many there are, if that is known.
 */
export interface Sink<Value> extends Running<SinkStats>, AsyncIterable<Result<Value>, undefined> {
  /** Where workers and the ventilator connect. */
  readonly endpoint: string;
  /** Makes so short a silence enough from now on: for one who knows that no worker is left. */
  lastCall(silenceMs: number): void;
}

const optionChecks: Checks<SinkOptions> = {
  bind: text,
  silenceMs: integer(1),
  maxDepth: integer(1),
  maxMessageBytes: integer(1),
  insecure: boolean,
};

/** Starts collecting. Rejects with `BAD_OPTION`, or as binding rejects. */
export async function startSink<Value = unknown>(options: SinkOptions): Promise<Sink<Value>> {
  checkOptions('startSink', options, optionChecks);
  const { bind, silenceMs = 30_000, maxDepth = 1000, maxMessageBytes, insecure } = options;
  const pull = await Pull.bind(bind, { maxMessageBytes, insecure });
  const rules = new SinkRules({ silenceMs, maxDepth });
  const results = new Feed<Result<Value>>(() => driven.perform((now) => rules.taken(now)));
  const driven = drive<'results', never, SinkTold>(rules, {
    ports: { results: { messages: pull } },
    tell: (told) => {
      if (told === 'complete') results.end();
      else if (told === 'silent') results.end({ error: missingResults(rules) });
      else results.put(told as Result<Value>);
    },
    onError: (error) => results.end({ error }),
  });
  const close = once(async () => {
    driven.stop();
    results.end();
    await pull.close();
  });
  return {
    endpoint: pull.endpoint,
    stats: () => ({
      received: rules.received,
      failed: rules.failed,
      refused: rules.refused,
      faults: rules.faults + pull.stats().faults,
      depth: results.depth,
      expected: rules.expected,
    }),
    lastCall: (ms) => driven.perform((now) => rules.lastCall(ms, now)),
    close,
    [Symbol.asyncIterator]: () => results[Symbol.asyncIterator](),
    [Symbol.asyncDispose]: close,
  };
}

function missingResults(rules: SinkRules): BrokerlessError {
  const { missing, expected } = rules;
  const of = expected === undefined ? '' : ` of ${expected}`;
  return new BrokerlessError(
    'MISSING_RESULTS',
    `${missing.length}${of} results are missing, and no more come`,
    { mayHaveRun: 'maybe', data: { missing, expected } },
  );
}
