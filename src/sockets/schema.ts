/**
 * Schema: values are checked where bytes become values, by any library that speaks Standard Schema.
 *
 * Spec: standardschema.dev, version 1. Only the shape that is used here is written down, so that no
 * package of types has to come along.
 */
import type { Check } from '../rules/check.ts';

/** Why a schema refused a value. */
export interface SchemaIssue {
  /** What is wrong, in the schema's words. */
  readonly message: string;
  /** Where: the keys from the outermost value to the one that is wrong, each as it is or as `{ key }`. */
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** What a schema says of a value: the value it stands for, or why not. */
export type SchemaResult<T> =
  | { readonly value: T; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

/** A schema by zod, valibot, arktype or any other library that implements Standard Schema. */
export interface Schema<T> {
  /** The part that Standard Schema defines. */
  readonly '~standard': {
    /** The version of Standard Schema. */
    readonly version: 1;
    /** The library that made the schema. */
    readonly vendor: string;
    /** Checks a value; may convert it, and may take its time. */
    readonly validate: (value: unknown) => SchemaResult<T> | Promise<SchemaResult<T>>;
  };
}

/** The option check of a schema; some libraries make theirs objects, others functions. */
export const isSchema: Check = (value) => {
  const standard = (value as Partial<Schema<unknown>> | null)?.['~standard'];
  return typeof standard?.validate === 'function' ? undefined : 'a Standard Schema';
};

/**
 * A check of many values at a time. It returns those that pass, as the schema made them, and calls
 * `refuse` for each of the others; a promise only if the schema takes its time.
 */
export function checkWith<T>(
  schema: Schema<T>,
  refuse: (reason: string) => void,
): (values: readonly unknown[]) => T[] | Promise<T[]> {
  const { validate } = schema['~standard'];
  return (values) => {
    const results = values.map((value) => settle(validate, value));
    if (results.every(isSettled)) return sift(results, refuse);
    return Promise.all(results.map(async (result) => result)).then((all) => sift(all, refuse));
  };
}

/** A check of one value: returns what the schema made of it, or throws why it was refused. */
export function checkOne<T>(schema: Schema<T>): (value: unknown) => T | Promise<T> {
  const { validate } = schema['~standard'];
  return (value) => {
    const result = settle(validate, value);
    return result instanceof Promise ? result.then(valueOf) : valueOf(result);
  };
}

function valueOf<T>(result: SchemaResult<T>): T {
  if (result.issues === undefined) return result.value;
  throw new Error(reasonOf(result.issues));
}

function reasonOf(issues: readonly SchemaIssue[]): string {
  return `refused by the schema: ${issues.map(placed).join('; ')}`;
}

/** What is wrong, and where: `items.0.price: not a number`. */
function placed({ message, path = [] }: SchemaIssue): string {
  if (path.length === 0) return message;
  const keys = path.map((each) => String(typeof each === 'object' ? each.key : each));
  return `${keys.join('.')}: ${message}`;
}

type Validate<T> = Schema<T>['~standard']['validate'];

/** A schema that throws or rejects has refused the value. */
function settle<T>(
  validate: Validate<T>,
  value: unknown,
): SchemaResult<T> | Promise<SchemaResult<T>> {
  try {
    const result = validate(value);
    return result instanceof Promise ? result.catch(refusal) : result;
  } catch (error) {
    return refusal(error);
  }
}

function refusal(error: unknown): { readonly issues: readonly SchemaIssue[] } {
  return { issues: [{ message: error instanceof Error ? error.message : String(error) }] };
}

function isSettled<T>(
  result: SchemaResult<T> | Promise<SchemaResult<T>>,
): result is SchemaResult<T> {
  return !(result instanceof Promise);
}

function sift<T>(results: readonly SchemaResult<T>[], refuse: (reason: string) => void): T[] {
  return results.flatMap((result) => {
    if (result.issues === undefined) return [result.value];
    refuse(reasonOf(result.issues));
    return [];
  });
}
