/**
 * Tests of the Lazy Pirate's rules: what they say, word for word, what they leave alone, and for how long
 * replies are read.
 */
import { DELIMITER } from 'brokerless/kit';
import { describe, expect, test } from 'vitest';
import { Play } from './play.ts';

describe('what the rules say', () => {
  test('goes to the server, and a fresh socket is one of the server', () => {
    const play = new Play({ freshAfter: 1 });
    const request = play.ask('a', { attempts: 1 });
    const [sent] = play.rules.connected(true, 1000);
    expect(sent).toMatchObject({ kind: 'send', to: 'server' });
    expect(play.rules.tick(2000)).toEqual([
      {
        kind: 'tell',
        what: { kind: 'failed', request, failure: expect.objectContaining({ code: 'TIMEOUT' }) },
      },
      { kind: 'reopen', port: 'server', to: 'second' },
      { kind: 'tell', what: { kind: 'switch', from: 'first', to: 'second', reason: 'silent' } },
    ]);
  });

  test('of a senseless reply is what is wrong with it', () => {
    const play = new Play().connect();
    const reason = 'a reply that begins with no id of a request and an empty frame';
    expect(play.rules.receive('server', [Buffer.from('x')], 1000)).toEqual([
      { kind: 'tell', what: { kind: 'fault', reason } },
    ]);
  });

  test('of a request that did not leave is why', () => {
    const play = new Play().connect();
    const request = play.ask('a', { attempts: 1 });
    const cause = new Error('no room');
    const message = 'the request could not be sent: no room';
    expect(play.rules.unsent('server', play.sent[0] ?? [], cause, 1000)).toEqual([
      {
        kind: 'tell',
        what: { kind: 'failed', request, failure: { code: 'SOCKET', message, cause } },
      },
    ]);
  });

  test('of a request whose time is over while it rests is the attempt that was made, and no other', () => {
    const play = new Play({ freshAfter: 99 }).connect();
    const request = play.ask('a', { deadlineMs: 1020 });
    play.pass(1010);
    const message = 'no reply in time, at attempt 1 of up to 3';
    expect(play.rules.tick(2020)).toEqual([
      { kind: 'tell', what: { kind: 'failed', request, failure: { code: 'TIMEOUT', message } } },
    ]);
  });
});

describe('nothing is done', () => {
  test('because somebody waits for nothing any more, or for a connection', () => {
    const { rules } = new Play();
    expect([...rules.watch(1), ...rules.watch(-1)]).toEqual([]);
    const play = new Play();
    expect(play.rules.forget(play.ask('a'))).toEqual([]);
  });

  test('because of news that is none, and it puts nothing off', () => {
    const play = new Play();
    play.ask('a');
    play.pass(300);
    expect(play.rules.connected(false, play.now)).toEqual([]);
    play.pass(200);
    expect(play.opened).toEqual(['second']);
    play.connect();
    expect(play.rules.connected(true, play.now)).toEqual([]);
  });

  test('about faults because of a failure that makes sense', () => {
    const play = new Play().connect();
    play.ask('a');
    play.refuse(0, 'BOOM');
    expect([play.rules.faults, play.told]).toEqual([0, []]);
    play.ask('b');
    play.receive([...(play.sent[1] ?? []).slice(0, 2), DELIMITER, Buffer.from('no CBOR')]);
    expect(play.rules.faults).toBe(1);
  });
});

describe('replies are read', () => {
  test('after the connection has ended too: some may have come before', () => {
    const play = new Play().connect();
    play.ask('a');
    play.connect(false);
    expect(play.rules.accepts()).toBe(true);
  });

  test('until each that may come late has come', () => {
    const play = new Play({ freshAfter: 9 }).connect();
    for (const name of ['a', 'b']) play.ask(name, { attempts: 1 });
    play.pass(1000);
    play.answer(0);
    expect(play.rules.accepts()).toBe(true);
    play.answer(1);
    expect(play.rules.accepts()).toBe(false);
  });

  test('not to a request that never left', () => {
    const play = new Play({ freshAfter: 9 }).connect();
    for (const name of ['a', 'b']) play.ask(name, { attempts: 1 });
    play.fail(0, new Error('no room'));
    play.pass(1000);
    expect(play.rules.accepts()).toBe(true); // The other one has left.
    play.answer(1);
    expect(play.rules.accepts()).toBe(false);
  });
});

test('a socket that takes one message of two has room for one', () => {
  const play = new Play({ window: 2 }).connect();
  for (const name of ['a', 'b', 'c', 'd']) play.ask(name);
  expect(play.bodies).toEqual(['a', 'b']);
  play.take();
  expect(play.bodies).toEqual(['a', 'b', 'c']);
});
