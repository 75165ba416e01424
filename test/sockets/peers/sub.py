"""A subscriber in Python that has never heard of this package.

sub.py cbor ENDPOINT TOPIC   receives CBOR until the topic `end`, and prints what it saw
sub.py bytes ENDPOINT TOPIC  the same, with the bodies as text
"""

import json
import sys

import zmq

BATCH_TAG = 45324


def values_of(body, how):
    if how == "bytes":
        return [body.decode()], False
    import cbor2

    value = cbor2.loads(body)
    if isinstance(value, cbor2.CBORTag):
        assert value.tag == BATCH_TAG, value.tag
        return value.value, True
    return [value], False


def receive(how, endpoint, topic):
    sub = zmq.Context.instance().socket(zmq.SUB)
    sub.rcvtimeo = 10000
    sub.rcvhwm = 100000
    sub.connect(endpoint)
    sub.subscribe(topic)
    sub.subscribe("end")
    seen, batches, frames, counted = [], 0, set(), {}
    while True:
        name, body, *rest = sub.recv_multipart()
        values, batched = values_of(body, how)
        batches += batched
        frames.add(2 + len(rest))
        if rest:  # Whoever likes may count, too.
            first = int.from_bytes(rest[0][8:], "big")
            counted.setdefault(name.decode(), 0)
            assert counted[name.decode()] == first, (counted, name, first)
            counted[name.decode()] += len(values)
        if name == b"end":
            break
        seen.extend([name.decode(), value] for value in values)
    print(json.dumps({"seen": seen, "batches": batches, "frames": sorted(frames)}))


receive(*sys.argv[1:])
