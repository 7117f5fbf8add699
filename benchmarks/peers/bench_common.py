"""What the bench_*.py scripts share: arguments, repeats, one line of JSON. Not run by itself."""

import argparse
import concurrent.futures
import json
import pathlib
import statistics
import time


def arguments(doc):
    """A parser with what every script takes."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=2, help="of the operators (default 2)")
    parser.add_argument("--repeats", type=int, default=3, help="measured ones, after a warm-up (default 3)")
    parser.add_argument("--callers", type=int, nargs="*", default=[], help="threads that ask for single texts of the corpus")
    return parser


def summary(values, digits=2):
    """{"median", "p99", "min", "max"} of some values."""
    return {
        "median": round(statistics.median(values), digits),
        "p99": round(sorted(values)[len(values) * 99 // 100], digits),
        "min": round(min(values), digits),
        "max": round(max(values), digits),
    }


def seconds(work):
    """The wall-clock seconds that work() takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def texts_of(path):
    return pathlib.Path(path).read_text(encoding="utf-8").split("\n")[:-1]


def embedding_results(encode, texts, repeats, callers=()):
    """Throughput over all texts, the latency of one short text at a time, and callers; encode takes a list."""
    encode(texts[:64])
    rates = [len(texts) / seconds(lambda: encode(texts)) for _ in range(repeats)]
    short = sorted(texts, key=len)[: max(20, len(texts) // 20)]
    single = [1e3 * seconds(lambda: encode([text])) for text in short]
    return {
        "texts": len(texts),
        "texts_per_second": summary(rates),
        "one_short_text_ms": summary(single),
    } | ({"callers": {str(n): by_callers(encode, texts, n) for n in callers}} if callers else {})


def by_callers(encode, texts, callers):
    """Texts per second of single texts in as many threads."""
    with concurrent.futures.ThreadPoolExecutor(callers) as pool:
        took = seconds(lambda: list(pool.map(lambda text: encode([text]), texts)))
    return round(len(texts) / took, 1)


def rates(encode, cases, repeats):
    """Texts per second in each case: a line "FILE<tab>N" of a file, texts a line, N of them in a call."""
    found = []
    for line in pathlib.Path(cases).read_text(encoding="utf-8").splitlines():
        path, size = line.split("\t")
        texts, size = texts_of(path), int(size)

        def run():
            for start in range(0, len(texts), size):
                encode(texts[start : start + size])

        run()
        found.append(float(f"{statistics.median(len(texts) / seconds(run) for _ in range(repeats)):.4g}"))
    return found


def report(tool, **results):
    """Prints the one line of JSON."""
    print(json.dumps({"tool": tool} | results))
