"""Loads what mtl wrote with sentence-transformers and transformers, and what those wrote with mtl, and compares the values.

Run:    python check_interchange.py --model DIR [--tolerance 1e-5]      DIR: what mtl train wrote, with a plain token head
Prints: one line for each comparison; exits 1 if one is further off than the tolerance
"""

import os

os.environ["HF_HUB_OFFLINE"] = "1"

import argparse
import json
import pathlib
import tempfile

import numpy
import torch
import transformers
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer import modules

from check_common import TEXTS, Report, embeddings, logits, mtl

transformers.logging.set_verbosity_error()
transformers.logging.disable_progress_bar()


def transformers_read_ours(report, model, folder, ours):
    """The encoder alone, there and back."""
    encoder, info = transformers.AutoModel.from_pretrained(model, output_loading_info=True)
    missing = [name for name in info["missing_keys"] if not name.startswith("pooler.")]
    report.same("our directory in transformers, weights missing and left over", [[], []], [missing, list(info["unexpected_keys"])])
    tokenizer = transformers.AutoTokenizer.from_pretrained(model)
    inputs = [tokenizer(text, truncation=True, return_tensors="pt") for text in TEXTS]
    report.same("our directory in transformers, token ids", [o["ids"] for o in ours], [i["input_ids"][0].tolist() for i in inputs])
    hidden = lambda: [encoder.eval()(**i).last_hidden_state[0].numpy() for i in inputs]
    with torch.inference_mode():
        theirs = hidden()
        exact = (encoder.double(), hidden())[1]
    report.compare("our directory in transformers, hidden states", [o["hidden"] for o in ours], theirs)
    report.against_float64("hidden states", exact, ours=[o["hidden"] for o in ours], theirs=theirs)
    saved = folder / "transformers"
    encoder.float().save_pretrained(saved)
    tokenizer.save_pretrained(saved)
    means = [rows.mean(0) / numpy.linalg.norm(rows.mean(0)) for rows in theirs]
    report.compare("our directory, saved by transformers, in mtl embed", embeddings(saved, TEXTS, "--normalize", "l2"), means)


def sentence_transformers_read_ours(report, model):
    theirs = SentenceTransformer(str(model), device="cpu").encode(TEXTS, batch_size=1)
    report.compare("our directory in sentence-transformers, embeddings", embeddings(model, TEXTS), theirs)
    batch = SentenceTransformer(str(model), device="cpu").encode(TEXTS)
    report.compare("the same, as one padded batch", embeddings(model, TEXTS), batch)


def we_read_sentence_transformers(report, model, folder):
    for pooling in modules.Pooling.POOLING_MODES:
        for normalize in ((), (modules.Normalize(),)):
            body = modules.Transformer(str(model))
            theirs = SentenceTransformer(
                modules=[body, modules.Pooling(body.get_embedding_dimension(), pooling), *normalize], device="cpu"
            )
            saved = folder / f"st-{pooling}-{len(normalize)}"
            theirs.save(str(saved))
            name = f"their directory in mtl embed, {pooling} pooling{', normalized' if normalize else ''}"
            report.compare(name, embeddings(saved, TEXTS), theirs.encode(TEXTS, batch_size=1))


def we_read_prompts_and_layers(report, model, folder):
    body = modules.Transformer(str(model))
    size = body.get_embedding_dimension()
    torch.manual_seed(1)
    theirs = SentenceTransformer(
        modules=[
            body,
            modules.Pooling(size, ["lasttoken", "weightedmean"], include_prompt=False),
            modules.Dense(2 * size, size, activation_function=torch.nn.Tanh()),
            modules.Dense(size, size, activation_function=torch.nn.Identity(), use_residual=True),
            modules.Normalize(),
        ],
        prompts={"query": "query: ", "document": "Represent this text: ", "topic": "the topic, "},
        default_prompt_name="topic",
        device="cpu",
    )
    saved = folder / "layers"
    theirs.save(str(saved))
    read = lambda *options: embeddings(saved, TEXTS, *options)
    name = "their prompts and layers in mtl embed, "
    report.compare(name + "default prompt", read(), theirs.encode(TEXTS, batch_size=1))
    report.compare(name + "query", read("--prompt-name", "query"), theirs.encode_query(TEXTS, batch_size=1))
    report.compare(name + "document", read("--prompt-name", "document"), theirs.encode_document(TEXTS, batch_size=1))
    report.compare(name + "no prompt", read("--prompt", ""), theirs.encode(TEXTS, prompt="", batch_size=1))
    cut = theirs.encode(TEXTS, truncate_dim=64, batch_size=1)
    report.compare(name + "64 dimensions", read("--truncate-dim", "64"), cut)
    unit = theirs.encode(TEXTS, truncate_dim=64, normalize_embeddings=True, batch_size=1)
    report.compare(name + "64 dimensions, normalized", read("--truncate-dim", "64", "--normalize", "l2"), unit)


def ours_comes_back(report, model, folder):
    theirs = SentenceTransformer(str(model), device="cpu")
    theirs.save(str(folder / "again"))
    report.compare("our directory, saved by them, in mtl embed", embeddings(folder / "again", TEXTS), theirs.encode(TEXTS, batch_size=1))


def transformers_read_exports(report, model, folder, ours):
    names = json.loads((model / "mtl.json").read_text())["tasks"]
    tasks = [json.loads((model / "heads" / name / "head.json").read_text()) | {"name": name} for name in names]
    for task in (t for t in tasks if t["head"] == "token-classification"):
        target = folder / task["name"]
        mtl("export", "--model", model, "--head", task["name"], "--to", "transformers", target)
        theirs, info = transformers.AutoModelForTokenClassification.from_pretrained(target, output_loading_info=True)
        report.same(f"{task['name']}: weights missing and left over", [0, 0], [len(info["missing_keys"]), len(info["unexpected_keys"])])
        report.same(f"{task['name']}: class", theirs.config.architectures[0], type(theirs).__name__)
        report.same(f"{task['name']}: labels", task["labels"], [theirs.config.id2label[i] for i in range(theirs.config.num_labels)])
        tokenizer = transformers.AutoTokenizer.from_pretrained(target)
        inputs = [tokenizer(text, truncation=True, return_tensors="pt") for text in TEXTS]
        report.same(f"{task['name']}: token ids", [o["ids"] for o in ours], [i["input_ids"][0].tolist() for i in inputs])
        with torch.inference_mode():
            scores = [theirs.eval()(**i).logits for i in inputs]
        report.compare(f"{task['name']}: logits", [o["logits"][task["name"]] for o in ours], scores)
        with torch.inference_mode():
            exact = [theirs.double()(**i).logits.numpy() for i in inputs]
        theirs.float()
        report.against_float64(f"{task['name']}: logits", exact, ours=[o["logits"][task["name"]] for o in ours], theirs=scores)
        pipeline = transformers.pipeline("token-classification", model=theirs, tokenizer=tokenizer)
        for text, output in zip(TEXTS, ours):
            labels = len(task["labels"])
            flat = output["logits"][task["name"]]
            rows = [flat[i : i + labels] for i in range(0, len(flat), labels)]
            best = [task["labels"][max(range(labels), key=row.__getitem__)] for row in rows[1:-1]]
            said = ["O"] * len(best)
            for entity in pipeline(text):
                said[entity["index"] - 1] = entity["entity"]
            report.same(f"{task['name']}: labels of the pipeline, {text[:20]!r}", best, said)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True, type=pathlib.Path)
    parser.add_argument("--tolerance", type=float, default=1e-5)
    options = parser.parse_args()
    report = Report(options.tolerance)
    ours = logits(options.model, TEXTS)
    with tempfile.TemporaryDirectory() as folder:
        transformers_read_ours(report, options.model, pathlib.Path(folder), ours)
        sentence_transformers_read_ours(report, options.model)
        ours_comes_back(report, options.model, pathlib.Path(folder))
        # ModernBERT's token classifier has a layer more, so --to transformers refuses it
        if json.loads((options.model / "config.json").read_text())["model_type"] != "modernbert":
            transformers_read_exports(report, options.model, pathlib.Path(folder), ours)
        we_read_sentence_transformers(report, options.model, pathlib.Path(folder))
        we_read_prompts_and_layers(report, options.model, pathlib.Path(folder))
    report.exit()


if __name__ == "__main__":
    main()
