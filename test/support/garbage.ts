/**
 * Garbage: thrown away at once, for tests of what is kept. When the engine would have done it by itself depends on
 * the machine and on what else runs there.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Throws away what nothing refers to any more. What was looked at in this turn may be kept until it ends. */
export function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}
