"""A DEALER in Python that has never heard of this package, and a Router of ours at ENDPOINT.

dealer.py plain ENDPOINT JSON      sends each value of a JSON list as a CBOR message
dealer.py batched ENDPOINT JSON    sends all of them in one message, the first and last alone
dealer.py bytes ENDPOINT JSON      sends each text of the list as it is
dealer.py frames ENDPOINT JSON     sends each list of texts as the frames of a message

Prints as JSON what came back: as many values as were sent, and how many messages were batches.
"""

import json
import sys

import zmq

BATCH_TAG = 45324


def encode(what, values):
    if what == "bytes":
        return [[value.encode()] for value in values]
    if what == "frames":
        return [[frame.encode() for frame in value] for value in values]
    import cbor2

    items = [cbor2.dumps(value) for value in values]
    if what == "plain":
        return [[item] for item in items]
    inner = b"".join(items[1:-1])
    return [[items[0]], [b"\xd9\xb1\x0c\x9f" + inner + b"\xff"], [items[-1]]]


def decode(what, frames):
    if what == "frames":
        return [[frame.decode() for frame in frames]], 0
    (body,) = frames
    if what == "bytes":
        return [body.decode()], 0
    import cbor2

    value = cbor2.loads(body)
    if isinstance(value, cbor2.CBORTag):
        assert value.tag == BATCH_TAG, value.tag
        return value.value, 1
    return [value], 0


what, endpoint, argument = sys.argv[1:]
values = json.loads(argument)
dealer = zmq.Context.instance().socket(zmq.DEALER)
dealer.rcvtimeo = 10000
dealer.linger = 0
dealer.connect(endpoint)
for message in encode(what, values):
    dealer.send_multipart(message)
answers, batches = [], 0
while len(answers) < len(values):
    more, batched = decode(what, dealer.recv_multipart())
    answers.extend(more)
    batches += batched
print(json.dumps({"values": answers, "batches": batches}))
