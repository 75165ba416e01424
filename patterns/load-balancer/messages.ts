/**
 * Messages: what broker and workers say to each other, as the Guide's load balancing broker does (chapter 3),
 * with a tag in the place of the client's address, and LEAVE.
 *
 * | from   | to     | frames                               | meaning                                    |
 * | ------ | ------ | ------------------------------------ | ------------------------------------------ |
 * | worker | broker | `[address …] [empty] [READY]`        | a worker is here, and free                 |
 * | broker | worker | `[address …] [empty] [tag] [empty] [body …]` | a request                          |
 * | worker | broker | `[address …] [empty] [tag] [empty] [body …]` | its reply; the worker is free again |
 * | worker | broker | `[address …] [empty] [03]`           | LEAVE: will take no more                   |
 * | broker | worker | `[address …] [empty] [03]`           | nothing more will come                     |
 *
 * READY is those five letters, or the byte `01`. The address is what the worker's socket puts before the
 * empty frame: nothing from REQ, a number from REQ with `ZMQ_REQ_CORRELATE`, the names of the connections on
 * the way through another broker. LEAVE is an addition: REQ workers know nothing of it.
 */
import { type Frames, sameBytes } from 'brokerless/kit';

/** Says that a worker is here, and free. */
export const READY: Uint8Array = new TextEncoder().encode('READY');

/** From a worker: it will take no more. From a broker: nothing more will come. */
export const LEAVE: Uint8Array = Uint8Array.of(0x03);

const SHORT_READY = Uint8Array.of(0x01);

/** Whether all that stands after a worker's address says that it is ready. */
export const isReady = (payload: Frames): boolean =>
  isOnly(payload, READY) || isOnly(payload, SHORT_READY);

/** Whether all that stands after the address is LEAVE. */
export const isLeave = (payload: Frames): boolean => isOnly(payload, LEAVE);

function isOnly(payload: Frames, word: Uint8Array): boolean {
  const [frame] = payload;
  return payload.length === 1 && frame !== undefined && sameBytes(frame, word);
}
