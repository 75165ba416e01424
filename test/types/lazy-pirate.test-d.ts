/**
 * Types of the Lazy Pirate: what must compile, and what must not. Checked by the compiler, never run.
 */
import {
  LazyPirate,
  type LazyPirateOptions,
  type LazyPirateStats,
  type PirateAskOptions,
  type Switch,
} from 'brokerless/patterns/lazy-pirate';
import { z } from 'zod';

interface Order {
  readonly sku: string;
}

interface Receipt {
  readonly total: number;
}

const servers = ['tcp://127.0.0.1:5555', 'tcp://127.0.0.1:5556'] as const;

/** Without types it asks with anything, and is answered with something. */
export const anything: LazyPirate = new LazyPirate({ servers: 'tcp://127.0.0.1:5555' });
export const something: Promise<unknown> = anything.request({ any: 'thing' });

/** The type of a schema's output is the type of the answers. */
export const byZod: LazyPirate<Order, { total: number }> = new LazyPirate<Order, { total: number }>(
  {
    servers,
    schema: z.object({ total: z.number() }),
  },
);

export async function check(pirate: LazyPirate<Order, Receipt>): Promise<void> {
  const receipt: Receipt = await pirate.request({ sku: 'a' });
  const how: PirateAskOptions = { timeoutMs: 1, attempts: 2, deadlineMs: undefined, priority: 3 };
  await pirate.request({ sku: String(receipt.total) }, how);
  const stats: LazyPirateStats = pirate.stats();
  pirate.on('switch', ({ from, to, reason }: Switch) => [from, to, reason, stats.sent]);

  // @ts-expect-error: an order has a sku
  await pirate.request({ total: 1 });
  // @ts-expect-error: a receipt is no order
  await pirate.request(receipt);
  // @ts-expect-error: there is no such option
  await pirate.request({ sku: 'a' }, { retries: 1 });
  // @ts-expect-error: there is no such event
  pirate.on('switched', () => {});
}

// @ts-expect-error: it must know whom to ask
export const aimless: LazyPirateOptions<Order, Receipt> = { timeoutMs: 1 };
export const frames: LazyPirateOptions<Order, Receipt> = {
  servers,
  // @ts-expect-error: a value is one frame
  codec: 'frames',
};
