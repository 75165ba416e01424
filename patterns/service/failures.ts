/**
 * Failures: how a caller recognises what a handler has declared.
 */
import { type BrokerlessError, isBrokerlessError } from 'brokerless';
import type { Method } from './contract.ts';

/** The failures of a method: for each code the type of its data. */
type FailsOf<Own extends Method> = NonNullable<Own['types']>['fails'];

/** The codes of those that it declares. Whoever declares none has no code for any text. */
type CodeOf<Own extends Method> = string extends keyof FailsOf<Own>
  ? never
  : keyof FailsOf<Own> & string;

/** An error that a handler has declared, with its data. */
export type DeclaredError<Own extends Method, Code extends keyof FailsOf<Own>> = BrokerlessError & {
  readonly code: 'HANDLER_FAILED';
  readonly data: { readonly code: Code; readonly data: FailsOf<Own>[Code] };
};

/**
 * Whether `error` is a failure with this code that the handler of `method` has thrown. Its data has the type that the
 * contract says; if the contract has a schema for it, that has been checked too.
 *
 *     if (isFailure(error, shop.methods.buy, 'SOLD_OUT')) console.log(error.data.data.left);
 */
export function isFailure<Own extends Method, Code extends CodeOf<Own>>(
  error: unknown,
  method: Own,
  code: Code,
): error is DeclaredError<Own, Code> {
  if (!isBrokerlessError(error, 'HANDLER_FAILED')) return false;
  const { code: theirs, data } = Object(error.data) as { readonly code?: unknown; data?: unknown };
  return theirs === code && isRight(method, code, data);
}

function isRight({ errors }: Method, code: string, data: unknown): boolean {
  const schema = errors !== undefined && Object.hasOwn(errors, code) ? errors[code] : undefined;
  if (schema === undefined) return true;
  const result = schema['~standard'].validate(data);
  return !(result instanceof Promise) && result.issues === undefined;
}
