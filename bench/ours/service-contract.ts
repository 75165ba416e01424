/**
 * The contract of the bench `service`: bytes there and back, and a call that takes its time.
 */
import { call, contract } from 'brokerless/patterns/service';

/** What client and server share. */
export const echo = contract('echo', {
  echo: call<Uint8Array, Uint8Array>(),
  rest: call<Uint8Array, Uint8Array>(),
});
