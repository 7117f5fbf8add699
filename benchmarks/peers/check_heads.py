"""Checks what mtl export --to transformers writes of heads beyond tags: the classes of Python must say what mtl predict says.

Run:    python check_heads.py --model DIR --head TASK [--pairs FILE.jsonl] [--texts FILE] [--tolerance 1e-5]
        DIR: what mtl train wrote. FILE.jsonl: {"first": ..., "second": ...}, for heads of two texts; FILE: texts with [MASK]
Prints: one line for each comparison; exits 1 if one is further off than the tolerance

span-extraction:        AutoModelForQuestionAnswering; the best answer of at most max_answer_length tokens, or none
                        where the logits of [CLS] exceed its logits by more than the threshold of head.json
pair-*:                 CrossEncoder of sentence-transformers, its logits divided by the temperature of head.json
masked-language-model:  the fill-mask pipeline
"""

import argparse
import json
import os
import pathlib
import tempfile

os.environ["HF_HUB_OFFLINE"] = "1"

import torch
import transformers

from check_common import Report, mtl


def best_answer(model, tokenizer, question, context, longest):
    """Text and start of the best answer, and by how much the logits of no answer exceed its own; the pair must fit."""
    encoded = tokenizer(question, context, return_offsets_mapping=True, return_tensors="pt")
    offsets = encoded.pop("offset_mapping")[0]
    with torch.no_grad():
        out = model(**encoded)
    places = [i for i, part in enumerate(encoded.sequence_ids(0)) if part == 1]
    scores = {
        (i, j): float(out.start_logits[0, i] + out.end_logits[0, j]) for i in places for j in places if i <= j < i + longest
    }
    (first, last), score = max(scores.items(), key=lambda each: each[1])
    start, end = int(offsets[first][0]), int(offsets[last][1])
    return context[start:end], start, float(out.start_logits[0, 0] + out.end_logits[0, 0]) - score


def check_answers(report, options, exported, settings):
    pairs = [json.loads(line) for line in options.pairs.read_text().splitlines()]
    model = transformers.AutoModelForQuestionAnswering.from_pretrained(exported).eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(exported)
    pairs = [p for p in pairs if len(tokenizer(p["first"], p["second"])["input_ids"]) <= tokenizer.model_max_length]
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
        file.write("".join(json.dumps(pair) + "\n" for pair in pairs))
        file.flush()
        lines = mtl("predict", "--model", options.model, "--input", file.name, "--text-field=first,second", "--top-k", 1)
    same = none = same_none = 0
    for pair, line in zip(pairs, lines, strict=True):
        text, start, excess = best_answer(model, tokenizer, pair["first"], pair["second"], settings["max_answer_length"])
        ours = line["tasks"][options.head]
        best = ours["answers"][0]
        # offsets of Python count characters, ours UTF-16 units
        begin = len(pair["second"][:start].encode("utf-16-le")) // 2
        same += (best["answer"], best["start"]) == (text, begin)
        absent = bool(settings["no_answer"]) and excess > (settings["threshold"] or 0)
        none += absent
        same_none += (ours["answer"] is None) == absent
    report.say("best answers", f"{same} of {len(pairs)} the same", same == len(pairs))
    if settings["no_answer"]:
        report.say("no answer", f"{none} of {len(pairs)}, {same_none} decisions the same", same_none == len(pairs))


def check_pairs(report, options, exported, head, settings):
    from sentence_transformers import CrossEncoder

    pairs = [json.loads(line) for line in options.pairs.read_text().splitlines()]
    lines = mtl("predict", "--model", options.model, "--input", options.pairs, "--text-field=first,second", "--top-k", 1000)
    ours = [line["tasks"][options.head] for line in lines]
    encoder = CrossEncoder(str(exported), device="cpu")
    texts = [[pair["first"], pair["second"]] for pair in pairs]
    if head == "pair-regression":
        report.compare("scores of CrossEncoder", [o["value"] for o in ours], encoder.predict(texts))
        return
    labels = encoder.model.config.id2label
    # the fitted temperature stays out of what is exported
    logits = encoder.predict(texts, apply_softmax=False, convert_to_tensor=True)
    theirs = torch.softmax(logits / (settings["temperature"] or 1), dim=1).numpy()
    found = [{label["label"]: label["score"] for label in each["labels"]} for each in ours]
    report.compare("probabilities of CrossEncoder", [[each[labels[i]] for i in labels] for each in found], theirs)


def check_masks(report, options, exported):
    texts = options.texts.read_text().splitlines()
    fill = transformers.pipeline("fill-mask", str(exported), device="cpu")
    lines = mtl("predict", "--model", options.model, "--input", "-", "--top-k", 5, texts=texts)
    for text, line in zip(texts, lines, strict=True):
        theirs = fill(text, top_k=5)
        theirs = [theirs] if isinstance(theirs[0], dict) else theirs
        for mask, own in zip(line["tasks"][options.head]["masks"], theirs, strict=True):
            report.same(f"tokens for {text}", [t["token"] for t in mask["tokens"]], [t["token_str"] for t in own])
            report.compare("their probabilities", [[t["score"] for t in mask["tokens"]]], [[t["score"] for t in own]])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True, type=pathlib.Path)
    parser.add_argument("--head", required=True)
    parser.add_argument("--pairs", type=pathlib.Path)
    parser.add_argument("--texts", type=pathlib.Path)
    parser.add_argument("--tolerance", type=float, default=1e-5)
    options = parser.parse_args()
    report = Report(options.tolerance)
    head = json.loads((options.model / "heads" / options.head / "head.json").read_text())
    with tempfile.TemporaryDirectory() as folder:
        exported = pathlib.Path(folder) / "exported"
        mtl("export", "--model", options.model, "--head", options.head, "--to", "transformers", exported)
        if head["head"] == "span-extraction":
            check_answers(report, options, exported, head["settings"])
        elif head["head"] == "masked-language-model":
            check_masks(report, options, exported)
        else:
            check_pairs(report, options, exported, head["head"], head["settings"])
    report.exit()


if __name__ == "__main__":
    main()
