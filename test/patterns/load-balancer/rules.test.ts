/**
 * Unit tests of the broker's rules: the Guide, chapter 3, "A Load Balancing Message Broker", and what clients
 * and workers may say. Numbers in brackets are those of the failures that a load balancer is known to have.
 */
import { encodeHeader } from 'brokerless/kit';
import { describe, expect, test } from 'vitest';
import { bytes, type Frame, RulesDesk } from './rules-desk.ts';

describe('a request', () => {
  test('goes to a worker that is free, and its reply to the client (Guide ch. 3, lbbroker)', () => {
    const desk = new RulesDesk().ready('w').ask('c', '', 'hello');
    expect(desk.sent()).toEqual(['w: |#1.1||hello']);
    desk.now += 12;
    desk.answer('w', 'world', '!');
    expect(desk.sent()).toEqual(['c: |world|!']);
    expect(desk.told).toEqual(['join w', 'answered 12']);
    expect(desk.rules.answered).toBe(1);
  });

  test('waits while nobody is free, and goes to whoever is first', () => {
    const desk = new RulesDesk().ask('c', '', '1').ask('d', '', '2').ready('w');
    expect(desk.sent()).toEqual(['w: |#1.1||1']);
    desk.answer('w', 'one');
    expect(desk.sent()).toEqual(['c: |one', 'w: |#2.1||2']);
  });

  test('keeps what stands before its empty frame for the reply, and no worker sees it', () => {
    const desk = new RulesDesk().ready('w').ask('c', 'hop', 'id', '', 'x', '', 'y');
    expect(desk.sent()).toEqual(['w: |#1.1||x||y']);
    desk.answer('w', 'z');
    expect(desk.sent()).toEqual(['c: hop|id||z']);
  });

  test('of a client whose name is READY is answered like any other (protocols: the marker)', () => {
    const desk = new RulesDesk().ready('w').ask('c', 'READY', '', 'x').answer('w', 'READY');
    expect(desk.sent().at(-1)).toBe('c: READY||READY');
  });

  test('of a client that has gone is dropped while it waits', () => {
    const desk = new RulesDesk()
      .ask('c', '', '1')
      .ask('d', '', '2')
      .left('clients', 'c')
      .ready('w');
    expect(desk.sent()).toEqual(['w: |#2.1||2']);
    expect(desk.rules.dropped).toBe(1);
  });

  test('whose time is over is not given to anybody', () => {
    const header = (remainingMs: number) =>
      encodeHeader({ id: bytes('h'), priority: 0, remainingMs });
    const desk = new RulesDesk().ask('c', header(20), '', 'brief').ask('d', '', 'long');
    expect(desk.rules.deadline).toBe(1020);
    desk.tickAt(1020).ready('w');
    const [expired, given] = desk.sent();
    expect(expired).toMatch(/^c: .*\|\|\|EXPIRED$/s);
    expect(given).toBe('w: |#2.1||long');
  });
});

describe('the line', () => {
  test('is not lengthened beyond its end: clients are not read from meanwhile', () => {
    const desk = new RulesDesk({ maxWaiting: 2 });
    expect(desk.rules.accepts('clients')).toBe(true);
    desk.ask('c', '', '1').ask('c', '', '2');
    expect([desk.rules.accepts('clients'), desk.rules.accepts('workers')]).toEqual([false, true]);
    desk.ready('w');
    expect(desk.rules.accepts('clients')).toBe(true);
  });

  test('refuses more where that was asked for', () => {
    const desk = new RulesDesk({ maxWaiting: 1, overflow: 'reject' });
    desk.ask('c', '', '1').ask('d', 'id', '', '2');
    expect(desk.rules.accepts('clients')).toBe(true);
    expect(desk.sent()).toEqual(['d: id|||QUEUE_FULL']);
    expect(desk.rules.requests.refused).toBe(1);
  });
});

describe('a worker', () => {
  test('that says READY again while it is free is still one worker (failure test 6)', () => {
    const desk = new RulesDesk();
    for (let i = 0; i < 1000; i += 1) desk.ready('w');
    expect([desk.rules.crew.size, desk.rules.crew.idle]).toEqual([1, 1]);
    desk.ask('c', '', '1').ask('c', '', '2');
    expect(desk.sent()).toEqual(['w: |#1.1||1']);
    expect(desk.told).toEqual(['join w']);
  });

  test('that says READY while it is busy was restarted: its request is not done twice (7)', () => {
    const desk = new RulesDesk().ready('w', 'v').ask('c', '', '1');
    expect(desk.sent()).toEqual(['w: |#1.1||1']);
    desk.ready('w').ask('d', '', '2');
    expect(desk.sent()).toEqual(['c: ||WORKER_LOST', 'v: |#2.1||2']);
    expect(desk.told).toEqual(['join w', 'join v', 'lost w restarted', 'join w']);
    expect(desk.rules.requests.deadLettered).toBe(1);
  });

  test('with a number before its empty frame has the newest one put before each request', () => {
    const desk = new RulesDesk().say('w', 'n1', '', 'READY').ask('c', '', 'x').ask('c', '', 'y');
    expect(desk.sent()).toEqual(['w: n1||#1.1||x']);
    const tag = desk.given.get('w')?.value[2] as Uint8Array;
    desk.say('w', 'n2', '', tag, '', 'done');
    expect(desk.sent()).toEqual(['c: |done', 'w: n2||#2.1||y']);
  });

  test('may say READY by the byte 01', () => {
    const desk = new RulesDesk().ask('c', '', 'x').say('w', '', '\u0001');
    expect(desk.sent()).toEqual(['w: |#1.1||x']);
  });

  test('one more than there may be is not taken on', () => {
    const desk = new RulesDesk({ maxWorkers: 2 }).ready('a', 'b', 'c');
    expect([desk.rules.crew.size, desk.rules.faults]).toEqual([2, 1]);
  });

  test('that answers what it was not asked is refused, and free: a REQ that spoke waits', () => {
    const desk = new RulesDesk().say('w', '', 'an old tag', '', 'late');
    expect(desk.rules.late).toBe(1);
    desk.ask('c', '', 'x');
    expect(desk.sent()).toEqual(['w: |#1.1||x']);
  });

  test('that answers with the tag of another does not get through (forged replies)', () => {
    const desk = new RulesDesk().ready('good', 'bad').ask('c', '', '1').ask('d', '', '2');
    desk.sent();
    desk.say('bad', '', desk.tag('good'), '', 'forged');
    expect(desk.sent()).toEqual(['d: ||WORKER_LOST']);
    desk.answer('good', 'right');
    expect(desk.sent()).toEqual(['c: |right']);
    expect([desk.rules.late, desk.rules.crew.idle]).toEqual([1, 2]);
  });

  test('that answers twice is heard once', () => {
    const desk = new RulesDesk().ready('w').ask('c', '', 'x');
    desk.answer('w', 'once').answer('w', 'twice');
    expect(desk.sent().filter((sent) => sent.startsWith('c'))).toEqual(['c: |once']);
    expect([desk.rules.late, desk.rules.crew.idle]).toEqual([1, 1]);
  });
});

describe('what makes no sense', () => {
  const longName = 'x'.repeat(256);
  const nonsense: readonly (readonly Frame[])[] = [
    ['READY'],
    ['', ''],
    ['', '', ''],
    ['', 'ready'],
    ['', 'READY', 'READY'],
    ['', 'READY', ''],
    ['', '\u0002'],
    ['a', 'b', 'c'],
    ['', 'tag', 'body'],
    ['', 'tag', ''],
    ['', '', 'body', '', 'more'],
    [longName, '', 'READY'],
    Array(40).fill('hop').concat(['', 'READY']),
  ];

  test.each(nonsense)('is counted, and nobody is taken on for it: %j %j %j', (...frames) => {
    const desk = new RulesDesk().say('w', ...frames);
    expect([desk.rules.faults, desk.rules.crew.size]).toEqual([1, 0]);
    expect(desk.sent()).toEqual([]);
  });

  test('from a busy worker ends its request for the client, and it for us', () => {
    const desk = new RulesDesk().ready('w').ask('c', '', 'x').say('w', '', 'what?');
    expect(desk.sent()).toEqual(['w: |#1.1||x', 'c: ||WORKER_LOST']);
    expect(desk.told.at(-1)).toBe('lost w confused');
  });

  test.each([[['a']], [['a', 'b']], [['']], [['', 'a', 'b']]])('from a client: %j', (frames) => {
    const desk = new RulesDesk().ready('w').ask('c', ...frames);
    const isRequest = frames.length === 3;
    expect(desk.rules.faults).toBe(isRequest || frames[0] === '' ? 0 : 1);
    expect(desk.sent()).toHaveLength(isRequest ? 1 : 0);
  });

  test('does not count an empty message, with which ZMQ_PROBE_ROUTER begins', () => {
    const desk = new RulesDesk().say('w', '').ask('c', '');
    expect(desk.rules.faults).toBe(0);
  });
});

test('a reply that its client does not take is dropped and counted (4, 9)', () => {
  const desk = new RulesDesk().ready('w').ask('c', '', 'x').answer('w', 'y');
  desk.unsent('clients', { peer: 'c', value: [] }, 'PEER_FULL');
  expect([desk.rules.dropped, desk.rules.crew.idle]).toEqual([1, 1]);
});
