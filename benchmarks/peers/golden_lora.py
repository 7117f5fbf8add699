"""A LoRA adapter of PEFT on the tiny BERT of golden_bert.py, and what both give together.

Run:    python golden_lora.py     (pip install peft)
Writes: mtl-core/src/test/resources/dev/mtl/core/adapter/tiny-bert/ with
    adapter_config.json, adapter_model.safetensors   as PEFT writes them
    expected.json            loss weights [3, 32], last_hidden_state [3, 9, 32] of tiny-bert/expected.json's batch, in
                             float64 from the float32 weights; padded positions mean nothing
    gradients.safetensors    of sum(mean pooled * weights) by the adapter's matrices, in eval mode, as float32
"""

import json

import safetensors.torch
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import BertModel

from golden_bert import batch, pooled
from golden_common import ROOT, described, one_thread, save_weights, write_json

BASE = ROOT / "mtl-core/src/test/resources/dev/mtl/core/bert/tiny-bert"
FOLDER = "mtl-core/src/test/resources/dev/mtl/core/adapter/tiny-bert"

one_thread()
torch.manual_seed(4)
base = BertModel.from_pretrained(BASE, add_pooling_layer=False, attn_implementation="eager")
config = LoraConfig(r=4, lora_alpha=6, lora_dropout=0.1, target_modules=["query", "value", "output.dense"])
model = get_peft_model(base, config)
for name, parameter in model.named_parameters():
    if "lora_B" in name:
        torch.nn.init.normal_(parameter, std=0.3)
model.save_pretrained(ROOT / FOLDER)
(ROOT / FOLDER / "README.md").unlink(missing_ok=True)
written = json.loads((ROOT / FOLDER / "adapter_config.json").read_text())
written["base_model_name_or_path"] = "tiny-bert"  # no path of a machine
written["target_modules"] = sorted(written["target_modules"])  # a set, in any order
(ROOT / FOLDER / "adapter_config.json").write_text(json.dumps(written, indent=2) + "\n")

model = model.double().eval()
inputs = batch("bert")
weights = torch.randn(3, 32, generator=torch.Generator().manual_seed(5), dtype=torch.float32)
hidden = model(**inputs).last_hidden_state
loss = (pooled(hidden, inputs["attention_mask"])["mean"] * weights.double()).sum()
loss.backward()
gradients = {
    name.removeprefix("base_model.model.").replace(".default", ""): parameter.grad.float()
    for name, parameter in model.named_parameters() if parameter.grad is not None
}
save_weights(f"{FOLDER}/gradients.safetensors", gradients)
write_json(f"{FOLDER}/expected.json", {
    "weights": described(weights), "loss": loss.item(), "last_hidden_state": described(hidden)})
