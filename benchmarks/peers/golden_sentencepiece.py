"""Models of SentencePiece, and the ids that the tokenizers of three families make of texts by them.

Run:    pip install sentencepiece; python golden_sentencepiece.py
Writes: mtl-core/src/test/resources/dev/mtl/core/store/sentencepiece/
    deberta-v2/spm.model                 ids 0 to 3 are [PAD] [CLS] [SEP] [UNK], the full table of nmt_nfkc
    roberta/sentencepiece.bpe.model      ids 0 to 2 are <unk> <s> </s>, a table of a few rules; for XLM-R and CamemBERT
    expected.json                        {"texts": [...], family: [ids of each text, by transformers' converter]}
Prints: where SentencePiece itself, or the tokenizer class of the installed transformers, gives other ids
"""

import json
import pathlib
import tempfile
import types

import sentencepiece
import transformers
from transformers.convert_slow_tokenizer import CamembertConverter, DebertaV2Converter, XLMRobertaConverter

from golden_common import ROOT, write_json

FOLDER = ROOT / "mtl-core/src/test/resources/dev/mtl/core/store/sentencepiece"

CORPUS = [
    f"{who} {what} {where}."
    for who, what, where in (
        (who, what, where)
        for who in ("The boat", "A quiet harbour", "My sister", "Nobody", "L'été", "Le café", "Der Käse", "Die Straße")
        for what in ("comes back to", "was seen near", "is late for", "arrive à", "kommt nach", "n'était pas à", "costs 12 in")
        for where in ("the old town", "Zürich", "Málaga", "São Paulo", "the field of 1984", "l'hôtel", "東京", "北京大学", "Москва")
    )
] + ["日本語の文章です。", "这是一个句子。", "한국어 문장입니다.", "это предложение", "ﬁne ﬂow", "🙂 👍🏽", "हिन्दी", "العربية"] * 20

TEXTS = [
    "The boat comes back to the old town.",
    "Le café n'était pas à l'hôtel, Zürich!",
    "Cafe\u0301 and cafe\u0301s, A\u030angstro\u0308m",
    "東京 北京大学 日本語の文章です。",
    "ＦＵＬＬ ｗｉｄｔｈ １２３ ﬁne ½ ² Ⅷ ㈱ ﷺ",
    "한국어 문장 \u1112\u1161\u11ab",
    "🙂👍🏽 👩\u200d👩\u200d👧 x🙂y",
    "  two  spaces   at\tthe start\nand end  ",
    "non\u00a0breaking\u3000ideographic\u2003em\u200bzero\u00adsoft",
    "control\u0000\u0007\u007f\u0085 signs\ufeff \u2028 \u2029 x",
    "",
    " ",
    "   \n\t ",
    "▁already ▁▁marked",
    "a [CLS] b [SEP] [MASK] [UNK] [PAD] <s> </s> <mask> <unk> <pad> c",
    "x<mask>y[MASK]z",
    "हिन्दी में العربية עברית ไทย",
    "𝔘𝔫𝔨𝔫𝔬𝔴𝔫 𒀀𒀁 \U0001fae0",
    "snake_case camelCase e-mail@example.org https://x.y/z?a=b&c=d",
    "1234567890 3.14159 1,000,000 €5 $6 50%",
    "'quoted' \"double\" «guillemets» „unten“ — – … !?!?",
    "Supercalifragilisticexpialidocious" * 3,
    "I\u0307stanbul İSTANBUL ıi ǅ ß ẞ ſ",
]


def train(target, **options):
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(CORPUS),
            model_prefix=f"{folder}/m",
            model_type="unigram",
            vocab_size=400,
            character_coverage=0.999,
            num_threads=1,
            minloglevel=2,
            hard_vocab_limit=False,
            **options,
        )
        target.write_bytes(pathlib.Path(f"{folder}/m.model").read_bytes())
    print(f"{target.relative_to(ROOT)}: {target.stat().st_size} bytes")


def converted(converter, file, tokens):
    """By the converter, with ids of special tokens looked up in what it makes."""
    slow = types.SimpleNamespace(vocab_file=str(file), do_lower_case=False, split_by_punct=False, add_prefix_space=True)
    slow.convert_tokens_to_ids = lambda token: fast[0].token_to_id(token)
    made = converter(slow)
    fast = [made.tokenizer(made.proto)]
    tokenizer = made.converted()
    tokenizer.add_special_tokens([t if t != "<mask>" else transformers.AddedToken(t, lstrip=True, special=True) for t in tokens])
    return tokenizer


def main():
    deberta = FOLDER / "deberta-v2/spm.model"
    roberta = FOLDER / "roberta/sentencepiece.bpe.model"
    train(
        deberta,
        pad_id=0, pad_piece="[PAD]", bos_id=1, bos_piece="[CLS]", eos_id=2, eos_piece="[SEP]", unk_id=3, unk_piece="[UNK]",
        user_defined_symbols=["@example"],
    )
    with tempfile.TemporaryDirectory() as folder:
        rules = pathlib.Path(folder) / "rules.tsv"
        pairs = {"\t": " ", "\n": " ", "\u00a0": " ", "\u3000": " ", "\ufb01": "fi", "\u0065\u0301": "é", "½": "1/2", "\u00ad": ""}
        rules.write_text("".join(" ".join(f"{ord(c):X}" for c in a) + "\t" + " ".join(f"{ord(c):X}" for c in b) + "\n" for a, b in pairs.items()))
        train(roberta, normalization_rule_tsv=str(rules))

    expected = {"texts": TEXTS}
    families = {
        "deberta-v2": (DebertaV2Converter, deberta, ["[CLS]", "[SEP]", "[UNK]", "[PAD]", "[MASK]"], transformers.DebertaV2Tokenizer),
        "xlm-roberta": (XLMRobertaConverter, roberta, ["<s>", "<pad>", "</s>", "<unk>", "<mask>"], transformers.XLMRobertaTokenizer),
        "camembert": (
            CamembertConverter, roberta,
            ["<s>", "</s>", "<unk>", "<pad>", "<mask>", "<s>NOTUSED", "</s>NOTUSED", "<unk>NOTUSED"],
            transformers.CamembertTokenizer,
        ),
    }
    for family, (converter, file, tokens, cls) in families.items():
        tokenizer = converted(converter, file, tokens)
        expected[family] = [tokenizer.encode(text).ids for text in TEXTS]
        own = sentencepiece.SentencePieceProcessor(model_file=str(file))
        newest = cls.from_pretrained(file.parent)
        for text, ids in zip(TEXTS, expected[family]):
            pieces = [tokenizer.id_to_token(i) for i in ids[1:-1]]
            theirs = [own.id_to_piece(i) for i in own.encode(text)]
            known = ["<unk>" if own.piece_to_id(p) == own.unk_id() else p for p in theirs]
            unk = [("<unk>" if p == str(tokens[2]) or p == "<unk>" else p) for p in pieces]
            if known != unk:
                print(f"{family}: {text!r}: SentencePiece has {theirs}, the converter {pieces}")
            again = newest(text)["input_ids"]
            if again != ids:
                print(f"{family}: {text!r}: {cls.__name__} has {newest.convert_ids_to_tokens(again)[1:-1]}, the converter {pieces}")
    write_json(FOLDER / "expected.json", expected)


if __name__ == "__main__":
    main()
