"""Models saved by sentence-transformers on a tiny random BERT, and the embeddings that they must give.

Run:    python golden_sentences.py
Writes: mtl-core/src/test/resources/dev/mtl/core/encoder/sentence-transformers/
    config.json, model.safetensors, tokenizer.json      of all models
    NAME/               what SentenceTransformer.save writes beside them
    expected.json       texts; calls: model, method of SentenceTransformer, its arguments, embeddings [texts, dimensions],
                        computed in float64 with the float32 weights, so that they are off by nobody's rounding; quantized: calibration [8, 20] and embeddings [5, 20] and for each precision what
                        quantize_embeddings gives
"""

import os

os.environ["HF_HUB_OFFLINE"] = "1"

import logging
import pathlib
import shutil
import string
import tempfile

import torch
import transformers
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer import modules
from sentence_transformers.util import quantize_embeddings
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

from golden_common import HEADER, ROOT, numbers, one_thread, save_weights, tiny_bert, write_json

FOLDER = "mtl-core/src/test/resources/dev/mtl/core/encoder/sentence-transformers"
HIDDEN = 32
TEXTS = [
    "play the song",
    "",
    "what is the weather in paris?",
    "a",
    "the book is in the blue room, and the song is for queen 9 " * 3,
]
PROMPTS = {"query": "query: ", "document": "this is a text: ", "topic": "the topic, ", "empty": ""}


def tokenizer():
    """WordPiece with as many pieces as the tiny BERT has rows: letters and digits, alone and inside of words, a few words."""
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *string.ascii_lowercase]
    pieces += ["##" + letter for letter in string.ascii_lowercase] + list(string.digits) + list(".,:?")
    pieces += ["the", "play", "##ing", "queen", "book", "room", "blue", "weather", "in", "paris", "for", "what", "is", "song"]
    pieces += ["query", "text", "topic", "this"]
    pieces += [f"word{i}" for i in range(101 - len(pieces))]
    result = Tokenizer(models.WordPiece({piece: i for i, piece in enumerate(pieces)}, unk_token="[UNK]"))
    result.normalizer = normalizers.BertNormalizer()
    result.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = [(token, pieces.index(token)) for token in ("[CLS]", "[SEP]")]
    result.post_processor = processors.TemplateProcessing("[CLS] $A [SEP]", "[CLS] $A [SEP] $B:1 [SEP]:1", special)
    return transformers.BertTokenizerFast(tokenizer_object=result, model_max_length=40)


def dense(seed, inputs, outputs, activation, **settings):
    torch.manual_seed(seed)
    return modules.Dense(inputs, outputs, activation_function=activation, **settings)


def variants():
    """For each model the modules after the encoder, and further arguments of SentenceTransformer."""
    for mode in modules.Pooling.POOLING_MODES:
        yield f"pooling-{mode}", [modules.Pooling(HIDDEN, mode)], {}
        yield f"without-prompt-{mode}", [modules.Pooling(HIDDEN, mode, include_prompt=False)], {"prompts": PROMPTS}
    several = ["lasttoken", "mean", "weightedmean"]  # not the order of the old flags
    yield "poolings", [modules.Pooling(HIDDEN, several), modules.Normalize()], {}
    yield "prompts", [modules.Pooling(HIDDEN, "mean"), modules.Normalize()], {"prompts": PROMPTS, "default_prompt_name": "topic"}
    passage = {"query": "query: ", "passage": "text: "}
    yield "passages", [modules.Pooling(HIDDEN, "cls")], {"prompts": passage}
    yield "dense", [
        modules.Pooling(HIDDEN, ["mean", "max"]),
        dense(1, 64, 24, torch.nn.Tanh()),
        dense(2, 24, 24, torch.nn.GELU(), use_residual=True),
        dense(3, 24, 20, torch.nn.Identity(), bias=False, use_residual=True),
        modules.Normalize(),
    ], {}
    yield "activations", [
        modules.Pooling(HIDDEN, "mean"),
        dense(4, 32, 32, torch.nn.ReLU()),
        dense(5, 32, 32, torch.nn.SiLU()),
        dense(6, 32, 16, torch.nn.Sigmoid()),
    ], {}
    yield "truncated", [modules.Pooling(HIDDEN, "mean"), modules.Normalize()], {"truncate_dim": 12}


def calls(model):
    """Methods and arguments."""
    yield "encode", {}
    if any(model.prompts.values()):
        yield "encode_query", {}
        yield "encode_document", {}
        for name in model.prompts:
            yield "encode", {"prompt_name": name}
        yield "encode", {"prompt": "for what? "}
        yield "encode", {"prompt": ""}
    if model.truncate_dim or model.prompts.get("topic") or len(model) > 4:
        yield "encode", {"truncate_dim": 9}
        yield "encode", {"truncate_dim": 9, "normalize_embeddings": True}


def save(name, body, parts, arguments, folder):
    """Saves a model, copies what is not shared by all to the resources, and loads it again."""
    SentenceTransformer(modules=[body, *parts], device="cpu", **arguments).save(str(folder / name), create_model_card=False)
    target = ROOT / FOLDER / name
    for file in sorted((folder / name).rglob("*")):
        place = file.relative_to(folder / name)
        shared = len(place.parts) == 1 and (place.name.startswith("tokenizer") or place.name in ("config.json", "model.safetensors"))
        if file.is_file() and not shared and file.stat().st_size:
            (target / place).parent.mkdir(parents=True, exist_ok=True)
            (target / place).write_bytes(file.read_bytes())
    return SentenceTransformer(str(folder / name), device="cpu")


def quantized():
    generator = torch.Generator().manual_seed(7)
    calibration, embeddings = (torch.randn(rows, 20, generator=generator) for rows in (8, 5))
    calibration[:, 3] = 0.5  # a dimension without a range
    results = {
        precision: quantize_embeddings(embeddings.numpy(), precision, calibration_embeddings=calibration.numpy()).tolist()
        for precision in ("int8", "uint8", "binary", "ubinary")
    }
    rows = lambda tensor: [numbers(row) for row in tensor]
    return {"calibration": rows(calibration), "embeddings": rows(embeddings)} | results


def main():
    one_thread()
    logging.disable()
    transformers.logging.set_verbosity_error()
    shutil.rmtree(ROOT / FOLDER, ignore_errors=True)
    expected = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        plain = folder / "plain"
        tokenizer().save_pretrained(plain)
        bert = tiny_bert(seed=5, initializer_range=0.1)
        bert.config.save_pretrained(ROOT / FOLDER)
        save_weights(f"{FOLDER}/model.safetensors", bert.state_dict())
        for name in ("config.json", "model.safetensors"):
            shutil.copy(ROOT / FOLDER / name, plain / name)
        shutil.copy(plain / "tokenizer.json", ROOT / FOLDER / "tokenizer.json")
        body = modules.Transformer(str(plain))
        for name, parts, arguments in variants():
            model = save(name, body, parts, arguments, folder).double()
            for method, options in calls(model):
                embeddings = getattr(model, method)(TEXTS, convert_to_tensor=True, **options)
                row = {"model": name, "method": method, "arguments": options}
                expected.append(row | {"embeddings": [numbers(each.float()) for each in embeddings]})
    write_json(f"{FOLDER}/expected.json", HEADER | {"texts": TEXTS, "calls": expected, "quantized": quantized()})


if __name__ == "__main__":
    main()
