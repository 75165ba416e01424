/**
 * Shop, its services as processes: how main.ts starts, kills and stops them, and how each of them ends.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { closeOnSignal } from 'brokerless/patterns/service';

const programs = {
  stock: new URL('stock.ts', import.meta.url),
  payment: new URL('payment.ts', import.meta.url),
  gateway: new URL('gateway.ts', import.meta.url),
};

/** Which of them. */
export type Name = keyof typeof programs;

/** One process each. */
export class Services {
  readonly #folder: string;
  readonly #running = new Map<Name, ChildProcess>();

  /** @param folder Where their sockets and ledgers are. */
  constructor(folder: string) {
    this.#folder = folder;
    for (const name of ['stock', 'payment', 'gateway'] as const) this.#start(name);
  }

  /** Kills one, and starts it again in the same place. */
  async crash(name: Name): Promise<void> {
    await this.#end(name, (service) => service.kill('SIGKILL'));
    this.#start(name);
  }

  /** Ends all, the one that asks the others first. */
  async stop(): Promise<void> {
    for (const name of ['gateway', 'stock', 'payment'] as const) {
      await this.#end(name, (service) => service.disconnect()); // They close when they are alone.
    }
  }

  #start(name: Name): void {
    this.#running.set(name, fork(programs[name], [this.#folder]));
  }

  async #end(name: Name, how: (service: ChildProcess) => void): Promise<void> {
    const service = this.#running.get(name);
    if (service?.connected !== true) return; // It is there no longer.
    how(service);
    await once(service, 'exit');
  }
}

/** For a service: closes it when its process is told to end, or when main.ts is done, or dead. */
export function closeWithMain(service: { close(): Promise<unknown> }): void {
  closeOnSignal(service);
  if (process.send === undefined) return; // It was started by hand.
  if (process.connected) process.once('disconnect', () => void service.close());
  else void service.close(); // Main has gone meanwhile.
}
