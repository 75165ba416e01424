/**
 * Mail, the server that it goes to: one on this machine, which keeps nothing and has its moods.
 *
 * It does not take a message at first sight from whom it does not know (451, as servers do that greylist), and
 * none for whom it has never heard of (550).
 */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

/** A server that takes mail for these addresses. */
export class Postbox {
  /** Whom it takes mail for. More may be added. */
  readonly known: Set<string>;
  /** Whom it has had mail for, in the order of arrival. */
  readonly delivered: string[] = [];
  readonly #seen = new Set<string>();
  readonly #server: SMTPServer;

  /** @param known Whom it takes mail for. */
  constructor(known: readonly string[]) {
    this.known = new Set(known);
    this.#server = new SMTPServer({
      disabledCommands: ['AUTH', 'STARTTLS'],
      onRcptTo: ({ address }, _session, answer) => answer(this.#refusal(address)),
      onData: (stream, { envelope }, answer) => {
        stream.resume().once('end', () => {
          this.delivered.push(...envelope.rcptTo.map(({ address }) => address));
          answer();
        });
      },
    });
  }

  /** Starts it, and resolves with its port. */
  async listen(): Promise<number> {
    const server = this.#server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  }

  /** Stops it. */
  close(): void {
    this.#server.close();
  }

  #refusal(address: string): Error | undefined {
    const refuse = (responseCode: number, message: string): Error =>
      Object.assign(new Error(message), { responseCode });
    if (!this.known.has(address)) return refuse(550, 'nobody of that name lives here');
    if (this.#seen.has(address)) return undefined;
    this.#seen.add(address);
    return refuse(451, 'try again later');
  }
}
