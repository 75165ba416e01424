/**
 * Tests of the Lazy Pirate's rules: what a client remembers of requests, and of those that are over.
 */
import { describe, expect, test } from 'vitest';
import { collectGarbage } from '../../support/garbage.ts';
import { turns } from '../../support/turns.ts';
import { nothing, Play } from './play.ts';

describe('while no server is connected', () => {
  test.each([1, 50])('what is given up is not remembered, though %i wait', async (count) => {
    const play = new Play({ connectMs: 1e9 });
    const kept = Array.from({ length: count }, (_, i) => play.ask(`kept ${i}`));
    const given = Array.from({ length: 200 }, () => {
      const request = play.ask('given up');
      play.rules.forget(request);
      return new WeakRef(request);
    });
    await turns(2); // What was looked at in this turn is kept until it ends.
    collectGarbage();
    expect(given.slice(0, 100).filter((each) => each.deref() !== undefined)).toEqual([]);
    expect(play.leftovers).toMatchObject({ size: count, waiting: count });
    expect(play.connect().bodies).toEqual(kept.map(({ key }) => key));
  });

  test('giving up all of 50,000 that wait takes no time that grows with their number', () => {
    const play = new Play({ connectMs: 1e9 });
    const requests = Array.from({ length: 50_000 }, () => play.ask('x'));
    const began = performance.now();
    for (const request of requests) play.rules.forget(request);
    expect(performance.now() - began).toBeLessThan(3000); // Looking through all each time takes longer.
    expect(play.leftovers).toEqual(nothing);
  });

  test('the count of those that wait is right when some were given up, and after they had their turn', () => {
    const play = new Play();
    const [a, , c] = ['a', 'b', 'c', 'd'].map((name) => play.ask(name));
    for (const request of [a, c]) if (request !== undefined) play.rules.forget(request);
    expect(play.leftovers.waiting).toBe(2);
    expect(play.connect().bodies).toEqual(['b', 'd']);
    expect(play.leftovers.waiting).toBe(0);
    play.connect(false).ask('e');
    expect(play.leftovers.waiting).toBe(1);
  });
});

test('a request says where it is', () => {
  const play = new Play();
  const request = play.ask('a');
  expect(request.stage).toBe('waiting');
  play.connect();
  expect(request.stage).toBe('sent');
  play.pass(1000);
  expect(request.stage).toBe('resting');
  play.answer(0);
  expect(request.stage).toBe('over');
});
