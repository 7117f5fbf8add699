"""Makes a corpus of 1,500 texts of 3 to over 250 tokens out of the three data sets, the same every time.

Run:    python make_corpus.py --data DATA_DIR > corpus.txt
        DATA_DIR holds snips/, banking77/ and wnut17/ (the folder that MTL_DATA names)
Prints: one text a line: voice commands, customer questions, tweets, and tweets joined in threes and twelves
"""

import argparse
import csv
import pathlib
import random


def commands(data):
    lines = (data / "snips/train/seq.in").read_text(encoding="utf-8").splitlines()
    return [" ".join(line.split()) for line in lines]


def questions(data):
    with open(data / "banking77/train.csv", encoding="utf-8", newline="") as file:
        return [" ".join(row["text"].split()) for row in csv.DictReader(file)]


def tweets(data):
    collected, words = [], []
    for line in (data / "wnut17/wnut17train.conll").read_text(encoding="utf-8").split("\n"):
        if line.strip():
            words.append(line.split("\t")[0])
        elif words:
            collected.append(" ".join(words))
            words = []
    return collected


def corpus(data, draw):
    short, middle, long = commands(data), questions(data), tweets(data)
    for pool in (short, middle, long):
        draw.shuffle(pool)
    texts = short[:500] + middle[:450] + long[:350]
    rest = iter(long[350:])
    for count, size in ((150, 3), (50, 12)):
        texts += [" ".join(next(rest) for _ in range(size)) for _ in range(count)]
    draw.shuffle(texts)
    return texts


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, type=pathlib.Path)
    print("\n".join(corpus(parser.parse_args().data, random.Random(2024))))


if __name__ == "__main__":
    main()
