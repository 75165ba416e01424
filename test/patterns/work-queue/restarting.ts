/**
 * What tests of hubs that are started again need: files, endpoints that stay, and a hub that can be killed.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import type { Order, StoreRecord, WorkQueueOptions } from '../../../patterns/work-queue/index.ts';
import { compiled } from '../../support/compiled.ts';
import { reservedEndpoint } from '../../support/port.ts';
import { until } from '../../support/until.ts';
import { FileStore } from './file-store.ts';
import { listOf } from './watched.ts';

/** For whole tests. */
export const PATIENT = { timeout: 120_000 } as const;
/** For waits. */
export const LONG = { timeoutMs: 45_000 } as const;
/** A hub that does not take its time. */
export const QUICK = { heartbeatMs: 200, retryMs: 5, retryMaxMs: 10 } as const;

/** A file that is not there yet, and will not be there when the test has ended. */
export function newFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'brokerless-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, 'store');
}

/** The endpoints of a hub that is to be started more than once. */
export async function fixedEnds(): Promise<Pick<WorkQueueOptions, 'producers' | 'workers'>> {
  return { producers: await reservedEndpoint(), workers: await reservedEndpoint() };
}

/** What is kept in a file that no hub has open. */
export async function recordsIn(file: string): Promise<StoreRecord[]> {
  const store = new FileStore(file);
  const records = await listOf(store.load());
  await store.close();
  return records;
}

/** Puts records into a file that is not there yet, and answers with its path. */
export async function fileWith(records: readonly StoreRecord[]): Promise<string> {
  const file = newFile();
  const store = new FileStore(file);
  await listOf(store.load());
  await store.append(records);
  await store.close();
  return file;
}

/** An item that was put in long ago. */
export function oldItem(
  n: number,
  asked: Partial<Order> = {},
): StoreRecord & { readonly kind: 'put' } {
  const order = { priority: 0, key: undefined, isUnique: false, maxAttempts: 3, notBefore: 0 };
  return {
    kind: 'put',
    n,
    body: Uint8Array.of(n),
    at: Date.now() - 60_000,
    order: { ...order, expiresAt: Number.POSITIVE_INFINITY, ...asked },
  };
}

/** A hub that is a process of its own, ended with the scope. */
export class HubProcess implements Disposable {
  readonly #child: ChildProcess;
  #isBound = false;

  constructor(file: string, { producers, workers }: Awaited<ReturnType<typeof fixedEnds>>) {
    const program = compiled(new URL('programs/stored-hub.ts', import.meta.url));
    this.#child = spawn(process.execPath, [program, file, producers, workers], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#child.once('message', () => {
      this.#isBound = true;
    });
  }

  /** Waits until it is there. */
  async bound(): Promise<void> {
    await until(() => this.#isBound || this.#child.exitCode !== null, LONG);
    expect(this.#child.exitCode).toBeNull();
  }

  /** Kills it, and waits until it is dead. */
  async kill(): Promise<void> {
    const over = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await over;
  }

  [Symbol.dispose](): void {
    this.#child.kill('SIGKILL');
  }
}
