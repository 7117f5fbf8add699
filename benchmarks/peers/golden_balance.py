"""Expected values for balancing the losses of tasks, by PyTorch's autograd and Adam, and by the papers' own formulas.

Writes mtl-train/src/test/resources/dev/mtl/train/golden/balance.json:
  uncertainty  Kendall, Gal, Cipolla 2018: each step's losses and, before it, the tasks' weights exp(-s)
  dwa          Liu, Johns, Davison 2019: each epoch's mean losses and the weights in it
  pcgrad       Yu et al. 2020, algorithm 1: the sum of the projected gradients of two tasks that conflict
"""
import json, pathlib, random
import torch

OUT = pathlib.Path(__file__).resolve().parents[2] / "mtl-train/src/test/resources/dev/mtl/train/golden/balance.json"
TASKS = ["a", "b"]
rng = random.Random(3)

factors = {"a": 1.0, "b": 0.5}
s = torch.zeros(2, dtype=torch.float64, requires_grad=True)
adam = torch.optim.Adam([s], lr=0.01)
uncertainty = []
for step in range(20):
    losses = [rng.uniform(0.1, 3) for _ in TASKS]
    weights = [factors[t] * torch.exp(-s[i]).item() for i, t in enumerate(TASKS)]
    total = sum(factors[t] * torch.exp(-s[i]) * losses[i] + s[i] / 2 for i, t in enumerate(TASKS))
    uncertainty.append({"losses": losses, "weights": weights, "total": total.item()})
    adam.zero_grad(); total.backward(); adam.step()

means = [[rng.uniform(0.1, 3) for _ in TASKS] for _ in range(5)]
dwa = []
for epoch in range(5):
    r = torch.tensor([1.0, 1.0], dtype=torch.float64) if epoch < 2 else \
        torch.tensor([means[epoch - 1][k] / means[epoch - 2][k] for k in range(2)], dtype=torch.float64)
    dwa.append({"weights": (2 * torch.softmax(r / 2.0, 0)).tolist(), "losses": means[epoch]})

g = [torch.tensor([rng.gauss(0, 1) for _ in range(6)], dtype=torch.float64) for _ in range(2)]
g.append(-0.5 * g[0] + 0.3 * torch.tensor([rng.gauss(0, 1) for _ in range(6)], dtype=torch.float64))

def pcgrad(gradients):
    total = torch.zeros(6, dtype=torch.float64)
    for i, own in enumerate(gradients):
        own = own.clone()
        for j, other in enumerate(gradients):
            if i != j and (own @ other) < 0:
                own -= (own @ other) / (other @ other) * other
        total += own
    return total

pair = [g[0], g[2]]
OUT.write_text(json.dumps({"factors": factors, "uncertainty": uncertainty, "dwa": dwa,
                           "pcgrad": {"gradients": [x.tolist() for x in pair], "sum": pcgrad(pair).tolist(),
                                      "agreeing": [g[0].tolist(), g[0].tolist()]}}, indent=1) + "\n")
