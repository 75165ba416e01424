/**
 * Push and Pull held to the contract of every socket's life.
 */
import { Pull, Push } from 'brokerless';
import { describeBinding } from '../contracts/binding.ts';
import { type AnySocket, describeSocket, type Subject } from '../contracts/lifecycle.ts';

const push: Subject = {
  Type: Push,
  Peer: Pull,
  verbs: { send: (socket: AnySocket) => (socket as Push).send('value') },
};

const pull: Subject = {
  Type: Pull,
  Peer: Push,
  verbs: { receive: (socket: AnySocket) => (socket as Pull).receive() },
};

for (const subject of [push, pull]) {
  describeSocket(subject);
  describeBinding(subject);
}
