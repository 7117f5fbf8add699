"""Embeds a corpus with sentence-transformers: mean pooling, L2, at most 256 tokens.

Run:    python bench_embed.py --model MODEL_DIR (--corpus corpus.txt | --cases cases.tsv) [--threads 2] [--repeats 3]
Prints: one line of JSON: texts per second, and milliseconds for one short text (median, min, max); of cases, texts
        per second in each
"""

import os

os.environ["HF_HUB_OFFLINE"] = "1"

import sentence_transformers
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer import modules

from bench_common import arguments, embedding_results, rates, report, texts_of


def main():
    parser = arguments(__doc__)
    parser.add_argument("--model", required=True, help="a directory in Hugging Face layout")
    wanted = parser.add_mutually_exclusive_group(required=True)
    wanted.add_argument("--corpus", help="one text a line; see make_corpus.py")
    wanted.add_argument("--cases", help="a text file and how many texts a call takes, a line; see curves.py")
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--max-length", type=int, default=256, help="tokens (default 256)")
    parser.add_argument("--attention", help="sdpa or eager (default: what transformers chooses)")
    parser.add_argument("--device", default="cpu", help="cpu (default) or cuda")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)

    attention = {"attn_implementation": options.attention} if options.attention else {}
    body = modules.Transformer(options.model, model_kwargs=attention, max_seq_length=options.max_length)
    pooling = modules.Pooling(body.get_embedding_dimension(), "mean")
    model = SentenceTransformer(modules=[body, pooling, modules.Normalize()], device=options.device)

    def encode(texts):
        return model.encode(texts, batch_size=options.batch_size, show_progress_bar=False)

    about = {"version": sentence_transformers.__version__, "torch": torch.__version__, "threads": options.threads}
    if options.cases:
        report("sentence-transformers", **about, rates=rates(encode, options.cases, options.repeats))
    else:
        results = embedding_results(encode, texts_of(options.corpus), options.repeats, options.callers)
        report("sentence-transformers", **about, **results)


if __name__ == "__main__":
    main()
