"""
A queue as many are that follow 6/PPP: whatever a worker says makes it ready for the next request, and a
request whose worker is lost is nobody's any more.

    queue.py CLIENTS WORKERS HEARTBEAT_MS
"""
import sys
import time

import zmq

clients_at, workers_at, heartbeat_ms = sys.argv[1], sys.argv[2], int(sys.argv[3])
READY, HEARTBEAT = b"\x01", b"\x02"
MISSES_ALLOWED = 3

context = zmq.Context()
clients = context.socket(zmq.ROUTER)
clients.bind(clients_at)
workers = context.socket(zmq.ROUTER)
workers.bind(workers_at)
print("bound", flush=True)


def now_ms():
    return time.monotonic() * 1000


ready = {}  # The time at which each that is ready is given up, longest ready first.
beat_at = now_ms()
poller = zmq.Poller()
poller.register(workers, zmq.POLLIN)
while True:
    if ready:
        poller.register(clients, zmq.POLLIN)
    elif clients in poller:
        poller.unregister(clients)
    events = dict(poller.poll(heartbeat_ms / 4))
    if workers in events:
        name, *frames = workers.recv_multipart()
        ready.pop(name, None)
        ready[name] = now_ms() + heartbeat_ms * MISSES_ALLOWED
        if len(frames) > 1:
            clients.send_multipart(frames)
    if clients in events:
        name = next(iter(ready))
        del ready[name]
        workers.send_multipart([name, *clients.recv_multipart()])
    if now_ms() - beat_at >= heartbeat_ms:
        beat_at = now_ms()
        for name in ready:
            workers.send_multipart([name, HEARTBEAT])
    for name in [each for each, dies_at in ready.items() if now_ms() > dies_at]:
        del ready[name]
