/**
 * Rules: the contract between a pattern's decisions and the sockets that carry them out.
 *
 * Rules decide and never act. They are told what arrived and what time it is; they answer with what
 * should be done. The same inputs always give the same answers, so a test can play a bad week on a
 * bad network in a millisecond. Acting is the business of `drive`.
 */

/** Something the rules want done. */
export type Action<Port extends string, Message, Told = never> =
  /** Put a message on the wire. */
  | { readonly kind: 'send'; readonly to: Port; readonly message: Message }
  /** Hand something up to the application. */
  | { readonly kind: 'tell'; readonly what: Told }
  /**
   * Close the socket of a port, with all that waits in it, and open a new one, which its peers take for
   * somebody new. `to` says where it connects; left out, where it always does.
   */
  | { readonly kind: 'reopen'; readonly port: Port; readonly to?: string | undefined };

/** What `drive` asks of a pattern: four members, and four for what a pattern may not care about. */
export interface Rules<Port extends string, Message, Told = never> {
  /**
   * `message` arrived on `from`. If it makes no sense the peer is at fault: drop and count it,
   * never throw.
   */
  receive(from: Port, message: unknown, now: number): readonly Action<Port, Message, Told>[];

  /** Time passed. Called at or after {@link deadline}; being called early must do no harm. */
  tick(now: number): readonly Action<Port, Message, Told>[];

  /** When `tick` is next due, in the clock's milliseconds; undefined while nothing is awaited. */
  readonly deadline: number | undefined;

  /**
   * Whether to read from `port` at present. While the answer is no, messages wait in the socket,
   * where ZeroMQ's high-water mark can push back on the sender. Read early, they would wait in
   * this process instead, unbounded and out of everyone's sight.
   */
  accepts(port: Port): boolean;

  /**
   * The turn of the event loop is over in which the rules have been told something, once or many times. Rules
   * that join what they have to say of many things say it now, or at a deadline that they set.
   */
  flush?(now: number): readonly Action<Port, Message, Told>[];

  /** Nothing more will ever arrive on `port`: a source that was read to its end. */
  ended?(port: Port, now: number): readonly Action<Port, Message, Told>[];

  /** `message` did not leave by `to`, for the reason `error`: a value that cannot be encoded, say. */
  unsent?(
    to: Port,
    message: Message,
    error: unknown,
    now: number,
  ): readonly Action<Port, Message, Told>[];

  /**
   * The connection of `peer` at `port` has ended. An early word and no more: it comes only where
   * ZeroMQ tells, so everything must come right without it.
   */
  left?(port: Port, peer: string, now: number): readonly Action<Port, Message, Told>[];
}

/** The action that sends `message` to `to`. */
export function send<Port extends string, Message>(
  to: Port,
  message: Message,
): { readonly kind: 'send'; readonly to: Port; readonly message: Message } {
  return { kind: 'send', to, message };
}

/** The action that hands `what` to the application. */
export function tell<Told>(what: Told): { readonly kind: 'tell'; readonly what: Told } {
  return { kind: 'tell', what };
}

/** The action that opens the socket of `port` anew, connected `to` another place if one is given. */
export function reopen<Port extends string>(
  port: Port,
  to?: string,
): { readonly kind: 'reopen'; readonly port: Port; readonly to: string | undefined } {
  return { kind: 'reopen', port, to };
}
