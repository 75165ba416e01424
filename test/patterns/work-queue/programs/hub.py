"""
A hub of the work queue, written from the wire table of patterns/work-queue/README.md alone, on pyzmq and
cbor2. First come, first served, and tried again at once: an item that asks for more is refused.

    hub.py PRODUCERS WORKERS [HEARTBEAT_MS]

Prints as JSON lines where it is bound, who joins, what a lost worker held, what comes too late and what makes
no sense. It keeps every outcome, and so is for short runs only.
"""
import json
import sys
import time
import uuid
from collections import deque

import cbor2
import zmq

VERSION, MISSES_ALLOWED, MAX_ATTEMPTS = 1, 3, 3
NOT_HERE = {"key", "unique", "priority", "deadlineMs", "delayMs"}
STATUS = {"done": "done", "failed": "failed", "discard": "discarded"}
LOST = cbor2.dumps({"code": "WORKER_LOST", "message": "its worker was lost"})


def now_ms():
    return time.monotonic() * 1000


def say(**what):
    print(json.dumps(what), flush=True)


def in_tuples(fields, size):
    return list(zip(*(fields[i::size] for i in range(size)), strict=True))


class Item:
    def __init__(self, n, body, options):
        self.n, self.body, self.attempt = n, body, 1
        self.max_attempts = options.get("maxAttempts") or MAX_ATTEMPTS
        self.outcome = None  # (status, attempts, body), once it has ended.
        self.asked = set()  # The sessions that want to hear of it.


class Peer:
    """A producer or a worker: one connection of it."""

    def __init__(self, name, socket):
        self.name, self.socket, self.heard_at, self.is_gone = name, socket, now_ms(), False
        self.session, self.credit, self.held, self.is_leaving = None, 0, {}, False

    def tell(self, *message):
        try:
            self.socket.send_multipart([self.name, cbor2.dumps(message)], zmq.DONTWAIT)
        except zmq.ZMQError:
            self.is_gone = True  # Or takes nothing any more, which is no better.


class Hub:
    def __init__(self, producers_at, workers_at, heartbeat_ms=1000):
        self.epoch, self.heartbeat_ms, self.beat_at = uuid.uuid4().hex, int(heartbeat_ms), now_ms()
        self.items, self.queue, self.sessions = {}, deque(), {}
        self.producers, self.workers = {}, {}  # By the names of their connections.
        self.sockets = [zmq.Context.instance().socket(zmq.ROUTER) for _ in range(2)]
        for socket, endpoint in zip(self.sockets, [producers_at, workers_at]):
            socket.router_mandatory, socket.linger = True, 0
            socket.bind(endpoint)
        where = [socket.getsockopt_string(zmq.LAST_ENDPOINT) for socket in self.sockets]
        say(producers=where[0], workers=where[1])

    def turn(self):
        for socket in zmq.select(self.sockets, [], [], self.heartbeat_ms / 4000)[0]:
            name, *frames = socket.recv_multipart()
            try:
                self.hear(name, socket, *cbor2.loads(b"".join(frames)))
            except (KeyError, TypeError, ValueError, cbor2.CBORDecodeError) as error:
                say(fault=repr(error))
        self.keep_alive()
        self.deal()

    def hear(self, name, socket, kind, *fields):
        is_worker = socket is self.sockets[1]
        peers, act = [(self.producers, self.hear_producer), (self.workers, self.hear_worker)][is_worker]
        if kind == ("ready" if is_worker else "hello"):
            if fields[0] != VERSION:
                return Peer(name, socket).tell("version", VERSION)
            peers[name] = Peer(name, socket)
            peers[name].tell("welcome", VERSION, self.epoch, self.heartbeat_ms)
            say(joined=kind)
        if name in peers:  # One that has said no hello is left to notice the silence.
            peers[name].heard_at = now_ms()
            act(peers[name], kind, *fields)

    def hear_producer(self, producer, kind, *fields):
        if kind == "hello":
            producer.session = fields[1]
        elif kind == "put":
            self.put(producer, *fields)
        elif kind == "ask":
            for n in fields:
                self.ask(producer, n)
        elif kind == "cancel":
            for item in [self.items[n] for n in fields if n in self.items]:
                holders = [each for each in self.workers.values() if item.n in each.held]
                for worker in holders:
                    worker.tell("stop", item.n, item.attempt)
                self.end(item, "cancelled", item.attempt if holders else item.attempt - 1, b"")
        elif kind == "bye":
            self.sessions.pop(producer.session, None)
            del self.producers[producer.name]

    def put(self, producer, known, *fields):
        known_before, put = self.sessions.get(producer.session, (0, {}))
        known = max(known, known_before)
        put = {seq: n for seq, n in put.items() if seq >= known}
        self.sessions[producer.session] = (known, put)
        for seq, body, options in in_tuples(fields, 3):
            if seq < known:
                continue  # From a connection that was given up, and read late.
            asks = {name: value for name, value in (options or {}).items() if value}
            if NOT_HERE & set(asks):
                producer.tell("refused", seq, "BAD_VALUE", f"this hub has no {sorted(NOT_HERE)}")
                continue
            if seq not in put:  # Else it was accepted before, and that was not heard.
                put[seq] = len(self.items) + 1
                self.items[put[seq]] = Item(put[seq], body, asks)
                self.queue.append(self.items[put[seq]])
            producer.tell("accepted", seq, put[seq])
            if "outcome" in asks:
                self.ask(producer, put[seq])

    def ask(self, producer, n):
        if n in self.items and self.items[n].outcome is None:
            self.items[n].asked.add(producer.session)
        else:
            producer.tell("outcome", n, *(self.items[n].outcome if n in self.items else ("lost", 0, b"")))

    def hear_worker(self, worker, kind, *fields):
        if kind in ("ready", "credit"):
            worker.credit = fields[-1]
        elif kind == "leave":
            worker.credit, worker.is_leaving = 0, True
        elif kind != "beat":
            for n, attempt, *body in in_tuples(fields, 2 if kind == "back" else 3):
                if n in worker.held and worker.held[n].attempt == attempt:
                    self.answered(worker.held.pop(n), kind, *body)
                else:
                    say(late=n, attempt=attempt)

    def answered(self, item, kind, body=b""):
        if kind == "back":
            self.queue.appendleft(item)
        elif kind == "failed" and item.attempt < item.max_attempts and item.outcome is None:
            item.attempt += 1
            self.queue.append(item)
        else:
            self.end(item, STATUS[kind], item.attempt, body)

    def end(self, item, *outcome):
        if item.outcome is None:
            item.outcome = outcome
            for producer in [each for each in self.producers.values() if each.session in item.asked]:
                producer.tell("outcome", item.n, *outcome)

    def deal(self):
        """Each item to the worker that has the least in hand."""
        while self.queue:
            free = [each for each in self.workers.values() if len(each.held) < each.credit]
            if not free:
                return
            item, worker = self.queue.popleft(), min(free, key=lambda each: len(each.held))
            if item.outcome is None:
                worker.held[item.n] = item
                worker.tell("items", item.n, item.attempt, item.body)

    def keep_alive(self):
        if now_ms() - self.beat_at >= self.heartbeat_ms:
            self.beat_at = now_ms()
            for peer in [*self.producers.values(), *self.workers.values()]:
                peer.tell("beat")
        for name, worker in list(self.workers.items()):
            is_over = worker.is_leaving and not worker.held
            if is_over:
                worker.tell("bye")
            elif not worker.is_gone and now_ms() - worker.heard_at <= self.heartbeat_ms * MISSES_ALLOWED:
                continue
            del self.workers[name]
            if not is_over:
                say(lost=len(worker.held))
                for item in worker.held.values():
                    self.answered(item, "failed", LOST)
        self.producers = {name: each for name, each in self.producers.items() if not each.is_gone}


hub = Hub(*sys.argv[1:])
while True:
    hub.turn()
