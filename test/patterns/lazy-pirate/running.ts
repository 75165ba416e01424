/**
 * Runs Lazy Pirates for the tests: a client, servers of several kinds, and endpoints where nobody is.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Handler, Reply } from 'brokerless';
import { LazyPirate, type LazyPirateOptions } from 'brokerless/patterns/lazy-pirate';
import * as zmq from 'zeromq';
import { PYTHON } from '../../support/python.ts';
import { turns } from '../../support/turns.ts';
import { until } from '../../support/until.ts';

/** A client that is connected; of numbers, if nothing else is said. */
export async function startPirate<Out = number, In = number>(
  servers: string | readonly string[],
  options: Omit<LazyPirateOptions<Out, In>, 'servers'> = {},
): Promise<LazyPirate<Out, In>> {
  const pirate = new LazyPirate<Out, In>({ servers, ...options });
  await pirate.ready({ timeoutMs: 10_000 });
  return pirate;
}

/** A Reply of ours that serves; by tcp, if nothing else is said. Waits for a port to be free again. */
export async function startReply<In = number, Out = number>(
  handler: Handler<In, Out>,
  endpoint = 'tcp://127.0.0.1:*',
): Promise<Reply<In, Out>> {
  const deadline = performance.now() + 10_000;
  for (;;) {
    try {
      const reply = await Reply.bind<In, Out>(endpoint);
      void reply.serve(handler);
      return reply;
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await turns(1);
    }
  }
}

/** A raw zeromq Router, bound by tcp: it answers only as the test tells it to. */
export class RawServer implements Disposable {
  readonly raw = new zmq.Router({ linger: 0 });
  /** Where it is bound. */
  readonly endpoint: string;

  constructor(endpoint = 'tcp://127.0.0.1:*') {
    this.raw.bindSync(endpoint);
    this.endpoint = this.raw.lastEndpoint ?? '';
  }

  /** The next message: who it is from, the header, the empty frame, and the body. */
  async next(): Promise<[Buffer, Buffer, Buffer, Buffer]> {
    return (await this.raw.receive()) as [Buffer, Buffer, Buffer, Buffer];
  }

  [Symbol.dispose](): void {
    this.raw.close();
  }
}

/** A REP server in Python, in a process of its own. */
export class PythonServer implements Disposable {
  readonly child: ChildProcess;
  /** What it has been asked so far, as text. */
  readonly asked: string[] = [];
  /** Where it is bound; empty until it is. */
  endpoint = '';

  constructor(endpoint = 'tcp://127.0.0.1:*') {
    const program = fileURLToPath(new URL('programs/server.py', import.meta.url));
    this.child = spawn(PYTHON, [program, endpoint], { stdio: ['ignore', 'pipe', 'inherit'] });
    const lines = this.child.stdout;
    if (lines === null) throw new Error('it has no output');
    createInterface(lines).on('line', (line) => {
      if (this.endpoint === '') this.endpoint = line;
      else this.asked.push(line);
    });
  }

  /** Starts one, and waits until it is bound. */
  static async start(endpoint?: string): Promise<PythonServer> {
    const server = new PythonServer(endpoint);
    await until(() => server.endpoint !== '', { timeoutMs: 15_000, what: 'the server is bound' });
    return server;
  }

  /** Kills it, and waits until it has gone. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await until(() => this.child.signalCode !== null, { what: 'the server has gone' });
  }

  [Symbol.dispose](): void {
    this.child.kill('SIGKILL');
  }
}
