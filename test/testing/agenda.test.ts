/**
 * The agenda of the simulator: everything at its time, and in the order it was put down.
 */
import { expect, test } from 'vitest';
import { Agenda, toTick } from '../../src/testing/agenda.ts';
import { seededRandom } from '../../src/testing/random.ts';

function run(agenda: Agenda, end = Number.POSITIVE_INFINITY): void {
  for (let next = agenda.next(end); next !== undefined; next = agenda.next(end)) next();
}

test('things happen by time, and those of one time in the order they were put down', () => {
  const agenda = new Agenda();
  const random = seededRandom(1);
  const times = Array.from({ length: 500 }, () => Math.floor(random() * 40));
  const done: [number, number][] = [];
  times.forEach((time, order) => agenda.at(time, () => done.push([agenda.now, order])));
  run(agenda);
  expect(done).toEqual(
    times
      .map((time, order) => [time, order] as [number, number])
      .toSorted(([a, i], [b, j]) => a - b || i - j),
  );
});

test('what is put down for a time that is past happens now, after what was due', () => {
  const agenda = new Agenda();
  const done: string[] = [];
  agenda.at(5, () => {
    agenda.at(1, () => done.push(`late at ${agenda.now}`));
    done.push('first');
  });
  agenda.at(5, () => done.push('second'));
  run(agenda);
  expect(done).toEqual(['first', 'second', 'late at 5']);
});

test('what is called off does not happen', () => {
  const agenda = new Agenda();
  const done: number[] = [];
  const entries = [1, 2, 3].map((time) => agenda.at(time, () => done.push(time)));
  const [, second] = entries;
  if (second !== undefined) second.run = undefined;
  run(agenda);
  expect(done).toEqual([1, 3]);
});

test('nothing happens after the end, and the time goes on to it', () => {
  const agenda = new Agenda();
  const done: number[] = [];
  for (const time of [1, 10, 11]) agenda.at(time, () => done.push(time));
  run(agenda, 10);
  expect([done, agenda.now]).toEqual([[1, 10], 10]);
  run(agenda, 20);
  expect([done, agenda.now]).toEqual([[1, 10, 11], 20]);
});

test('times are whole ticks, so that sums of them are exact', () => {
  const tick = toTick(0.1);
  expect(tick).toBeGreaterThanOrEqual(0.1);
  expect(tick * 128).toBe(Math.round(tick * 128));
  expect(toTick(3)).toBe(3);
});
