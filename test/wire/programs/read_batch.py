"""Reads frames with cbor2, which has never heard of batches, and says what it sees of each.

Each line of the input is a frame in hexadecimal; each line of the output is Python's own notation.
"""
import sys

import cbor2

for line in sys.stdin:
    print(repr(cbor2.loads(bytes.fromhex(line.strip()))))
