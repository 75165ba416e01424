/**
 * Reads what rules answer: what is to be sent to a port, and what the application is told.
 */
import type { Action } from 'brokerless/kit';

/** The messages that `actions` put on the wire to `port`, in order. */
export function sentTo<Port extends string, Message>(
  port: Port,
  actions: readonly Action<Port, Message, unknown>[],
): Message[] {
  return actions.flatMap((action) =>
    action.kind === 'send' && action.to === port ? [action.message] : [],
  );
}

/** What `actions` tell the application, in order. */
export function toldBy<Told>(actions: readonly Action<string, unknown, Told>[]): Told[] {
  return actions.flatMap((action) => (action.kind === 'tell' ? [action.what] : []));
}
