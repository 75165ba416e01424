"""
A worker that knows nothing but the table of messages in messages.ts, on pyzmq and cbor2.

    worker.py VENTILATOR SINK NAME
"""
import sys

import cbor2
import zmq

source, target, name = sys.argv[1:]

context = zmq.Context()
pull = context.socket(zmq.PULL)
pull.rcvhwm = 1
pull.connect(source)
push = context.socket(zmq.PUSH)
push.connect(target)

while True:
    kind, run, *rest = cbor2.loads(pull.recv())
    if kind == "stop":
        break
    number, value = rest
    if value == "fail":
        push.send(cbor2.dumps(["failed", run, number, name, "I was asked to"]))
    else:
        push.send(cbor2.dumps(["done", run, number, name, {"twice": 2 * value}]))

push.close(linger=5000)
pull.close(linger=0)
context.term()
