"""A server in Python that answers a Request, and knows only what REP does.

rep.py bind|connect ENDPOINT NAME        answers each value with {"who": NAME, "echo": value}, as CBOR
rep.py bind-text|connect-text ENDPOINT NAME  answers bytes with themselves in upper case

It ends after it was asked to "stop", which it answers, too. Asked to "fail" it answers with an error.
"""

import sys

import zmq

TIMEOUT = 10000


def answer_cbor(name, body):
    import cbor2

    value = cbor2.loads(body)
    if value == "fail":
        failure = {"code": "ENOPAPER", "message": "out of paper", "data": {"tray": 2}}
        return [b"", cbor2.dumps(failure)], False
    return [cbor2.dumps({"who": name, "echo": value})], value == "stop"


def answer_text(name, body):
    return [body.upper()], body == b"stop"


how, endpoint, name = sys.argv[1:]
rep = zmq.Context.instance().socket(zmq.REP)
rep.rcvtimeo = TIMEOUT
rep.linger = TIMEOUT
if how.startswith("bind"):
    rep.bind(endpoint)
else:
    rep.connect(endpoint)
answer = answer_text if how.endswith("text") else answer_cbor
stopped = False
while not stopped:
    reply, stopped = answer(name, rep.recv())
    rep.send_multipart(reply)
rep.close()
zmq.Context.instance().term()
