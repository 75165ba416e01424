/**
 * Quickest: how long a close takes that has nothing to wait for, on a machine that may hold up some of them.
 */
import type { CloseReport, SocketStats } from 'brokerless';
import { expect } from 'vitest';

const TRIES = 5;

/** As much of a socket as this is about. */
interface Closable {
  close(): Promise<CloseReport>;
  stats(): SocketStats;
}

/** The least that closing what `open` gives took, of some tries, in milliseconds; nothing may be left. */
export async function quickestClose(open: () => Promise<Closable>): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let n = 0; n < TRIES; n += 1) {
    const socket = await open();
    const start = performance.now();
    expect(await socket.close()).toEqual({ unsent: 0, unread: 0, flushed: true });
    least = Math.min(least, performance.now() - start);
    expect(socket.stats().connections).toBe(0);
  }
  return least;
}
