/**
 * Tests of the ventilator's rules, with no sockets and a time that is turned by hand.
 */
import { describe, expect, test } from 'vitest';
import {
  VentilatorRules,
  type VentilatorRulesOptions,
} from '../../../patterns/pipeline/ventilator-rules.ts';
import { sentTo, toldBy } from './actions.ts';

const defaults = { run: 'r', workers: 2, waitMs: 1000, stopWorkers: true, stopMs: 5000 };

function waiting(options: Partial<VentilatorRulesOptions> = {}): VentilatorRules {
  const rules = new VentilatorRules({ ...defaults, ...options });
  rules.tick(0);
  return rules;
}

/** Rules that began to deal at time 0, to so many workers. */
function dealing(options: Partial<VentilatorRulesOptions> = {}): VentilatorRules {
  const rules = waiting(options);
  rules.workersAre(options.workers ?? defaults.workers, 0);
  return rules;
}

const wakesLater = ({ deadline }: VentilatorRules, now: number): boolean =>
  deadline === undefined || deadline > now;

describe('the start', () => {
  test('waits until enough workers are there', () => {
    const rules = waiting();
    expect(rules.accepts('source')).toBe(false);
    expect(rules.workersAre(1, 10)).toEqual([]);
    expect(rules.accepts('source')).toBe(false);
    expect(sentTo('sink', rules.workersAre(2, 20))).toEqual([['sent', 'r', 0]]);
    expect(rules.accepts('source')).toBe(true);
  });

  test('counts workers that are there before the first tick', () => {
    const rules = new VentilatorRules(defaults);
    rules.workersAre(2, 0);
    expect(rules.accepts('source')).toBe(true);
  });

  test('does not count a worker that has left again', () => {
    const rules = waiting();
    rules.workersAre(1, 10);
    rules.workersAre(0, 20);
    rules.workersAre(1, 30);
    expect(rules.accepts('source')).toBe(false);
  });

  test('makes do with one worker once waitMs is over', () => {
    const rules = waiting();
    rules.workersAre(1, 10);
    expect(rules.deadline).toBe(1000);
    expect(rules.tick(999)).toEqual([]);
    expect(sentTo('sink', rules.tick(1000))).toEqual([['sent', 'r', 0]]);
    expect(rules.accepts('source')).toBe(true);
  });

  test('deals to the first who comes once waitMs is over', () => {
    const rules = waiting();
    rules.tick(1000);
    expect(rules.accepts('source')).toBe(false);
    rules.workersAre(1, 60_000);
    expect(rules.accepts('source')).toBe(true);
  });

  test('asks for no tick in vain while nobody comes', () => {
    const rules = waiting();
    rules.tick(1000);
    expect(wakesLater(rules, 1000)).toBe(true);
  });

  test('of one worker waits for nothing but that one', () => {
    const rules = waiting({ workers: 1 });
    expect(rules.deadline).toBeUndefined();
    rules.workersAre(1, 5000);
    expect(rules.accepts('source')).toBe(true);
  });

  test('waits for ever if that is asked for', () => {
    const rules = waiting({ waitMs: Number.POSITIVE_INFINITY });
    rules.workersAre(1, 0);
    rules.tick(1e12);
    expect(rules.accepts('source')).toBe(false);
    expect(rules.deadline ?? Number.POSITIVE_INFINITY).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('dealing', () => {
  test('numbers the items from 0', () => {
    const rules = dealing();
    const actions = ['a', undefined, 'c'].flatMap((item) => rules.receive('source', item));
    expect(sentTo('workers', actions)).toEqual([
      ['item', 'r', 0, 'a'],
      ['item', 'r', 1, undefined],
      ['item', 'r', 2, 'c'],
    ]);
    expect(rules.sent).toBe(3);
  });

  test('reads from no port but the source', () => {
    const rules = dealing();
    expect([rules.accepts('workers'), rules.accepts('sink')]).toEqual([false, false]);
  });

  test('reports to the sink at intervals, whether or not anything was dealt', () => {
    const rules = dealing();
    const interval = rules.deadline ?? 0;
    expect(interval).toBe(500);
    rules.receive('source', 'a');
    rules.receive('source', 'b');
    expect(rules.tick(interval - 1)).toEqual([]);
    expect(sentTo('sink', rules.tick(interval))).toEqual([['sent', 'r', 2]]);
    expect(rules.deadline).toBe(2 * interval);
    expect(sentTo('sink', rules.tick(2 * interval))).toEqual([['sent', 'r', 2]]);
  });

  test('goes on when all workers have left, for those who may come', () => {
    const rules = dealing();
    expect(rules.workersAre(0, 10)).toEqual([]);
    expect(rules.accepts('source')).toBe(true);
  });

  test('reports an item that cannot travel as failed', () => {
    const rules = dealing();
    const [item] = sentTo(
      'workers',
      rules.receive('source', () => {}),
    );
    const actions = item === undefined ? [] : rules.unsent('workers', item, new Error('why'));
    expect(sentTo('sink', actions)).toEqual([['failed', 'r', 0, 'ventilator', 'why']]);
  });

  test('makes nothing of an order or a report that did not leave', () => {
    const rules = dealing();
    expect(rules.unsent('workers', ['stop', 'r'], new Error('why'))).toEqual([]);
    expect(rules.unsent('sink', ['end', 'r', 1], new Error('why'))).toEqual([]);
  });
});

describe('the end', () => {
  test('tells the sink how many items there were, and each worker to stop', () => {
    const rules = dealing({ workers: 3 });
    rules.receive('source', 'a');
    const actions = rules.ended('source', 10);
    expect(sentTo('sink', actions)).toEqual([['end', 'r', 1]]);
    expect(sentTo('workers', actions)).toEqual(Array.from({ length: 3 }, () => ['stop', 'r']));
    expect(rules.accepts('source')).toBe(false);
  });

  test('tells those that are still there again', () => {
    const rules = dealing();
    rules.ended('source', 0);
    const again = rules.deadline ?? 0;
    expect(again).toBeGreaterThan(0);
    rules.workersAre(1, 1);
    expect(rules.tick(again - 1)).toEqual([]);
    expect(sentTo('workers', rules.tick(again))).toEqual([['stop', 'r']]);
  });

  test('has come when the last worker has left, and is told once', () => {
    const rules = dealing();
    rules.ended('source', 0);
    expect(toldBy(rules.workersAre(1, 1))).toEqual([]);
    expect(toldBy(rules.workersAre(0, 2))).toEqual(['finished']);
    expect(toldBy([...rules.workersAre(0, 3), ...rules.tick(1e6), ...rules.kill(4)])).toEqual([]);
    expect(rules.deadline).toBeUndefined();
    expect(rules.tick(1e9)).toEqual([]);
  });

  test('has come at once where nobody can tell when the last worker has left', () => {
    const rules = dealing({ uncounted: true });
    const actions = rules.ended('source', 10);
    expect(sentTo('workers', actions)).toEqual([
      ['stop', 'r'],
      ['stop', 'r'],
    ]);
    expect(toldBy(actions)).toEqual(['finished']);
    expect(rules.deadline).toBeUndefined();
    const unstopped = dealing({ uncounted: true, stopWorkers: false }).ended('source', 10);
    expect(sentTo('workers', unstopped)).toEqual([]);
    expect(toldBy(unstopped)).toEqual(['finished']);
  });

  test('has come when stopMs is over, whoever is still there', () => {
    const rules = dealing();
    rules.ended('source', 100);
    const told = [];
    for (let now = 100; now < 5100; now = Math.max(now + 1, rules.deadline ?? 5100)) {
      told.push(...toldBy(rules.tick(now)));
    }
    expect(told).toEqual([]);
    expect(toldBy(rules.tick(5100))).toEqual(['finished']);
  });

  test('comes at once if the workers are not to be stopped', () => {
    const rules = dealing({ stopWorkers: false });
    const actions = rules.ended('source', 0);
    expect(sentTo('sink', actions)).toEqual([['end', 'r', 0]]);
    expect(sentTo('workers', actions)).toEqual([]);
    expect(toldBy(actions)).toEqual(['finished']);
  });
});

describe('the kill', () => {
  test('ends the run with the items dealt so far', () => {
    const rules = dealing();
    rules.receive('source', 'a');
    const actions = rules.kill(10);
    expect(sentTo('sink', actions)).toEqual([['end', 'r', 1]]);
    expect(sentTo('workers', actions)).toHaveLength(2);
    expect(rules.accepts('source')).toBe(false);
  });

  test('ends a run that has not begun', () => {
    const rules = waiting();
    const actions = rules.kill(10);
    expect(sentTo('sink', actions)).toEqual([['end', 'r', 0]]);
    expect(toldBy(actions)).toEqual(['finished']);
  });

  test('reaches a worker that comes after it', () => {
    const rules = waiting();
    rules.workersAre(1, 0);
    rules.kill(10);
    expect(sentTo('workers', [...rules.workersAre(2, 11), ...rules.tick(300)])).not.toEqual([]);
  });

  test('changes nothing the second time, or after the end', () => {
    const killed = dealing();
    killed.kill(0);
    expect(killed.kill(1)).toEqual([]);
    const ended = dealing();
    ended.ended('source', 0);
    expect(ended.kill(1)).toEqual([]);
    expect(ended.ended('source', 2)).toEqual([]);
  });

  test('is not followed by an item that the source gives late', () => {
    const rules = dealing();
    rules.receive('source', 'a');
    rules.kill(10);
    expect(rules.receive('source', 'late')).toEqual([]);
    expect(rules.sent).toBe(1);
  });
});
