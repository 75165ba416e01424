"""
A worker written from 6/PPP alone: doubles whole numbers, one at a time.

    worker.py QUEUE HEARTBEAT_MS BUSY

BUSY is `silent` for one that says nothing while it works, or `beats` for one that goes on beating.
"""
import sys
import time

import zmq

queue, heartbeat_ms, busy = sys.argv[1], int(sys.argv[2]), sys.argv[3]
READY, HEARTBEAT = b"\x01", b"\x02"
MISSES_ALLOWED = 3
WORK_MS = 20

context = zmq.Context()


def now_ms():
    return time.monotonic() * 1000


def connect():
    """A new connection is a new worker: it says READY before all else."""
    socket = context.socket(zmq.DEALER)
    socket.linger = 0
    socket.connect(queue)
    socket.send(READY)
    return socket


def work(number, socket):
    """Takes a while, in small steps."""
    for _ in range(4):
        time.sleep(WORK_MS / 4000)
        if busy == "beats":
            socket.send(HEARTBEAT)
    return 2 * number


socket = connect()
wait_ms = 50
heard_at = beat_at = now_ms()
while True:
    if socket.poll(max(1, min(heartbeat_ms, beat_at + heartbeat_ms - now_ms()))):
        frames = socket.recv_multipart()
        heard_at = now_ms()
        wait_ms = 50
        if len(frames) > 1:
            cut = frames.index(b"") + 1
            answer = work(int(frames[cut]), socket)
            socket.send_multipart([*frames[:cut], b"%d" % answer])
    if now_ms() - heard_at > heartbeat_ms * MISSES_ALLOWED:
        socket.close()
        time.sleep(wait_ms / 1000)
        wait_ms = min(2 * wait_ms, 500)
        socket = connect()
        heard_at = now_ms()
    if now_ms() - beat_at >= heartbeat_ms:
        beat_at = now_ms()
        socket.send(HEARTBEAT)
