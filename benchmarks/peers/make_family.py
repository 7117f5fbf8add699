"""Writes small random encoders as sentence-transformers models, to train and check (nothing learned).

Run:    python make_family.py --corpus CORPUS.txt OUT [KIND ...]
Writes: OUT/KIND of distilbert, mpnet, roberta, xlm-roberta, camembert, electra, ernie, deberta-v3, deberta-v2,
        modernbert, nomic_bert, gte and eurobert, each with a tokenizer of its kind trained on the corpus;
        only where they are named: modernbert-base and deberta-v3-base, in the shapes of these models,
        for long_texts.py and bench_embed.py
"""

import argparse
import pathlib

import torch
import transformers
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer import modules
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers

SPECIAL = {"bos_token": "<s>", "pad_token": "<pad>", "eos_token": "</s>", "unk_token": "<unk>", "mask_token": "<mask>"}
MAX_LENGTH = 64


def trained(corpus, model, pre_tokenizer, trainer, special):
    tokenizer = Tokenizer(model)
    tokenizer.pre_tokenizer = pre_tokenizer
    if trainer is trainers.WordPieceTrainer:
        tokenizer.normalizer = normalizers.BertNormalizer()
    unknown = "<unk>" if "<unk>" in special else "[UNK]"
    more = {"unk_token": unknown} if trainer is trainers.UnigramTrainer else {}
    if isinstance(pre_tokenizer, pre_tokenizers.ByteLevel):
        more = {"initial_alphabet": pre_tokenizers.ByteLevel.alphabet()}
    tokenizer.train([str(corpus)], trainer(vocab_size=2000, special_tokens=special, show_progress=False, **more))
    first, last = special[:3:2] if special[0] == "<s>" else special[2:4]
    pairs = [(token, tokenizer.token_to_id(token)) for token in (first, last)]
    tokenizer.post_processor = processors.TemplateProcessing(f"{first} $A {last}", f"{first} $A {last} $B {last}", pairs)
    return tokenizer


def fast(kind, tokenizer, names, longest):
    if kind == "roberta":  # the class that knows add_prefix_space
        return transformers.RobertaTokenizerFast(tokenizer_object=tokenizer, model_max_length=longest)
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        model_max_length=longest,
        cls_token=names.get("cls_token", names.get("bos_token")),
        sep_token=names.get("sep_token", names.get("eos_token")),
        model_input_names=["input_ids", "attention_mask"],
        **{k: v for k, v in names.items() if k not in ("cls_token", "sep_token")},
    )


def family(corpus):
    bert = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]", "mask_token": "[MASK]"}
    pieces = lambda names, unknown: trained(
        corpus, models.WordPiece(unk_token=unknown), pre_tokenizers.BertPreTokenizer(), trainers.WordPieceTrainer, names
    )
    bytes_ = lambda: trained(
        corpus, models.BPE(), pre_tokenizers.ByteLevel(add_prefix_space=False), trainers.BpeTrainer, list(SPECIAL.values())
    )
    unigram = lambda special=SPECIAL: trained(
        corpus, models.Unigram(), pre_tokenizers.Metaspace(), trainers.UnigramTrainer, list(special.values())
    )
    sizes = dict(hidden_size=64, num_hidden_layers=3, num_attention_heads=4, intermediate_size=128, initializer_range=0.2)
    yield "distilbert", transformers.DistilBertModel, dict(dim=64, n_layers=3, n_heads=4, hidden_dim=128, initializer_range=0.2), pieces(list(bert.values()), "[UNK]"), bert
    yield "mpnet", transformers.MPNetModel, sizes, pieces(list(SPECIAL.values()), "<unk>"), SPECIAL
    yield "roberta", transformers.RobertaModel, sizes | {"type_vocab_size": 1}, bytes_(), SPECIAL
    both = sizes | dict(relative_attention=True, pos_att_type=["p2c", "c2p"], norm_rel_ebd="layer_norm")
    v3 = both | dict(position_buckets=16, share_att_key=True, position_biased_input=False)
    v2 = both | dict(share_att_key=False, type_vocab_size=2, embedding_size=32, conv_kernel_size=3, conv_act="gelu")
    yield "deberta-v3", transformers.DebertaV2Model, v3, unigram(bert), bert
    base = dict(num_hidden_layers=12, num_attention_heads=12, intermediate_size=3072, position_buckets=256)
    yield "deberta-v3-base", transformers.DebertaV2Model, v3 | base | dict(hidden_size=768, max_position_embeddings=512), unigram(bert), bert
    yield "deberta-v2", transformers.DebertaV2Model, v2, unigram(bert), bert
    yield "xlm-roberta", transformers.XLMRobertaModel, sizes | {"type_vocab_size": 1}, unigram(), SPECIAL
    yield "camembert", transformers.CamembertModel, sizes | {"type_vocab_size": 1}, unigram(), SPECIAL
    wordpieces = pieces(list(bert.values()), "[UNK]")
    yield "electra", transformers.ElectraModel, sizes | {"embedding_size": 32}, wordpieces, bert
    yield "ernie", transformers.ErnieModel, sizes, wordpieces, bert
    tokens = dict(pad_token_id=1, bos_token_id=0, eos_token_id=2, cls_token_id=0, sep_token_id=2)
    yield "modernbert", transformers.ModernBertModel, sizes | tokens | {"local_attention": 32}, bytes_(), SPECIAL
    base = dict(max_position_embeddings=8192)
    yield "modernbert-base", transformers.ModernBertModel, tokens | base, bytes_(), SPECIAL
    yield "nomic_bert", transformers.NomicBertModel, sizes, wordpieces, bert
    yield "gte", transformers.GteModel, sizes, unigram(), SPECIAL
    shared = dict(num_key_value_heads=2, pad_token_id=1, bos_token_id=0, eos_token_id=2, mask_token_id=4)
    yield "eurobert", transformers.EuroBertModel, sizes | shared, bytes_(), SPECIAL


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", required=True, type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("kinds", nargs="*", metavar="KIND", help="default: all")
    options = parser.parse_args()
    for kind, model_class, sizes, tokenizer, names in family(options.corpus):
        if kind not in (options.kinds or [kind]) or (kind.endswith("-base") and not options.kinds):
            continue
        torch.manual_seed(1)
        first = 2 if kind in ("mpnet", "roberta", "xlm-roberta", "camembert") else 0
        config = model_class.config_class(
            vocab_size=tokenizer.get_vocab_size(), **{"max_position_embeddings": MAX_LENGTH + first} | sizes
        )
        plain = options.out / "plain" / kind
        model_class(config).save_pretrained(plain)
        fast(kind, tokenizer, names, config.max_position_embeddings - first).save_pretrained(plain)
        body = modules.Transformer(str(plain))
        pooling = modules.Pooling(body.get_embedding_dimension(), "mean")
        SentenceTransformer(modules=[body, pooling, modules.Normalize()], device="cpu").save(str(options.out / kind))
        print(options.out / kind)


if __name__ == "__main__":
    main()
