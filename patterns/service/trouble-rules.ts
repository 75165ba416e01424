/**
 * Troubles: what a caller is told when no handler has answered. Pure.
 */
import type { ClientCall, Trouble } from './call-rules.ts';
import type { Refusal } from './messages.ts';

/** Its time is over. Says how far it had got. */
export function timedOut(call: ClientCall, name: string): Trouble {
  const { progress, link } = call;
  const server = link?.endpoint;
  const how = {
    waiting: 'it was never sent, as no server was there to take it',
    sent: 'it was sent, and no server has said that it began with it',
    running: `it is still being carried out at ${server}`,
  }[progress];
  return {
    code: 'TIMEOUT',
    message: `${name}: no answer in time: ${how}`,
    data: { progress, server, attempts: call.attempts },
  };
}

/** There is nobody to ask, and whoever asks does not want to wait. */
export function unreachable(name: string, mismatch: string | undefined): Trouble {
  if (mismatch === undefined)
    return { code: 'UNREACHABLE', message: `${name}: no server is there` };
  return { code: 'CONTRACT_MISMATCH', message: `${name}: ${mismatch}` };
}

/** The connection to its server has ended before the answer was there. */
export function lost({ link }: ClientCall, name: string): Trouble {
  const message = `${name}: ${link?.endpoint} was lost before it answered`;
  return { code: 'UNREACHABLE', message, data: { server: link?.endpoint } };
}

/** Values of a stream were lost on their way. */
export function incomplete({ link, came }: ClientCall, name: string): Trouble {
  const server = link?.endpoint;
  const message = `${name}: what follows the first ${came} values of ${server} was lost`;
  return { code: 'UNREACHABLE', message, data: { server } };
}

/** What a server's refusal amounts to. It has not carried out anything. */
export function refused(refusal: Refusal, reason: string): Trouble {
  const code = ({ OVERLOADED: 'OVERLOADED', EXPIRED: 'TIMEOUT', BAD_INPUT: 'BAD_VALUE' } as const)[
    refusal
  ];
  return { code, message: reason };
}
