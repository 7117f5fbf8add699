"""R-Drop (Liang et al. 2021) by PyTorch: a tiny BERT with two heads runs twice with different dropout.

Run:    python golden_r_drop.py
Writes: mtl-train/src/test/resources/dev/mtl/train/golden/r_drop.json: alpha, dropout, and for the first batches of
        training.json the seed that is set before the step, the loss, and [sum, sum of squares] of the gradient of each
        parameter. Order of draws: the encoder twice, then mean and tokens of the first pass, then of the second.
Prints: what DivergenceTest of mtl-heads compares with: the divergence of logits, and its gradients.
"""

import torch
import torch.nn.functional as F

from golden_common import HEADER, one_thread, portable_dropout, write_json
from golden_training import FOLDER, TwoHeads, batches

ALPHA, DROPOUT, STEPS = 3.0, 0.1, 3


def symmetric(a, b):
    """Of the last dimension, as the authors compute it: by kl_div in both directions."""
    one = F.kl_div(F.log_softmax(a, -1), F.softmax(b, -1), reduction="none").sum(-1)
    other = F.kl_div(F.log_softmax(b, -1), F.softmax(a, -1), reduction="none").sum(-1)
    return (one + other) / 2


def loss(model, batch):
    mask = batch["attention_mask"]
    real = mask.unsqueeze(-1).float()
    hidden = [
        model.backbone(input_ids=batch["input_ids"], attention_mask=mask).last_hidden_state
        for _ in range(2)
    ]
    logits = []
    for each in hidden:
        intent = model.intent(model.dropout((each * real).sum(1) / real.sum(1)))
        slots = model.slots(model.dropout(each))
        logits.append((intent, slots.flatten(0, 1)))
    total = 0
    for task, classes in enumerate((batch["intent"], batch["slots"].flatten())):
        one, other = logits[0][task], logits[1][task]
        nll = (F.cross_entropy(one, classes) + F.cross_entropy(other, classes)) / 2
        total = total + nll + ALPHA * symmetric(one, other)[classes >= 0].mean()
    return total


def steps():
    model = TwoHeads("bert", DROPOUT).train()
    made = []
    for i, batch in enumerate(batches("bert")[:STEPS]):
        torch.manual_seed(100 + i)
        model.zero_grad()
        value = loss(model, batch)
        value.backward()
        gradients = {
            name: [p.grad.double().sum().item(), p.grad.double().square().sum().item()]
            for name, p in model.parameters_by_name().items()
        }
        made.append({"seed": 100 + i, "loss": value.item(), "gradients": gradients})
    return made


def show(name, divergence, leaves):
    divergence.backward()
    figures = [divergence.item(), *(x for leaf in leaves for x in leaf.grad.flatten().tolist())]
    print(name, ", ".join(f"{x:.8f}f" for x in figures))


def leaves():
    return [
        torch.tensor(values, dtype=torch.float64, requires_grad=True)
        for values in (
            [[2, -1, 0.5], [0, 1, -2], [30, -30, 0], [1, 1, 1]],
            [[1, -0.5, 0.5], [0.5, 1, 2], [28, -29, 1], [1, 2, 3]],
        )
    ]


def main():
    one_thread()
    with portable_dropout():
        write_json(f"{FOLDER}/r_drop.json", HEADER | {"alpha": ALPHA, "dropout": DROPOUT, "steps": steps()})
    for name, weights in (("CLASSES", [1, 1, 1]), ("WEIGHTED", [1, 3, 1])):
        a, b = leaves()
        of = torch.tensor([weights[c] for c in (1, 1, 0)], dtype=torch.float64)  # the last item is ignored
        show(name, (symmetric(a, b)[:3] * of).sum() / of.sum(), (a, b))
    a, b = leaves()
    pairs = [torch.stack((x, torch.zeros_like(x)), -1) for x in (a, b)]
    show("DECISIONS", symmetric(*pairs).mean(), (a, b))
    places = torch.arange(2 * 6 * 2, dtype=torch.float64)
    a, b = (f(places).view(2, 6, 2).clone() for f in (torch.sin, torch.cos))
    for each in (a, b):
        each[1, 5] = -1e9  # padding
    print("SPANS (SpanExtractionHeadTest)", symmetric(a.transpose(1, 2), b.transpose(1, 2)).mean().item())


if __name__ == "__main__":
    main()
