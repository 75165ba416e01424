"""Writes values with cbor2, one a line in hexadecimal, and at last all of them as one batch."""
from datetime import datetime, timezone

import cbor2

MOMENT = datetime(2013, 3, 21, 20, 4, 0, 500000, tzinfo=timezone.utc)
LATE = datetime(2211, 4, 23, 18, 52, 48, tzinfo=timezone.utc)

VALUES = [
    ("zero", 0),
    ("small negative", -1),
    ("most safe", 2**53 - 1),
    ("least safe", -(2**53) + 1),
    ("beyond safe", 2**53),
    ("negative of 33 bits", -5000000001),
    ("most of 64 bits", 2**64 - 1),
    ("least of 64 bits", -(2**64)),
    ("bignum", 2**64),
    ("negative bignum", -(2**64) - 1),
    ("long bignum", 2**512 - 1),
    ("text", "h\u00e4\u20ac\U0001f600"),
    ("bytes", b"\x00\xff"),
    ("list", [1, [2, [3, []]], {}]),
    ("map", {"a": 1, "b": {"c": [2**53 - 1, 2**60]}}),
    ("keys", {1: "one", 2**40: "big"}),
    ("set", {1}),
    ("none", None),
    ("booleans", [True, False]),
    ("undefined", cbor2.undefined),
    ("float", 1.1),
    ("float not finite", [float("inf"), float("-inf")]),
    ("nested bytes", {"k": [b"xyz", b""]}),
    ("date", MOMENT),
]

print("float16", cbor2.dumps(1.5, canonical=True).hex())
print("float32", cbor2.dumps(3.4028234663852886e38, canonical=True).hex())
print("float64", cbor2.dumps(1.1, canonical=True).hex())
print("timestamp", cbor2.dumps(MOMENT, datetime_as_timestamp=True).hex())
print("late timestamp", cbor2.dumps(LATE, datetime_as_timestamp=True).hex())
for name, value in VALUES:
    print(name, cbor2.dumps(value).hex())
ITEMS = b"".join(cbor2.dumps(value) for _, value in VALUES)
print("batch", (b"\xd9\xb1\x0c\x9f" + ITEMS + b"\xff").hex())
