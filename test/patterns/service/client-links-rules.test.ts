/**
 * Tests of a client's rules: how it finds servers, keeps them, loses them and finds them again. ZeroMQ Guide,
 * chapter 4, "Brokerless Reliability (Freelance Pattern)".
 */
import { describe, expect, test } from 'vitest';
import { BEAT_MS, ClientDesk, LONGEST_MS, RECONNECT_MS, TTL_MS } from './client-desk.ts';
import { entriesOf } from './entries.ts';

describe('a server', () => {
  test('is told first which contract the client has, and is there when it says welcome', () => {
    const desk = new ClientDesk();
    expect(desk.update('a b')).toEqual(['open a', 'open b', 'a: hello', 'b: hello']);
    expect(entriesOf(desk.sent.get('a') ?? [])).toEqual([
      ['hello', 'math', '1', 'h', 3, 'call call', 'stream stream', 'event event'],
    ]);
    expect(desk.rules.links.ready).toBe(0);
    expect(desk.welcome('b')).toEqual(['up b']);
    expect(desk.rules.links.ready).toBe(1);
  });

  test('that is heard of again has nothing new to say', () => {
    const desk = ClientDesk.met();
    expect(desk.hear('a', ['welcome', 7, 'h'], ['mismatch', 'why'])).toEqual([]);
    expect(desk.passWithBeats(5000)).toEqual([]);
  });

  test('that does not answer is asked on a new connection, after growing waits', () => {
    const desk = new ClientDesk();
    desk.update('a');
    const opened: number[] = [];
    for (let n = 0; n < 6; n += 1) {
      const since = desk.now;
      while (!desk.pass(1).includes('open a'));
      opened.push(desk.now - since - TTL_MS);
    }
    expect(opened).toEqual([RECONNECT_MS, 199, 399, LONGEST_MS, LONGEST_MS, LONGEST_MS]);
    desk.welcome('a');
    desk.left('a');
    expect(desk.pass(RECONNECT_MS)).toEqual(['open a', 'a: hello']);
  });

  test('is not listened to between two connections', () => {
    const desk = ClientDesk.met({}, 'a');
    desk.ask('one', { retries: 1 });
    desk.left('a');
    expect(desk.hear('a', ['result', 1, 'old'], ['welcome', 1, 'h'])).toEqual([]);
    expect(desk.rules.calls.late).toBe(0);
    expect(desk.left('a')).toEqual([]);
    expect(desk.pass(RECONNECT_MS)).toEqual(['open a', 'a: hello']);
  });

  test('that does not know the client is lost at once, and told again who it is', () => {
    const desk = ClientDesk.met({}, 'a');
    desk.ask('one', { retries: 1 });
    expect(desk.hear('a', ['unknown'])).toEqual(['down a silent']);
    expect(desk.pass(RECONNECT_MS)).toEqual(['open a', 'a: hello']);
    expect(desk.hear('a', ['unknown']), 'of what came before').toEqual([]);
    expect(desk.welcome('a')).toEqual(['up a', 'a: call 2 one 4901']);
  });

  test('that nobody has is not listened to', () => {
    const desk = ClientDesk.met();
    expect(desk.rules.receive('no port', [], desk.now)).toEqual([]);
    expect(desk.rules.left('no port', '', desk.now)).toEqual([]);
    expect(desk.rules.unsent('no port', [], undefined, desk.now)).toEqual([]);
  });
});

describe('a server of another contract', () => {
  test('is not asked, and asked again for its contract much later', () => {
    const desk = new ClientDesk();
    desk.update('a');
    expect(desk.hear('a', ['mismatch', 'another one'])).toEqual(['mismatch a another one']);
    expect(desk.left('a')).toEqual([]);
    expect(desk.pass(799)).toEqual([]);
    expect(desk.pass(1)).toEqual(['open a', 'a: hello']);
    expect(desk.welcome('a')).toEqual(['up a']);
  });

  test('is a reason to fail for whoever waits, if there is no other', () => {
    const desk = new ClientDesk();
    desk.update('a b');
    desk.ask('one');
    expect(desk.hear('a', ['mismatch', 'another one'])).toEqual(['mismatch a another one']);
    expect(desk.hear('b', ['mismatch', 'still another'])).toEqual([
      'mismatch b still another',
      'one: CONTRACT_MISMATCH no',
    ]);
    expect(desk.ask('two')).toEqual(['two: CONTRACT_MISMATCH no']);
    expect(desk.call('two').trouble?.message).toBe('math.call: another one');
  });

  test('is no reason to fail while another may come, be it lost just now', () => {
    const desk = ClientDesk.met();
    desk.left('b');
    desk.pass(RECONNECT_MS);
    desk.hear('b', ['mismatch', 'another one']);
    desk.left('a');
    expect(desk.ask('one')).toEqual([]);
    desk.pass(RECONNECT_MS);
    expect(desk.welcome('a')).toContainEqual(expect.stringMatching(/^a: call 1 one/));
  });

  test('is no reason to wait for, when all others are on the list no longer', () => {
    const desk = new ClientDesk();
    desk.update('a b');
    desk.hear('a', ['mismatch', 'another one']);
    desk.ask('one');
    expect(desk.update('a')).toEqual(['one: CONTRACT_MISMATCH no', 'close b']);
  });
});

describe('a silent server', () => {
  test('is lost by when it was last heard of', () => {
    const desk = ClientDesk.met();
    desk.passWithBeats(5000, 'a b');
    desk.ask('one'); // Of a.
    desk.passWithBeats(2000, 'b');
    expect(desk.pass(BEAT_MS)).toEqual(
      expect.arrayContaining(['down a silent', 'one: UNREACHABLE maybe']),
    );
    expect(desk.rules.links.ready).toBe(1);
  });

  test('may say anything to be alive, be it nonsense of a kind', () => {
    const desk = ClientDesk.met({}, 'a');
    for (let n = 0; n < 5; n += 1) {
      desk.pass(TTL_MS - 1);
      desk.hear('a', n % 2 === 0 ? ['beat'] : ['result', 77, null]);
    }
    expect(desk.rules.links.ready).toBe(1);
    expect(desk.pass(TTL_MS)).toContain('down a silent');
  });

  test('may say by itself how often it beats', () => {
    const desk = new ClientDesk();
    desk.update('a');
    desk.welcome('a', 200);
    expect(desk.pass(599)).toEqual(['a: beat', 'a: beat']);
    expect(desk.pass(1)).toEqual(['down a silent']);
  });

  test('is forgiven once by a client that has slept, and must read first', () => {
    const desk = ClientDesk.met({}, 'a');
    expect(desk.sleep(60_000)).toEqual(['a: beat']);
    expect(desk.hear('a', ['beat'])).toEqual([]);
    expect(desk.pass(TTL_MS - 1)).not.toContain('down a silent');
    expect(desk.pass(1)).toContain('down a silent');
  });

  test('is lost a beat after the client has slept, if it has said nothing meanwhile', () => {
    const desk = ClientDesk.met({}, 'a');
    desk.sleep(60_000);
    expect(desk.pass(BEAT_MS - 1)).toEqual([]);
    expect(desk.pass(1)).toContain('down a silent');
  });
});

describe('a client', () => {
  test('says that it is alive to whom it says nothing else', () => {
    const desk = ClientDesk.met();
    desk.passWithBeats(500);
    desk.ask('one'); // Of a.
    desk.hear('a', ['beat']);
    expect(desk.pass(500)).toEqual(['b: beat']);
    desk.hear('b', ['beat']);
    expect(desk.pass(500)).toEqual(['a: beat']);
    desk.hear('a', ['beat']);
    expect(desk.pass(500)).toEqual(['b: beat']);
  });

  test('says nothing to servers that it has not met', () => {
    const desk = new ClientDesk();
    desk.update('a');
    expect(desk.pass(TTL_MS - 1)).toEqual([]);
  });

  test('says back to whom it has met how far it has read', () => {
    const desk = new ClientDesk();
    desk.update('a');
    expect(desk.hear('a', ['mark', 7])).toEqual([]);
    desk.welcome('a');
    expect(desk.hear('a', ['mark', 70], ['beat'], ['mark', 77])).toEqual(['a: mark 77']);
    expect(desk.hear('a', ['beat'])).toEqual([]);
    desk.hear('a', ['drain']);
    expect(desk.hear('a', ['mark', 80])).toEqual(['a: mark 80']);
    expect(desk.hear('a', ['unknown'], ['mark', 90])).not.toContain('a: mark 90');
  });

  test('says good-bye to all that it has met', () => {
    const desk = ClientDesk.met({}, 'a b c');
    desk.left('b');
    desk.hear('c', ['drain']);
    expect(desk.turn((now) => desk.rules.leave(now))).toEqual(['a: bye', 'c: bye']);
  });

  test('has nothing to do without servers', () => {
    const desk = new ClientDesk();
    expect(desk.update('')).toEqual([]);
    desk.tick();
    expect(desk.rules.deadline).toBeUndefined();
  });
});

describe('a draining server', () => {
  test('is asked nothing more, and told so when it has answered all: it may go then', () => {
    const desk = ClientDesk.met();
    desk.ask('one'); // Of a.
    expect(desk.hear('a', ['drain'])).toEqual(['down a draining']);
    expect(desk.ask('two')).toEqual(['b: call 2 two 5000']);
    expect(desk.ask('three')).toEqual(['b: call 3 three 5000']);
    expect(desk.result('a', 'one')).toEqual(['one: done yes', 'a: quiet']);
  });

  test('is told so at once if it has nothing to answer', () => {
    const desk = ClientDesk.met();
    expect(desk.hear('a', ['drain'])).toEqual(['down a draining', 'a: quiet']);
  });

  test('has what was asked of it in the same turn to answer first', () => {
    const desk = ClientDesk.met();
    const { rules } = desk;
    const drained = desk.turn(desk.asking('one'), () => desk.hear('a', ['drain']) && []);
    expect(drained).toEqual([]);
    expect(entriesOf(desk.sent.get('a') ?? []).map(([name]) => name)).toEqual(['call']);
    expect(rules.links.ready).toBe(1);
    expect(desk.result('a', 'one')).toEqual(['one: done yes', 'a: quiet']);
  });

  test('is granted and spared what it still has', () => {
    const desk = ClientDesk.met();
    desk.ask('s', { kind: 'stream' });
    desk.hear('a', ['drain']);
    expect(desk.turn((now) => desk.rules.more(desk.call('s'), 3, now))).toEqual(['a: more 1 3']);
    expect(desk.forget('s')).toEqual(['a: cancel 1', 'a: quiet']);
  });

  test('says it once, is alive until it goes, and is met again', () => {
    const desk = ClientDesk.met({}, 'a');
    desk.hear('a', ['drain']);
    expect(desk.hear('a', ['drain'])).toEqual([]);
    expect(desk.passWithBeats(5000, 'a')).toEqual([]);
    expect(desk.left('a')).toEqual([]);
    expect(desk.pass(RECONNECT_MS)).toEqual(['open a', 'a: hello']);
    expect(desk.welcome('a')).toEqual(['up a']);
  });

  test('is the last one: what is asked waits for another', () => {
    const desk = ClientDesk.met({}, 'a');
    desk.hear('a', ['drain']);
    expect(desk.ask('one')).toEqual([]);
    desk.left('a');
    desk.pass(RECONNECT_MS);
    expect(desk.welcome('a')).toEqual(['up a', 'a: call 1 one 4901']);
  });
});
