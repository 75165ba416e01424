/**
 * Tests of a client's rules: which of several servers is asked.
 */
import { describe, expect, test } from 'vitest';
import {
  type Balance,
  balanceBy,
  isBalance,
  leastBusy,
  type ServerView,
} from '../../../patterns/service/balance-rules.ts';
import { ClientDesk } from './client-desk.ts';

/** Which servers are asked these, one after the other. */
function askedOf(desk: ClientDesk, names: string): string {
  return desk
    .ask(names)
    .map((each) => each.charAt(0))
    .join('');
}

describe('by roundRobin', () => {
  test('one server is asked after the other', () => {
    const desk = ClientDesk.met({}, 'a b c');
    const asked = ['1', '2', '3', '4', '5'].map((name) => askedOf(desk, name));
    expect(asked.join('')).toBe('abcab');
  });

  test('those that are not there, or drain, are passed over', () => {
    const desk = ClientDesk.met({}, 'a b c');
    desk.left('b');
    expect(['1', '2', '3'].map((name) => askedOf(desk, name)).join('')).toBe('aca');
    desk.hear('a', ['drain']);
    expect(['4', '5'].map((name) => askedOf(desk, name)).join('')).toBe('cc');
  });
});

describe('by leastBusy', () => {
  test('who has the least to do is asked, and equals in turn', () => {
    const desk = ClientDesk.met({ balance: leastBusy }, 'a b c');
    expect(['1', '2', '3'].map((name) => askedOf(desk, name)).join('')).toBe('abc');
    desk.result('b', '2');
    expect(askedOf(desk, '4')).toBe('b');
    for (const [server, name] of [
      ['a', '1'],
      ['c', '3'],
      ['b', '4'],
    ] as const) {
      desk.result(server, name);
    }
    expect(new Set(['5', '6', '7'].map((name) => askedOf(desk, name)))).toEqual(
      new Set(['a', 'b', 'c']),
    );
  });

  test('what was given up, refused or timed out is not under way', () => {
    const desk = ClientDesk.met({ balance: leastBusy }, 'a b');
    desk.ask('1 3 5'); // b has the second.
    const { inFlight } = desk.link('a');
    expect(inFlight + desk.link('b').inFlight).toBe(3);
    desk.forget('1');
    desk.refused('b', '3', 'EXPIRED');
    desk.pass(5000);
    expect([desk.link('a').inFlight, desk.link('b').inFlight]).toEqual([0, 0]);
  });
});

describe('by a function of your own', () => {
  const seen: [string[], number, string][] = [];
  const last: Balance = (servers, turn, method) => {
    seen.push([servers.map(({ endpoint }) => endpoint), turn, method]);
    return servers.at(-1);
  };

  test('the one it answers with is asked; it sees who is there, how often it chose, and what for', () => {
    seen.length = 0;
    const desk = ClientDesk.met({ balance: last }, 'a b c');
    desk.left('b');
    desk.ask('1');
    desk.ask('2', { kind: 'stream' });
    expect([desk.link('c').asked, desk.link('a').asked]).toEqual([2, 0]);
    expect(seen).toEqual([
      [['a', 'c'], 0, 'math.call'],
      [['a', 'c'], 1, 'math.stream'],
    ]);
  });

  test('it sees what each has been asked and not answered', () => {
    const views: ServerView[][] = [];
    const first: Balance = (servers) => {
      views.push(servers.map(({ endpoint, inFlight, asked }) => ({ endpoint, inFlight, asked })));
      return servers[0];
    };
    const desk = ClientDesk.met({ balance: first }, 'a b');
    desk.ask('1');
    desk.ask('2');
    desk.result('a', '1');
    desk.ask('3');
    expect(views.map(([a]) => [a?.inFlight, a?.asked])).toEqual([
      [0, 0],
      [1, 1],
      [1, 2],
    ]);
    expect(views.every(([, b]) => b?.inFlight === 0 && b.asked === 0)).toBe(true);
  });

  test.each([
    ['undefined', () => undefined],
    ['another server', () => ({ endpoint: 'a', inFlight: 0, asked: 0 })],
    ['no server at all', () => 7 as unknown as ServerView],
  ])('an answer that is %s counts as the first', (_, balance) => {
    const desk = ClientDesk.met({ balance }, 'a b');
    expect(['1', '2'].map((name) => askedOf(desk, name)).join('')).toBe('aa');
  });

  test('it is not asked where there is no choice', () => {
    const balance: Balance = () => {
      throw new Error('there is one');
    };
    const desk = ClientDesk.met({ balance }, 'a');
    expect(desk.ask('1')).toEqual(['a: call 1 1 5000']);
  });
});

test('a policy is known by its name, or is a function', () => {
  expect([isBalance('roundRobin'), isBalance('leastBusy'), isBalance(() => undefined)]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  for (const wrong of ['random', 'toString', 7, null, {}]) {
    expect(isBalance(wrong)).toContain("'roundRobin', 'leastBusy' or a function");
  }
  const own: Balance = () => undefined;
  expect([balanceBy(own), balanceBy('leastBusy')]).toEqual([own, leastBusy]);
});
