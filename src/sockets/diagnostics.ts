/**
 * Diagnostics: what happens to messages, on `node:diagnostics_channel`, free when nobody listens.
 *
 * | channel               | message                                                       |
 * | --------------------- | ------------------------------------------------------------- |
 * | `brokerless:sent`     | `{ endpoint, values, bytes }`, for each ZeroMQ message sent    |
 * | `brokerless:received` | `{ endpoint, bytes }`, for each ZeroMQ message received        |
 * | `brokerless:fault`    | `{ endpoint, reason }`, for each message dropped as malformed  |
 */
import { channel } from 'node:diagnostics_channel';

const sent = channel('brokerless:sent');
const received = channel('brokerless:received');
const faulty = channel('brokerless:fault');

/** A message of `values` values has been handed to ZeroMQ. */
export function publishSent(endpoint: string, values: number, bytes: number): void {
  if (sent.hasSubscribers) sent.publish({ endpoint, values, bytes });
}

/** A message has come from ZeroMQ. */
export function publishReceived(endpoint: string, bytes: number): void {
  if (received.hasSubscribers) received.publish({ endpoint, bytes });
}

/** A message, or the rest of one, has been dropped because it made no sense. */
export function publishFault(endpoint: string, reason: string): void {
  if (faulty.hasSubscribers) faulty.publish({ endpoint, reason });
}
