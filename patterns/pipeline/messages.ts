/**
 * Messages: what ventilator, workers and sink say to each other, as CBOR arrays.
 *
 * | from       | to     | message                                  | meaning                          |
 * | ---------- | ------ | ---------------------------------------- | -------------------------------- |
 * | ventilator | worker | `["item", run, id, value]`               | work; ids count up from 0        |
 * | ventilator | worker | `["stop", run]`                          | the kill signal                  |
 * | ventilator | sink   | `["sent", run, count]`                   | so many items have been dealt    |
 * | ventilator | sink   | `["end", run, count]`                    | and there will be no more        |
 * | worker     | sink   | `["done", run, id, worker, value]`       | a result                         |
 * | worker     | sink   | `["failed", run, id, worker, reason]`    | the handler threw                |
 *
 * `run` names one batch of work, so that nothing left over from another is mistaken for it.
 */

/** What a ventilator says to workers. */
export type ToWorker =
  | readonly ['item', run: string, id: number, value: unknown]
  | readonly ['stop', run: string];

/** What the sink hears of a ventilator. */
export type ProgressMessage =
  | readonly [kind: 'sent', run: string, count: number]
  | readonly [kind: 'end', run: string, count: number];

/** What the sink hears of a worker: the outcome of one item. */
export type OutcomeMessage =
  | readonly [kind: 'done', run: string, id: number, worker: string, value: unknown]
  | readonly [kind: 'failed', run: string, id: number, worker: string, reason: string];

/** What the sink hears. */
export type ToSink = ProgressMessage | OutcomeMessage;

/** The message to a worker that `value` is, if it is one. Anyone may send anything to an open port. */
export function asToWorker(value: unknown): ToWorker | undefined {
  if (!Array.isArray(value)) return undefined;
  const [kind, run, id] = value as unknown[];
  if (typeof run !== 'string') return undefined;
  const fits = kind === 'item' ? value.length === 4 && isCount(id) : kind === 'stop';
  return fits ? (value as unknown as ToWorker) : undefined;
}

/** The message to the sink that `value` is, if it is one. */
export function asToSink(value: unknown): ToSink | undefined {
  if (!Array.isArray(value)) return undefined;
  const [kind, run, number, worker, result] = value as unknown[];
  if (typeof run !== 'string' || !isCount(number)) return undefined;
  const fits =
    kind === 'done' || kind === 'failed'
      ? value.length === 5 && typeof worker === 'string'
      : kind === 'sent' || kind === 'end';
  if (!fits || (kind === 'failed' && typeof result !== 'string')) return undefined;
  return value as unknown as ToSink;
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
