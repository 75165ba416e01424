/**
 * The clock that a test turns by hand.
 */
import { ManualClock } from 'brokerless/testing';
import { expect, test } from 'vitest';

test('it stands still until it is told to advance', () => {
  const clock = new ManualClock(5);
  expect(clock.now()).toBe(5);
  clock.advance(10);
  expect(clock.now()).toBe(15);
});

test('it wakes whoever is due, in order of time, and shows that time meanwhile', () => {
  const clock = new ManualClock(0);
  const woken: [string, number][] = [];
  const note = (name: string) => () => void woken.push([name, clock.now()]);
  clock.at(30, note('later'));
  clock.at(10, note('first'));
  clock.at(10, note('second'));
  clock.at(31, note('not yet'));
  expect(clock.alarms).toEqual([10, 10, 30, 31]);
  clock.advance(30);
  expect(woken).toEqual([
    ['first', 10],
    ['second', 10],
    ['later', 30],
  ]);
  expect(clock.alarms).toEqual([31]);
});

test('it wakes those too who ask to be woken on the way, and nobody who has called it off', () => {
  const clock = new ManualClock(0);
  const woken: number[] = [];
  const again = (): void => {
    woken.push(clock.now());
    clock.at(clock.now() + 10, again);
  };
  clock.at(10, again);
  clock.at(15, () => woken.push(-1))();
  clock.advance(35);
  expect(woken).toEqual([10, 20, 30]);
});

test('who asks for a time that has passed is woken at the next advance', () => {
  const clock = new ManualClock(100);
  const woken: string[] = [];
  clock.at(100, () => {
    woken.push('first');
    clock.at(50, () => woken.push('next time'));
  });
  clock.advance(0);
  expect(woken).toEqual(['first']);
  clock.advance(0);
  expect(woken).toEqual(['first', 'next time']);
});
