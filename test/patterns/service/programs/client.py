"""
A client of a service, written from the wire table of patterns/service/README.md alone, on pyzmq and cbor2.

    client.py ENDPOINT NAME VERSION SIGNATURE…

Its methods are those of the signatures, such as "call add". It does what it reads from its standard input, one JSON
list a line, and prints all that it hears as JSON lines. What it is told to do:

    ["call", n, method, input, {ms, key, headers}]     ["event", method, input, {ms, headers}]
    ["open", n, method, input, {ms, credit, hold}]     ["more", n, count]
    ["cancel", n]    ["ask", n, question]    ["mute"]    ["speak"]    ["bye"]

It grants as many values as it has read, unless it is told to hold back. Muted it says nothing, not even that it is
alive. Who says nothing for too long, or does not know it, is lost to it, and it introduces itself anew.
"""
import json
import sys
import time

import cbor2
import zmq

WORD, MISSES_ALLOWED = "bs1", 3
HELLO, CALL, OPEN, EVENT, MORE, CANCEL, ASK, QUIET, BYE, BEAT = range(1, 11)
WELCOME, MISMATCH, RESULT, FAILED, REFUSED, BEGUN, ITEM, END, DRAIN, ANSWER, UNKNOWN, MARK = range(11, 23)
PIECES = {BEAT: 0, WELCOME: 2, MISMATCH: 1, RESULT: 2, FAILED: 2, REFUSED: 3, BEGUN: 1}
PIECES |= {ITEM: 3, END: 2, DRAIN: 0, ANSWER: 2, UNKNOWN: 0, MARK: 1}

endpoint, name, version, *signatures = sys.argv[1:]
methods = [signature.split(" ", 1)[1] for signature in signatures]


def now_ms():
    return time.monotonic() * 1000


def say(**what):
    print(json.dumps(what), flush=True)


def entries_of(message):
    """What stands in a message, entry by entry."""
    word, *pieces = cbor2.loads(message)
    assert word == WORD, word
    while pieces:
        kind, rest = pieces[0], PIECES[pieces[0]]
        yield kind, pieces[1 : 1 + rest]
        pieces = pieces[1 + rest :]


class Client:
    def __init__(self):
        self.context = zmq.Context()
        self.is_mute = self.is_over = False
        self.held = set()  # Streams of which no more values are granted.
        self.connect()

    def connect(self):
        self.socket = self.context.socket(zmq.DEALER)
        self.socket.linger = 1000
        self.socket.connect(endpoint)
        self.heartbeat_ms, self.heard_at, self.is_welcome = 1000, now_ms(), False
        self.tell(HELLO, name, version, "", len(signatures), *signatures)

    def connect_anew(self):
        self.socket.close(linger=0)
        self.connect()

    def tell(self, *entry):
        if not self.is_mute:
            self.socket.send(cbor2.dumps([WORD, *entry]))
            self.spoke_at = now_ms()

    def turn(self):
        poller = zmq.Poller()
        poller.register(self.socket, zmq.POLLIN)
        poller.register(sys.stdin.fileno(), zmq.POLLIN)
        ready = dict(poller.poll(self.heartbeat_ms / 4))
        if self.socket in ready:
            self.heard_at = now_ms()
            for kind, pieces in list(entries_of(self.socket.recv())):
                self.hear(kind, *pieces)
        if sys.stdin.fileno() in ready:
            line = sys.stdin.buffer.raw.readline()
            if line:
                self.do(*json.loads(line))
            else:
                self.is_over = True
        if self.is_welcome and now_ms() - self.spoke_at >= self.heartbeat_ms:
            self.tell(BEAT)
        if now_ms() - self.heard_at > self.heartbeat_ms * MISSES_ALLOWED:
            say(silent=True)
            self.connect_anew()

    def do(self, what, *rest):
        if what == "call":
            n, method, given, options = rest
            self.tell(CALL, n, methods.index(method), options.get("ms", 0), meta_of(options), given)
        elif what == "open":
            n, method, given, options = rest
            if options.get("hold"):
                self.held.add(n)
            place, credit = methods.index(method), options.get("credit", 16)
            self.tell(OPEN, n, place, options.get("ms", 0), credit, meta_of(options), given)
        elif what == "event":
            method, given, options = rest
            self.tell(EVENT, methods.index(method), options.get("ms", 0), meta_of(options), given)
        elif what in ("more", "cancel", "ask"):
            self.tell({"more": MORE, "cancel": CANCEL, "ask": ASK}[what], *rest)
        elif what in ("mute", "speak"):
            self.is_mute = what == "mute"
        elif what == "bye":
            self.tell(BYE)
            self.is_over = True

    def hear(self, kind, *pieces):
        if kind == WELCOME:
            self.heartbeat_ms, self.is_welcome = pieces[0], True
            say(welcome=pieces[0], hash=pieces[1])
        elif kind == MISMATCH:
            say(mismatch=pieces[0])
        elif kind == BEAT:
            say(beat=True)
        elif kind == UNKNOWN:
            say(unknown=True)
            self.connect_anew()
        elif kind == MARK:
            self.tell(MARK, *pieces)
        elif kind == DRAIN:
            self.tell(QUIET)
            say(drain=True)
        elif kind == ITEM:
            say(item=pieces[2], n=pieces[0], at=pieces[1])
            if pieces[0] not in self.held:
                self.tell(MORE, pieces[0], 1)
        elif kind == REFUSED:
            say(refused=pieces[1], n=pieces[0], reason=pieces[2])
        elif kind in (BEGUN, END):
            say(**{"begun" if kind == BEGUN else "end": pieces[0]})
        else:
            word = {RESULT: "result", FAILED: "failed", ANSWER: "answer"}[kind]
            say(**{word: pieces[1], "n": pieces[0]})


def meta_of(options):
    meta = {word: options[word] for word in ("key", "headers") if word in options}
    return meta or None


client = Client()
while not client.is_over:
    client.turn()
client.socket.close()
client.context.term()
