/**
 * Runs load balancers for the tests: a broker, clients and workers of all kinds, closed when the scope ends.
 */
import { Request, type RequestOptions } from 'brokerless';
import {
  type BalancedWorker,
  type BalancedWorkerOptions,
  type JobContext,
  type LoadBalancer,
  type LoadBalancerOptions,
  startBalancedWorker,
  startLoadBalancer,
  type WorkerLoss,
} from 'brokerless/patterns/load-balancer';
import * as zmq from 'zeromq';
import { until } from '../../support/until.ts';

/** A handler of the tests. */
export type Handler = (request: never, context: JobContext) => unknown;

/** A broker with what a test puts around it; all of it is closed with the scope. */
export class Balancing implements AsyncDisposable {
  /** The broker. */
  broker: LoadBalancer;
  /** Who joined and who was lost, and why, in order. */
  readonly events: (readonly ['join' | WorkerLoss, string])[] = [];
  readonly #rest: (() => unknown)[] = [];

  constructor(broker: LoadBalancer) {
    this.broker = broker;
    this.#listen();
  }

  /** Starts a worker of ours, and waits until the broker knows it. */
  async work(
    handler: Handler,
    options: Partial<BalancedWorkerOptions<never, unknown>> = {},
  ): Promise<BalancedWorker> {
    const before = this.broker.stats().workers;
    const worker = await startBalancedWorker<never, unknown>({
      broker: this.broker.workers,
      handler,
      reconnectMs: 20,
      drainMs: 0,
      ...options,
    });
    this.closeLater(() => worker.close());
    await this.knows(before + (options.concurrency ?? 1));
    return worker;
  }

  /** Connects a client of ours. */
  async client(options: RequestOptions<unknown, unknown> = {}): Promise<Request> {
    const request = await Request.connect(this.broker.clients, {
      timeoutMs: 15_000,
      ...options,
    });
    this.closeLater(() => request.close({ drainMs: 0 }));
    return request;
  }

  /** A plain zeromq socket, connected to one of the doors. */
  raw<Socket extends zmq.Socket & { connect(endpoint: string): void }>(
    socket: Socket,
    door: 'clients' | 'workers',
  ): Socket {
    Object.assign(socket, { linger: 0 });
    socket.connect(this.broker[door]);
    this.closeLater(() => socket.close());
    return socket;
  }

  /** Resolves once the broker has so many workers. */
  async knows(workers: number): Promise<void> {
    const what = `the broker has ${workers} workers`;
    await until(() => this.broker.stats().workers === workers, { timeoutMs: 15_000, what });
  }

  /** Closes the broker and starts another at the same endpoints. */
  async restart(options: Partial<LoadBalancerOptions> = {}): Promise<void> {
    const { clients, workers } = this.broker;
    await this.broker.close();
    this.broker = await rebound({ clients, workers, ...options });
    this.#listen();
  }

  /** Has something closed with the scope. */
  closeLater(close: () => unknown): void {
    this.#rest.push(close);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#rest.map((close) => close()));
    await this.broker.close();
  }

  #listen(): void {
    this.broker.on('worker:join', ({ worker }) => this.events.push(['join', worker]));
    this.broker.on('worker:lost', ({ worker, reason }) => this.events.push([reason, worker]));
  }
}

/** Starts a broker at endpoints that nobody else has. */
export async function balancing(options: Partial<LoadBalancerOptions> = {}): Promise<Balancing> {
  const [clients, workers] = ['tcp://127.0.0.1:*', 'tcp://127.0.0.1:*'];
  return new Balancing(await startLoadBalancer({ clients, workers, ...options }));
}

/** ZeroMQ lets go of a port a little after its socket has been closed. */
async function rebound(options: LoadBalancerOptions): Promise<LoadBalancer> {
  const deadline = performance.now() + 10_000;
  for (;;) {
    try {
      return await startLoadBalancer(options);
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}

/** The frames of a message, as text. */
export const texts = (frames: readonly Uint8Array[]): string[] =>
  frames.map((frame) => Buffer.from(frame).toString('latin1'));

/**
 * A plain REQ worker as the Guide has it: keeps the address that comes with a request, and puts it before
 * the reply. Ends when its socket is closed.
 */
export async function reqWorker(
  socket: zmq.Request,
  ready: string,
  answer: (body: readonly string[]) => readonly string[] | Promise<readonly string[]>,
): Promise<void> {
  try {
    await socket.send(ready);
    for (;;) {
      const [tag = '', empty = '', ...body] = await socket.receive();
      await socket.send([tag, empty, ...(await answer(texts(body)))]);
    }
  } catch {
    // It has been closed.
  }
}

/** The options of a broker that answers quickly what it will not take on. */
export const small = { maxWaiting: 2, overflow: 'reject' } as const;
