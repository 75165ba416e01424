"""A publisher in Python that has never heard of this package.

pub.py plain ENDPOINT JSON    publishes each [topic, value] of a JSON list as a CBOR message
pub.py batched ENDPOINT JSON  publishes each [topic, values] in one message, as a batch
pub.py bytes ENDPOINT JSON    publishes each [topic, text] as it is

It connects, waits until it is asked for the topic `end`, publishes, and says `end` last.
"""

import json
import sys

import zmq


def body_of(how, value):
    if how == "bytes":
        return value.encode()
    import cbor2

    if how == "plain":
        return cbor2.dumps(value)
    return b"\xd9\xb1\x0c\x9f" + b"".join(cbor2.dumps(each) for each in value) + b"\xff"


def publish(how, endpoint, messages):
    pub = zmq.Context.instance().socket(zmq.XPUB)
    pub.linger = 10000
    pub.rcvtimeo = 10000
    pub.connect(endpoint)
    while pub.recv() != b"\x01end":
        pass
    for topic, value in messages:
        pub.send_multipart([topic.encode(), body_of(how, value)])
    end = "end" if how == "bytes" else ("end" if how == "plain" else ["end", "end"])
    pub.send_multipart([b"end", body_of(how, end)])
    pub.close()
    zmq.Context.instance().term()


how, endpoint, argument = sys.argv[1:]
publish(how, endpoint, json.loads(argument))
