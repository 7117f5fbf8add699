"""Banking77 with ten intents held out as out of scope: python banking_oos.py DATA_DIR/banking77/train.csv OUT

Every eighth intent, in alphabetical order from the fourth on, is held out. OUT/train.csv has 70 % of the texts of the others,
OUT/validation.csv and OUT/test.csv 15 % of them each, and half of the texts of the held-out intents each, with the label oos.
The same every time.
"""
import collections
import csv
import os
import random
import sys

source, out = sys.argv[1], sys.argv[2]
os.makedirs(out, exist_ok=True)
random.seed(19)
with open(source, encoding="utf-8") as file:
    texts = collections.defaultdict(list)
    for text, intent in list(csv.reader(file))[1:]:
        texts[intent].append(" ".join(text.split()))
held_out = sorted(texts)[3::8]
parts = {"train": [], "validation": [], "test": []}
for intent, group in sorted(texts.items()):
    random.shuffle(group)
    if intent in held_out:
        half = len(group) // 2
        parts["validation"] += [(text, "oos") for text in group[:half]]
        parts["test"] += [(text, "oos") for text in group[half:]]
    else:
        first, second = int(len(group) * 0.7), int(len(group) * 0.85)
        parts["train"] += [(text, intent) for text in group[:first]]
        parts["validation"] += [(text, intent) for text in group[first:second]]
        parts["test"] += [(text, intent) for text in group[second:]]
for name, rows in parts.items():
    with open(os.path.join(out, f"{name}.csv"), "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["text", "category"])
        writer.writerows(rows)
print(f"{len(texts)} intents, held out: {', '.join(held_out)}")
print({name: (len(rows), sum(label == "oos" for _, label in rows)) for name, rows in parts.items()})
