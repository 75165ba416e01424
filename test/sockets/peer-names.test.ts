/**
 * What a Router calls its peers: a routing id and its name lead to each other, whoever made the id.
 */
import { describe, expect, test } from 'vitest';
import { PeerNames } from '../../src/sockets/peers.ts';
import { thrownBy } from '../support/thrown.ts';

const own = (number: number): Buffer => {
  const id = Buffer.alloc(5);
  id.writeUInt32BE(number, 1);
  return id;
};

describe('a name', () => {
  test.each([
    ['that ZeroMQ made', own(0x80_00_00_01)],
    ['of five bytes that a peer chose', Buffer.from('hello')],
    ['of one byte', Buffer.of(0)],
    ['of 255 bytes', Buffer.alloc(255, 0xab)],
  ])('leads back to an id %s', (_, id) => {
    const names = new PeerNames();
    const name = names.nameOf(id);
    expect(name).toBe(id.toString('hex'));
    expect(names.nameOf(Buffer.from(id))).toBe(name);
    expect(names.idOf(name).equals(id)).toBe(true);
  });

  test('is good before its peer has sent anything', () => {
    expect(new PeerNames().idOf('0080000001').equals(own(0x80_00_00_01))).toBe(true);
  });

  test('does not change when the memory of the message that taught it is used again', () => {
    const names = new PeerNames();
    const id = own(7);
    const name = names.nameOf(id);
    id.fill(0xff);
    expect(names.idOf(name).equals(own(7))).toBe(true);
  });

  test('is good again after so many others that it has been forgotten', () => {
    const names = new PeerNames();
    const name = names.nameOf(own(1));
    for (let number = 2; number < 40_000; number += 1) names.nameOf(own(number));
    expect(names.idOf(name).equals(own(1))).toBe(true);
    expect(names.nameOf(own(1))).toBe(name);
  });

  test.each([
    ['empty', ''],
    ['half a byte', 'a'],
    ['no hexadecimal', 'zz'],
    ['in capitals', 'AB'],
    ['longer than an id can be', '00'.repeat(256)],
  ])('is never %s', (_, peer) => {
    expect(thrownBy(() => new PeerNames().idOf(peer), 'BAD_VALUE').message).toContain('peer');
  });
});
