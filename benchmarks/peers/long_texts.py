"""Time a token of one text over its length: MTL beside transformers (sdpa, eager) in sentence-transformers.

Run:    python benchmarks/peers/long_texts.py --model DIR --corpus corpus.txt [--tokens 512 2048 8192] [--tools mtl sdpa eager]
        in the repository's root, on a quiet machine; DIR: a model of make_family.py, such as modernbert-base
Prints: a table in Markdown, in microseconds a token; the median of --repeats calls after a first one
"""

import argparse
import pathlib
import sys
import tempfile

import transformers

from compare import HERE, bench, last_json, run


def text_of(tokenizer, words, tokens):
    """As many of the words as have at most so many tokens, and how many tokens they have."""
    count = lambda size: len(tokenizer(" ".join(words[:size])).input_ids)
    least, most = 1, len(words)
    while least < most:
        middle = (least + most + 1) // 2
        least, most = (middle, most) if count(middle) <= tokens else (least, middle - 1)
    return " ".join(words[:least]), count(least)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True, type=pathlib.Path)
    parser.add_argument("--corpus", required=True, type=pathlib.Path)
    parser.add_argument("--tokens", type=int, nargs="+", default=[512, 2048, 8192])
    parser.add_argument("--tools", nargs="+", default=["mtl", "sdpa", "eager"], choices=["mtl", "sdpa", "eager"])
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    tokenizer = transformers.AutoTokenizer.from_pretrained(options.model)
    words = options.corpus.read_text(encoding="utf-8").split()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="mtl-long-texts"))
    cases, lengths = folder / "cases.tsv", []
    with cases.open("w") as file:
        for tokens in options.tokens:
            text, length = text_of(tokenizer, words, tokens)
            (folder / f"{tokens}.txt").write_text(text + "\n", encoding="utf-8")
            print(f"{folder / f'{tokens}.txt'}\t1", file=file)
            lengths.append(length)
    print("| tool | " + " | ".join(f"{length:,} tokens" for length in lengths) + " |\n|---|" + "---|" * len(lengths))
    longest = max(options.tokens)
    for tool in options.tools:
        command = [sys.executable, HERE / "bench_embed.py", "--model", options.model, "--cases", cases, "--repeats", options.repeats]
        command += ["--max-length", longest, "--attention", tool]
        if tool == "mtl":
            command = bench("EmbedCases", options.model, cases, options.repeats, longest)
        rates = last_json(run(command).stdout)["rates"]
        print(f"| {tool} | " + " | ".join(f"{1e6 / rate / length:,.0f}" for rate, length in zip(rates, lengths)) + " |", flush=True)


if __name__ == "__main__":
    main()
