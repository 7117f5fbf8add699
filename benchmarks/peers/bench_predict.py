"""Every answer of a model that MTL trained, by transformers: the encoder once, an intent, entities, the embedding.

Run:    python bench_predict.py --model runs/quickstart --corpus corpus.txt [--threads 2] [--repeats 3]
Prints: one line of JSON, as bench_embed.py does
"""

import json
import os
import pathlib

os.environ["HF_HUB_OFFLINE"] = "1"

import torch
import transformers
from safetensors.torch import load_file
from transformers import AutoModel, AutoTokenizer

from bench_common import arguments, embedding_results, report, texts_of


class Model:
    def __init__(self, directory, batch_size):
        directory = pathlib.Path(directory)
        about = json.loads((directory / "mtl.json").read_text())
        self.max_length = about["max_length"]
        self.batch_size = batch_size
        self.tokenizer = AutoTokenizer.from_pretrained(directory)
        self.encoder = AutoModel.from_pretrained(directory).eval()
        self.heads = {}
        for task in about["tasks"]:
            head = json.loads((directory / "heads" / task / "head.json").read_text())
            weights = load_file(directory / "heads" / task / "head.safetensors")
            self.heads[task] = (head, weights["weight"], weights["bias"])

    @torch.inference_mode()
    def analyze(self, texts):
        order = sorted(range(len(texts)), key=lambda i: -len(texts[i]))
        answers = [None] * len(texts)
        for start in range(0, len(order), self.batch_size):
            rows = order[start : start + self.batch_size]
            for row, answer in zip(rows, self.batch([texts[row] for row in rows])):
                answers[row] = answer
        return answers

    def batch(self, texts):
        batch = self.tokenizer(
            texts, padding=True, truncation=True, max_length=self.max_length, return_tensors="pt",
            return_offsets_mapping=True,
        )
        offsets = batch.pop("offset_mapping").tolist()
        tokens = self.encoder(**batch).last_hidden_state
        mask = batch["attention_mask"].unsqueeze(-1)
        sentences = (tokens * mask).sum(1) / mask.sum(1)
        answers = [{"embedding": row} for row in sentences.tolist()]
        for task, (head, weight, bias) in self.heads.items():
            labels = head["labels"]
            temperature = head["settings"].get("temperature") or 1
            if head["head"] == "classification":
                scores = torch.softmax((sentences @ weight.T + bias) / temperature, -1)
                for answer, row in zip(answers, scores.tolist()):
                    best = max(range(len(labels)), key=row.__getitem__)
                    answer[task] = {"label": labels[best], "score": row[best]}
            else:
                scores = torch.softmax((tokens @ weight.T + bias) / temperature, -1)
                best = scores.max(-1)
                for answer, text, tags, sure, places in zip(
                    answers, texts, best.indices.tolist(), best.values.tolist(), offsets
                ):
                    answer[task] = entities(text, [labels[tag] for tag in tags], sure, places)
        return answers


def entities(text, tags, scores, places):
    """Spans of BIO tags, as transformers' pipeline groups them: a piece that continues a word joins its first."""
    found = []
    for tag, score, (start, end) in zip(tags, scores, places):
        if start == end:
            continue
        continues = start > 0 and not text[start - 1].isspace()
        if found and found[-1]["open"] and (continues or tag == "I-" + found[-1]["label"]):
            found[-1]["end"] = end
        elif tag != "O" and not continues:
            found.append({"label": tag[2:], "start": start, "end": end, "score": score, "open": True})
        elif found:
            found[-1]["open"] = False
    return [{"text": text[e["start"] : e["end"]]} | {k: e[k] for k in ("label", "start", "end", "score")} for e in found]


def main():
    parser = arguments(__doc__)
    parser.add_argument("--model", required=True, help="a directory that mtl train wrote")
    parser.add_argument("--corpus", required=True, help="one text a line; see make_corpus.py")
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--show", action="store_true", help="print the answer for each text instead")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    model = Model(options.model, options.batch_size)
    texts = texts_of(options.corpus)
    if options.show:
        for answer in model.analyze(texts):
            print(json.dumps(answer))
        return
    about = {"version": transformers.__version__, "torch": torch.__version__, "threads": options.threads}
    report("transformers", **about, **embedding_results(model.analyze, texts, options.repeats))


if __name__ == "__main__":
    main()
