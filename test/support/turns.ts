/**
 * Lets the event loop turn, for tests of what must *not* happen: whatever was ready has run by then.
 */

/** Resolves after `count` turns of the event loop; every settled promise has been heard by then. */
export async function turns(count = 3): Promise<void> {
  for (let i = 0; i < count; i += 1) {
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}
