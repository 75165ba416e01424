/**
 * Servers and clients as processes of their own, for tests that kill, freeze and restart them.
 */
import { type ChildProcess, fork } from 'node:child_process';
import type { ClientStats, ServeOptions, ServerStats } from 'brokerless/patterns/service';
import { compiled } from '../../support/compiled.ts';
import { until } from '../../support/until.ts';
import { LONG } from './running.ts';

/** A process that says what happens in it, ended with the scope. */
export class Process<Stats> implements Disposable {
  /** The process itself. */
  readonly child: ChildProcess;
  /** All that it has said. */
  readonly said: (readonly unknown[])[] = [];

  constructor(program: string, args: readonly string[]) {
    this.child = fork(compiled(new URL(`programs/${program}.ts`, import.meta.url)), args);
    this.child.on('message', (message) => this.said.push(message as unknown[]));
  }

  /** Whether it has ended. */
  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** How often it has said `word`. */
  count(word: string): number {
    return this.said.filter(([first]) => first === word).length;
  }

  /** Waits until it says `word`, after what it has said before `from`; answers with the rest of that. */
  async says(word: string, from = 0): Promise<readonly unknown[]> {
    const find = (): readonly unknown[] | undefined =>
      this.said.slice(from).find(([first]) => first === word);
    await until(() => find() !== undefined || this.hasEnded, { ...LONG, what: `it says ${word}` });
    const found = find();
    if (found === undefined) throw new Error(`a process has ended before it said ${word}`);
    return found.slice(1);
  }

  /** Asks it something, and waits for its answer, which begins with the same word. */
  ask(word: string): Promise<readonly unknown[]> {
    const from = this.said.length;
    this.child.send(word);
    return this.says(word, from);
  }

  /** Its numbers. */
  async stats(): Promise<Stats> {
    const [stats] = await this.ask('stats');
    return stats as Stats;
  }

  /** Sends it a signal. */
  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Sends it a signal and waits until it has ended. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    this.signal(signal);
    await until(() => this.hasEnded, { ...LONG, what: `it has ended after ${signal}` });
  }

  [Symbol.dispose](): void {
    this.child.kill('SIGKILL');
  }
}

/** A server process. */
export class ServerProcess extends Process<ServerStats> {
  /** Where it is bound, once it is. */
  endpoint = '';

  /** Starts one, and waits until it is bound. */
  static async start(options: Partial<ServeOptions> = {}): Promise<ServerProcess> {
    const server = new ServerProcess('server', [JSON.stringify(options)]);
    const [endpoint] = await server.says('bound');
    server.endpoint = String(endpoint);
    return server;
  }
}

/** A client process, with calls and a stream under way. */
export class ClientProcess extends Process<ClientStats> {
  /** Starts one, and waits until its calls are under way. */
  static async start(server: string, calls: number): Promise<ClientProcess> {
    const client = new ClientProcess('client', [server, String(calls)]);
    await client.says('asked');
    return client;
  }
}
