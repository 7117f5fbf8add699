"""A learned mix of layers: writes the loss and the gradients that LayerMixTest compares with.

The tiny BERT of golden_training.py without dropout, its first batch; intent reads the mean over real tokens of a mix of the layers 1
and 2, slots every token of a mix of the layers 0 (the embeddings), 2 and 1. A mix is gamma * sum of softmax(w)_i * h_i.
"""

import json

import safetensors.torch
import torch
import torch.nn.functional as F
import transformers

from golden_common import HEADER, ROOT, numbers, one_thread, write_json

GOLDEN = ROOT / "mtl-train/src/test/resources/dev/mtl/train/golden"
MIXES = {"intent": ([1, 2], [0.4, -0.3], 1.5), "slots": ([0, 2, 1], [0.3, -0.2, 0.5], 0.7)}


def main():
    one_thread()
    config = transformers.BertConfig.from_pretrained(GOLDEN)
    config.hidden_dropout_prob = config.attention_probs_dropout_prob = 0
    config._attn_implementation = "eager"
    model = transformers.BertModel(config, add_pooling_layer=False)
    weights = safetensors.torch.load_file(GOLDEN / "model.safetensors")
    own = {name.removeprefix("bert."): t for name, t in weights.items() if not name.startswith(("intent.", "slots."))}
    model.load_state_dict(own)
    heads = {name: torch.nn.Parameter(t) for name, t in weights.items() if name.startswith(("intent.", "slots."))}
    batch = {k: torch.tensor(v) for k, v in json.loads((GOLDEN / "training.json").read_text())["batches"][0].items()}
    mask = batch["attention_mask"]
    states = model(input_ids=batch["input_ids"], attention_mask=mask, output_hidden_states=True).hidden_states
    mixed, parameters = {}, {}
    for task, (layers, values, factor) in MIXES.items():
        w = torch.nn.Parameter(torch.tensor(values))
        gamma = torch.nn.Parameter(torch.tensor([factor]))
        parameters |= {f"{task}.layer_mix.weights": w, f"{task}.layer_mix.gamma": gamma}
        shares = torch.softmax(w, 0) * gamma
        mixed[task] = sum(shares[i] * states[layer] for i, layer in enumerate(layers))
    real = mask.unsqueeze(-1).float()
    mean = (mixed["intent"] * real).sum(1) / real.sum(1)
    intent = F.cross_entropy(F.linear(mean, heads["intent.weight"], heads["intent.bias"]), batch["intent"])
    tags = F.linear(mixed["slots"], heads["slots.weight"], heads["slots.bias"])
    slots = F.cross_entropy(tags.flatten(0, 1), batch["slots"].flatten())
    (intent + slots).backward()
    named = dict(model.named_parameters()) | heads | parameters
    write_json(
        GOLDEN.relative_to(ROOT) / "layers.json",
        HEADER
        | {
            "mixes": {task: {"weights": values, "gamma": factor} for task, (_, values, factor) in MIXES.items()},
            "loss": float((intent + slots).detach()),
            "mix_gradients": {name: numbers(p.grad) for name, p in parameters.items()},
            "checksums": {name: [float(p.grad.double().sum()), float((p.grad.double() ** 2).sum())] for name, p in named.items()},
        },
    )


if __name__ == "__main__":
    main()
