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
show("symmetric of 2", st.MultipleNegativesSymmetricRankingLoss(model), 2, None)


def show_matryoshka(name, texts, compute):
    """The sum of a loss over the whole embedding and its first two dimensions."""
    leaf = vectors[:, :texts].clone().requires_grad_()
    value = sum(compute(torch.nn.functional.normalize(leaf[:, :, :width], dim=-1)) for width in (3, 2))
    value.backward()
    grads = leaf.grad.abs().sum(-1).flatten().tolist()
    print(name, f"{value.item():.7f}", ", ".join(f"{g:.6f}" for g in grads))


def ranking(embeddings, mask=None):
    scores = embeddings[:, 0] @ torch.cat([embeddings[:, i] for i in range(1, embeddings.shape[1])]).T * 20
    return torch.nn.functional.cross_entropy(scores if mask is None else scores + mask, torch.arange(4))


def nearer(embeddings, margin=0.1):
    """Without texts that are nearer to the anchor than its own by more than the margin."""
    with torch.no_grad():
        cosines = embeddings[:, 0] @ embeddings[:, 1].T
        mask = torch.where(cosines > cosines.diagonal().unsqueeze(1) + margin, float("-inf"), 0.0)
    return ranking(embeddings, mask)


show_matryoshka("matryoshka of 2", 2, ranking)
show_matryoshka("matryoshka of 3", 3, ranking)
show_matryoshka("false negatives of 2", 2, nearer)


def guided(texts, margin):
    """GISTEmbed: texts that a guide finds nearer to the anchor than its own are no negatives."""
    guide = torch.tensor([((i * 29) % 17 - 8) / 10 for i in range(48)], dtype=torch.float32).reshape(4, 3, 4)
    loss = st.GISTEmbedLoss.__new__(st.GISTEmbedLoss)
    torch.nn.Module.__init__(loss)
    loss.model = model
    loss.guide = Guide(guide)
    loss.temperature = 1 / 20
    loss.similarity_fct = torch.nn.CosineSimilarity(dim=-1)
    loss.must_retokenize = False
    loss.margin_strategy, loss.margin = "absolute", margin
    loss.contrast_anchors = loss.contrast_positives = False
    loss.gather_across_devices = False
    loss.cross_entropy_loss = torch.nn.CrossEntropyLoss()
    show(f"guided of {texts}, margin {margin}", loss, texts, None)


class Guide(torch.nn.Module):
    """Gives the guide's embedding of the text whose turn it is."""

    def __init__(self, embeddings):
        super().__init__()
        self.embeddings, self.turn = embeddings, 0

    def forward(self, features):
        self.turn += 1
        return {"sentence_embedding": self.embeddings[:, self.turn - 1]}


guided(2, 0.0)
guided(3, 0.0)
guided(3, -0.3)

teacher = torch.tensor([((i * 29) % 17 - 8) / 10 for i in range(36)], dtype=torch.float32).reshape(4, 3, 3)


class Stacked(torch.nn.Module):
    """MSELoss embeds a text; here the three of each example, one behind the other."""

    def forward(self, features):
        return features


leaf = vectors.clone().requires_grad_()
value = st.MSELoss(Stacked())([{"sentence_embedding": leaf.reshape(12, 3)}], teacher.reshape(12, 3))
value.backward()
print("embedding_mse", f"{value.item():.7f}", ", ".join(f"{g:.6f}" for g in leaf.grad.abs().sum(-1).flatten().tolist()))
for name, similarity in (("cosine", torch.nn.CosineSimilarity(dim=-1)), ("dot", lambda a, b: (a * b).sum(-1))):
    wanted = similarity(teacher[:, 0], teacher[:, 1]) - similarity(teacher[:, 0], teacher[:, 2])
    show(f"margin_mse, {name}", st.MarginMSELoss(model, similarity), 3, wanted)
