"""Streams short texts through mtl embed, and reads throughput and memory off while it runs: both should be flat.

Run:    python million.py [--count 1000000] [--model all-MiniLM-L6-v2]
Prints: one line of JSON for each tenth of the stream: texts, texts a second in it, resident memory (MB) at its end
"""

import argparse
import json
import pathlib
import random
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
WORDS = """book table morning blue train weather album song rain late harbour meeting screen invoice answer open
quiet street river garden engine letter number winter battery ticket doctor window market signal""".split()


def resident(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--model", default="all-MiniLM-L6-v2")
    options = parser.parse_args()
    source = random.Random(1)
    with tempfile.TemporaryDirectory() as folder:
        texts = pathlib.Path(folder) / "texts.txt"
        with texts.open("w") as out:
            for _ in range(options.count):
                out.write(" ".join(source.choices(WORDS, k=source.randint(4, 12))) + "\n")
        command = [ROOT / "mtl", "embed", "--model", options.model, "--input", texts, "--format", "json"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        begun, tenth, done = None, options.count // 10, 0
        for _ in process.stdout:
            begun = begun or time.monotonic()
            done += 1
            if done % tenth == 0:
                now = time.monotonic()
                rate, memory = tenth / (now - begun), resident(process.pid)
                print(json.dumps({"texts": done, "texts_per_second": round(rate), "resident_mb": round(memory)}), flush=True)
                begun = now
        raise SystemExit(process.wait())


if __name__ == "__main__":
    main()
