"""Losses of pairs as sentence-transformers computes them: prints what PairHeadsTest compares with.

Four examples of three texts, width 3; the numbers are those of `vectors()` in the test. For each loss: its value, and the sum of
the absolute gradient of every text (row by row).
"""
import torch
from sentence_transformers.sentence_transformer import losses as st

vectors = torch.tensor([((i * 37) % 19 - 9) / 10 for i in range(36)], dtype=torch.float32).reshape(4, 3, 3)
scores = torch.tensor([0.1, 0.9, 0.4, 0.9])


class Pass(torch.nn.Module):
    """Stands for the encoder: gives what it is given."""
    def forward(self, features):
        return features


def show(name, loss, texts, labels):
    leaf = vectors[:, :texts].clone().requires_grad_()
    value = loss([{"sentence_embedding": leaf[:, i]} for i in range(texts)], labels)
    value.backward()
    grads = leaf.grad.abs().sum(-1).flatten().tolist()
    print(name, f"{value.item():.7f}", ", ".join(f"{g:.6f}" for g in grads))


model = Pass()
show("cosent", st.CoSENTLoss(model), 2, scores)
show("cosine_mse", st.CosineSimilarityLoss(model), 2, scores)
show("contrastive of 2", st.MultipleNegativesRankingLoss(model), 2, None)
show("contrastive of 3", st.MultipleNegativesRankingLoss(model), 3, None)
