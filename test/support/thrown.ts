/**
 * What a call throws, for tests that look at the error and not only at its being thrown.
 */
import { type BrokerlessError, type ErrorCode, isBrokerlessError } from '../../src/errors.ts';

/** The error that `action` throws, which must carry `code`. */
export function thrownBy(action: () => void, code: ErrorCode): BrokerlessError {
  try {
    action();
  } catch (error) {
    if (isBrokerlessError(error, code)) return error;
    throw error;
  }
  throw new Error(`it was accepted, and should have been refused as ${code}`);
}
