"""Training steps of tiny encoders with two heads, to be followed step by step in Java.

Run:    python golden_training.py
Writes: mtl-train/src/test/resources/dev/mtl/train/golden/ (a hundred steps of BERT), golden/modernbert/, nomic_bert/,
        gte/, eurobert/ and deberta/ (60), each
    config.json              of the backbone
    model.safetensors        initial weights: the backbone's with transformers' names, then
                             intent.weight [3, 32], intent.bias [3], slots.weight [5, 32], slots.bias [5]
    training.json            the run

training.json:
    settings     what the run was made with, in the configuration's words
    batches      10 batches, step i (from 0) takes number i % 10; each has input_ids, attention_mask [4, S],
                 intent [4] and slots [4, S] (-100: no label); token types are all 0
    groups       learning-rate groups: {name, factor (of the base rate), decay (0.01 or 0), parameters}. Factor is
                 1 for the heads, 0.95 for the upper layer, 0.95^2 for the lower, 0.95^3 for the embeddings
    runs         {"dropout_off" | "dropout_on": {seed, loss, gradient_norm, float64_distance, checksums}}:
                 loss and gradient_norm (before clipping) of each step; float64_distance: the largest
                 {loss, gradient_norm} difference of the same run in float64, below which nothing can be
                 asked; checksums: {parameter: [sum, sum of squares]} after the last step. Key biases have none:
                 their gradients are zero but for rounding, which AdamW blows up to full-sized, harmless steps
    rates        base learning rate of each step: times a group's factor it is that group's rate

One step: hidden = backbone(ids, mask); mean over real tokens; intent = linear(dropout(mean)); slots =
linear(dropout(hidden)); loss = cross entropy of intent + cross entropy of slots over labelled tokens; backward; clip
to norm 1; AdamW (betas 0.9 and 0.999, eps 1e-8). The seed is set right before the first step. Draws in a step: embeddings,
per layer attention probabilities (DeBERTa: after the position table), attention output, layer output; then mean,
then hidden.
"""

import re

import torch
import torch.nn.functional as F
import transformers

from golden_common import (
    HEADER,
    ROOT,
    in_files,
    numbers,
    one_thread,
    portable_dropout,
    save_weights,
    tiny_bert,
    tiny_deberta,
    tiny_modernbert,
    tiny_rotary,
    write_json,
)

FOLDER = "mtl-train/src/test/resources/dev/mtl/train/golden"
BATCHES, ROWS, LONGEST = 10, 4, 12
INTENTS, TAGS = 3, 5
BASE_LR, LAYER_DECAY, WEIGHT_DECAY, WARMUP, MAX_NORM = 5e-4, 0.95, 0.01, 0.1, 1.0
SEED = 42


class TwoHeads(torch.nn.Module):
    """The backbone, an intent for each sentence, a slot tag for each token."""

    def __init__(self, kind, dropout):
        super().__init__()
        if kind == "bert":
            self.backbone = tiny_bert(seed=5, initializer_range=0.2, dropout=dropout)
        elif kind == "deberta":
            self.backbone = tiny_deberta(seed=5, initializer_range=0.2, dropout=dropout)
        elif kind == "modernbert":
            self.backbone = tiny_modernbert(seed=5, initializer_range=0.2, dropout=dropout, local_attention=8)
        else:
            self.backbone = tiny_rotary(kind, seed=5, initializer_range=0.2, dropout=dropout)
        self.dropout = torch.nn.Dropout(dropout)
        self.intent = torch.nn.Linear(32, INTENTS)
        self.slots = torch.nn.Linear(32, TAGS)
        with torch.no_grad():
            for head in (self.intent, self.slots):
                head.weight.normal_(0, 0.2)
                head.bias.normal_(0, 0.2)

    def loss(self, batch):
        mask = batch["attention_mask"]
        hidden = self.backbone(input_ids=batch["input_ids"], attention_mask=mask).last_hidden_state
        real = mask.unsqueeze(-1).to(hidden.dtype)
        mean = (hidden * real).sum(1) / real.sum(1)
        intent = self.intent(self.dropout(mean))
        slots = self.slots(self.dropout(hidden))
        return F.cross_entropy(intent, batch["intent"]) + F.cross_entropy(
            slots.flatten(0, 1), batch["slots"].flatten()
        )

    def parameters_by_name(self):
        return {name.removeprefix("backbone."): p for name, p in self.named_parameters()}

    def in_files(self):
        heads = {n: p.detach() for n, p in self.named_parameters() if not n.startswith("backbone.")}
        return in_files(self.backbone, {n: p.detach() for n, p in self.backbone.named_parameters()}) | heads


def batches(kind):
    """Random ids; labels that follow from them, so that there is something to learn."""
    shortest = 9 if kind == "modernbert" else 3  # every place in ModernBERT's windows has a real token near it
    generator = torch.Generator().manual_seed(4)
    made = []
    for _ in range(BATCHES):
        lengths = torch.randint(shortest, LONGEST + 1, (ROWS,), generator=generator)
        width = int(lengths.max())
        mask = (torch.arange(width) < lengths.unsqueeze(1)).long()
        ids = torch.randint(1, 101, (ROWS, width), generator=generator) * mask
        labelled = mask.bool() & (torch.rand(ROWS, width, generator=generator) < 0.75)
        labelled[:, 1] = True
        slots = torch.where(labelled, ids % TAGS, -100)
        made.append({"input_ids": ids, "attention_mask": mask, "intent": ids[:, 1] % INTENTS, "slots": slots})
    return made


def groups(model):
    """Parameters by how far below the heads they are, and by whether they decay."""
    collected = {}
    for name, parameter in model.parameters_by_name().items():
        if name.startswith(("embeddings.", "embed_tokens.", "encoder.rel_embeddings", "encoder.LayerNorm")):
            part, depth = "embeddings", 3
        elif name.startswith(("encoder.layer.", "layers.", "final_norm", "norm.")):
            layer = 1 if name.startswith(("final_norm", "norm.")) else int(re.search(r"layers?\.(\d+)", name)[1])
            part, depth = f"layer.{layer}", 2 - layer
        else:
            part, depth = "heads", 0
        decays = not (name.endswith("bias") or "norm" in name.lower())
        group = collected.setdefault(
            (depth, decays),
            {
                "name": f"{part}, {'decay' if decays else 'no decay'}",
                "factor": LAYER_DECAY**depth,
                "decay": WEIGHT_DECAY if decays else 0.0,
                "parameters": [],
                "tensors": [],
            },
        )
        group["parameters"].append(name)
        group["tensors"].append(parameter)
    return [collected[key] for key in sorted(collected)]


def train(kind, steps, dropout, dtype):
    model = TwoHeads(kind, dropout).to(dtype).train()
    optimizer = torch.optim.AdamW(
        [
            {"params": group["tensors"], "lr": BASE_LR * group["factor"], "weight_decay": group["decay"]}
            for group in groups(model)
        ],
        fused=True,
    )
    schedule = transformers.get_linear_schedule_with_warmup(optimizer, int(WARMUP * steps), steps)
    data = batches(kind)
    losses, norms, rates = [], [], []
    torch.manual_seed(SEED)
    for step in range(steps):
        loss = model.loss(data[step % BATCHES])
        optimizer.zero_grad()
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), MAX_NORM)
        rates.append(schedule.get_last_lr()[0])
        optimizer.step()
        schedule.step()
        losses.append(loss.detach())
        norms.append(norm)
    return model, torch.stack(losses), torch.stack(norms), rates


def checksums(model):
    sums = {}
    for name, parameter in model.in_files().items():
        if not name.endswith("key.bias"):
            exact = parameter.detach().double()
            sums[name] = [exact.sum().item(), exact.square().sum().item()]
    return sums


def run(kind, steps, dropout):
    model, losses, norms, rates = train(kind, steps, dropout, torch.float32)
    _, exact_losses, exact_norms, _ = train(kind, steps, dropout, torch.float64)
    distance = {
        "loss": (losses - exact_losses).abs().max().item(),
        "gradient_norm": (norms - exact_norms).abs().max().item(),
    }
    print(f"{kind}, dropout {dropout}: loss {losses[0]:.4f} to {losses[-10:].mean():.4f}, from float64 {distance}")
    print(f"    gradient norms {norms.min():.3f} to {norms.max():.3f}")
    return rates, {
        "seed": SEED,
        "dropout": dropout,
        "loss": numbers(losses),
        "gradient_norm": numbers(norms),
        "float64_distance": distance,
        "checksums": checksums(model),
    }


def write(kind, steps, folder):
    start = TwoHeads(kind, 0.1)
    start.backbone.config.save_pretrained(ROOT / folder)
    save_weights(f"{folder}/model.safetensors", start.in_files())
    with portable_dropout():
        rates, off = run(kind, steps, 0.0)
        _, on = run(kind, steps, 0.1)
    settings = {
        "steps": steps,
        "base_lr": BASE_LR,
        "layer_lr_decay": LAYER_DECAY,
        "weight_decay": WEIGHT_DECAY,
        "warmup_ratio": WARMUP,
        "schedule": "linear",
        "max_grad_norm": MAX_NORM,
    }
    write_json(
        f"{folder}/training.json",
        HEADER
        | {
            "settings": settings,
            "batches": [{name: tensor.tolist() for name, tensor in batch.items()} for batch in batches(kind)],
            "groups": [{k: v for k, v in group.items() if k != "tensors"} for group in groups(start)],
            "rates": rates,
            "runs": {"dropout_off": off, "dropout_on": on},
        },
    )


def main():
    one_thread()
    write("bert", 100, FOLDER)
    for kind in ("modernbert", "nomic_bert", "gte", "eurobert", "deberta"):
        write(kind, 60, f"{FOLDER}/{kind}")


if __name__ == "__main__":
    main()
