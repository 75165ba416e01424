/**
 * The count of peers, concluded from the names of events alone.
 */
import { describe, expect, test } from 'vitest';
import { PeerCount } from '../../src/sockets/peer-count.ts';

/** The count after each event; `+` and `-` are a good peer's coming and going. */
function counts(...events: readonly string[]): number[] {
  const peers = new PeerCount();
  return events.map((event) => {
    if (event === '+') for (const name of ['accept', 'handshake']) peers.hear(name);
    else peers.hear(event === '-' ? 'disconnect' : event);
    return peers.count;
  });
}

describe('peers are counted', () => {
  test('from their handshake until they leave', () => {
    expect(counts('accept', 'handshake', 'disconnect')).toEqual([0, 1, 0]);
    expect(counts('connect', 'handshake', 'disconnect')).toEqual([0, 1, 0]);
    expect(counts('+', '+', '-', '+', '-', '-')).toEqual([1, 2, 1, 2, 1, 0]);
  });

  test('when several shake hands at the same time', () => {
    expect(counts('accept', 'accept', 'handshake', 'handshake', '-')).toEqual([0, 0, 1, 2, 1]);
  });

  test('and nothing else that happens is', () => {
    const others = ['bind', 'connect:delay', 'connect:retry', 'close', 'accept:error', 'end'];
    expect(counts('+', ...others)).toEqual([1, ...others.map(() => 1)]);
    expect(counts('handshake:error:protocol', 'disconnect')).toEqual([0, 0]);
  });
});

describe('strangers are not', () => {
  test('when they are cut during the handshake', () => {
    expect(counts('+', 'accept', 'handshake:error:protocol', 'disconnect')).toEqual([1, 1, 1, 1]);
    expect(counts('+', 'accept', 'disconnect', 'accept', 'disconnect', '-')).toEqual([
      1, 1, 1, 1, 1, 0,
    ]);
  });

  test('when they stay mute beside good peers', () => {
    expect(counts('accept', '+', '+', 'disconnect')).toEqual([0, 1, 2, 2]);
  });
});

describe('a wrong guess heals', () => {
  test('a peer that leaves beside a mute stranger is uncounted when the stranger goes', () => {
    expect(counts('+', '+', 'accept', '-', 'disconnect')).toEqual([1, 2, 2, 2, 1]);
  });

  test('so are several, each at the end of one stranger', () => {
    const events = ['+', '+', '+', 'accept', 'accept', '-', '-', 'disconnect', 'disconnect'];
    expect(counts(...events)).toEqual([1, 2, 3, 3, 3, 3, 3, 2, 1]);
  });

  test('a stranger that shakes hands after all takes the place of who left', () => {
    expect(counts('+', 'accept', '-', 'handshake')).toEqual([1, 1, 1, 1]);
    expect(counts('+', 'accept', '-', 'handshake', '-')).toEqual([1, 1, 1, 1, 0]);
  });

  test('a new peer beside a wrong guess is counted, and the guess still heals', () => {
    expect(counts('+', 'accept', '-', '+', 'disconnect')).toEqual([1, 1, 1, 2, 1]);
  });
});

test('after any history, whatever was guessed, the count is right once no handshake is open', () => {
  let seed = 1;
  const random = (below: number): number => {
    seed = (seed * 48_271) % 0x7fffffff;
    return seed % below;
  };
  for (let run = 0; run < 500; run += 1) {
    const peers = new PeerCount();
    let [shaking, shaken] = [0, 0];
    for (let step = 0; step < 40; step += 1) {
      const choice = random(4);
      if (choice === 0) {
        peers.hear('accept');
        shaking += 1;
      } else if (choice === 1 && shaking > 0) {
        peers.hear('handshake');
        shaking -= 1;
        shaken += 1;
      } else if (choice === 2 && shaking > 0) {
        peers.hear('disconnect');
        shaking -= 1;
      } else if (choice === 3 && shaken > 0) {
        peers.hear('disconnect');
        shaken -= 1;
      }
      expect(peers.count).toBeGreaterThanOrEqual(shaken);
      expect(peers.count).toBeLessThanOrEqual(shaken + shaking);
    }
    for (; shaking > 0; shaking -= 1) peers.hear('disconnect');
    expect(peers.count).toBe(shaken);
  }
});
