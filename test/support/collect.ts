/**
 * Reads sockets for a test: so many values, or all that come.
 */
import type { Pull } from 'brokerless';

/** The next `count` values of `pull`, in the order in which they come. */
export async function take<T>(pull: Pull<T>, count: number): Promise<T[]> {
  const values: T[] = [];
  while (values.length < count) values.push(await pull.receive());
  return values;
}

/** All that `pull` receives until it is closed, growing as the values come. */
export function collect<T>(pull: Pull<T>): readonly T[] {
  const values: T[] = [];
  void (async () => {
    for await (const value of pull) values.push(value);
  })();
  return values;
}

/** The whole numbers from 0 up to `count`. */
export function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}
