"""Rows for a cross-encoder from what mtl data mine --tuples wrote: python banking_ranked.py MINED.csv OUT.csv [EVERY]

OUT.csv has query, text and relevance: of every EVERYth anchor (1 if not given; each anchor once) a row with its own text (1) and one with each
of its negatives (0).
"""
import csv
import sys

source, out = sys.argv[1], sys.argv[2]
every = int(sys.argv[3]) if len(sys.argv) > 3 else 1
with open(source, encoding="utf-8", newline="") as file:
    mined = list(csv.DictReader(file))[::every]
with open(out, "w", encoding="utf-8", newline="") as file:
    writer = csv.writer(file)
    writer.writerow(["query", "text", "relevance"])
    seen = set()
    for row in mined:
        if row["anchor"] in seen:
            continue
        seen.add(row["anchor"])
        writer.writerow([row["anchor"], row["positive"], 1])
        writer.writerows([row["anchor"], text, 0] for name, text in row.items() if name.startswith("negative_"))
print(f"{out}: {len(seen)} queries")
