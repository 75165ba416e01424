/**
 * Types of Request and Reply: what must compile, and what must not. Checked by the compiler, never run.
 */
import {
  type AskOptions,
  type Handler,
  Reply,
  type ReplyOptions,
  type ReplyStats,
  Request,
  type RequestOptions,
  type RequestStats,
} from 'brokerless';
import * as v from 'valibot';
import { z } from 'zod';

interface Order {
  readonly sku: string;
}

interface Receipt {
  readonly total: number;
}

/** Without types they ask with anything and answer with something. */
export const anything: Request = new Request();
export const something: Promise<unknown> = anything.request({ any: 'thing' });

/** The type of a schema's output is the type of what arrives. */
export const byZod: Request<Order, { total: number }> = new Request<Order, { total: number }>({
  schema: z.object({ total: z.number() }),
});
export const byValibot: Reply<{ sku: string }, Receipt> = new Reply<{ sku: string }, Receipt>({
  schema: v.object({ sku: v.string() }),
});

export async function check(
  request: Request<Order, Receipt>,
  reply: Reply<Order, Receipt>,
): Promise<void> {
  const receipt: Receipt = await request.request({ sku: 'a' }, { retries: 2, deadlineMs: 100 });
  receipt.total.toFixed();
  // @ts-expect-error The value is of another type.
  await request.request({ sku: 1 });
  // @ts-expect-error The answer is of another type.
  const text: string = await request.request({ sku: 'a' });
  text.trim();
  // @ts-expect-error Options of a call are known by name.
  await request.request({ sku: 'a' }, { timeout: 5 });
  // @ts-expect-error A Request is asked with, and sends nothing by itself.
  await request.send({ sku: 'a' });
  // @ts-expect-error What arrives is the answer of a call.
  await request.receive();
  // @ts-expect-error A Reply asks nothing.
  await reply.request({ sku: 'a' });

  await reply.serve((order) => ({ total: order.sku.length }));
  await reply.serve(async (order, { signal }) => ({
    total: signal.aborted ? 0 : order.sku.length,
  }));
  // @ts-expect-error A result is of another type.
  await reply.serve(() => ({ total: 'seven' }));
  // @ts-expect-error A request has no such field.
  await reply.serve((order) => ({ total: order.count }));
  // @ts-expect-error Options of serving are known by name.
  await reply.serve(() => ({ total: 1 }), { parallel: 5 });
  // @ts-expect-error Numbers are read, not written.
  request.stats().late = 0;
}

/** A handler that answers anything serves no one who wants something. */
export const vague: Handler<Order, unknown> = () => 1;
// @ts-expect-error The result could be anything.
export const exact: Handler<Order, Receipt> = vague;

export const late: RequestStats['late'] = 0;
export const running: ReplyStats['inFlight'] = 0;

export const options: RequestOptions<Order, Receipt> = {
  codec: 'json',
  backoff: { baseMs: 1, maxMs: 2 },
  retryBudget: { ratio: 0.1, max: 1 },
  random: () => 0,
};
// @ts-expect-error Frames are no body.
export const frames: RequestOptions<Order, Receipt> = { codec: 'frames' };
// @ts-expect-error A call is one message.
export const batched: RequestOptions<Order, Receipt> = { batch: true };
// @ts-expect-error A Reply has no calls to limit.
export const limited: ReplyOptions<Order, Receipt> = { maxInFlight: 1 };
// @ts-expect-error A wait has a name and a unit.
export const unit: AskOptions = { timeoutMs: '5s' };
