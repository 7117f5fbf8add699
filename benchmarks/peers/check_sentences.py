"""Prompts, layers after pooling and fewer dimensions: a model of sentence-transformers in mtl, and what mtl trains and exports from it in sentence-transformers and ONNX Runtime.

Run:    python check_sentences.py --model DIR [--tolerance 1e-6] OUT      DIR: an encoder such as all-MiniLM-L6-v2; OUT: a new folder
Prints: one line for each comparison; exits 1 if one is further off than the tolerance
"""

import os

os.environ["HF_HUB_OFFLINE"] = "1"

import argparse
import json
import pathlib

import numpy
import onnx
import onnxruntime
import torch
import transformers
from safetensors.numpy import load_file
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer import modules

from check_common import ROOT, TEXTS, Report, embeddings, mtl

transformers.logging.set_verbosity_error()
transformers.logging.disable_progress_bar()

PROMPTS = {"query": "query: ", "document": "Represent this text: ", "topic": "the topic, "}
SHORT = ["training.max_steps=2", "training.batch_size=4"]
TRAININGS = {
    "trained": [],
    "trained with model.prompt and model.truncate_dim": ["model.prompt=query", "model.truncate_dim=32", "model.normalization=l2"],
}


def read(model, *options):
    return embeddings(model, TEXTS, *options)


def prompts(report, name, model):
    """Every way to choose a prompt, and fewer dimensions."""
    theirs = SentenceTransformer(str(model), device="cpu")
    encode = lambda **options: theirs.encode(TEXTS, batch_size=1, **options)
    report.compare(f"{name}, default prompt", read(model), encode())
    report.compare(f"{name}, query", read(model, "--prompt-name", "query"), theirs.encode_query(TEXTS, batch_size=1))
    report.compare(f"{name}, document", read(model, "--prompt-name", "document"), theirs.encode_document(TEXTS, batch_size=1))
    report.compare(f"{name}, a prompt as text", read(model, "--prompt", "for this: "), encode(prompt="for this: "))
    report.compare(f"{name}, no prompt", read(model, "--prompt", ""), encode(prompt=""))
    report.compare(f"{name}, 16 dimensions", read(model, "--truncate-dim", "16"), encode(truncate_dim=16))
    unit = encode(truncate_dim=16, normalize_embeddings=True)
    report.compare(f"{name}, 16 dimensions, normalized", read(model, "--truncate-dim", "16", "--normalize", "l2"), unit)
    return theirs


def with_layers(model, target):
    """The encoder with two poolings, two layers and prompts."""
    body = modules.Transformer(str(model))
    size = body.get_embedding_dimension()
    torch.manual_seed(1)
    parts = [
        modules.Pooling(size, ["lasttoken", "weightedmean"]),
        modules.Dense(2 * size, size, activation_function=torch.nn.Tanh()),
        modules.Dense(size, 64, activation_function=torch.nn.GELU(), use_residual=True),
        modules.Normalize(),
    ]
    SentenceTransformer(modules=[body, *parts], prompts=PROMPTS, default_prompt_name="topic", device="cpu").save(str(target))


def head(report, name, model, theirs):
    """The intents by the embeddings of sentence-transformers, the head's weights and its temperature."""
    trained = json.loads((model / "mtl.json").read_text())
    options = {} if "prompt" in trained else {"prompt": ""}
    weights = load_file(str(model / "heads/intent/head.safetensors"))
    logits = theirs.encode(TEXTS, batch_size=1, **options) @ weights["weight"].T + weights["bias"]
    described = json.loads((model / "heads/intent/head.json").read_text())
    logits = logits / described["settings"]["temperature"]
    scores = numpy.exp(logits - logits.max(1, keepdims=True))
    scores /= scores.sum(1, keepdims=True)
    said = [line["tasks"]["intent"] for line in mtl("predict", "--model", model, "--input", "-", texts=TEXTS)]
    labels = described["labels"]
    report.same(f"{name}, labels of mtl predict", [each["label"] for each in said], [labels[i] for i in scores.argmax(1)])
    report.compare(f"{name}, scores of mtl predict", [[each["score"]] for each in said], [[each] for each in scores.max(1)])


def exported(report, name, model, target):
    mtl("export", "--model", model, "--to", "onnx", target)
    onnx.checker.check_model(str(target / "model.onnx"), full_check=True)
    session = onnxruntime.InferenceSession(str(target / "model.onnx"))
    tokens = transformers.AutoTokenizer.from_pretrained(target)(TEXTS, padding=True, truncation=True, return_tensors="np")
    inputs = {each.name: tokens[each.name] for each in session.get_inputs()}
    theirs = session.run(["sentence_embedding"], inputs)[0]
    report.compare(f"{name}, ONNX Runtime", read(model, "--prompt", ""), theirs)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True, type=pathlib.Path)
    parser.add_argument("--tolerance", type=float, default=1e-6)
    parser.add_argument("out", type=pathlib.Path)
    options = parser.parse_args()
    report = Report(options.tolerance)
    out = options.out
    plain = SentenceTransformer(str(options.model), device="cpu", prompts=PROMPTS, default_prompt_name="topic")
    plain.save(str(out / "plain"))
    prompts(report, "with prompts", out / "plain")
    with_layers(options.model, out / "layers")
    prompts(report, "with layers", out / "layers")
    for number, (name, settings) in enumerate(TRAININGS.items()):
        model = out / f"trained{number}"
        overrides = [part for each in (f"model.backbone={out / 'layers'}", *SHORT, *settings) for part in ("--set", each)]
        mtl("train", ROOT / "config/quickstart.yaml", "--output", model, *overrides)
        theirs = prompts(report, name, model)
        report.same(f"{name}, prompts", theirs.prompts, PROMPTS)
        head(report, name, model, theirs)
        exported(report, name, model, out / f"onnx{number}")
    report.exit()


if __name__ == "__main__":
    main()
