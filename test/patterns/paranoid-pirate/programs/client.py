"""
A client that knows nothing but REQ: asks again on a new socket when no answer comes in time.

    client.py QUEUE COUNT

Asks for the doubles of the whole numbers below COUNT, one after the other, and prints how many came out
right; a failure, which begins with an empty frame, is asked again.
"""
import sys

import zmq

queue, count = sys.argv[1], int(sys.argv[2])
PATIENCE_MS = int(sys.argv[3]) if len(sys.argv) > 3 else 1000
TRIES = 20

context = zmq.Context()


def connect():
    socket = context.socket(zmq.REQ)
    socket.linger = 0
    socket.connect(queue)
    return socket


socket = connect()
right = 0
for number in range(count):
    for _ in range(TRIES):
        socket.send(b"%d" % number)
        if socket.poll(PATIENCE_MS):
            frames = socket.recv_multipart()
            if len(frames) == 1:
                right += frames[0] == b"%d" % (2 * number)
                break
        else:
            socket.close()
            socket = connect()
print(right, flush=True)
