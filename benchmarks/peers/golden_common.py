"""What the golden_*.py scripts share: JSON of tensors, portable dropout, the tiny BERT. Not run by itself."""

import contextlib
import json
import pathlib

import safetensors.torch
import torch
import transformers
from transformers.core_model_loading import revert_weight_conversion

ROOT = pathlib.Path(__file__).resolve().parents[2]

HEADER = {
    "torch": torch.__version__.split("+")[0],
    "note": "written by benchmarks/peers; do not edit",
}


def numbers(tensor):
    """The elements, row by row, as Python numbers that read back exactly; booleans as 0 and 1."""
    tensor = tensor.detach().reshape(-1)
    if tensor.dtype == torch.bool:
        tensor = tensor.long()
    if tensor.dtype == torch.float32:
        # The shortest decimal that names this float32, not its longer float64 expansion.
        return [float(str(value)) for value in tensor.numpy()]
    return tensor.tolist()


def described(tensor):
    """A tensor as {"dtype", "shape", "values"}."""
    dtype = str(tensor.dtype).removeprefix("torch.")
    return {"dtype": dtype, "shape": list(tensor.shape), "values": numbers(tensor)}


def write_json(path, document):
    """Writes one member of the top-level object, and one element of its lists, on each line."""
    path = ROOT / path
    path.parent.mkdir(parents=True, exist_ok=True)

    def compact(value):
        return json.dumps(value, separators=(",", ":"), allow_nan=False)

    members = []
    for key, value in document.items():
        if isinstance(value, list) and value and isinstance(value[0], (dict, list)):
            text = "[\n  " + ",\n  ".join(compact(element) for element in value) + "\n ]"
        else:
            text = compact(value)
        members.append(f" {compact(key)}: {text}")
    path.write_text("{\n" + ",\n".join(members) + "\n}\n", encoding="utf-8")
    print(f"{path.relative_to(ROOT)}: {path.stat().st_size} bytes")


def save_weights(path, tensors):
    """Writes a safetensors file that all may read (the library makes it readable by the owner only)."""
    path = ROOT / path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(safetensors.torch.save(tensors, {"format": "pt"}))
    print(f"{path.relative_to(ROOT)}: {path.stat().st_size} bytes")


@contextlib.contextmanager
def portable_dropout():
    """Makes every dropout draw from the Mersenne twister, one number per element.

    That is what LibTorch does unless it was built with MKL and runs on an Intel processor, where
    MKL draws other numbers from the same seed. So the values do not depend on the machine.
    """
    original = torch.nn.functional.dropout

    def dropout(input, p=0.5, training=True, inplace=False):
        if not training or p == 0:
            return input
        keep = torch.full(input.shape, 1 - p, dtype=torch.float64)
        noise = torch.empty_like(input).bernoulli_(keep)
        return input * noise.div_(1 - p)

    torch.nn.functional.dropout = dropout
    try:
        yield
    finally:
        torch.nn.functional.dropout = original


def tiny_bert(seed, initializer_range, dropout=0.1):
    """A random BERT of 2 layers, hidden size 32, whose every parameter, biases included, is random."""
    config = transformers.BertConfig(
        architectures=["BertModel"],
        vocab_size=101,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
        max_position_embeddings=40,
        hidden_dropout_prob=dropout,
        attention_probs_dropout_prob=dropout,
        initializer_range=initializer_range,
        attn_implementation="eager",
    )
    model = transformers.BertModel(config, add_pooling_layer=False)
    randomise(model, seed, initializer_range)
    return model


TINY = dict(vocab_size=101, initializer_range=0.5, attn_implementation="eager")
SIZES = dict(hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64)


def tiny_modernbert(seed, initializer_range, dropout=0.1, local_attention=6):
    """A global layer, and one with a window of half of local_attention to each side."""
    config = transformers.ModernBertConfig(
        **TINY | SIZES | {"initializer_range": initializer_range},
        architectures=["ModernBertModel"],
        max_position_embeddings=40,
        global_attn_every_n_layers=2,
        local_attention=local_attention,
        pad_token_id=0,
        bos_token_id=2,
        cls_token_id=2,
        eos_token_id=3,
        sep_token_id=3,
        embedding_dropout=dropout,
        attention_dropout=dropout,
        mlp_dropout=dropout,
    )
    model = transformers.ModernBertModel(config)
    randomise(model, seed, initializer_range)
    return model


def tiny_rotary(kind, seed, initializer_range, dropout=0.1):
    """NomicBERT with two token types, GTE with positions that are scaled, EuroBERT whose heads share keys and values."""
    common = TINY | SIZES | {"initializer_range": initializer_range, "max_position_embeddings": 40}
    both = dict(hidden_dropout_prob=dropout, attention_probs_dropout_prob=dropout)
    rope = lambda **more: {"rope_parameters": {"rope_type": "default", "rope_theta": 100.0} | more}
    if kind == "nomic_bert":
        model = transformers.NomicBertModel(transformers.NomicBertConfig(**common, **both, **rope()))
    elif kind == "gte":
        scaled = rope(rope_type="linear", factor=1.5)
        model = transformers.GteModel(transformers.GteConfig(**common, **both, **scaled, pad_token_id=0), add_pooling_layer=False)
    else:
        tokens = dict(pad_token_id=0, bos_token_id=2, eos_token_id=3, mask_token_id=4)
        model = transformers.EuroBertModel(
            transformers.EuroBertConfig(**common, **rope(), **tokens, num_key_value_heads=2, attention_dropout=dropout)
        )
    model.config.architectures = [type(model).__name__]
    randomise(model, seed, initializer_range)
    return model


def tiny_deberta(seed, initializer_range, dropout=0.1, kind="v3"):
    """DeBERTa v3's arrangement, or what v2's configurations have besides: "v2"."""
    common = TINY | SIZES | {"initializer_range": initializer_range}
    common |= dict(
        architectures=["DebertaV2Model"],
        max_position_embeddings=40,
        pad_token_id=0,
        hidden_dropout_prob=dropout,
        attention_probs_dropout_prob=dropout,
        relative_attention=True,
        pos_att_type=["p2c", "c2p"],
        norm_rel_ebd="layer_norm",
    )
    if kind == "v3":
        more = dict(position_buckets=6, share_att_key=True, position_biased_input=False, type_vocab_size=0)
    else:  # all distances, projections of positions, a convolution, narrow embeddings with types and positions
        more = dict(
            max_relative_positions=5,
            share_att_key=False,
            position_biased_input=True,
            type_vocab_size=2,
            embedding_size=16,
            conv_kernel_size=3,
            conv_act="gelu",
        )
    model = transformers.DebertaV2Model(transformers.DebertaV2Config(**common | more))
    randomise(model, seed, initializer_range)
    return model


def in_files(model, tensors):
    """Parameters, or what is like them, by the names of files: some are joint there."""
    return revert_weight_conversion(model, dict(tensors))


def tiny_relative(kind, seed, initializer_range=0.5):
    """Random encoders of BERT's family, of the same size as tiny_bert; those of RoBERTa have 2 unused positions."""
    if kind == "distilbert":
        config = transformers.DistilBertConfig(
            **TINY, dim=32, n_layers=2, n_heads=4, hidden_dim=64, max_position_embeddings=40
        )
        model = transformers.DistilBertModel(config)
    elif kind == "mpnet":
        config = transformers.MPNetConfig(**TINY, **SIZES, max_position_embeddings=202)
        model = transformers.MPNetModel(config, add_pooling_layer=False)
    elif kind == "electra":  # embeddings narrower than the layers
        config = transformers.ElectraConfig(**TINY, **SIZES, embedding_size=16, max_position_embeddings=40)
        model = transformers.ElectraModel(config)
    else:
        classes = {"roberta": transformers.RobertaModel, "xlm-roberta": transformers.XLMRobertaModel}[kind]
        config = classes.config_class(**TINY, **SIZES, max_position_embeddings=42, type_vocab_size=1)
        model = classes(config, add_pooling_layer=False)
    config.architectures = [type(model).__name__]
    randomise(model, seed, initializer_range)
    return model


def randomise(model, seed, initializer_range):
    torch.manual_seed(seed)
    with torch.no_grad():
        for name, parameter in sorted(model.named_parameters()):
            parameter.normal_(0, initializer_range)
            if name.endswith(("LayerNorm.weight", "norm.weight")):
                parameter.add_(1)


def one_thread():
    """Sums in one order, the same each time."""
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
