/**
 * All sockets held to the contract of every socket's life.
 */
import { Dealer, Publisher, Pull, Push, Reply, Request, Router, Subscriber } from 'brokerless';
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

const dealer: Subject = {
  Type: Dealer,
  Peer: Router,
  verbs: {
    send: (socket: AnySocket) => (socket as Dealer).send('value'),
    receive: (socket: AnySocket) => (socket as Dealer).receive(),
  },
};

const router: Subject = {
  Type: Router,
  Peer: Dealer,
  verbs: {
    send: (socket: AnySocket) => (socket as Router).send('00', 'value'),
    receive: (socket: AnySocket) => (socket as Router).receive(),
  },
};

const request: Subject = {
  Type: Request,
  Peer: Reply,
  verbs: { request: (socket: AnySocket) => (socket as Request).request('value') },
  stats: ['inFlight', 'late', 'retried'],
};

const reply: Subject = {
  Type: Reply,
  Peer: Request,
  verbs: { serve: (socket: AnySocket) => (socket as Reply).serve((value) => value) },
  stats: ['inFlight'],
};

const publisher: Subject = {
  Type: Publisher,
  Peer: Subscriber,
  verbs: {
    send: (socket: AnySocket) => (socket as Publisher).send('topic', 'value'),
    subscribers: (socket: AnySocket) => (socket as Publisher).subscribers(1),
  },
};

const subscriber: Subject = {
  Type: Subscriber,
  Peer: Publisher,
  verbs: {
    receive: (socket: AnySocket) => (socket as Subscriber).receive(),
    subscribe: async (socket: AnySocket) => (socket as Subscriber).subscribe('topic'),
    unsubscribe: async (socket: AnySocket) => (socket as Subscriber).unsubscribe('topic'),
  },
  stats: ['missed'],
  needsPeer: true,
};

for (const subject of [push, pull, dealer, router, request, reply, publisher, subscriber]) {
  describeSocket(subject);
  describeBinding(subject);
}
