/**
 * Chat, the contract: what a room can be asked. The server and all clients share this file.
 */
import { call, contract, stream } from 'brokerless/patterns/service';

/** What happens in a room. */
export type Happening =
  | { readonly what: 'said'; readonly name: string; readonly text: string }
  | { readonly what: 'joined' | 'left'; readonly name: string };

/** A room. Who listens is in it. */
export const room = contract('chat', {
  say: call<{ name: string; text: string }, void>(),
  listen: stream<{ name: string }, Happening>(),
  who: call<void, string[]>({ idempotent: true }),
});
