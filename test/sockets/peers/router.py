"""A ROUTER in Python that has never heard of this package, and Dealers of ours.

router.py ENDPOINT COUNT    binds, receives so many values and sends them back to whoever sent them, a
                            batch as a batch

Prints in the end how many peers there were and how many batches, as JSON.
"""

import json
import sys

import cbor2
import zmq

BATCH_TAG = 45324

endpoint, count = sys.argv[1], int(sys.argv[2])
router = zmq.Context.instance().socket(zmq.ROUTER)
router.rcvtimeo = 10000
router.linger = 5000
router.router_mandatory = True
router.bind(endpoint)
peers, batches, received = set(), 0, 0
while received < count:
    peer, body = router.recv_multipart()
    peers.add(peer)
    value = cbor2.loads(body)
    if isinstance(value, cbor2.CBORTag):
        assert value.tag == BATCH_TAG, value.tag
        batches += 1
        values = value.value
    else:
        values = [value]
    received += len(values)
    if len(values) == 1:
        router.send_multipart([peer, cbor2.dumps(values[0])])
    else:
        items = b"".join(cbor2.dumps(each) for each in values)
        router.send_multipart([peer, b"\xd9\xb1\x0c\x9f" + items + b"\xff"])
print(json.dumps({"peers": len(peers), "batches": batches}))
router.close()
zmq.Context.instance().term()
