"""
A producer of the work queue, written from the wire table of patterns/work-queue/README.md alone, on pyzmq and
cbor2: numbers and texts in turn.

    producer.py ENDPOINT COUNT

Puts 0, "item-1", 2, "item-3" and so on, COUNT items in all, and asks how each ends; of every fourth it asks
so with the item itself. Prints a JSON line for each welcome and each outcome, and at last a summary.
"""
import json
import sys
import time
import uuid
from collections import Counter

import cbor2
import zmq

endpoint, count = sys.argv[1], int(sys.argv[2])
VERSION = 1
MISSES_ALLOWED = 3
LIST = 10  # So many items are put in one message.
WINDOW = 100  # So many are on their way and not yet answered.


def now_ms():
    return time.monotonic() * 1000


def say(**what):
    print(json.dumps(what), flush=True)


def item(seq):
    """The item of that number, which counts from 1."""
    return f"item-{seq - 1}" if seq % 2 == 0 else seq - 1


class Producer:
    def __init__(self):
        self.context = zmq.Context()
        self.session = str(uuid.uuid4())
        self.epoch = None
        self.heartbeat_ms = 1000  # Until a welcome says otherwise.
        self.put_up_to = 0
        self.unanswered = set()  # Numbers of our own, of items put.
        self.open = {}  # From the hub's numbers of items accepted to ours.
        self.counted = Counter()
        self.connect()

    def connect(self):
        self.socket = self.context.socket(zmq.DEALER)
        self.socket.linger = 1000
        self.socket.connect(endpoint)
        self.is_welcome = False
        self.heard_at = now_ms()
        self.counted["connections"] += 1
        self.tell("hello", VERSION, self.session)

    def tell(self, *message):
        self.socket.send(cbor2.dumps(message))

    def is_over(self):
        return self.put_up_to == count and not self.unanswered and not self.open

    def turn(self):
        if self.socket.poll(self.heartbeat_ms):
            self.heard_at = now_ms()
            self.hear(*cbor2.loads(self.socket.recv()))
        if now_ms() - self.heard_at > self.heartbeat_ms * MISSES_ALLOWED:
            self.socket.close(linger=0)
            self.connect()
        while self.is_welcome and self.put_up_to < count and len(self.unanswered) < WINDOW:
            self.put_more()

    def hear(self, kind, *fields):
        if kind == "welcome":
            self.welcome(*fields)
        elif kind == "accepted":
            accepted = list(zip(fields[0::2], fields[1::2]))
            self.accept([(seq, n) for seq, n in accepted if seq in self.unanswered])
        elif kind == "refused":
            for seq, code, message in zip(fields[0::3], fields[1::3], fields[2::3]):
                if seq in self.unanswered:
                    self.unanswered.remove(seq)
                    self.counted["refused"] += 1
                    say(item=item(seq), refused=code, message=message)
        elif kind == "outcome":
            for outcome in zip(fields[0::4], fields[1::4], fields[2::4], fields[3::4]):
                self.end(*outcome)
        elif kind == "version":
            raise SystemExit(f"the hub speaks version {fields[0]}")

    def welcome(self, _version, epoch, heartbeat_ms):
        """Takes up where the last connection ended; another hub knows nothing of what that one accepted."""
        say(welcome=epoch)
        self.is_welcome = True
        self.heartbeat_ms = heartbeat_ms
        if epoch != self.epoch:
            self.epoch = epoch
            for n in list(self.open):
                self.end(n, "lost", 0, b"")
        again = sorted(self.unanswered)
        self.counted["resent"] += len(again)
        for first in range(0, len(again), LIST):
            self.put(again[first : first + LIST])
        if self.open:
            self.tell("ask", *self.open)

    def put_more(self):
        seqs = list(range(self.put_up_to + 1, min(self.put_up_to + LIST, count) + 1))
        self.put_up_to = seqs[-1]
        self.unanswered.update(seqs)
        self.put(seqs)

    def put(self, seqs):
        """Every number below the least that is unanswered is settled."""
        fields = []
        for seq in seqs:
            options = {"outcome": True} if seq % 4 == 0 else None
            fields += [seq, cbor2.dumps(item(seq)), options]
        self.tell("put", min(self.unanswered), *fields)

    def accept(self, accepted):
        for seq, n in accepted:
            self.unanswered.remove(seq)
            self.open[n] = seq
            self.counted["accepted"] += 1
        asked = [n for seq, n in accepted if seq % 4 != 0]
        if asked:
            self.tell("ask", *asked)

    def end(self, n, status, attempts, body):
        seq = self.open.pop(n, None)
        if seq is not None:
            self.counted[status] += 1
            value = cbor2.loads(body) if body else None
            say(n=n, item=item(seq), status=status, attempts=attempts, value=value)


producer = Producer()
while not producer.is_over():
    producer.turn()
producer.tell("bye")
say(summary=producer.counted)
producer.socket.close()
producer.context.term()
