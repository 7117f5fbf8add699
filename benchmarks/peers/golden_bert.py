"""Tiny random encoders of BERT's family made by transformers, and what they must give.

Run:    python golden_bert.py
Writes: mtl-core/src/test/resources/dev/mtl/core/bert/tiny-bert/, tiny-distilbert/, tiny-mpnet/, tiny-roberta/,
        tiny-xlm-roberta/, tiny-electra/, tiny-modernbert/, tiny-nomic_bert/, tiny-gte/, tiny-eurobert/,
        tiny-deberta-v3/ and tiny-deberta-v2/, each with
    config.json, model.safetensors   as transformers writes and reads them
    expected.json                    the batch and its expected values; "float64" entries hold the float32 weights in
                                     a float64 model, so a float32 implementation is compared with those too
    gradients.safetensors            gradients of sum(mean pooled * weights), eval mode, by parameter; computed in
                                     float64 and stored as float32. Those of the key biases are zero (softmax
                                     takes away what all keys share), so rounding noise when computed in float32

expected.json:
    batch        input_ids, attention_mask, token_type_ids: [3, 9]; lengths: real tokens of each
    eval         {"float32" | "float64": {last_hidden_state [3, 9, 32], pooled: {mean | cls | max:
                 {none | l2 | layer_norm: [3, 32]}}}}; padded positions of last_hidden_state mean nothing
    loss         weights [3, 32] and the value whose gradients gradients.safetensors holds
    buckets      MPNet: the row of its table for a key 200 tokens before the query to one 200 after;
                 DeBERTa: of a table with 256 buckets to each side, for a query 600 tokens before the key to one 600 after
    train        seed, dropout, last_hidden_state [3, 9, 32]: drawn as the embeddings' dropout, then in each
                 layer attention probabilities [B, heads, S, S], attention output, (GTE: gated activation), layer
                 output; EuroBERT: attention probabilities only
    tensors are {"dtype", "shape", "values"}
"""

import inspect

import torch
import torch.nn.functional as F

from transformers.models.deberta_v2.modeling_deberta_v2 import make_log_bucket_position
from transformers.models.mpnet.modeling_mpnet import MPNetEncoder

from golden_common import (
    HEADER,
    ROOT,
    described,
    in_files,
    numbers,
    one_thread,
    portable_dropout,
    save_weights,
    tiny_bert,
    tiny_deberta,
    tiny_modernbert,
    tiny_relative,
    tiny_rotary,
    write_json,
)

FOLDER = "mtl-core/src/test/resources/dev/mtl/core/bert/tiny-"
ROWS, WIDTH = 3, 9
DROPOUT_SEED = 7


def lengths(kind):
    """Real tokens of each sequence. In ModernBERT's windows every place, padding too, has a real token near it."""
    return [9, 7, 8] if kind == "modernbert" else [9, 4, 6]


def batch(kind):
    """Three sequences, padded; where there are types the first two have a second segment."""
    bert = kind in ("bert", "nomic_bert", "deberta-v2")
    generator = torch.Generator().manual_seed(2)
    padding = 1 if kind in ("mpnet", "roberta", "xlm-roberta") else 0
    ids = torch.full((ROWS, WIDTH), padding)
    mask, types = torch.zeros_like(ids), torch.zeros_like(ids)
    for row, length in enumerate(lengths(kind)):
        ids[row, :length] = torch.randint(padding + 1, 101, (length,), generator=generator)
        mask[row, :length] = 1
    if bert:
        types[0, 5:9] = 1
        types[1, 2:4] = 1
    return {"input_ids": ids, "attention_mask": mask, "token_type_ids": types}


def accepted(model, inputs):
    """Without the types for models that take none."""
    return {name: tensor for name, tensor in inputs.items() if name in inspect.signature(model.forward).parameters}


def pooled(hidden, mask):
    real = mask.unsqueeze(-1).to(hidden.dtype)
    return {
        "mean": (hidden * real).sum(1) / real.sum(1),
        "cls": hidden[:, 0],
        "max": hidden.masked_fill(real == 0, float("-inf")).amax(1),
    }


def normalised(embedding):
    return {
        "none": embedding,
        "l2": F.normalize(embedding, dim=-1),
        # Without weights, and with the eps of torch.nn.LayerNorm.
        "layer_norm": F.layer_norm(embedding, embedding.shape[-1:], eps=1e-5),
    }


def evaluated(model, inputs):
    with torch.no_grad():
        hidden = model(**accepted(model, inputs)).last_hidden_state
    return {
        "last_hidden_state": described(hidden),
        "pooled": {
            name: {kind: described(tensor) for kind, tensor in normalised(embedding).items()}
            for name, embedding in pooled(hidden, inputs["attention_mask"]).items()
        },
    }


def write(kind, model):
    folder = FOLDER + kind
    model.eval()
    model.config.save_pretrained(ROOT / folder)
    save_weights(f"{folder}/model.safetensors", in_files(model, model.state_dict()))
    inputs = batch(kind)
    expected = {"float32": evaluated(model, inputs)}
    model.double()
    with portable_dropout(), torch.no_grad():
        model.train()
        torch.manual_seed(DROPOUT_SEED)
        dropped = model(**accepted(model, inputs)).last_hidden_state

    model.eval()
    expected["float64"] = evaluated(model, inputs)
    generator = torch.Generator().manual_seed(3)
    weights = torch.randint(-128, 128, (ROWS, 32), generator=generator) / 128
    loss = (pooled(model(**accepted(model, inputs)).last_hidden_state, inputs["attention_mask"])["mean"] * weights).sum()
    loss.backward()
    gradients = {
        name: parameter.grad.float() for name, parameter in model.named_parameters() if parameter.grad is not None
    }
    save_weights(f"{folder}/gradients.safetensors", in_files(model, gradients))

    distances = torch.arange(-600, 601)
    far = make_log_bucket_position(distances, 256, 512).long().add(256).clamp(0, 511).tolist()
    buckets = MPNetEncoder.relative_position_bucket(torch.arange(-200, 201)).tolist()
    write_json(
        f"{folder}/expected.json",
        HEADER
        | ({"buckets": buckets} if kind == "mpnet" else {"buckets": far} if kind == "deberta-v3" else {})
        | {
            "batch": {name: described(tensor) for name, tensor in inputs.items()} | {"lengths": lengths(kind)},
            "eval": expected,
            "loss": {"weights": described(weights), "value": numbers(loss)[0]},
            "train": {"seed": DROPOUT_SEED, "dropout": 0.1, "last_hidden_state": described(dropped)},
        },
    )
    hidden = torch.tensor(expected["float64"]["last_hidden_state"]["values"]).view(3, 9, 32)
    single = torch.tensor(expected["float32"]["last_hidden_state"]["values"]).view(3, 9, 32)
    norms = [gradient.norm().item() for gradient in gradients.values()]
    print(f"{kind}: float32 differs from float64 by at most {(hidden - single).abs().max():.1e}")
    print(f"gradient norms {min(norms):.2e} to {max(norms):.2e} in {len(norms)} parameters")


def main():
    one_thread()
    write("bert", tiny_bert(seed=1, initializer_range=0.5))
    for seed, kind in enumerate(("distilbert", "mpnet", "roberta", "xlm-roberta"), 11):
        write(kind, tiny_relative(kind, seed))
    write("electra", tiny_relative("electra", 21, initializer_range=0.3))  # float32 gradients within 1e-5
    write("modernbert", tiny_modernbert(seed=16, initializer_range=0.3))
    for seed, kind in enumerate(("nomic_bert", "gte", "eurobert"), 31):
        write(kind, tiny_rotary(kind, seed, initializer_range=0.25))
    write("deberta-v3", tiny_deberta(seed=22, initializer_range=0.3))
    write("deberta-v2", tiny_deberta(seed=23, initializer_range=0.3, kind="v2"))


if __name__ == "__main__":
    main()
