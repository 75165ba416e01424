"""A peer of Push and Pull in Python that has never heard of this package.

values.py receive ENDPOINT COUNT   prints what it received, and how many messages were batches
values.py plain ENDPOINT JSON      sends each value of a JSON list as a CBOR message
values.py batched ENDPOINT JSON    sends all of them in one message, the first and last alone
values.py bytes ENDPOINT TEXT      sends the text as it is
"""

import json
import sys

import zmq

BATCH_TAG = 45324


def receive(endpoint, count):
    import cbor2

    pull = zmq.Context.instance().socket(zmq.PULL)
    pull.rcvtimeo = 10000
    pull.connect(endpoint)
    values, batches = [], 0
    while len(values) < count:
        value = cbor2.loads(pull.recv())
        if isinstance(value, cbor2.CBORTag):
            assert value.tag == BATCH_TAG, value.tag
            batches += 1
            values.extend(value.value)
        else:
            values.append(value)
    print(json.dumps({"values": values, "batches": batches}))


def send(endpoint, messages):
    push = zmq.Context.instance().socket(zmq.PUSH)
    push.linger = 10000
    push.connect(endpoint)
    for message in messages:
        push.send(message)
    push.close()
    zmq.Context.instance().term()


def plain(endpoint, values):
    import cbor2

    send(endpoint, [cbor2.dumps(value) for value in values])


def batched(endpoint, values):
    import cbor2

    items = [cbor2.dumps(value) for value in values]
    inner = b"".join(items[1:-1])
    send(endpoint, [items[0], b"\xd9\xb1\x0c\x9f" + inner + b"\xff", items[-1]])


what, endpoint, argument = sys.argv[1:]
if what == "receive":
    receive(endpoint, int(argument))
elif what == "bytes":
    send(endpoint, [argument.encode()])
else:
    {"plain": plain, "batched": batched}[what](endpoint, json.loads(argument))
