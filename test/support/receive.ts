/**
 * Reads any socket that receives, for a test: so many values, or all that come.
 */

/** What can be read value by value. */
export interface Receiving<T> extends AsyncIterable<T> {
  receive(): Promise<T>;
}

/** The next `count` values of `socket`, in the order in which they come. */
export async function receiveAll<T>(socket: Receiving<T>, count: number): Promise<T[]> {
  const values: T[] = [];
  while (values.length < count) values.push(await socket.receive());
  return values;
}

/** All that `socket` receives until it is closed, growing as the values come. */
export function gather<T>(socket: Receiving<T>): readonly T[] {
  const values: T[] = [];
  void (async () => {
    for await (const value of socket) values.push(value);
  })();
  return values;
}
