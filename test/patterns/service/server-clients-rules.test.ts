/**
 * Tests of a server's rules: who its clients are, who is heard, who is lost, and what makes no sense.
 */
import { describe, expect, test } from 'vitest';
import { entriesOf, messageOf } from './entries.ts';
import { BEAT_MS, callOf, hello, ServerDesk, TTL_MS } from './server-desk.ts';

describe('a client', () => {
  test('that wants what there is, is welcome', () => {
    const desk = new ServerDesk();
    expect(desk.say('c', hello)).toEqual(['joined c', 'c: welcome 1000 h']);
    expect(desk.rules.clients.sessions.size).toBe(1);
  });

  test('may ask in the message in which it introduces itself', () => {
    const desk = new ServerDesk();
    expect(desk.say('c', hello, callOf(1, 'one'))).toEqual([
      'joined c',
      'begin one',
      'c: welcome 1000 h',
    ]);
  });

  test('may want less than there is', () => {
    const desk = new ServerDesk();
    expect(desk.say('c', ['hello', 'math', '1', 'x', 1, 'call call'])).toContain('joined c');
    expect(desk.say('d', ['hello', 'math', '1', 'x', 0])).toContain('joined d');
  });

  test.each([
    ['another contract', ['hello', 'art', '1', 'h', 0], 'the client asks for "art"'],
    ['another version', ['hello', 'math', '2', 'h', 0], 'the client has version "2"'],
    ['a method that there is not', ['hello', 'math', '1', 'h', 1, 'call x'], 'no "call x"'],
    ['another kind of method', ['hello', 'math', '1', 'h', 1, 'stream call'], 'no "stream call"'],
  ] as const)('that wants %s is told so, and is none', (_, said, reason) => {
    const desk = new ServerDesk();
    const [word = ''] = desk.say('c', said);
    expect(word).toMatch(/^c: mismatch /);
    expect(word).toContain(reason);
    expect(desk.rules.clients).toMatchObject({ faults: 0, sessions: { size: 0 } });
    expect(desk.rules.deadline).toBeUndefined();
  });

  test('is not answered when there are as many as may be', () => {
    const desk = ServerDesk.met({ maxClients: 2 }, 'c d');
    expect(desk.say('e', hello)).toEqual([]);
    desk.say('d', ['bye']);
    expect(desk.say('e', hello)).toEqual(['joined e', 'e: welcome 1000 h']);
  });

  test('that has not introduced itself is told to, and not listened to', () => {
    const desk = new ServerDesk();
    expect(desk.call('c', 1, 'one')).toEqual(['c: unknown', 'fault c']);
    expect(desk.say('c', ['beat'])).toEqual(['c: unknown', 'fault c']);
    expect(desk.rules.clients).toMatchObject({ received: 0, faults: 2 });
  });

  test('asks what the server says of itself', () => {
    const desk = ServerDesk.met();
    expect(desk.say('c', ['ask', 1, 'ping'])).toEqual(['c: answer 1 null']);
    expect(desk.say('c', ['ask', 2, 'stats'])).toEqual(['question c 2 stats']);
    const [question] = desk.questions;
    const { rules, now } = desk;
    if (question === undefined) throw new Error('no question');
    const answer = (): readonly string[] =>
      desk.did(rules.inform(question.session, question.number, Uint8Array.of(7), now));
    expect(answer()).toEqual(['c: answer 2 7']);
    desk.say('c', ['bye']);
    expect(answer()).toEqual([]);
  });
});

describe('a client that is lost', () => {
  test('says so itself, and all that it has asked is given up', () => {
    const desk = ServerDesk.met({ concurrency: 1 }, 'c d');
    desk.say('c', callOf(1, 'one'), callOf(2, 'two'));
    desk.call('d', 1, 'other');
    expect(desk.say('c', ['bye'])).toEqual(['stop one gone', 'unwanted two gone', 'lost c left']);
    expect(desk.giveUp('one')).toEqual(['begin other']);
    expect(desk.load).toEqual([1, 0, 1]);
  });

  test('is not heard after its last word', () => {
    const desk = ServerDesk.met();
    expect(desk.say('c', ['bye'], callOf(1, 'one'))).toEqual(['lost c left']);
    expect(desk.call('c', 1, 'one')).toEqual(['c: unknown', 'fault c']);
  });

  test('has lost its connection', () => {
    const desk = ServerDesk.met();
    desk.call('c', 1, 'one');
    expect(desk.left('c')).toEqual(['stop one gone', 'lost c gone']);
    expect(desk.left('c')).toEqual([]);
    expect(desk.answer('one')).toEqual([]);
    expect(desk.rules.clients.sessions.size).toBe(0);
  });

  test('takes nothing of what it is sent', () => {
    const desk = ServerDesk.met();
    desk.call('c', 1, 'one');
    expect(desk.unsent('c')).toEqual(['stop one gone', 'lost c nothing']);
    expect(desk.unsent('c')).toEqual([]);
    expect(desk.rules.dropped).toBe(2);
  });

  test('leaves nothing that is still to be said to it', () => {
    const desk = ServerDesk.met();
    desk.call('c', 1, 'one');
    const { rules, now } = desk;
    rules.answer(desk.served('one'), { kind: 13, body: Uint8Array.of(1) }, now);
    expect(desk.left('c')).toEqual(['lost c gone']);
  });

  test('is another one when it comes back', () => {
    const desk = ServerDesk.met();
    desk.call('c', 1, 'one');
    desk.left('c');
    expect(desk.say('c2', hello)).toEqual(['joined c2', 'c2: welcome 1000 h']);
    expect(desk.call('c2', 1, 'two')).toEqual(['begin two']);
    expect(desk.answer('one')).toEqual([]);
    expect(desk.answer('two')).toEqual(['c2: result 1 yes']);
  });
});

describe('a silent client', () => {
  test('is lost by when it was last heard of', () => {
    const desk = ServerDesk.met({}, 'c d');
    desk.call('c', 1, 'one');
    desk.pass(500);
    desk.say('d', ['beat']);
    const seen = desk.pass(TTL_MS - 501);
    expect(seen.filter((each) => each.startsWith('lost'))).toEqual([]);
    expect(desk.pass(1)).toEqual(['stop one gone', 'lost c silent', 'd: beat']);
    desk.pass(499);
    expect(desk.rules.clients.sessions.size).toBe(1);
    expect(desk.pass(1)).toEqual(['lost d silent']);
  });

  test('is forgiven by a server that has slept, until it has read', () => {
    const desk = ServerDesk.met();
    expect(desk.sleep(60_000)).toEqual(['c: beat']);
    desk.say('c', ['beat']);
    expect(desk.passWithBeats(TTL_MS)).toEqual([]);
    desk.sleep(60_000);
    expect(desk.pass(BEAT_MS - 1)).toEqual([]);
    expect(desk.pass(1)).toContain('lost c silent');
  });

  test('is no client that says anything at all', () => {
    const desk = ServerDesk.met();
    for (let n = 0; n < 5; n += 1) {
      desk.pass(TTL_MS - 1);
      desk.say('c', n % 2 === 0 ? ['cancel', 7] : ['beat']);
    }
    expect(desk.rules.clients.sessions.size).toBe(1);
  });
});

describe('a server', () => {
  test('says that it is alive to those to whom it says nothing else', () => {
    const desk = ServerDesk.met({}, 'c d');
    desk.pass(400);
    desk.call('c', 1, 'one');
    desk.answer('one');
    expect(desk.pass(600)).toEqual(['d: beat']);
    for (const client of ['c', 'd']) desk.say(client, ['beat']);
    expect(desk.pass(400)).toEqual(['c: beat']);
    expect(desk.pass(600)).toEqual(['d: beat']);
  });

  test('has nothing to do without clients', () => {
    const desk = ServerDesk.met();
    desk.say('c', ['bye']);
    desk.pass(BEAT_MS);
    expect(desk.rules.deadline).toBeUndefined();
  });

  test('that carries on no longer gives up all that it has', () => {
    const desk = ServerDesk.met({ concurrency: 1 }, 'c d');
    desk.call('c', 1, 'one');
    desk.call('d', 1, 'two');
    expect(desk.did(desk.rules.abandon())).toEqual([
      'stop one gone',
      'lost c left',
      'unwanted two gone',
      'lost d left',
    ]);
  });
});

describe('what makes no sense', () => {
  const whole = messageOf(callOf(1, 'one'))[0] ?? new Uint8Array(0);
  test.each([
    ['no frame', []],
    ['two frames', [whole, whole]],
    ['no list', [Uint8Array.of(1)]],
    ['another protocol', [Uint8Array.of(0x81, 0x63, 0x62, 0x73, 0x32)]],
    ['a call that is cut off', [whole.subarray(0, -2)]],
    ['bytes behind the end', [Buffer.concat([whole, Uint8Array.of(0)])]],
  ])('is %s: it is counted, once, and its client goes on', (_, frames) => {
    const desk = ServerDesk.met();
    expect(desk.sayFrames('c', frames)).toContain('fault c');
    expect(desk.rules.clients.faults).toBe(1);
    expect(desk.call('c', 2, 'two')).toEqual(['begin two']);
  });

  test.each<[string, Parameters<ServerDesk['say']>[1]]>([
    ['a hello, a second time', hello],
    ['what a server says', ['welcome', 1000, 'h']],
    ['a call of a method that its client has not named', ['call', 1, 3, 0, null, 'one']],
    ['a call of a stream', ['call', 1, 1, 0, null, 'one']],
    ['a question that nobody knows', ['ask', 1, 'who']],
    ['meta of another kind', ['call', 1, 0, 0, 7, 'one']],
    ['a key that is none', ['call', 1, 0, 0, { key: '' }, 'one']],
    ['headers that are none', ['call', 1, 0, 0, { headers: { a: 1 } }, 'one']],
  ])('is %s', (_, said) => {
    const desk = ServerDesk.met();
    expect(desk.say('c', said)).toEqual(['fault c']);
    expect(desk.rules.clients.faults).toBe(1);
    expect(desk.load).toEqual([0, 0, 0]);
  });

  test('is a number that is in use: the first goes on, and what else is said is heard', () => {
    const desk = ServerDesk.met();
    desk.call('c', 1, 'one');
    expect(desk.say('c', callOf(1, 'again'), callOf(2, 'two'))).toEqual(['fault c', 'begin two']);
    expect(desk.rules.clients).toMatchObject({ faults: 1, received: 2 });
    expect(desk.answer('one')).toEqual(['c: result 1 yes']);
    expect(desk.call('c', 1, 'once more')).toEqual(['begin once more']);
  });

  test.each([
    ['a list that claims more methods than it has', ['hello', 'math', '1', 'h', 9, 'call call']],
    ['a list that claims more than there can be', ['hello', 'math', '1', 'h', 2 ** 40]],
  ] as const)('is %s', (_, said) => {
    const desk = new ServerDesk();
    expect(desk.say('c', said)).toEqual(['c: unknown', 'fault c']);
    expect(desk.rules.clients.sessions.size).toBe(0);
  });
});

test('what a client is told first is which beat is expected of it', () => {
  const desk = new ServerDesk({ heartbeatMs: 77 });
  const { rules } = desk;
  rules.receive('clients', { peer: 'c', value: messageOf(hello) }, 0);
  const [sent] = rules.flush();
  const message = sent?.kind === 'send' ? sent.message.value : [];
  expect(entriesOf(message)).toEqual([['welcome', 77, 'h']]);
});
