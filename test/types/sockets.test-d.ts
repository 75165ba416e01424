/**
 * Types of the sockets: what must compile, and what must not. Checked by the compiler, never run.
 */
import { type BrokerlessError, isBrokerlessError, Pull, Push } from 'brokerless';
import * as v from 'valibot';
import { z } from 'zod';

interface Job {
  readonly id: number;
}

/** A socket that gives one thing is also one that gives anything. */
export const anything: Pull = new Pull<number>();

/** The type of a schema's output is the type of what arrives. */
export const byZod: Pull<{ id: number }> = new Pull({ schema: z.object({ id: z.number() }) });
export const byValibot: Pull<{ id: number }> = new Pull({ schema: v.object({ id: v.number() }) });

export async function check(push: Push<Job>, pull: Pull<Job>): Promise<void> {
  await push.send({ id: 1 });
  // @ts-expect-error The value is of another type.
  await push.send({ id: '1' });
  // @ts-expect-error A Push receives nothing.
  await push.receive();
  // @ts-expect-error A Pull sends nothing.
  await pull.send({ id: 1 });
  for await (const job of pull) job.id.toFixed();
  const job: Job = await pull.receive({ signal: AbortSignal.timeout(1) });
  job.id.toFixed();
  // @ts-expect-error Options are known by name.
  await new Push<Job>({ heartbeatms: 1 }).close();
  // @ts-expect-error Codecs are known by name.
  await new Push<Job>({ codec: 'xml' }).close();
  // @ts-expect-error Numbers are options of the socket, not the application's to change.
  push.stats().sent = 0;
}

export function narrow(error: unknown): 'TIMEOUT' | undefined {
  if (isBrokerlessError(error, 'TIMEOUT')) return error.code;
  // @ts-expect-error A code is one of a closed list.
  return isBrokerlessError(error, 'TIME_OUT') ? 'TIMEOUT' : undefined;
}

export const cause = (error: BrokerlessError): unknown => error.cause;
