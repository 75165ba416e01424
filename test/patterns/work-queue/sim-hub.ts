/**
 * A simulated hub: its rules, watched, over a disk that outlives it or a memory that does not; and somebody who
 * looks after it, sends dead letters again and now and then cancels all there is.
 */
import type { QueueTold } from '../../../patterns/work-queue/acts-rules.ts';
import type { HubRules, HubRulesOptions } from '../../../patterns/work-queue/hub-rules.ts';
import type { StoreRecord } from '../../../patterns/work-queue/item-rules.ts';
import { recover } from '../../../patterns/work-queue/recovery-rules.ts';
import type { SimDriven, SimNode, World } from '../../../src/testing/index.ts';
import type { OnDisk } from './sim-disk.ts';
import type { Knobs } from './sim-knobs.ts';
import type { Ledger } from './sim-ledger.ts';
import { Model } from './sim-model.ts';
import { memoryPort } from './sim-store.ts';
import { Watched } from './sim-watch.ts';

const MAX_WORKERS = 50;
const text = new TextDecoder();

/** What a hub is made of. */
export interface HubMakings {
  readonly world: World;
  readonly ledger: Ledger;
  readonly knobs: Knobs;
  /** What is known to be on its disk; undefined if it has none. */
  readonly disk: OnDisk | undefined;
  readonly make: (options: HubRulesOptions) => HubRules;
}

/** Begins a life of a hub. */
export function startHub(node: SimNode, makings: HubMakings): HubRules {
  const { world, ledger, knobs, make } = makings;
  ledger.lives += 1;
  ledger.current.clear(); // It waits for nobody any more.
  const disk = makings.disk && node.disk({ delayMs: knobs.diskMs });
  const contents = (disk?.contents ?? []) as readonly StoreRecord[];
  makings.disk?.check(world, contents);
  const kept = recover(contents);
  const epoch = kept.epoch ?? `hub ${node.incarnation}`;
  const rules = make(hubOptions(knobs, node, epoch, makings.disk === undefined));
  const model = new Model(world, ledger, rules, makings.disk);
  const watched = new Watched(world, rules, model, {
    maxItems: knobs.maxItems,
    // What comes in one message is let in, what was not dealt with in an earlier life, and letters.
    atOnce: 64 + kept.items.length,
    maxDeadLetters: knobs.maxDeadLetters,
    maxWorkers: MAX_WORKERS,
    isDoubtful: (body) => ledger.doubtful.has(text.decode(body)),
  });
  const driven = node.drive(watched, {
    ports: {
      producers: node.bind('router', 'producers'),
      workers: node.bind('router', 'workers'),
      store: disk ?? memoryPort(node),
    } as never,
    tell: () => {},
  });
  driven.perform((now) => watched.see(rules.adopt(kept, now)));
  lookAfter(node, makings, rules, driven);
  return rules;
}

function hubOptions(
  knobs: Knobs,
  node: SimNode,
  epoch: string,
  isForgetful: boolean,
): HubRulesOptions {
  return {
    ...knobs,
    epoch,
    isForgetful,
    maxBytes: 1 << 20,
    backoff: { baseMs: 50, maxMs: 1000 },
    wallOffsetMs: 1_000_000,
    maxResultBytes: 1 << 20,
    maxProducers: 50,
    sessionMs: 60_000,
    maxWorkers: MAX_WORKERS,
    random: () => node.random(),
  };
}

function lookAfter(
  node: SimNode,
  { world, ledger }: HubMakings,
  rules: HubRules,
  driven: SimDriven<never, never, QueueTold>,
): void {
  const again = (): void => {
    node.after(5000 + node.random() * 5000, () => {
      if (world.now > 55_000) return;
      again();
      const [letter] = rules.queue.letters.all();
      if (letter !== undefined) {
        driven.perform((now) => rules.resend(letter.item.n, now) as readonly never[]);
      }
      if (node.random() > 0.05) return;
      world.mark('cancel all');
      ledger.clearedAt = world.now;
      driven.perform(() => rules.cancel(undefined) as readonly never[]);
    });
  };
  again();
}
