/**
 * Heard: what a server says of a call, read and noted. Pure.
 */
import { type ListReader, tell } from 'brokerless/kit';
import type { ClientCall } from './call-rules.ts';
import type { Calls } from './calls-rules.ts';
import type { Link } from './link-rules.ts';
import { entry, readRefusal } from './messages.ts';

/** A message that is being read. */
export interface Heard {
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

/**
 * Takes an entry of this kind, in which a server says something of a call or a stream. What makes no sense, and all
 * after it, is not read.
 */
export function takeOfCall<Key>(
  kind: number | undefined,
  heard: Heard,
  calls: Calls<Key>,
  out: Items<Key>,
): void {
  const { reader } = heard;
  const number = reader.uint();
  if (number === undefined) return;
  if (kind === entry.result) takeResult(heard, number, calls);
  else if (kind === entry.failed) takeFailure(heard, number, calls);
  else if (kind === entry.item) takeItem(heard, number, calls, out);
  else if (kind === entry.refused) takeRefusal(heard, number, calls);
  else if (kind === entry.end) takeLast(heard, number, calls);
  else if (kind === entry.begun) takeBegun(heard, number, calls);
  else reader.fail();
}

function takeResult<Key>({ link, reader, now }: Heard, number: number, calls: Calls<Key>): void {
  const body = reader.item();
  const call = body && calls.of(link, number);
  if (call === undefined) return;
  if (call.asked.kind !== 'call') return reader.fail(); // A stream has no result.
  link.hold.answered(now - call.asked.askedAt, now);
  call.result = body;
  calls.end(call);
}

function takeFailure<Key>({ link, reader }: Heard, number: number, calls: Calls<Key>): void {
  const body = reader.item();
  const call = body && calls.of(link, number);
  if (call === undefined) return;
  call.failure = body;
  calls.end(call);
}

function takeItem<Key>(
  { link, reader, now }: Heard,
  number: number,
  calls: Calls<Key>,
  out: Items<Key>,
): void {
  const at = reader.uint();
  const item = reader.item();
  const call = item && calls.of(link, number);
  if (item === undefined || call === undefined) return;
  if (call.room === 0) return reader.fail(); // More than its reader has room for.
  if (at !== call.came) return calls.breakOff(call, now);
  call.came += 1;
  call.room -= 1;
  out.push(tell({ kind: 'item', call, item }));
}

function takeRefusal<Key>({ link, reader, now }: Heard, number: number, calls: Calls<Key>): void {
  const refusal = readRefusal(reader);
  const reason = reader.text();
  if (refusal === undefined || reason === undefined) return;
  const call = calls.of(link, number);
  if (call !== undefined) calls.refuse(call, refusal, reason, now);
}

function takeLast<Key>({ link, reader, now }: Heard, number: number, calls: Calls<Key>): void {
  const count = reader.uint();
  const call = count === undefined ? undefined : calls.of(link, number);
  if (call === undefined) return;
  if (call.asked.kind !== 'stream') return reader.fail(); // A call ends with its result.
  if (count === call.came) calls.end(call);
  else calls.breakOff(call, now);
}

function takeBegun<Key>({ link }: Heard, number: number, calls: Calls<Key>): void {
  const call = calls.of(link, number);
  if (call !== undefined) call.stage = 'begun';
}
