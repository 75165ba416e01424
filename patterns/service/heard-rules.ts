/**
 * Heard: what a server says of a call, read and noted. Pure.
 */
import { type ListReader, tell } from 'brokerless/kit';
import type { ClientCall } from './call-rules.ts';
import type { Calls } from './calls-rules.ts';
import type { Link } from './link-rules.ts';
import { entry, readRefusal } from './messages.ts';

/** An entry that has been begun to be read. */
export interface Heard {
  /** What it begins with. */
  readonly kind: number | undefined;
  /** Who says it. */
  readonly link: Link;
  /** Reads on. */
  readonly reader: ListReader;
  /** When. */
  readonly now: number;
}

/** Where values of streams go. */
export interface Items<Key> {
  /** Takes one more. */
  push(
    item: ReturnType<
      typeof tell<{
        readonly kind: 'item';
        readonly call: ClientCall<Key>;
        readonly item: Uint8Array;
      }>
    >,
  ): unknown;
}

/** Takes what a server says of a call. What makes no sense, and all after it, is not read. */
export function takeOfCall<Key>(heard: Heard, calls: Calls<Key>, out: Items<Key>): void {
  const { kind, link, reader, now } = heard;
  const number = reader.uint();
  if (number === undefined) return;
  switch (kind) {
    case entry.result:
    case entry.failed: {
      const body = reader.item();
      const call = body && calls.of(link, number);
      if (call === undefined) return;
      if (kind === entry.result) call.result = body;
      else call.failure = body;
      return calls.end(call);
    }
    case entry.item: {
      const item = reader.item();
      const call = item && calls.of(link, number);
      if (call !== undefined) out.push(tell({ kind: 'item', call, item: item as Uint8Array }));
      return;
    }
    case entry.end: {
      const call = calls.of(link, number);
      return call && calls.end(call);
    }
    case entry.refused: {
      const refusal = readRefusal(reader);
      const reason = reader.text();
      const call = reason === undefined ? undefined : calls.of(link, number);
      if (call !== undefined && refusal !== undefined)
        calls.refuse(call, refusal, `${reason}`, now);
      return;
    }
    case entry.begun: {
      const call = calls.of(link, number);
      if (call !== undefined) call.stage = 'begun';
      return;
    }
    default:
      reader.fail();
  }
}
