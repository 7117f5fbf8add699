"""Checks what mtl export --to onnx writes: onnx.checker, and every output in ONNX Runtime against mtl's values.

Run:    python check_export.py --model DIR [--tolerance 1e-5]      DIR: what mtl train wrote
Prints: one line for each comparison; exits 1 if one is further off than the tolerance
"""

import argparse
import json
import pathlib
import tempfile

import numpy
import onnx
import onnxruntime
import tokenizers
import torch
import transformers

from check_common import TEXTS, Report, embeddings, logits, mtl


def check_file(report, file):
    onnx.checker.check_model(str(file), full_check=True)
    model = onnx.load(str(file))
    report.say("onnx.checker, shapes inferred", f"opset {model.opset_import[0].version}, IR {model.ir_version}", True)
    sizes = {o.name: [d.dim_param or d.dim_value for d in o.type.tensor_type.shape.dim] for o in [*model.graph.input, *model.graph.output]}
    print(f"     {sizes}")
    return {p.key: json.loads(p.value) for p in model.metadata_props}


def padded(rows):
    """[B, S] of ids and of the mask."""
    longest = max(map(len, rows))
    ids = numpy.zeros((len(rows), longest), dtype="int64")
    mask = numpy.zeros_like(ids)
    for i, row in enumerate(rows):
        ids[i, : len(row)] = row
        mask[i, : len(row)] = 1
    return ids, mask


def outputs(session, names, rows):
    """What ONNX Runtime computes for rows of ids."""
    ids, mask = padded(rows)
    given = {"input_ids": ids, "attention_mask": mask, "token_type_ids": numpy.zeros_like(ids)}
    return session.run(names, {i.name: given[i.name] for i in session.get_inputs()})


def compare(report, session, ours, what, batches):
    """ours: for each text, its ids and MTL's values by output name."""
    names = [o.name for o in session.get_outputs() if all(o.name in each for each in ours)]
    worst = {}
    for batch in batches:
        for name, values in zip(names, outputs(session, names, [ours[i]["ids"] for i in batch])):
            for row, i in zip(values, batch):
                expected = ours[i][name]
                got = row.ravel()[: len(expected)] if row.ndim > 1 else row
                worst.setdefault(name, []).append((got, expected))
    for name, pairs in worst.items():
        report.compare(f"{what}, {name}", [p[1] for p in pairs], [p[0] for p in pairs])


def compare_with_float64(report, session, model, ours):
    """Hidden states of one text at a time: which of both is how far from transformers in float64."""
    encoder = transformers.AutoModel.from_pretrained(model, dtype=torch.float64).eval()
    theirs = [outputs(session, ["last_hidden_state"], [each["ids"]])[0] for each in ours]
    with torch.inference_mode():
        exact = [encoder(input_ids=torch.tensor([each["ids"]])).last_hidden_state.numpy() for each in ours]
    report.against_float64("last_hidden_state", exact, mtl=[each["last_hidden_state"] for each in ours], onnxruntime=theirs)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True, type=pathlib.Path)
    parser.add_argument("--tolerance", type=float, default=1e-5)
    options = parser.parse_args()
    report = Report(options.tolerance)
    with tempfile.TemporaryDirectory() as folder:
        target = pathlib.Path(folder) / "onnx"
        mtl("export", "--model", options.model, "--to", "onnx", target)
        labels = check_file(report, target / "model.onnx")
        for task in json.loads((options.model / "mtl.json").read_text())["tasks"]:
            head = json.loads((options.model / "heads" / task / "head.json").read_text())
            if f"labels_{task}" in labels:
                report.same(f"labels of {task}", head["labels"], labels[f"labels_{task}"])
        of_heads = [
            {"ids": each["ids"], "last_hidden_state": each["hidden"]}
            | {f"logits_{task}": values for task, values in each["logits"].items()}
            for each in logits(options.model, TEXTS)
        ]
        tokenizer = tokenizers.Tokenizer.from_file(str(target / "tokenizer.json"))
        tokenizer.enable_truncation(json.loads((target / "tokenizer_config.json").read_text())["model_max_length"])
        tokenizer.no_padding()
        of_texts = [
            {"ids": tokenizer.encode(text).ids, "sentence_embedding": embedding}
            for text, embedding in zip(TEXTS, embeddings(options.model, TEXTS))
        ]
        report.same("token ids", [o["ids"] for o in of_heads], [o["ids"] for o in of_texts])
        session = onnxruntime.InferenceSession(str(target / "model.onnx"), providers=["CPUExecutionProvider"])
        for ours in (of_heads, of_texts):
            compare(report, session, ours, "one text at a time", [[i] for i in range(len(TEXTS))])
            compare(report, session, ours, "one padded batch", [range(len(TEXTS))])
        compare_with_float64(report, session, options.model, of_heads)
    report.exit()


if __name__ == "__main__":
    main()
