/**
 * A journal: it stores some numbers at a time, and accepts them when the disk has them.
 */
import { type Action, type Rules, send, tell } from 'brokerless/kit';
import type { DiskAnswer, Scenario } from 'brokerless/testing';

type Act = Action<'disk', readonly number[], number>;

/** Stores three numbers at a time, goes on where the disk ends, and tells of each that is accepted. */
export class JournalRules implements Rules<'disk', readonly number[], number> {
  deadline: number | undefined = 0;
  readonly #everyMs: number;
  readonly #underWay: (readonly number[])[] = [];
  #next: number;

  constructor(contents: readonly unknown[], everyMs: number) {
    this.#next = Number(contents.at(-1) ?? -1) + 1;
    this.#everyMs = everyMs;
  }

  accepts(): boolean {
    return true;
  }

  tick(now: number): readonly Act[] {
    this.deadline = now + this.#everyMs;
    const batch = [0, 1, 2].map((i) => this.#next + i);
    this.#next += batch.length; // Also if it fails: nobody knows how much of it is there.
    this.#underWay.push(batch);
    return [send('disk', batch)];
  }

  receive(_from: 'disk', message: unknown): readonly Act[] {
    const batch = this.#underWay.shift() ?? [];
    return (message as DiskAnswer).kind === 'stored' ? batch.map((number) => tell(number)) : [];
  }
}

/** Accepts what it has only asked to be stored. */
export class HastyRules extends JournalRules {
  override tick(now: number): readonly Act[] {
    const asked = super.tick(now);
    const batch = asked.flatMap((act) => (act.kind === 'send' ? act.message : []));
    return [...asked, ...batch.map((number) => tell(number))];
  }

  override receive(): readonly Act[] {
    return [];
  }
}

/** Accepts what it has been answered about, whatever the answer was. */
export class TrustingRules extends JournalRules {
  override receive(from: 'disk'): readonly Act[] {
    return super.receive(from, { kind: 'stored' });
  }
}

/** A journal, and what must be true: what it has accepted is there, in order, whenever it begins anew. */
export function journaling(newRules: typeof JournalRules = JournalRules): Scenario {
  return (world) => {
    const delayMs = world.pick([1, 5, 15]);
    const everyMs = world.integer(20, 200);
    const accepted: number[] = [];
    world.node('journal', (node) => {
      const disk = node.disk({ delayMs });
      const contents = disk.contents.map(Number);
      const kept = new Set(contents);
      const gone = accepted.find((number) => !kept.has(number));
      if (gone !== undefined) world.fail(`${gone} was accepted and is gone`);
      if (contents.some((number, i) => i > 0 && number <= (contents[i - 1] ?? 0))) {
        world.fail('what is on the disk is in no order');
      }
      const note = (number: number): void => void accepted.push(number);
      node.drive(new newRules(contents, everyMs), { ports: { disk }, tell: note });
    });
    let before = 0;
    world.at(60_000, () => {
      before = accepted.length;
    });
    return () => {
      if (accepted.length === before) world.fail('nothing was accepted although all was well');
    };
  };
}
