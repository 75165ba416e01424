"""A client in Python that asks a Reply, and knows only what the README tells it.

req.py req ENDPOINT JSON        asks with each value of a JSON list as CBOR, by a REQ socket
req.py correlate ENDPOINT JSON  the same with REQ_CORRELATE, which puts a number before the empty frame
req.py dealer ENDPOINT JSON     the same by a DEALER, with all of the requests in flight at once
req.py text ENDPOINT JSON       asks with texts as they are, and prints the texts that come back

Prints a JSON list: {"value": ...} for an answer, {"failure": {code, message, data}} for an error.
"""

import json
import sys

import zmq

TIMEOUT = 10000


def understood(body):
    """An error is an empty frame, then CBOR; an answer is one frame."""
    import cbor2

    if len(body) == 2 and body[0] == b"":
        return {"failure": cbor2.loads(body[1])}
    assert len(body) == 1, body
    return {"value": cbor2.loads(body[0])}


def connected(kind, endpoint):
    socket = zmq.Context.instance().socket(kind)
    socket.rcvtimeo = TIMEOUT
    socket.linger = 0
    socket.connect(endpoint)
    return socket


def one_by_one(endpoint, values, correlate):
    import cbor2

    req = connected(zmq.REQ, endpoint)
    if correlate:
        req.setsockopt(zmq.REQ_CORRELATE, 1)
    answers = []
    for value in values:
        req.send(cbor2.dumps(value))
        answers.append(understood(req.recv_multipart()))
    return answers


def all_at_once(endpoint, values):
    import cbor2

    dealer = connected(zmq.DEALER, endpoint)
    for number, value in enumerate(values):
        dealer.send_multipart([b"call %d" % number, b"second", b"", cbor2.dumps(value)])
    answers = {}
    for _ in values:
        name, second, empty, *body = dealer.recv_multipart()
        assert second == b"second" and empty == b"", (second, empty)
        answers[int(name[5:])] = understood(body)
    return [answers[number] for number in range(len(values))]


def texts(endpoint, values):
    req = connected(zmq.REQ, endpoint)
    answers = []
    for value in values:
        req.send(value.encode())
        answers.append({"value": req.recv().decode()})
    return answers


what, endpoint, argument = sys.argv[1:]
values = json.loads(argument)
if what == "dealer":
    answers = all_at_once(endpoint, values)
elif what == "text":
    answers = texts(endpoint, values)
else:
    answers = one_by_one(endpoint, values, what == "correlate")
print(json.dumps(answers))
