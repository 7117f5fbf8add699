"""Entity scores by seqeval (which counts as conlleval.pl does) of hard tag sequences.

Writes mtl-heads/src/test/resources/dev/mtl/heads/token/entities.json: cases of several sentences each, gold and predicted
tags, with precision, recall and F1 over all and by type. Needs `pip install seqeval`.
"""
import random
import warnings

from seqeval.metrics import classification_report

from golden_common import HEADER, write_json

warnings.filterwarnings("ignore")
TYPES = ["PER", "LOC", "a-b"]

HAND = {
    "orphan inside": (["O I-PER I-PER O", "I-LOC O"], ["O B-PER I-PER O", "B-LOC O"]),
    "type changes inside": (["B-PER I-LOC I-LOC", "B-LOC I-PER"], ["B-PER B-LOC I-LOC", "B-LOC O"]),
    "IOB1": (["I-PER I-PER B-PER O", "I-LOC B-LOC"], ["B-PER I-PER B-PER O", "B-LOC B-LOC"]),
    "empty sentences": (["", "B-PER", ""], ["", "B-PER", ""]),
    "nothing in gold": (["O O O"], ["B-PER O O"]),
    "nothing predicted": (["B-PER O O"], ["O O O"]),
    "nothing at all": (["O O", ""], ["O O", ""]),
    "too long": (["B-PER I-PER O"], ["B-PER I-PER I-PER"]),
    "IOBES": (["S-PER B-LOC E-LOC O S-LOC"], ["B-PER B-LOC I-LOC O B-LOC"]),
}


def draw(rng, bio):
    tags = ["O"] * 3 + [f"{p}-{t}" for p in "BI" for t in TYPES]
    length = rng.randrange(0, 9)
    out = []
    for _ in range(length):
        tag = rng.choice(tags)
        if bio and tag[0] == "I" and not (out and out[-1][2:] == tag[2:]):
            tag = "B" + tag[1:]
        out.append(tag)
    return out


def scored(name, gold, predicted):
    report = classification_report(gold, predicted, output_dict=True, zero_division=0)
    def three(row):
        return [float(row["precision"]), float(row["recall"]), float(row["f1-score"])]
    return {"name": name, "gold": gold, "predicted": predicted, "all": three(report.get("micro avg", {"precision": 0, "recall": 0, "f1-score": 0})),
            "types": {t: three(report[t]) for t in TYPES if t in report}}


cases = [scored(name, [g.split() for g in gold], [p.split() for p in predicted]) for name, (gold, predicted) in HAND.items()]
rng = random.Random(11)
for i in range(40):
    gold = [draw(rng, bio=i % 2 == 0) for _ in range(6)]
    predicted = [[tag if rng.random() < 0.7 else rng.choice(["O", "B-PER", "I-LOC", "I-a-b"]) for tag in g] for g in gold]
    cases.append(scored(f"random {i}", gold, predicted))
write_json("mtl-heads/src/test/resources/dev/mtl/heads/token/entities.json", {**HEADER, "cases": cases})
