"""Temperatures, calibration errors, areas under ROC curves and Mahalanobis distances, straight from their definitions.

Writes mtl-heads/src/test/resources/dev/mtl/heads/calibration.json. Needs numpy and scipy alone.

- temperature: minimizes the mean negative log-likelihood by scipy's bounded Brent method (Guo et al. 2017).
- ece: 15 bins of equal width, closed at their upper end (the same).
- auroc: the share of pairs in which the accepted text has the higher score, a tie counting one half.
- distances: to the nearest class mean, by the pooled covariance with OAS shrinkage (Chen et al. 2010).
"""

import json
import pathlib

import numpy as np
from scipy.optimize import brentq, minimize_scalar
from scipy.special import expit, log_softmax, logsumexp, softmax

TARGET = pathlib.Path(__file__).resolve().parents[2] / "mtl-heads/src/test/resources/dev/mtl/heads/calibration.json"


def decimals(values):
    """float32 values as the shortest decimals that name them."""
    return [float(str(value)) for value in np.asarray(values, np.float32).reshape(-1)]


def temperature(loss):
    found = minimize_scalar(
        lambda log: loss(np.exp(log)), bounds=(np.log(0.05), np.log(20)), method="bounded", options={"xatol": 1e-12}
    )
    return float(np.exp(found.x))


def ece(confidence, right):
    bins = np.clip(np.ceil(np.asarray(confidence) * 15) - 1, 0, 14)
    return float(
        sum(
            (bins == b).mean() * abs(confidence[bins == b].mean() - right[bins == b].mean())
            for b in range(15)
            if (bins == b).any()
        )
    )


rng = np.random.default_rng(19)

# 120 answers among 4 classes, too sure of themselves
logits = (rng.normal(0, 3, (120, 4))).astype(np.float32)
wide = logits.astype(np.float64)
gold = (softmax(wide / 2.5, axis=1).cumsum(1) < rng.random((120, 1))).sum(1)


def class_loss(t):
    return -log_softmax(wide / t, axis=1)[np.arange(120), gold].mean()


t = temperature(class_loss)
right = wide.argmax(1) == gold
classes = {
    "logits": decimals(logits),
    "gold": gold.tolist(),
    "temperature": t,
    "ece_uncalibrated": ece(softmax(wide, axis=1).max(1), right),
    "ece": ece(softmax(wide / t, axis=1).max(1), right),
    "energy": [float(value) for value in logsumexp(wide[:3], axis=1)],
}

# three times these logits with the best class always right: the loss has no minimum
most = 121 / 122
sure = (logits * np.float32(3)).astype(np.float64)
all_right = {"temperature": brentq(lambda t: softmax(sure / t, axis=1).max(1).mean() - most, 0.01, 20, xtol=1e-13)}

# 90 decisions, not sure enough
yes = rng.normal(0, 0.7, 90).astype(np.float32)
decided = rng.random(90) < expit(3 * yes.astype(np.float64))
narrow = yes.astype(np.float64)
t = temperature(lambda t: np.log1p(np.exp(-np.where(decided, narrow, -narrow) / t)).mean())
decisions = {
    "logits": decimals(yes),
    "gold": decided.tolist(),
    "temperature": t,
    "ece_uncalibrated": ece(expit(narrow), decided),
    "ece": ece(expit(narrow / t), decided),
}

# 80 entities of one or two words among 3 tags, with the probabilities of the tags
rows = softmax(rng.normal(0, 3, (80, 2, 3)), axis=2).astype(np.float32)
words = rng.integers(1, 3, 80)


def entity_confidence(t):
    scaled = softmax(np.log(rows.astype(np.float64)) / t, axis=2).max(2)
    return np.array([scaled[i, : words[i]].mean() for i in range(80)])


entity_right = rng.random(80) < entity_confidence(2)


def entity_loss(t):
    c = entity_confidence(t)
    return -np.log(np.where(entity_right, c, 1 - c)).mean()


t = temperature(entity_loss)
entities = {
    "probabilities": decimals(rows),
    "words": words.tolist(),
    "right": entity_right.tolist(),
    "temperature": t,
    "confidence": [float(value) for value in entity_confidence(t)[:5]],
}

# scores with ties
inside = np.round(rng.normal(1, 1, 40), 1)
outside = np.round(rng.normal(0, 1, 25), 1)
pairs = (inside[:, None] > outside).mean() + (inside[:, None] == outside).mean() / 2
roc = {"inside": inside.tolist(), "outside": outside.tolist(), "auroc": float(pairs)}

# 30 embeddings of width 5 in 3 classes, and the squared distances of 4 others to the nearest mean
labels = np.arange(30) % 3
embeddings = (rng.normal(0, 1, (30, 5)) @ rng.normal(0, 1, (5, 5)) + 3 * labels[:, None]).astype(np.float32)
probes = rng.normal(2, 4, (4, 5)).astype(np.float32)
x = embeddings.astype(np.float64)
means = np.array([x[labels == c].mean(0) for c in range(3)])
centred = x - means[labels]
n, p = x.shape
s = centred.T @ centred / n
mu = np.trace(s) / p
alpha = (s**2).mean()
rho = min(1, (alpha + mu**2) / ((n + 1) * (alpha - mu**2 / p)))
covariance = (1 - rho) * s + rho * mu * np.eye(p)
inverse = np.linalg.inv(covariance)
difference = probes.astype(np.float64)[:, None] - means
distances = np.einsum("nci,ij,ncj->nc", difference, inverse, difference).min(1)
gaussians = {
    "embeddings": decimals(embeddings),
    "labels": labels.tolist(),
    "probes": decimals(probes),
    "shrinkage": float(rho),
    "distances": [float(value) for value in distances],
}

document = {
    "note": "written by benchmarks/peers/golden_calibration.py; do not edit",
    "classes": classes,
    "all_right": all_right,
    "decisions": decisions,
    "entities": entities,
    "roc": roc,
    "gaussians": gaussians,
}
TARGET.parent.mkdir(parents=True, exist_ok=True)
members = [f' "{key}": {json.dumps(value, separators=(",", ":"))}' for key, value in document.items()]
TARGET.write_text("{\n" + ",\n".join(members) + "\n}\n", encoding="utf-8")
