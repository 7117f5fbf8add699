"""A tiny byte-level tokenizer as RoBERTa has it, trained on the sentences below, and what it makes of texts and words.

Run:    python golden_words.py
Writes: mtl-core/src/test/resources/dev/mtl/core/tokenizer/byte-level/
    tokenizer.json   as tokenizers writes it, add_prefix_space false, as that of roberta-base
    expected.json    texts: [{text, input_ids, offsets}]; words: [{words, input_ids, word_ids, offsets}], as the same
                     tokenizer gives them with add_prefix_space. Offsets are in code points, of special tokens [0, 0]
"""

from tokenizers import Tokenizer, models, pre_tokenizers, processors, trainers
from transformers import RobertaTokenizerFast

from golden_common import HEADER, ROOT, write_json

FOLDER = "mtl-core/src/test/resources/dev/mtl/core/tokenizer/byte-level"
SENTENCES = [
    "the harbour is quiet when the boats are out",
    "the boats come back before the evening",
    "who comes back late finds the harbour closed",
    "a quiet evening in a quiet harbour town",
]
TEXTS = ["the boats", " the boats", "quiet harbours, late boats", "Käse für 🦊", ""]
WORDS = [["the", "boats", "come", "back"], ["Käse", "für", "🦊", "!"], ["quiet"]]


def trained():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=320,
        special_tokens=["<s>", "<pad>", "</s>", "<unk>", "<mask>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(SENTENCES, trainer)
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), add_prefix_space=False)
    return tokenizer


def main():
    tokenizer = trained()
    path = ROOT / FOLDER / "tokenizer.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(path))
    texts = [tokenizer.encode(text) for text in TEXTS]
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), add_prefix_space=True)
    words = RobertaTokenizerFast(tokenizer_object=tokenizer, add_prefix_space=True)
    split = [words(each, is_split_into_words=True, return_offsets_mapping=True) for each in WORDS]
    write_json(
        f"{FOLDER}/expected.json",
        HEADER
        | {
            "texts": [
                {"text": text, "input_ids": encoded.ids, "offsets": encoded.offsets}
                for text, encoded in zip(TEXTS, texts, strict=True)
            ],
            "words": [
                {
                    "words": each,
                    "input_ids": encoded["input_ids"],
                    "word_ids": encoded.word_ids(),
                    "offsets": encoded["offset_mapping"],
                }
                for each, encoded in zip(WORDS, split, strict=True)
            ],
        },
    )


if __name__ == "__main__":
    main()
