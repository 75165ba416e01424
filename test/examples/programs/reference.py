"""
Counts words the slow and simple way: an independent reference for the word count.

    reference.py DIR

Prints {files, bytes, words, distinct, top, skipped}; a word is a maximal run of characters whose
Unicode category begins with L.
"""
import collections
import json
import os
import stat
import sys
import unicodedata

MOST = 8 * 1024 * 1024

counts = collections.Counter()
files = size = skipped = 0


def words_of(text):
    word = []
    for character in text:
        if unicodedata.category(character).startswith("L"):
            word.append(character)
        elif word:
            yield "".join(word)
            word = []
    if word:
        yield "".join(word)


def count(path):
    global files, size, skipped
    with open(path, "rb") as file:
        data = file.read()
    try:
        if len(data) > MOST:
            raise ValueError("too large")
        text = data.decode("utf-8")
    except ValueError:
        skipped += 1
        return
    files += 1
    size += len(data)
    counts.update(word.lower() for word in words_of(text))


def walk(directory):
    for name in os.listdir(directory):
        path = os.path.join(directory, name)
        mode = os.lstat(path).st_mode
        if stat.S_ISREG(mode):
            count(path)
        elif stat.S_ISDIR(mode) and name != b".git":
            walk(path)


walk(os.fsencode(sys.argv[1]))
top = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:10]
print(
    json.dumps(
        {
            "files": files,
            "bytes": size,
            "words": sum(counts.values()),
            "distinct": len(counts),
            "top": top,
            "skipped": skipped,
        }
    )
)
