"""Expected values for balancing the losses of tasks, by PyTorch's autograd and Adam, and by the papers' own formulas.

Writes mtl-train/src/test/resources/dev/mtl/train/golden/balance.json:
  uncertainty  Kendall, Gal, Cipolla 2018: each step's losses and, before it, the tasks' weights exp(-s)
  dwa          Liu, Johns, Davison 2019: each epoch's mean losses and the weights in it
  pcgrad       Yu et al. 2020, algorithm 1: the sum of the projected gradients of two tasks that conflict
  gradnorm     Chen et al. 2018: each step's losses and gradients' inner products, and the weights in it
  famo         Liu et al. 2023, algorithm 1: the same, and the losses after the step
  cagrad       Liu et al. 2021: inner products, the weights of the gradients by scipy's SLSQP; two and three tasks
  nash_mtl     Navon et al. 2022: inner products, the solution of A a = 1 / a by scipy's root finder
"""
import json, pathlib, random
import numpy as np
import scipy.optimize
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

def gradients(count, width=5):
    """Random gradients of tasks, of different sizes; a common part, so that they do not cancel each other."""
    common = [rng.gauss(0, 1) for _ in range(width)]
    return np.array([[rng.gauss(0, 1) * (1 + k) + common[i] for i in range(width)] for k in range(count)])

loss_weights = torch.tensor([1.0, 0.5], dtype=torch.float64)

scale = torch.zeros(2, dtype=torch.float64, requires_grad=True)
adam = torch.optim.Adam([scale], lr=0.025)
gradnorm, first_losses = [], None
for step in range(8):
    products = (lambda each: each @ each.T)(gradients(2))
    losses = torch.tensor([rng.uniform(0.1, 3) for _ in TASKS], dtype=torch.float64)
    first_losses = losses if first_losses is None else first_losses
    w = 2 * torch.softmax(scale, 0)
    gradnorm.append({"losses": losses.tolist(), "products": products.tolist(), "weights": w.tolist()})
    sizes = w * torch.tensor(products).diagonal().sqrt()
    ratio = losses / first_losses
    wanted = (sizes.mean() * (ratio / ratio.mean()) ** 1.5).detach()
    adam.zero_grad(); (sizes - wanted).abs().sum().backward(); adam.step()

logits = torch.zeros(2, dtype=torch.float64, requires_grad=True)
adam = torch.optim.Adam([logits], lr=0.025, weight_decay=1e-3)
famo = []
for step in range(8):
    each = gradients(2)
    losses, after = (torch.tensor([rng.uniform(0.1, 3) for _ in TASKS], dtype=torch.float64) for _ in range(2))
    # the gradient of log(weighted loss), of whose inner function the factors are the weights
    inner = (losses * loss_weights).clone().requires_grad_()
    z = torch.softmax(logits, 0).detach()
    c = (z / (inner + 1e-8)).sum().detach()
    ((inner + 1e-8).log() * z / c).sum().backward()
    famo.append({"losses": losses.tolist(), "after": after.tolist(), "products": (each @ each.T).tolist(),
                 "weights": inner.grad.tolist()})
    delta = (losses * loss_weights + 1e-8).log() - (after * loss_weights + 1e-8).log()
    adam.zero_grad(); torch.softmax(logits, 0).backward(delta); adam.step()

cagrad = []
for count, c in [(2, 0.5), (2, 0.4), (3, 0.5), (3, 0.2), (3, 0.8)]:
    each = gradients(count)
    A, b = each @ each.T, np.ones(count) / count
    radius = c * np.sqrt(A.mean() + 1e-8) + 1e-8
    found = scipy.optimize.minimize(
        lambda x: x @ A @ b + radius * np.sqrt(x @ A @ x + 1e-8), b, bounds=[(0, 1)] * count,
        constraints={"type": "eq", "fun": lambda x: 1 - x.sum()}, options={"ftol": 1e-14, "maxiter": 1000})
    gw = found.x @ each
    whole = (each.mean(0) + radius / (np.linalg.norm(gw) + 1e-8) * gw) / (1 + c * c) * count
    weights = np.linalg.lstsq(each.T, whole, rcond=None)[0]
    cagrad.append({"c": c, "products": A.tolist(), "weights": weights.tolist()})

nash = []
for count in [2, 2, 3, 3]:
    each = gradients(count)
    A = each @ each.T
    scaled = A / np.linalg.norm(A)
    found = scipy.optimize.root(lambda x: scaled @ np.exp(x) - np.exp(-x), np.zeros(count), tol=1e-14)
    assert np.abs(scaled @ np.exp(found.x) - np.exp(-found.x)).max() < 1e-9
    nash.append({"products": A.tolist(), "weights": np.exp(found.x).tolist()})
OUT.write_text(json.dumps({"factors": factors, "uncertainty": uncertainty, "dwa": dwa,
                           "pcgrad": {"gradients": [x.tolist() for x in pair], "sum": pcgrad(pair).tolist(),
                                      "agreeing": [g[0].tolist(), g[0].tolist()]},
                           "gradnorm": gradnorm, "famo": famo, "cagrad": cagrad, "nash_mtl": nash}, indent=1) + "\n")
