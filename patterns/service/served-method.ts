/**
 * Served method: a method of a contract, with all that it takes to carry it out.
 */
import type { MethodKind } from './contract-rules.ts';
import type { AnyHandler } from './middleware.ts';
import type { Arrival, Departure } from './schemas.ts';
import type { MethodNumbers } from './server-stats.ts';

/** A method of the contract, with what carries it out. */
export interface ServedMethod {
  /** Its name. */
  readonly name: string;
  /** How it is answered. */
  readonly kind: MethodKind;
  /** The handler, with middleware around it. */
  readonly handle: AnyHandler;
  /** Checks what it is given. */
  readonly arrival: Arrival | undefined;
  /** Checks what it gives. */
  readonly departure: Departure | undefined;
  /** Counts what becomes of it. */
  readonly numbers: MethodNumbers;
}
