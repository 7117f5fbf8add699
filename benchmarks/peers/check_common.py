"""What the check_*.py scripts share: texts, and what mtl says of them. Not run by itself."""

import json
import math
import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
TEXTS = [
    "Is Harbor free for six people on Thursday at 9:30?",
    "The projector in Studio 3 has been flickering since Monday.",
    "book",
    "Zürich, 東京 & “quotes” — naïve café!",
    "play the blue song " * 60,
]


def mtl(*arguments, texts=None):
    """Runs ./mtl, or what $MTL names; gives each line of its stdout as JSON."""
    done = subprocess.run(
        [os.environ.get("MTL", ROOT / "mtl"), *map(str, arguments), "--format", "json"],
        input=None if texts is None else "\n".join(texts) + "\n",
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"mtl {' '.join(map(str, arguments))}: {done.stderr}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def java():
    """JAVA_HOME's, else the newest of the usual folder; TaskLogits.java needs 25."""
    homes = sorted(pathlib.Path("/usr/lib/jvm").glob("*25*"))
    home = os.environ.get("JAVA_HOME") or (homes[-1] if homes else "")
    return str(pathlib.Path(home) / "bin/java") if home else "java"


def embeddings(model, texts, *options):
    return [line["embedding"] for line in mtl("embed", "--model", model, "--input", "-", *options, texts=texts)]


def logits(model, texts):
    """Token ids, token embeddings and logits of each text, by TaskLogits.java on the classes of the last build of ./mtl."""
    builds = ROOT / "target/mtl"
    app = builds / (builds / "cpu").read_text().strip()
    jars = [str(app / line) for line in (app / "classpath").read_text().splitlines()]
    done = subprocess.run(
        [java(), "--enable-native-access=ALL-UNNAMED", "-Dai.djl.offline=true", "-cp", ":".join(jars)]
        + [str(ROOT / "benchmarks/peers/TaskLogits.java"), str(model)],
        input="\n".join(texts) + "\n",
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    return [json.loads(line) for line in done.stdout.splitlines()]


def farthest(ours, theirs):
    """The largest difference between pairs of arrays (infinite if sizes differ), and the largest value of the second."""
    import numpy

    worst = largest = 0.0
    for one, other in zip(ours, theirs, strict=True):
        one, other = numpy.asarray(one, dtype="float64").ravel(), numpy.asarray(other, dtype="float64").ravel()
        if one.size != other.size:
            return math.inf, 0.0
        worst = max(worst, float(abs(one - other).max()))
        largest = max(largest, float(abs(other).max()))
    return worst, largest


class Report:
    """Compares values, prints a line for each comparison, remembers whether one was too far off."""

    def __init__(self, tolerance):
        self.tolerance = tolerance
        self.failed = False

    def compare(self, what, ours, theirs):
        """The largest difference between pairs of arrays; the tolerance is relative to the largest value above 1."""
        worst, largest = farthest(ours, theirs)
        of = f" of values up to {largest:.1f}" if largest > 1 else ""
        self.say(what, f"largest difference {worst:.1e}{of}", worst <= self.tolerance * max(1, largest))

    def against_float64(self, what, exact, **given):
        """How far some float32 values are from those of the same weights in float64."""
        far = {name: farthest(values, exact) for name, values in given.items()}
        values = ", ".join(f"{name} {worst:.1e}" for name, (worst, _) in far.items())
        largest = farthest(exact, exact)[1]
        self.say(f"{what} of up to {largest:.1f} against transformers in float64", values, True)

    def same(self, what, ours, theirs):
        self.say(what, "the same" if ours == theirs else f"{ours} and {theirs}", ours == theirs)

    def say(self, what, values, good):
        self.failed |= not good
        print(f"{'ok ' if good else 'BAD'}  {what}: {values}", flush=True)

    def exit(self):
        raise SystemExit(1 if self.failed else 0)
