"""The focal loss and its gradient by PyTorch's autograd in float64: prints what FocalTest compares with."""

import torch

logits = [[2, -1, 0.5], [0, 1, -2], [30, -30, 0], [1, 1, 1]]
classes = torch.tensor([1, 1, 0])  # the last item is ignored


def show(name, gamma, weights):
    leaf = torch.tensor(logits, dtype=torch.float64, requires_grad=True)
    p = torch.softmax(leaf[:3], 1)[range(3), classes]
    # log_softmax for the item whose probability rounds to 1
    log = torch.log_softmax(leaf[:3], 1)[range(3), classes]
    items = torch.tensor([weights[c] for c in classes], dtype=torch.float64)
    loss = ((1 - p) ** gamma * -log * items).sum() / items.sum()
    loss.backward()
    print(name, ", ".join(f"{x:.8f}f" for x in [loss.item(), *leaf.grad.flatten().tolist()]))


show("FIGURES_2", 2, [1, 1, 1])
show("FIGURES_1", 1, [1, 1, 1])
show("FIGURES_WEIGHTED", 2, [1, 3, 1])
