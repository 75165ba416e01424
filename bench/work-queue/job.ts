/**
 * Job: what the processes around a queue are told to do, and the items that go through it.
 */
import type { LatencyTask, ThroughputTask } from '../support/job.ts';
import { bytes, type Event, event, firstByte } from '../support/values.ts';

/** Where the processes that are started later connect to. */
export interface Doors {
  /** Where workers take items. */
  readonly workers: string;
  /** What else there is: a hub's door for producers, or the door for results where they have their own. */
  readonly others: string;
}

/** As fast as one can, or each item when it is due. */
export type Task = ThroughputTask | LatencyTask;

/** What a process is told that connects. */
export type PlacedTask = Task & { readonly doors: Doors };

/** What a hub is filled with: so many items, of so many bytes each. */
export interface FillTask {
  readonly size: number;
  readonly count: number;
}

/** An item. */
export type Item = Uint8Array | Event;

/** Makes item number `i`: in fresh memory, as an application would, since what is sent may be kept. */
export function maker({ values, size }: ThroughputTask): (i: number) => Item {
  if (values === 'object') return event;
  return (i) => {
    const item = bytes(size);
    item[0] = i & 0xff;
    return item;
  };
}

/** What is read of an item that has been done. */
export function touch(item: Item): number {
  return item instanceof Uint8Array ? firstByte(item) : item.id;
}
