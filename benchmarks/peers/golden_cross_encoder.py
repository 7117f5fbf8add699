"""Cross-encoders of sentence-transformers, and its losses of ranked texts: writes what CrossEncoderTest and RankingLossTest compare with.

Run:    python golden_cross_encoder.py
Writes: mtl-heads/src/test/resources/dev/mtl/heads/cross-encoder/
    score/, label/      what CrossEncoder.save_pretrained writes of a tiny BertForSequenceClassification of one logit, and of three
    expected.json       pairs; scores: CrossEncoder.predict of score/; probabilities: the softmax of label/'s logits
                        listnet, ...: each loss on given logits, its value and its gradient
                        ndcg_at_10: of these logits, by scikit-learn
"""

import os

os.environ["HF_HUB_OFFLINE"] = "1"

import pathlib
import shutil
import tempfile

import torch
import transformers
from sentence_transformers import CrossEncoder
from sentence_transformers.cross_encoder import losses
from sklearn.metrics import ndcg_score

from golden_common import HEADER, ROOT, numbers, one_thread, randomise, write_json
from golden_sentences import tokenizer

FOLDER = "mtl-heads/src/test/resources/dev/mtl/heads/cross-encoder"
KEPT = ["config.json", "model.safetensors", "tokenizer.json"]
PAIRS = [
    ["what is the weather in paris?", "the weather is blue"],
    ["play the song", "a book for the queen"],
    ["a", "b"],
    ["play the song for the queen in the blue room " * 2, "what is the song, what is the book " * 2],
]
GROUPS = [3, 2, 4]  # texts of each query
LOGITS = [0.4, -1.3, 2.2, 0.1, 0.3, -0.7, 1.9, 1.1, -2.5]
GRADES = [1.0, 0.0, 2.0, 0.0, 1.0, 0.0, 0.0, 3.0, 1.0]


def save(name, labels):
    """A cross-encoder whose every parameter is random."""
    sizes = dict(vocab_size=101, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64)
    names = {"id2label": dict(enumerate(labels)), "label2id": {label: i for i, label in enumerate(labels)}} if labels else {"num_labels": 1}
    config = transformers.BertConfig(**sizes, max_position_embeddings=40, attn_implementation="eager", **names)
    model = transformers.BertForSequenceClassification(config)
    randomise(model, 17, 0.4)
    with tempfile.TemporaryDirectory() as folder:
        model.save_pretrained(folder)
        tokenizer().save_pretrained(folder)
        encoder = CrossEncoder(folder, device="cpu")
        encoder.eval()
        saved = pathlib.Path(folder) / "saved"
        encoder.save_pretrained(str(saved))
        target = ROOT / FOLDER / name
        target.mkdir(parents=True, exist_ok=True)
        for file in KEPT:
            shutil.copyfile(saved / file, target / file)
        again = CrossEncoder(str(saved), device="cpu")
        return again.predict(PAIRS, **({"apply_softmax": True} if labels else {}), convert_to_tensor=True)


def stub(leaf):
    """A CrossEncoder that gives the next of these logits for each pair that it is asked for."""
    with tempfile.TemporaryDirectory() as folder:
        config = transformers.BertConfig(
            vocab_size=101, hidden_size=4, num_hidden_layers=1, num_attention_heads=1, intermediate_size=4, num_labels=1
        )
        transformers.BertForSequenceClassification(config).save_pretrained(folder)
        tokenizer().save_pretrained(folder)
        model = CrossEncoder(folder, device="cpu")
    given = iter(leaf.split(1))
    model.preprocess = lambda pairs, **more: {"pairs": torch.arange(len(pairs))}
    model.forward = lambda tokens: {"scores": torch.stack([next(given) for _ in tokens["pairs"]])}
    return model


def shown(loss, leaf):
    loss.backward()
    return {"loss": float(loss.detach()), "gradient": numbers(leaf.grad)}


def leaf():
    return torch.tensor(LOGITS, requires_grad=True)


def by_query(values):
    return list(torch.tensor(values).split(GROUPS))


def listwise(make):
    logits = leaf()
    texts = [["text"] * count for count in GROUPS]
    return shown(make(stub(logits))([["query"] * len(GROUPS), texts], by_query(GRADES)), logits)


def triplets():
    """MarginMSELoss on the first two texts of each query."""
    places = [0, 3, 5]
    logits = leaf()
    # the model is asked for the first texts of all queries, then for the second ones
    order = torch.tensor([*places, *(place + 1 for place in places)])
    labels = torch.tensor([[GRADES[place], GRADES[place + 1]] for place in places])
    columns = [["query"] * len(places), ["one"] * len(places), ["other"] * len(places)]
    return {"places": places} | shown(losses.MarginMSELoss(stub(logits[order]))(columns, labels), logits)


def all_pairs():
    """The squared error of the differences of all pairs of texts of a query."""
    logits = leaf()
    errors = []
    for own, wanted in zip(logits.split(GROUPS), by_query(GRADES)):
        first, second = torch.triu_indices(len(own), len(own), 1)
        errors.append(((own[first] - own[second]) - (wanted[first] - wanted[second])) ** 2)
    return shown(torch.cat(errors).mean(), logits)


def binary():
    logits = leaf()
    labels = torch.tensor([min(1.0, grade / 2) for grade in GRADES])
    wanted = losses.BinaryCrossEntropyLoss(stub(logits))
    return {"labels": numbers(labels)} | shown(wanted([["query"] * len(LOGITS), ["text"] * len(LOGITS)], labels), logits)


def ndcg():
    """The mean over the queries."""
    queries = zip(by_query(LOGITS), by_query(GRADES))
    return sum(float(ndcg_score([wanted.tolist()], [said.tolist()], k=10)) for said, wanted in queries) / len(GROUPS)


if __name__ == "__main__":
    one_thread()
    write_json(
        f"{FOLDER}/expected.json",
        HEADER
        | {
            "pairs": PAIRS,
            "scores": numbers(save("score", [])),
            "probabilities": numbers(save("label", ["yes", "no", "perhaps"])),
            "groups": GROUPS,
            "logits": LOGITS,
            "grades": GRADES,
            "listnet": listwise(lambda model: losses.ListNetLoss(model, mini_batch_size=-1)),
            "lambda": listwise(lambda model: losses.LambdaLoss(model, mini_batch_size=-1)),
            "margin_of_triplets": triplets(),
            "margin_mse": all_pairs(),
            "binary": binary(),
            "ndcg_at_10": ndcg(),
        },
    )
