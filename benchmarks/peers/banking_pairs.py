"""Pairs of Banking77's training file: python banking_pairs.py DATA_DIR/banking77/train.csv OUT

A fifth of each intent's texts is held out. OUT/train.csv has pairs (anchor, positive) of one intent, each other text once on either side;
OUT/heldout.csv has pairs of held-out texts, 26 of the same intent (1) and 26 of two intents (0) for each intent, OUT/heldout_pairs.csv is
as train.csv of held-out texts. The same every time.
"""
import collections
import csv
import os
import random
import sys

source, out = sys.argv[1], sys.argv[2]
os.makedirs(out, exist_ok=True)
random.seed(7)
with open(source, encoding="utf-8") as file:
    texts = collections.defaultdict(list)
    for text, intent in list(csv.reader(file))[1:]:
        texts[intent].append(" ".join(text.split()))
train, held = {}, {}
for intent, group in texts.items():
    random.shuffle(group)
    cut = max(2, len(group) // 5)
    held[intent], train[intent] = group[:cut], group[cut:]


def write(name, header, rows):
    with open(os.path.join(out, name), "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)


rows = []
for intent, group in sorted(train.items()):
    random.shuffle(group)
    rows += [(a, b, intent) for a, b in zip(group, group[1:] + group[:1])]
write("train.csv", ["anchor", "positive", "intent"], rows)
rows = []
for intent in sorted(held):
    for _ in range(26):
        rows.append((*random.sample(held[intent], 2), 1))
        other = random.choice([name for name in sorted(held) if name != intent])
        rows.append((random.choice(held[intent]), random.choice(held[other]), 0))
write("heldout.csv", ["first", "second", "same"], rows)
rows = []
for intent, group in sorted(held.items()):
    rows += [(a, b, intent) for a, b in zip(group, group[1:] + group[:1])]
write("heldout_pairs.csv", ["anchor", "positive", "intent"], rows)
