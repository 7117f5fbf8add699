"""Loads adapters that mtl train wrote with PEFT, and one that PEFT wrote with mtl, and compares embeddings.

Run:    python check_adapters.py --backbone NAME_OR_DIR [--tolerance 1e-5]      (pip install peft)
        the backbone's directory must be in the model store or be given
Prints: one line for each comparison; exits 1 if one is further off than the tolerance
"""

import os

os.environ["HF_HUB_OFFLINE"] = "1"

import argparse
import json
import pathlib
import shutil
import tempfile

import safetensors.torch
import torch
import transformers
from peft import LoraConfig, PeftModel, get_peft_model, get_peft_model_state_dict
from sentence_transformers import SentenceTransformer

from check_common import TEXTS, Report, embeddings, mtl

transformers.logging.set_verbosity_error()
transformers.logging.disable_progress_bar()

CONFIG = """
model: {{backbone: "{backbone}", max_length: 128}}
tasks:
  one: {{head: classification, data: {{format: jsonl, train: "{folder}/train.jsonl", column: one}}}}
  two: {{head: classification, data: {{format: jsonl, train: "{folder}/train.jsonl", column: two}}}}
training:
  adapter: {{type: lora, rank: 8, alpha: 16, targets: [{targets}], per_task: {per_task}, merge: false}}
  max_steps: 20
  batch_size: 8
  base_lr: 5.0e-3
  device: cpu
output: {{dir: "{folder}/{name}"}}
"""


def train(folder, name, backbone, targets, per_task):
    rows = [
        {"text": f"{text} {i}", "one": "even" if i % 2 else "odd", "two": str(i % 3)}
        for i, text in enumerate(TEXTS[:4] * 10)
    ]
    (folder / "train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    config = folder / f"{name}.yaml"
    config.write_text(
        CONFIG.format(
            folder=folder, name=name, backbone=backbone, targets=targets, per_task=str(per_task).lower()
        )
    )
    mtl("train", config, "--overwrite")
    return folder / name


def adapted(model, adapter):
    """sentence-transformers' reading of a directory, its transformer with an adapter by PEFT."""
    theirs = SentenceTransformer(str(model), device="cpu")
    theirs[0].model = PeftModel.from_pretrained(theirs[0].model, adapter)
    return theirs.eval()


def loads_whole(report, what, theirs, adapter):
    """Every matrix of the file is in PEFT's model, and PEFT has no other."""
    file = safetensors.torch.load_file(adapter / "adapter_model.safetensors")
    loaded = get_peft_model_state_dict(theirs[0].model)
    report.same(f"{what}: names", sorted(file), sorted(loaded))
    report.compare(f"{what}: {len(file)} matrices", [file[n] for n in sorted(file)], [loaded[n] for n in sorted(file)])


def peft_reads_ours(report, folder, backbone):
    for targets in ("query, value", "all-linear"):
        model = train(folder, "shared", backbone, targets, per_task=False)
        theirs = adapted(model, model / "adapter")
        what = f"mtl train, targets [{targets}], in PeftModel.from_pretrained"
        loads_whole(report, what, theirs, model / "adapter")
        report.compare(f"{what}, embeddings", embeddings(model, TEXTS), theirs.encode(TEXTS, batch_size=1))
        plain = SentenceTransformer(str(model), device="cpu").encode(TEXTS, batch_size=1)
        moved = float(abs(plain - theirs.encode(TEXTS, batch_size=1)).max())
        report.say(f"{what}, what the adapter changes", f"{moved:.1e}", moved > 1e-3)
    model = train(folder, "tasks", backbone, "query, value", per_task=True)
    for task in ("one", "two"):
        theirs = adapted(model, model / "adapters" / task)
        loads_whole(report, f"mtl train, per_task, the adapter of '{task}'", theirs, model / "adapters" / task)


def we_read_theirs(report, folder, backbone):
    """An adapter of PEFT, in the folder of a directory that mtl train wrote."""
    model = train(folder, "theirs", backbone, "query, value", per_task=False)
    shutil.rmtree(model / "adapter")
    torch.manual_seed(1)
    theirs = SentenceTransformer(str(model), device="cpu")
    config = LoraConfig(r=4, lora_alpha=8, target_modules=["key", "output.dense"])
    peft = get_peft_model(theirs[0].model, config)
    for name, parameter in peft.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(parameter, std=0.02)
    peft.save_pretrained(model / "adapter")
    theirs[0].model = peft
    expected = theirs.eval().encode(TEXTS, batch_size=1)
    report.compare("an adapter of PEFT in mtl embed", embeddings(model, TEXTS), expected)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--backbone", default="all-MiniLM-L6-v2")
    parser.add_argument("--tolerance", type=float, default=1e-5)
    options = parser.parse_args()
    report = Report(options.tolerance)
    with tempfile.TemporaryDirectory() as folder:
        peft_reads_ours(report, pathlib.Path(folder), options.backbone)
        we_read_theirs(report, pathlib.Path(folder), options.backbone)
    report.exit()


if __name__ == "__main__":
    main()
