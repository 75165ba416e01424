/**
 * Usage: what both contestants' processes used, as fields of a row.
 */
import type { Usage } from './child.ts';
import type { Ends, Row } from './report.ts';
import { median } from './rounds.ts';

/** What the processes of one round used. */
export interface Used {
  readonly sent: Usage;
  readonly received: Usage | readonly Usage[];
}

/** The fields of a row that tell what both contestants' processes used. */
export function usage(
  ours: readonly Used[],
  floor: readonly Used[],
): Pick<Row, 'cpu' | 'floorCpu' | 'rss' | 'floorRss'> {
  return {
    cpu: ends(ours, 'cpu'),
    floorCpu: ends(floor, 'cpu'),
    rss: ends(ours, 'rss'),
    floorRss: ends(floor, 'rss'),
  };
}

function ends(rounds: readonly Used[], field: keyof Usage): Ends {
  const receivers = rounds.map(({ received }) => listed(received));
  const medians = (receivers[0] ?? []).map((_, place) =>
    median(receivers.map((each) => each[place]?.[field] ?? NaN)),
  );
  const [only = NaN] = medians;
  return {
    sender: median(rounds.map(({ sent }) => sent[field])),
    receiver: medians.length > 1 ? medians : only,
  };
}

function listed(received: Used['received']): readonly Usage[] {
  return 'cpu' in received ? [received] : received;
}
