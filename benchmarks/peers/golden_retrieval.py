"""What sentence-transformers' InformationRetrievalEvaluator says of random embeddings.

Run:    python golden_retrieval.py
Writes: mtl-train/src/test/resources/dev/mtl/train/golden/retrieval.json: queries [N, 8], corpus [M, 8], relevant (for each
        query the places of its texts in the corpus) and scores {"mrr_at_K", "ndcg_at_K", "recall_at_K"} for some K.
"""

import random
import types

import torch
from sentence_transformers.sentence_transformer.evaluation import InformationRetrievalEvaluator

from golden_common import HEADER, numbers, write_json

QUERIES, TEXTS, SIZE, KS = 25, 70, 8, [1, 3, 10, 100]


class Known(torch.nn.Module):
    """Gives embeddings that it has."""

    similarity_fn_name = "cosine"

    def __init__(self, embeddings):
        super().__init__()
        self.embeddings = embeddings
        self.model_card_data = types.SimpleNamespace(set_evaluation_metrics=lambda *_: None)

    def encode(self, texts, **_):
        return torch.stack([self.embeddings[text] for text in texts])

    encode_query = encode_document = encode

    def similarity(self, a, b):
        return torch.nn.functional.normalize(a) @ torch.nn.functional.normalize(b).T


def main():
    generator = torch.Generator().manual_seed(3)
    queries = torch.randn(QUERIES, SIZE, generator=generator)
    corpus = torch.randn(TEXTS, SIZE, generator=generator)
    draw = random.Random(3)
    relevant = [sorted(draw.sample(range(TEXTS), draw.randint(1, 6))) for _ in range(QUERIES)]
    for query in range(0, QUERIES, 2):  # half of the queries are near to one of their texts
        queries[query] += 2 * corpus[relevant[query][0]]
    evaluator = InformationRetrievalEvaluator(
        {f"q{i}": f"q{i}" for i in range(QUERIES)},
        {f"d{i}": f"d{i}" for i in range(TEXTS)},
        {f"q{i}": {f"d{j}" for j in own} for i, own in enumerate(relevant)},
        mrr_at_k=KS,
        ndcg_at_k=KS,
        accuracy_at_k=KS,
        precision_recall_at_k=KS,
        write_csv=False,
        score_functions={"cosine": lambda a, b: torch.nn.functional.normalize(a) @ torch.nn.functional.normalize(b).T},
    )
    known = {f"q{i}": row for i, row in enumerate(queries)} | {f"d{i}": row for i, row in enumerate(corpus)}
    said = evaluator(Known(known))
    scores = {}
    for k in KS:
        for name in ("mrr", "ndcg", "recall"):
            scores[f"{name}_at_{k}"] = float(said[f"cosine_{name}@{k}"])
    print(scores)
    write_json(
        "mtl-train/src/test/resources/dev/mtl/train/golden/retrieval.json",
        HEADER
        | {
            "queries": [numbers(row) for row in queries],
            "corpus": [numbers(row) for row in corpus],
            "relevant": relevant,
            "scores": scores,
        },
    )


if __name__ == "__main__":
    main()
