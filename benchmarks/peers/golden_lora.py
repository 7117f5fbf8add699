"""LoRA adapters of PEFT on the tiny encoders of golden_bert.py, and what both give together.

Run:    python golden_lora.py     (pip install peft)
Writes: mtl-core/src/test/resources/dev/mtl/core/adapter/tiny-bert/, tiny-modernbert/, tiny-eurobert/,
        tiny-deberta-v3/ and tiny-deberta-v2/, each with
    adapter_config.json, adapter_model.safetensors   as PEFT writes them
    expected.json            loss weights [3, 32], last_hidden_state [3, 9, 32] of the batch in the encoder's
                             expected.json, in float64 from the float32 weights; padded positions mean nothing
    gradients.safetensors    of sum(mean pooled * weights) by the adapter's matrices, in eval mode, as float32
"""

import json

import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModel, BertModel

from golden_bert import accepted, batch, pooled
from golden_common import ROOT, described, one_thread, save_weights, write_json

# linear layers by the ends of their names: joint projections, gates, keys that heads share, projections of positions
TARGETS = {
    "bert": ["query", "value", "output.dense"],
    "modernbert": ["Wqkv", "Wi", "Wo"],
    "eurobert": ["q_proj", "v_proj", "gate_proj", "down_proj"],
    "deberta-v3": ["query_proj", "key_proj", "output.dense"],
    "deberta-v2": ["value_proj", "pos_key_proj", "pos_query_proj", "intermediate.dense"],
}


def write(kind, seed):
    source = ROOT / f"mtl-core/src/test/resources/dev/mtl/core/bert/tiny-{kind}"
    folder = f"mtl-core/src/test/resources/dev/mtl/core/adapter/tiny-{kind}"
    torch.manual_seed(seed)
    if kind == "bert":
        base = BertModel.from_pretrained(source, add_pooling_layer=False, attn_implementation="eager")
    else:
        base = AutoModel.from_pretrained(source, attn_implementation="eager", dtype=torch.float32)
    config = LoraConfig(r=4, lora_alpha=6, lora_dropout=0.1, target_modules=TARGETS[kind])
    model = get_peft_model(base, config)
    for name, parameter in model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(parameter, std=0.3)
    model.save_pretrained(ROOT / folder)
    (ROOT / folder / "README.md").unlink(missing_ok=True)
    written = json.loads((ROOT / folder / "adapter_config.json").read_text())
    written["base_model_name_or_path"] = f"tiny-{kind}"  # no path of a machine
    written["target_modules"] = sorted(written["target_modules"])  # a set, in any order
    (ROOT / folder / "adapter_config.json").write_text(json.dumps(written, indent=2) + "\n")

    model = model.double().eval()
    inputs = batch(kind)
    weights = torch.randn(3, 32, generator=torch.Generator().manual_seed(5), dtype=torch.float32)
    hidden = model(**accepted(base, inputs)).last_hidden_state
    loss = (pooled(hidden, inputs["attention_mask"])["mean"] * weights.double()).sum()
    loss.backward()
    gradients = {
        name.removeprefix("base_model.model.").replace(".default", ""): parameter.grad.float()
        for name, parameter in model.named_parameters() if parameter.grad is not None
    }
    save_weights(f"{folder}/gradients.safetensors", gradients)
    write_json(f"{folder}/expected.json", {
        "weights": described(weights), "loss": loss.item(), "last_hidden_state": described(hidden)})


def main():
    one_thread()
    for seed, kind in enumerate(TARGETS, 4):
        write(kind, seed)


if __name__ == "__main__":
    main()
