/**
 * Inquire: asks a server about itself.
 */
import type { AsksParts } from './asks.ts';
import { senseless } from './caller.ts';
import type { FromServer } from './client.ts';
import type { Link } from './link-rules.ts';
import type { Question } from './messages.ts';

/** Resolves with what one server answers; with nothing if it does not in time, or if that makes no sense. */
export function inquire(
  link: Link,
  question: Question,
  timeoutMs: number,
  { rules, perform, clock, bodies, onFault }: AsksParts,
): Promise<readonly FromServer<unknown>[]> {
  const askedAt = clock.now();
  return new Promise((resolve) => {
    const settle = (answer: Uint8Array | undefined, now: number): void => {
      if (answer === undefined) return resolve([]);
      try {
        const value = question === 'ping' ? now - askedAt : bodies.decode(answer);
        resolve([{ server: link.endpoint, value }]);
      } catch (cause) {
        onFault(senseless(cause));
        resolve([]);
      }
    };
    const inquiry = { link, question, wakeAt: askedAt + timeoutMs, settle };
    perform((now) => rules.inquire(inquiry, now));
  });
}
