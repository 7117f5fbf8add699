"""Draws throughput over text length and over the number of texts in a call: MTL, sentence-transformers, ONNX Runtime.

Run:    python benchmarks/peers/curves.py --data DATA_DIR [--rounds 3]       in the repository's root, on a quiet machine
Writes: docs/experiments/throughput.svg, and prints the results as a Markdown table
"""

import argparse
import math
import pathlib
import statistics
import sys
import tempfile

from compare import HERE, MINILM, bench, last_json, models, onnx_jar, run

LENGTHS = (8, 16, 32, 64, 128, 256)
SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256)
COLOURS = {"MTL": "#d1495b", "ONNX Runtime": "#00798c", "sentence-transformers": "#8d99ae"}


def cases(scratch, data):
    """One file of texts for each length, and a mixed one that is cut into calls of each size."""
    lines = []
    for length in LENGTHS:
        path = scratch / f"length-{length}.txt"
        # "house" is one token; [CLS] and [SEP] are two more
        path.write_text("\n".join([" ".join(["house"] * (length - 2))] * max(32, 4096 // length)) + "\n")
        lines.append(f"{path}\t{max(32, 4096 // length)}")
    mixed = scratch / "mixed.txt"
    corpus = run([sys.executable, HERE / "make_corpus.py", "--data", data]).stdout.split("\n")
    mixed.write_text("\n".join(corpus[0:1280:5]) + "\n", encoding="utf-8")
    lines += [f"{mixed}\t{size}" for size in SIZES]
    path = scratch / "cases.tsv"
    path.write_text("\n".join(lines) + "\n")
    return path


def panel(left, title, xs, rows):
    """One chart, both axes logarithmic, as SVG."""
    width, height, top = 330, 230, 50
    most = max(max(row) for row in rows.values()) * 1.3
    least = min(min(row) for row in rows.values()) / 1.3

    def x(index):
        return left + width * index / (len(xs) - 1)

    def y(value):
        return top + height * (1 - math.log(value / least) / math.log(most / least))

    parts = [f'<text x="{left}" y="{top - 14}" font-weight="bold">{title}</text>']
    for power in range(0, 5):
        for step in (1, 2, 5):
            value = step * 10**power
            if least <= value <= most:
                parts.append(f'<path d="M{left} {y(value):.1f}h{width}" stroke="#ddd"/>')
                parts.append(f'<text x="{left - 6}" y="{y(value) + 4:.1f}" text-anchor="end">{value:,}</text>')
    for index, value in enumerate(xs):
        parts.append(f'<text x="{x(index):.1f}" y="{top + height + 18}" text-anchor="middle">{value}</text>')
    for tool, row in rows.items():
        points = " ".join(f"{x(i):.1f},{y(value):.1f}" for i, value in enumerate(row))
        parts.append(f'<polyline points="{points}" fill="none" stroke="{COLOURS[tool]}" stroke-width="2.5"/>')
        parts += [f'<circle cx="{p.split(",")[0]}" cy="{p.split(",")[1]}" r="3.5" fill="{COLOURS[tool]}"/>' for p in points.split()]
    return parts


def picture(results):
    parts = ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 860 350" font-family="sans-serif" font-size="12">']
    parts.append('<rect width="860" height="350" fill="white"/>')
    parts += panel(60, "texts/s over tokens in a text", LENGTHS, {t: row[: len(LENGTHS)] for t, row in results.items()})
    parts += panel(490, "texts/s over texts in a call, mixed lengths", SIZES, {t: row[len(LENGTHS) :] for t, row in results.items()})
    for index, tool in enumerate(results):
        parts.append(f'<circle cx="{70 + 180 * index}" cy="331" r="5" fill="{COLOURS[tool]}"/>')
        parts.append(f'<text x="{82 + 180 * index}" y="335">{tool}</text>')
    return "\n".join(parts + ["</svg>"]) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, help="the folder that MTL_DATA names")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="mtl-curves"))
    file = cases(scratch, options.data)
    tools = {
        "MTL": bench("EmbedCases", MINILM, file, 3),
        "ONNX Runtime": [sys.executable, HERE / "bench_onnx.py", "--model", onnx_jar(), "--cases", file],
        "sentence-transformers": [sys.executable, HERE / "bench_embed.py", "--model", models()[MINILM]["directory"], "--cases", file],
    }
    rounds = [{tool: last_json(run(command).stdout)["rates"] for tool, command in tools.items()} for _ in range(options.rounds)]
    results = {tool: [statistics.median(v) for v in zip(*(each[tool] for each in rounds))] for tool in tools}
    pathlib.Path("docs/experiments/throughput.svg").write_text(picture(results), encoding="utf-8")
    for name, columns, part in (("tokens in a text", LENGTHS, slice(0, len(LENGTHS))), ("texts in a call", SIZES, slice(len(LENGTHS), None))):
        print(f"| {name} | " + " | ".join(map(str, columns)) + " |\n|---|" + "---|" * len(columns))
        for tool, row in results.items():
            print(f"| {tool} | " + " | ".join(f"{v:,.0f}" for v in row[part]) + " |")
        print()


if __name__ == "__main__":
    main()
