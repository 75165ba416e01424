"""
A REQ worker that knows nothing but the Guide: it keeps what comes before the empty frame, and sends it back.

    worker.py BROKER [REQUESTS]
"""
import sys

import cbor2
import zmq

broker, limit = sys.argv[1], int(sys.argv[2])

socket = zmq.Context.instance().socket(zmq.REQ)
socket.linger = 5000
socket.connect(broker)
socket.send(b"READY")
for _ in range(limit):
    address, empty, request = socket.recv_multipart()
    assert empty == b"", empty
    socket.send_multipart([address, b"", cbor2.dumps({"python": cbor2.loads(request)})])
