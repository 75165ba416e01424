/**
 * Unit tests of the broker's rules: what they leave alone, and what is just within bounds.
 */
import type { PeerMessage } from 'brokerless/kit';
import { describe, expect, test } from 'vitest';
import { LEAVE } from '../../../patterns/load-balancer/messages.ts';
import { BrokerlessError } from '../../../src/errors.ts';
import { bytes, RulesDesk } from './rules-desk.ts';

describe('with nothing to do, nothing is done', () => {
  test('because of time, or because a stranger has gone', () => {
    const { rules } = new RulesDesk();
    expect(rules.tick(1e6)).toEqual([]);
    expect(rules.left('workers', 'stranger', 1)).toEqual([]);
    expect(rules.left('clients', 'stranger', 1)).toEqual([]);
    expect(rules.deadline).toBeUndefined();
  });

  test('because of a request, while no worker is there', () => {
    const { rules } = new RulesDesk();
    const value = [bytes(''), bytes('x')];
    expect(rules.receive('clients', { peer: 'c', value }, 1)).toEqual([]);
  });

  test('because of a message that did not leave for a client, or for a stranger', () => {
    const { rules } = new RulesDesk();
    const message = { peer: 'p', value: [bytes('')] };
    expect(rules.unsent('clients', message, new Error('no'), 1)).toEqual([]);
    expect(rules.unsent('workers', message, new Error('no'), 1)).toEqual([]);
  });

  test('because of a message that did not leave for a worker that is free, or has another request', () => {
    const desk = new RulesDesk().ready('w').ask('c', '', 'x');
    const first = desk.given.get('w') as PeerMessage;
    desk.answer('w', 'y');
    desk.sent();
    expect(desk.rules.unsent('workers', first, new Error('no'), 1)).toEqual([]);
    desk.ask('c', '', 'z');
    expect(desk.rules.unsent('workers', first, new Error('no'), 1)).toEqual([]);
    const short = { peer: 'w', value: [bytes('')] };
    expect(desk.rules.unsent('workers', short, new Error('no'), 1)).toEqual([]);
    expect([desk.rules.crew.busy, desk.sent()]).toEqual([1, ['w: |#2.1||z']]);
  });

  test('but the worker is lost, because of a request that did not leave for one that has gone', () => {
    const desk = new RulesDesk().ready('w').ask('c', '', 'x');
    const request = desk.given.get('w') as PeerMessage;
    const error = new BrokerlessError('UNREACHABLE', 'the peer is not connected');
    const what = { kind: 'lost', worker: 'w', reason: 'gone' };
    expect(desk.rules.unsent('workers', request, error, 1)).toEqual([{ kind: 'tell', what }]);
  });

  test('by a tick that comes too early, and nothing is put off by it', () => {
    const desk = new RulesDesk({ requestMs: 100 }).ready('w').ask('c', '', 'x').tickAt(1060);
    expect(desk.rules.deadline).toBe(1100);
    desk.tickAt(1100);
    expect(desk.told.at(-1)).toBe('lost w silent');
  });
});

describe('a worker', () => {
  test('that leaves is answered by the way it came', () => {
    const { rules } = new RulesDesk();
    const said = { peer: 'w', value: [bytes('hop'), bytes(''), LEAVE] };
    const message = { peer: 'w', value: [bytes('hop'), bytes(''), LEAVE] };
    expect(rules.receive('workers', said, 1)).toEqual([{ kind: 'send', to: 'workers', message }]);
  });

  test('that is known may say READY again though there are as many as there may be', () => {
    const desk = new RulesDesk({ maxWorkers: 1 });
    desk.say('w', 'n1', '', 'READY').say('w', 'n2', '', 'READY').ask('c', '', 'x');
    expect(desk.sent()).toEqual(['w: n2||#1.1||x']);
    expect(desk.rules.faults).toBe(0);
  });

  test('may have a name as long as ZeroMQ allows on its way', () => {
    const desk = new RulesDesk().say('w', 'x'.repeat(255), '', 'READY');
    expect([desk.rules.crew.size, desk.rules.faults]).toEqual([1, 0]);
  });
});
