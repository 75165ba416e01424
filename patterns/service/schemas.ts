/**
 * Schemas of a contract: the checks of what crosses the border between two processes.
 */
import { BrokerlessError, type Schema } from 'brokerless';
import { type Check, checkOne, isSchema, messageOf } from 'brokerless/kit';

/**
 * A type without a check: a schema that takes whatever it is given.
 *
 *     call({ input: type<Order>(), output: receipt, errors: { SOLD_OUT: type<{ left: number }>() } })
 */
export function type<T>(): Schema<T> {
  const validate = (value: unknown): { readonly value: T } => ({ value: value as T });
  return { '~standard': { version: 1, vendor: 'brokerless', validate } };
}

/** A check of an option that is a schema. */
export const isType: Check = isSchema;

/** A check of an option that has a schema for each of its members. */
export const isSchemas: Check = (value) => {
  const schemas = typeof value === 'object' && value !== null ? Object.values(value) : [undefined];
  const isAll = schemas.every((schema) => isSchema(schema) === undefined);
  return isAll ? undefined : 'an object of Standard Schemas';
};

/** Checks a value where it arrives: returns what the schema makes of it, or throws why it is refused. */
export type Arrival = (value: unknown) => unknown;

/** The check of what arrives; undefined if there is none. */
export function arrivalOf(schema: Schema<unknown> | undefined): Arrival | undefined {
  return schema && checkOne(schema);
}

/** Checks a value where it leaves; it leaves as it was given. Returns a promise if that takes time. */
export type Departure = (value: unknown) => undefined | Promise<undefined>;

/** The check of what leaves; undefined if there is none. What it throws is `BAD_VALUE`. */
export function departureOf(
  schema: Schema<unknown> | undefined,
  what: string,
): Departure | undefined {
  if (schema === undefined) return undefined;
  const check = checkOne(schema);
  const refuse = (cause: unknown): never => {
    throw new BrokerlessError('BAD_VALUE', `${what}: ${messageOf(cause)}`, { cause });
  };
  return (value) => {
    try {
      const checked = check(value);
      return checked instanceof Promise ? checked.then(() => undefined, refuse) : undefined;
    } catch (cause) {
      return refuse(cause);
    }
  };
}
