/**
 * Agenda: like a plain list that is looked through for the soonest, and quick when it is long.
 */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Agenda, type Due } from '../../src/rules/agenda.ts';

class Entry implements Due {
  dueAt = 0;
  place = -1;
}

type Step = readonly ['put' | 'remove' | 'shift', number, number];

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.tuple(fc.constant('put' as const), fc.nat(30), fc.nat(50)) },
    { weight: 2, arbitrary: fc.tuple(fc.constant('remove' as const), fc.nat(30), fc.nat(50)) },
    { weight: 2, arbitrary: fc.tuple(fc.constant('shift' as const), fc.nat(30), fc.nat(50)) },
  ),
  { maxLength: 300, size: 'max' },
);

describe('an agenda', () => {
  test('answers as a list does that is looked through, whatever is asked of it', () => {
    const property = fc.property(steps, (script) => {
      const entries = Array.from({ length: 31 }, () => new Entry());
      const agenda = new Agenda<Entry>();
      const listed = new Set<Entry>();
      for (const [verb, which, time] of script) {
        const entry = entries[which] as Entry;
        if (verb === 'put') {
          agenda.put(entry, time);
          listed.add(entry);
          expect(entry.dueAt).toBe(time);
        } else if (verb === 'remove') {
          agenda.remove(entry);
          listed.delete(entry);
        } else {
          const soonest = Math.min(...[...listed].map(({ dueAt }) => dueAt));
          const taken = agenda.shift(time);
          expect(taken?.dueAt).toBe(soonest <= time ? soonest : undefined);
          if (taken !== undefined) expect(listed.delete(taken)).toBe(true);
        }
        const times = [...listed].map(({ dueAt }) => dueAt);
        expect(agenda.deadline).toBe(times.length === 0 ? undefined : Math.min(...times));
        expect(agenda.size).toBe(listed.size);
        expect(entries.filter(({ place }) => place >= 0).length).toBe(listed.size);
      }
    });
    fc.assert(property, { numRuns: 60 });
  });

  test('gives out all that is due, soonest first, and nothing else', () => {
    const agenda = new Agenda<Entry>();
    for (const time of [5, 3, 9, 3, 7, 1, 8]) agenda.put(new Entry(), time);
    const times: number[] = [];
    for (let next = agenda.shift(7); next !== undefined; next = agenda.shift(7)) {
      times.push(next.dueAt);
    }
    expect(times).toEqual([1, 3, 3, 5, 7]);
    expect([agenda.size, agenda.deadline]).toEqual([2, 8]);
  });

  test('takes out what is not in, without harm', () => {
    const agenda = new Agenda<Entry>();
    const [one, other] = [new Entry(), new Entry()];
    agenda.put(one, 1);
    agenda.remove(other);
    agenda.remove(one);
    agenda.remove(one);
    expect([agenda.size, agenda.deadline]).toEqual([0, undefined]);
  });

  test('that is cleared lets its entries be put in again', () => {
    const agenda = new Agenda<Entry>();
    const entry = new Entry();
    agenda.put(entry, 5);
    agenda.clear();
    expect([agenda.size, entry.place]).toEqual([0, -1]);
    agenda.put(entry, 3);
    expect(agenda.deadline).toBe(3);
  });

  test('has times without end last', () => {
    const agenda = new Agenda<Entry>();
    agenda.put(new Entry(), Number.POSITIVE_INFINITY);
    agenda.put(new Entry(), 5);
    expect(agenda.shift(10)?.dueAt).toBe(5);
    expect(agenda.shift(1e9)).toBeUndefined();
  });

  test('of 100,000 is quick to fill, to move about in and to empty', () => {
    const agenda = new Agenda<Entry>();
    const entries = Array.from({ length: 100_000 }, () => new Entry());
    const begun = performance.now();
    entries.forEach((entry, i) => agenda.put(entry, (i * 7919) % 100_003));
    entries.forEach((entry, i) => agenda.put(entry, (i * 104_729) % 100_003));
    for (const entry of entries.slice(0, 50_000)) agenda.remove(entry);
    let last = -1;
    for (let next = agenda.shift(1e9); next !== undefined; next = agenda.shift(1e9)) {
      if (next.dueAt < last) throw new Error(`${next.dueAt} after ${last}`);
      last = next.dueAt;
    }
    expect(agenda.size).toBe(0);
    expect(performance.now() - begun).toBeLessThan(5000); // A list that is looked through takes minutes.
  });
});
