"""
A server of a service, written from the wire table of patterns/service/README.md alone, on pyzmq and cbor2.

    server.py ENDPOINT [HEARTBEAT_MS] [CONCURRENCY]

It offers the contract "sums", version "1":

    call add {a, b}        their sum
    call buy what          fails with SOLD_OUT and how many are left
    call rest ms           "rested", after so many milliseconds
    call seen              {key, headers, ms} of this very call, and how often any was asked
    stream count {to}      1, 2, 3 …
    event noted text       prints it

No more than CONCURRENCY calls of "rest" go on at a time; one more is refused. Prints as JSON lines where it is bound,
who joins, beats and goes, what is cancelled, over or noted. On SIGTERM it drains and ends.
"""
import json
import signal
import sys
import time

import cbor2
import zmq

WORD, MISSES_ALLOWED, ANNOUNCE_MS = "bs1", 3, 10
HELLO, CALL, OPEN, EVENT, MORE, CANCEL, ASK, QUIET, BYE, BEAT = range(1, 11)
WELCOME, MISMATCH, RESULT, FAILED, REFUSED, BEGUN, ITEM, END, DRAIN, ANSWER, UNKNOWN, MARK = range(11, 23)
PIECES = {CALL: 5, OPEN: 6, EVENT: 4, MORE: 2, CANCEL: 1, ASK: 2, QUIET: 0, BYE: 0, BEAT: 0, MARK: 1}
NAME, VERSION = "sums", "1"
OFFERED = ["call add", "call buy", "call rest", "call seen", "stream count", "event noted"]

endpoint, heartbeat_ms, concurrency = [*sys.argv[1:], "1000", "100"][:3]
heartbeat_ms, concurrency = int(heartbeat_ms), int(concurrency)


def now_ms():
    return time.monotonic() * 1000


def say(**what):
    print(json.dumps(what), flush=True)


def entries_of(pieces):
    """What stands in a message behind its word, entry by entry."""
    while pieces:
        kind, *pieces = pieces
        rest = 4 + pieces[3] if kind == HELLO else PIECES[kind]
        yield kind, pieces[:rest]
        pieces = pieces[rest:]


class Job:
    """A call that rests, or a stream that counts."""

    def __init__(self, n, ms, given):
        self.n, self.given, self.begun_at, self.is_announced = n, given, now_ms(), False
        self.ends_at = self.begun_at + ms if ms else float("inf")  # Then nobody waits for it any more.
        self.credit, self.counted = 0, 0


class Session:
    """A client: one connection of it."""

    def __init__(self, name, signatures):
        self.name, self.heard_at, self.spoke_at = name, now_ms(), now_ms()
        self.methods = [signature.split(" ", 1)[1] for signature in signatures]
        self.is_quiet, self.rests, self.streams = False, {}, {}


class Server:
    def __init__(self):
        self.sessions, self.replies, self.asked, self.is_draining = {}, {}, 0, False
        self.socket = zmq.Context.instance().socket(zmq.ROUTER)
        self.socket.router_mandatory, self.socket.linger = True, 1000
        self.socket.bind(endpoint)
        say(bound=self.socket.getsockopt_string(zmq.LAST_ENDPOINT))

    def tell(self, session, *entry):
        session.spoke_at = now_ms()
        self.send(session.name, *entry)

    def send(self, peer, *entry):
        try:
            self.socket.send_multipart([peer, cbor2.dumps([WORD, *entry])], zmq.DONTWAIT)
        except zmq.ZMQError:
            pass  # It is gone, and will be found to be silent.

    def turn(self):
        if self.socket.poll(5):
            while self.socket.poll(0):
                peer, *frames = self.socket.recv_multipart()
                self.receive(peer, *frames)
        self.work()
        self.keep_alive()

    def receive(self, peer, frame):
        word, *pieces = cbor2.loads(frame)
        assert word == WORD, word
        for kind, fields in entries_of(pieces):
            if kind == HELLO:
                self.greet(peer, *fields)
            elif peer in self.sessions:
                self.sessions[peer].heard_at = now_ms()
                self.hear(self.sessions[peer], kind, *fields)
            else:  # Somebody from before.
                self.send(peer, UNKNOWN)

    def greet(self, peer, name, version, _hash, _count, *signatures):
        missing = [each for each in signatures if each not in OFFERED]
        if self.is_draining:
            return
        if name != NAME or version != VERSION or missing:
            self.send(peer, MISMATCH, f"this is {NAME} {VERSION}, without {missing}")
            return
        self.sessions[peer] = Session(peer, signatures)
        self.tell(self.sessions[peer], WELCOME, heartbeat_ms, "")
        say(joined=len(self.sessions))

    def hear(self, session, kind, *fields):
        if kind == CALL:
            n, place, ms, meta, given = fields
            self.call(session, session.methods[place], Job(n, ms, given), meta or {})
        elif kind == OPEN:
            n, _place, ms, credit, _meta, given = fields
            session.streams[n] = Job(n, ms, given)
            session.streams[n].credit = credit
        elif kind == EVENT:
            say(noted=fields[3])
        elif kind == MORE and fields[0] in session.streams:
            session.streams[fields[0]].credit += fields[1]
        elif kind == CANCEL:
            if session.rests.pop(fields[0], None) or session.streams.pop(fields[0], None):
                say(cancelled=fields[0])
        elif kind == ASK:
            n, question = fields
            say(asked=question)
            self.tell(session, MARK, self.asked + 1000, ANSWER, n, self.about(question))
        elif kind == MARK:
            say(marked=fields[0])
        elif kind == QUIET:
            session.is_quiet = True
        elif kind == BEAT:
            say(beaten=True)
        elif kind == BYE:
            del self.sessions[session.name]
            say(left=True)

    def call(self, session, method, job, meta):
        self.asked += 1
        if method == "add":
            self.tell(session, RESULT, job.n, job.given["a"] + job.given["b"])
        elif method == "buy":
            failure = {"code": "SOLD_OUT", "message": f"no {job.given}", "data": {"left": 0}}
            self.tell(session, FAILED, job.n, failure)
        elif method == "seen":
            ms = job.ends_at - job.begun_at
            seen = {**meta, "ms": ms if ms < float("inf") else None, "asked": self.asked}
            key = meta.get("key")
            self.tell(session, RESULT, job.n, self.replies.get(key, seen))
            if key is not None:
                self.replies.setdefault(key, seen)
        elif sum(len(each.rests) for each in self.sessions.values()) >= concurrency:
            self.tell(session, REFUSED, job.n, "OVERLOADED", "too much to do")
            say(overloaded=True)
        else:
            session.rests[job.n] = job

    def about(self, question):
        methods = {name: kind for kind, name in (each.split(" ", 1) for each in OFFERED)}
        info = {"name": NAME, "version": VERSION, "hash": "", "methods": methods}
        return {"ping": None, "info": info, "stats": {"received": self.asked}}[question]

    def work(self):
        """Goes on with what goes on; says nothing of what nobody waits for any more."""
        for session in self.sessions.values():
            for job in [*session.rests.values(), *session.streams.values()]:
                if now_ms() >= job.ends_at:
                    session.rests.pop(job.n, None) or session.streams.pop(job.n)
                    say(expired=job.n)
                elif not job.is_announced and now_ms() - job.begun_at >= ANNOUNCE_MS:
                    job.is_announced = True
                    self.tell(session, BEGUN, job.n)
            for job in [each for each in session.rests.values() if now_ms() - each.begun_at >= each.given]:
                del session.rests[job.n]
                self.tell(session, RESULT, job.n, "rested")
            for job in list(session.streams.values()):
                self.count(session, job)

    def count(self, session, job):
        values = []
        while job.credit > 0 and job.counted < job.given["to"]:
            job.counted += 1
            job.credit -= 1
            values += [ITEM, job.n, job.counted - 1, job.counted]
        if job.counted == job.given["to"]:
            values += [END, job.n, job.counted]
            del session.streams[job.n]
        if values:
            self.tell(session, *values)

    def keep_alive(self):
        for session in list(self.sessions.values()):
            if now_ms() - session.spoke_at >= heartbeat_ms:
                self.tell(session, BEAT)
            if now_ms() - session.heard_at > heartbeat_ms * MISSES_ALLOWED:
                del self.sessions[session.name]
                say(lost=True)

    def drain(self, *_):
        self.is_draining = True
        for session in self.sessions.values():
            self.tell(session, DRAIN)

    @property
    def is_done(self):
        sessions = self.sessions.values()
        return self.is_draining and all(each.is_quiet and not each.rests and not each.streams for each in sessions)


server = Server()
signal.signal(signal.SIGTERM, server.drain)
while not server.is_done:
    server.turn()
say(drained=True)
server.socket.close()
zmq.Context.instance().term()
