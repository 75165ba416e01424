"""
A server of the plainest kind: a REP socket that squares what it is asked, and knows nothing else.

    server.py ENDPOINT

Writes where it is bound, and each request as it comes.
"""
import sys

import cbor2
import zmq

socket = zmq.Context().socket(zmq.REP)
socket.linger = 0
socket.bind(sys.argv[1])
print(socket.getsockopt_string(zmq.LAST_ENDPOINT), flush=True)

while True:
    number = cbor2.loads(socket.recv())
    print(number, flush=True)
    socket.send(cbor2.dumps(number * number))
