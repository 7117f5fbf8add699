"""`mtl serve` and FastAPI servers under load, and the throughput of the library without a server: a table in Markdown.

Run in the repository's root, in the virtual environment of README.md with fastapi and uvicorn, with nothing else
running; needs wrk:

    python benchmarks/peers/bench_serve.py --corpus corpus.txt [--connections 1,8,64,512] [--seconds 10] [--rounds 1]

A connection sends one text after the other. The library is asked by as many callers, in one process
(dev.mtl.bench.ConcurrentCallers). The model is all-MiniLM-L6-v2.
"""

import argparse
import contextlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import urllib.request

from compare import HERE, MINILM, models, onnx_jar, run

PORT = 8097
URL = f"http://127.0.0.1:{PORT}"


@contextlib.contextmanager
def server(command, **environment):
    process = subprocess.Popen(
        [str(part) for part in command],
        env=os.environ | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(600):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"{URL}/health").close()
                break
            time.sleep(0.1)
            if process.poll() is not None:
                sys.exit(f"{command} ended with {process.returncode}")
        yield
    finally:
        process.terminate()
        process.wait()


def load(bodies, connections, seconds):
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "60s", "-s", HERE / "bench_serve.lua", URL]
    found = json.loads(run(command, env=os.environ | {"BODIES": bodies}).stdout.splitlines()[-1])
    return found | {"rate": found["answers"] / found["seconds"]}


def under_load(command, bodies, connections, seconds, **environment):
    with server(command, **environment):
        load(bodies, 8, seconds)
        return {count: load(bodies, count, seconds) for count in connections}


def library(corpus, callers):
    """Texts per second of callers in one process, and their times; the second of two rounds."""
    command = ["mvn", "-q", "-B", "-o", "-pl", "benchmarks", "-am", "verify", "-DskipTests", "-Pbench"]
    arguments = f"{MINILM} {corpus} {','.join(map(str, callers))} 2"
    command += ["-Dbench.main=dev.mtl.bench.ConcurrentCallers", f"-Dbench={arguments}"]
    lines = [line for line in run(command).stdout.splitlines() if '"callers"' in line]
    rows = [json.loads(line[line.index("{") :]) for line in lines[len(callers) :]]
    return {row["callers"]: row | {"rate": row["texts_per_second"]} for row in rows}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", required=True, help="one text a line; see make_corpus.py")
    parser.add_argument("--connections", default="1,8,64,512")
    parser.add_argument("--seconds", type=int, default=10, help="of each count of connections")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--tools", default="library,mtl,st,onnx")
    options = parser.parse_args()
    counts = [int(count) for count in options.connections.split(",")]
    bodies = pathlib.Path(tempfile.mkdtemp(prefix="mtl-serve")) / "bodies"
    texts = pathlib.Path(options.corpus).read_text(encoding="utf-8").splitlines()
    bodies.write_text("".join(json.dumps({"inputs": text}) + "\n" for text in texts), encoding="utf-8")
    uvicorn = [sys.executable, "-m", "uvicorn", "--app-dir", HERE, "--port", PORT, "serve_sentences:app"]
    tools = {
        "library": lambda: library(options.corpus, counts),
        "mtl": lambda: under_load(
            ["./mtl", "serve", "--model", MINILM, "--port", PORT], str(bodies), counts, options.seconds
        ),
        "st": lambda: under_load(
            uvicorn, str(bodies), counts, options.seconds, MODEL=models()[MINILM]["directory"]
        ),
        "onnx": lambda: under_load(uvicorn, str(bodies), counts, options.seconds, MODEL=str(onnx_jar())),
    }
    print("| tool | connections | texts/s | p50, ms | p99, ms | refused | lost |")
    print("|---|---|---|---|---|---|---|")
    for _ in range(options.rounds):
        for tool in options.tools.split(","):
            for count, row in tools[tool]().items():
                cells = [f"{row['rate']:.1f}", f"{row['p50_ms']:.1f}", f"{row['p99_ms']:.1f}"]
                cells += [str(row.get(key, "")) for key in ("refused", "lost")]
                print(f"| {tool} | {count} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
