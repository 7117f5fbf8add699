"""Answers to questions as transformers gives them: writes what mtl-heads' tests of span-extraction compare with.

scores:  exact match and F1 of transformers.data.metrics.squad_metrics, a copy of SQuAD's script.
windows: where the fast tokenizer's windows over a context begin and end (truncation only_second, stride); tokenizers 0.22
         gives none behind max_length tokens of the context, so no context is longer.
loss:    BertForQuestionAnswering on given vectors: the loss and its gradient for the logits.
"""

import torch
import transformers
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers.data.metrics import squad_metrics

from golden_common import HEADER, numbers, one_thread, write_json

PAIRS = [
    ("the Norman dynasty", ["Norman dynasty", "Normans"]),
    ("1,066 (A.D.)", ["1066 AD"]),
    ("a cat and the cat", ["cat cat dog"]),
    ("An apple", ["apple", "an apple tree"]),
    ("", []),
    ("something", []),
    ("", ["something"]),
    ("the", ["a"]),
    ("  Two\u00a0words ", ["two words"]),
    ("Stra\u00dfe", ["STRASSE", "stra\u00dfe"]),
    ("caf\u00e9 a\u00e9 the\u00e9", ["caf\u00e9 a\u00e9 the\u00e9"]),
    ("x--y", ["xy", "x y"]),
    ("the \u201cthe\u201d", ["\u201c\u201d"]),
    ("one two three", ["three two one", "one"]),
]


def score(predicted, gold):
    counted = [text for text in gold if squad_metrics.normalize_answer(text)] or [""]
    return {
        "predicted": predicted,
        "gold": gold,
        "exact": max(squad_metrics.compute_exact(g, predicted) for g in counted),
        "f1": max(squad_metrics.compute_f1(g, predicted) for g in counted),
    }


def windows():
    words = [f"w{i}" for i in range(60)]
    vocabulary = {word: i for i, word in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", *words])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    fast = transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="[PAD]", cls_token="[CLS]", sep_token="[SEP]")
    cases = []
    for question, context, length, stride in [(4, 9, 24, 5), (4, 10, 17, 5), (4, 11, 17, 5), (10, 24, 24, 5), (9, 24, 24, 0), (6, 23, 24, 7), (8, 24, 24, 2)]:
        encoded = fast(
            " ".join(words[:question]),
            " ".join(words[:context]),
            truncation="only_second",
            max_length=length,
            stride=stride,
            return_overflowing_tokens=True,
        )
        spans = []
        for i in range(len(encoded["input_ids"])):
            of_context = [token for token, part in zip(encoded["input_ids"][i], encoded.sequence_ids(i)) if part == 1]
            spans.append([of_context[0] - 4, of_context[-1] - 3])
        cases.append({"question": question, "context": context, "max_length": length, "stride": stride, "windows": spans})
    return cases


def loss():
    torch.manual_seed(3)
    config = transformers.BertConfig(vocab_size=9, hidden_size=4, num_hidden_layers=1, num_attention_heads=1, intermediate_size=4)
    model = transformers.BertForQuestionAnswering(config).eval()
    hidden = torch.randn(2, 7, 4)
    model.bert.forward = lambda *args, **kwargs: transformers.modeling_outputs.BaseModelOutputWithPooling(last_hidden_state=hidden)
    with torch.no_grad():
        model.qa_outputs.weight.normal_()
        model.qa_outputs.bias.normal_()
    starts, ends = torch.tensor([3, 0]), torch.tensor([5, 0])
    out = model(input_ids=torch.zeros(2, 7, dtype=torch.long), start_positions=starts, end_positions=ends)
    out.loss.backward()
    return {
        "hidden": numbers(hidden),
        "weight": numbers(model.qa_outputs.weight),
        "bias": numbers(model.qa_outputs.bias),
        "starts": starts.tolist(),
        "ends": ends.tolist(),
        "loss": float(out.loss.detach()),
        "weight_gradient": numbers(model.qa_outputs.weight.grad),
        "bias_gradient": numbers(model.qa_outputs.bias.grad),
    }


if __name__ == "__main__":
    one_thread()
    write_json(
        "mtl-heads/src/test/resources/dev/mtl/heads/span/answers.json",
        HEADER
        | {
            "transformers": transformers.__version__,
            "scores": [score(*pair) for pair in PAIRS],
            "windows": windows(),
            "loss": loss(),
        },
    )
