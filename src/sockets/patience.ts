/**
 * Patience: tries again to send while a subscriber's pipe is full.
 *
 * ZeroMQ refuses such a message at once when it may not drop it, and never tells when there is room
 * again, so the only way to know is to ask now and then.
 */
import { systemClock } from '../run/clock.ts';

const PAUSE_MS = 1;

/** A `write` that resolves when the message has been taken, however long that takes. */
export function patiently(
  write: (frames: Uint8Array[]) => Promise<void>,
): (frames: Uint8Array[]) => Promise<void> {
  return async (frames) => {
    for (;;) {
      try {
        await write(frames);
        return;
      } catch (error) {
        if ((error as { code?: unknown }).code !== 'EAGAIN') throw error;
      }
      await new Promise<void>((resolve) => {
        systemClock.at(systemClock.now() + PAUSE_MS, resolve);
      });
    }
  };
}
