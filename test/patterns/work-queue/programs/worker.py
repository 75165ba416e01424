"""
A worker of the work queue, written from the wire table of patterns/work-queue/README.md alone, on pyzmq and
cbor2: doubles numbers and turns texts round.

    worker.py ENDPOINT [--credit N] [--fail-first M] [--discard KEYWORD] [--leave-after N] [--pause-ms T]

It fails the first M attempts at each item, discards texts with KEYWORD in them, leaves after N answers, and
takes T milliseconds over an item. Prints a JSON line for each welcome, for what it holds when items come, for
each answer, for each item that is called off, and for the farewell.
"""
import argparse
import json
import time
from collections import deque

import cbor2
import zmq

parser = argparse.ArgumentParser()
parser.add_argument("endpoint")
parser.add_argument("--credit", type=int, default=4)
parser.add_argument("--fail-first", type=int, default=0)
parser.add_argument("--discard")
parser.add_argument("--leave-after", type=int)
parser.add_argument("--pause-ms", type=int, default=0)
options = parser.parse_args()

VERSION = 1
MISSES_ALLOWED = 3
CALLED_OFF = {"code": "CANCELLED", "message": "called off"}


def now_ms():
    return time.monotonic() * 1000


def say(**what):
    print(json.dumps(what), flush=True)


class Worker:
    def __init__(self):
        self.context = zmq.Context()
        self.heartbeat_ms = 1000  # Until a welcome says otherwise.
        self.answered = 0
        self.is_leaving = self.is_over = False
        self.connect()

    def connect(self):
        """A new connection is a new worker, with nothing in hand."""
        self.socket = self.context.socket(zmq.DEALER)
        self.socket.linger = 1000
        self.socket.connect(options.endpoint)
        self.held = deque()  # (n, attempt, body); the first is the one that is worked on.
        self.done_at = None  # When that one is done, once it is begun.
        self.answers = {}  # Of each kind the fields of those that have not been sent.
        self.heard_at = self.beat_at = now_ms()
        self.tell("ready", VERSION, options.credit)

    def tell(self, *message):
        self.socket.send(cbor2.dumps(message))

    def turn(self):
        beat_at = self.beat_at + self.heartbeat_ms
        self.socket.poll(max(0, min(beat_at, self.done_at or beat_at) - now_ms()))
        while not self.is_over and self.socket.poll(0):
            self.heard_at = now_ms()
            self.hear(*cbor2.loads(self.socket.recv()))
        self.work()
        for kind, fields in self.answers.items():
            self.tell(kind, *fields)
        self.answers = {}
        self.keep_alive()

    def hear(self, kind, *fields):
        if kind == "welcome":
            self.heartbeat_ms = fields[2]
            say(welcome=fields[1])
        elif kind == "items":
            self.held.extend(zip(fields[0::3], fields[1::3], fields[2::3], strict=True))
            say(holds=len(self.held))
        elif kind == "stop":
            for n, attempt in zip(fields[0::2], fields[1::2], strict=True):
                self.call_off(n, attempt)
        elif kind == "bye":
            say(bye=self.answered)
            self.is_over = True
        elif kind == "version":
            raise SystemExit(f"the hub speaks version {fields[0]}")

    def call_off(self, n, attempt):
        """What is not begun goes back, and what is begun ends here: the hub has its slot again."""
        say(cancel=n)
        for place, item in enumerate(self.held):
            if item[:2] == (n, attempt):
                del self.held[place]
                if place == 0 and self.done_at is not None:
                    self.done_at = None
                    self.answer("discard", n, attempt, CALLED_OFF)
                else:
                    self.answer("back", n, attempt)
                return

    def work(self):
        while self.held and not self.is_leaving:
            self.done_at = self.done_at or now_ms() + options.pause_ms
            if now_ms() < self.done_at:
                return
            self.done_at = None
            self.handle(*self.held.popleft())
            if self.answered == options.leave_after:
                self.is_leaving = True
                self.tell("leave")  # Before anything goes back, or it might come again.
        while self.held:
            self.answer("back", *self.held.popleft()[:2])

    def handle(self, n, attempt, body):
        item = cbor2.loads(body)
        if attempt <= options.fail_first:
            kind, value = "failed", {"code": "ASKED_TO", "message": f"attempt {attempt} fails"}
        elif isinstance(item, str) and options.discard is not None and options.discard in item:
            kind, value = "discard", {"code": "UNWANTED", "message": f"has {options.discard} in it"}
        else:
            kind, value = "done", item[::-1] if isinstance(item, str) else 2 * item
        say(n=n, attempt=attempt, item=item, answer=kind, value=value)
        self.answered += 1
        self.answer(kind, n, attempt, value)

    def answer(self, kind, n, attempt, *value):
        self.answers.setdefault(kind, []).extend([n, attempt, *map(cbor2.dumps, value)])

    def keep_alive(self):
        if now_ms() - self.heard_at > self.heartbeat_ms * MISSES_ALLOWED:
            self.is_over = self.is_leaving  # Nobody is left to say goodbye.
            self.socket.close(linger=0)
            if not self.is_over:
                self.connect()
        elif now_ms() - self.beat_at >= self.heartbeat_ms:
            self.beat_at = now_ms()
            self.tell("beat")


worker = Worker()
while not worker.is_over:
    worker.turn()
worker.socket.close()
worker.context.term()
