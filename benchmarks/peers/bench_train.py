"""Joint training of intents and slots in PyTorch and transformers: one backbone, two linear heads, losses added.

Run:    python bench_train.py --model MODEL_DIR --data DATA_DIR/snips [--threads 2] [--repeats 3] [--steps 40]
        python bench_train.py --model MODEL_DIR --data DATA_DIR/snips --epochs 3
Prints: one line of JSON. With --steps: sentences and tokens per second (median, min, max over the repeats).
        With --epochs: the seconds of the whole training, and intent accuracy, slot F1 and the share of
        sentences with both right, in percent, on --split (default dev)
"""

import os

os.environ["HF_HUB_OFFLINE"] = "1"

import math
import pathlib
import random
import sys

import torch
import torch.nn.functional as F
import transformers
from transformers import AutoModel, AutoTokenizer

from bench_common import arguments, report, seconds, summary

IGNORED = -100


def read(folder):
    """[(words, tags, intent)] of a folder in JointBERT's layout."""
    columns = [
        (pathlib.Path(folder) / name).read_text(encoding="utf-8").split("\n")[:-1]
        for name in ("seq.in", "seq.out", "label")
    ]
    return [(words.split(), tags.split(), intent.strip()) for words, tags, intent in zip(*columns, strict=True)]


class Joint(torch.nn.Module):
    def __init__(self, backbone, intents, tags, dropout=0.1):
        super().__init__()
        self.backbone = backbone
        self.dropout = torch.nn.Dropout(dropout)
        self.intent = torch.nn.Linear(backbone.config.hidden_size, intents)
        self.slots = torch.nn.Linear(backbone.config.hidden_size, tags)

    def forward(self, tokens):
        hidden = self.backbone(**tokens).last_hidden_state
        real = tokens["attention_mask"].unsqueeze(-1).to(hidden.dtype)
        mean = (hidden * real).sum(1) / real.sum(1)
        return self.intent(self.dropout(mean)), self.slots(self.dropout(hidden))


class Task:
    """Sentences to tensors and back."""

    def __init__(self, tokenizer, rows, max_length):
        self.tokenizer = tokenizer
        self.max_length = max_length
        self.intents = sorted({intent for _, _, intent in rows})
        self.tags = sorted({tag for _, tags, _ in rows for tag in tags})
        self.intent_ids = {name: i for i, name in enumerate(self.intents)}
        self.tag_ids = {name: i for i, name in enumerate(self.tags)}

    def tokens(self, rows):
        return self.tokenizer(
            [words for words, _, _ in rows],
            is_split_into_words=True,
            padding=True,
            truncation=True,
            max_length=self.max_length,
            return_tensors="pt",
        )

    @staticmethod
    def first_pieces(tokens, row):
        """(position, word) of each word's first piece."""
        seen = set()
        for position, word in enumerate(tokens.word_ids(row)):
            if word is not None and word not in seen:
                seen.add(word)
                yield position, word

    def targets(self, tokens, rows):
        slots = torch.full(tokens["input_ids"].shape, IGNORED)
        for row, (_, tags, _) in enumerate(rows):
            for position, word in self.first_pieces(tokens, row):
                slots[row, position] = self.tag_ids[tags[word]]
        return torch.tensor([self.intent_ids[intent] for _, _, intent in rows]), slots


class Trainer:
    def __init__(self, options):
        torch.manual_seed(options.seed)
        self.random = random.Random(options.seed)
        self.rows = read(f"{options.data}/train")
        self.batch_size = options.batch_size
        self.task = Task(AutoTokenizer.from_pretrained(options.model), self.rows, options.max_length)
        backbone = AutoModel.from_pretrained(options.model, add_pooling_layer=False)
        self.model = Joint(backbone, len(self.task.intents), len(self.task.tags)).train().to(options.device)
        self.optimizer = torch.optim.AdamW(self.model.parameters(), lr=options.lr, fused=True)
        self.tokens = 0

    def batches(self):
        """Shuffled batches without end."""
        while True:
            self.random.shuffle(self.rows)
            for start in range(0, len(self.rows), self.batch_size):
                yield self.rows[start : start + self.batch_size]

    def step(self, rows):
        tokens = self.task.tokens(rows)
        intents, slots = self.task.targets(tokens, rows)
        intent_logits, slot_logits = self.model(tokens)
        loss = F.cross_entropy(intent_logits, intents)
        loss = loss + F.cross_entropy(slot_logits.flatten(0, 1), slots.flatten(), ignore_index=IGNORED)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad()
        self.tokens += int(tokens["attention_mask"].sum())
        return loss.item()


def throughput(trainer, steps, repeats):
    batches = trainer.batches()
    sentences, tokens = [], []
    for repeat in range(repeats + 1):
        count = steps if repeat else 3
        chosen = [next(batches) for _ in range(count)]
        trainer.tokens = 0
        taken = seconds(lambda: [trainer.step(rows) for rows in chosen])
        if repeat:
            sentences.append(sum(map(len, chosen)) / taken)
            tokens.append(trainer.tokens / taken)
    return {"steps": steps, "sentences_per_second": summary(sentences), "tokens_per_second": summary(tokens, 0)}


def whole_training(trainer, epochs):
    total = math.ceil(len(trainer.rows) / trainer.batch_size) * epochs

    def train():
        for number, rows in zip(range(1, total + 1), trainer.batches()):
            loss = trainer.step(rows)
            if number % 100 == 0:
                print(f"step {number} of {total}, loss {loss:.4f}", file=sys.stderr)

    return {"epochs": epochs, "training_seconds": round(seconds(train), 1)}


def entities(tags):
    """{(start, end, type)} of BIO tags; an I- that continues nothing begins an entity, as in conlleval."""
    found, start = set(), None
    for i, tag in enumerate([*tags, "O"]):
        kind = tag[2:]
        if start is not None and tag != f"I-{tags[start][2:]}":
            found.add((start, i, tags[start][2:]))
            start = None
        if start is None and kind:
            start = i
    return found


@torch.no_grad()
def scores(trainer, rows):
    trainer.model.eval()
    task, right, both, hit, said, true = trainer.task, 0, 0, 0, 0, 0
    for start in range(0, len(rows), 64):
        chosen = rows[start : start + 64]
        tokens = task.tokens(chosen)
        intents, slots = (logits.argmax(-1) for logits in trainer.model(tokens))
        for row, (words, tags, intent) in enumerate(chosen):
            predicted = ["O"] * len(words)
            for position, word in task.first_pieces(tokens, row):
                predicted[word] = task.tags[slots[row, position]]
            expected, given = entities(tags), entities(predicted)
            hit, said, true = hit + len(expected & given), said + len(given), true + len(expected)
            same_intent = task.intents[intents[row]] == intent
            right += same_intent
            both += same_intent and predicted == tags
    percent = lambda part, whole: round(100 * part / whole, 2)
    return {
        "intent_accuracy": percent(right, len(rows)),
        "slot_f1": percent(2 * hit, said + true),
        "joint_accuracy": percent(both, len(rows)),
    }


def main():
    parser = arguments(__doc__)
    parser.add_argument("--model", required=True, help="a directory in Hugging Face layout")
    parser.add_argument("--data", required=True, help="a folder with train/ and dev/ in JointBERT's layout")
    parser.add_argument("--steps", type=int, default=40, help="in each repeat (default 40)")
    parser.add_argument("--epochs", type=int, help="trains this long and evaluates, instead of repeats")
    parser.add_argument("--split", default="dev")
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--max-length", type=int, default=64, help="tokens (default 64)")
    parser.add_argument("--lr", type=float, default=5e-5)
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--device", default="cpu", help="cpu (default) or cuda")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.set_default_device(options.device)

    trainer = Trainer(options)
    if options.epochs:
        results = whole_training(trainer, options.epochs)
        results |= {options.split: scores(trainer, read(f"{options.data}/{options.split}"))}
    else:
        results = throughput(trainer, options.steps, options.repeats)
    report(
        "pytorch",
        version=torch.__version__,
        transformers=transformers.__version__,
        threads=options.threads,
        batch_size=options.batch_size,
        seed=options.seed,
        **results,
    )


if __name__ == "__main__":
    main()
