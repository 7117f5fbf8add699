"""Embeds a corpus with ONNX Runtime: texts sorted by length, mean pooling, L2, at most 256 tokens.

Run:    python bench_onnx.py --model MODEL.jar (--corpus corpus.txt | --cases cases.tsv) [--threads 2] [--repeats 3] [--int8]
        MODEL.jar is langchain4j's jar of a model (one .onnx and one tokenizer inside); or give an .onnx file,
        and its tokenizer.json with --tokenizer
Prints: one line of JSON: texts per second, and milliseconds for one short text (median, min, max); of cases, texts
        per second in each
"""

import pathlib
import tempfile
import zipfile

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

from bench_common import arguments, embedding_results, rates, report, texts_of


def load(model, tokenizer):
    """The bytes of the network and the tokenizer."""
    if model.endswith(".jar"):
        with zipfile.ZipFile(model) as jar:
            member = {pathlib.PurePath(n).suffix: n for n in jar.namelist() if n.endswith((".onnx", ".json"))}
            return jar.read(member[".onnx"]), Tokenizer.from_str(jar.read(member[".json"]).decode())
    return pathlib.Path(model).read_bytes(), Tokenizer.from_file(tokenizer)


def quantized(network):
    """The network with linear layers in 8 bits, weights by channel; with 7 bits where products of 8 would overflow."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    vnni = "vnni" in pathlib.Path("/proc/cpuinfo").read_text()
    with tempfile.TemporaryDirectory() as folder:
        full, small = pathlib.Path(folder, "full.onnx"), pathlib.Path(folder, "small.onnx")
        full.write_bytes(network)
        quantize_dynamic(full, small, weight_type=QuantType.QInt8, per_channel=True, reduce_range=not vnni)
        return small.read_bytes()


class Embedder:
    def __init__(self, network, tokenizer, threads, max_length, batch_size):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self.session = onnxruntime.InferenceSession(network, options, providers=["CPUExecutionProvider"])
        self.tokenizer = tokenizer
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(max_length)
        self.batch_size = batch_size

    def encode(self, texts):
        encodings = self.tokenizer.encode_batch(texts)
        order = sorted(range(len(texts)), key=lambda i: -len(encodings[i].ids))
        embeddings = [None] * len(texts)
        for start in range(0, len(order), self.batch_size):
            rows = order[start : start + self.batch_size]
            for row, embedding in zip(rows, self.forward([encodings[row].ids for row in rows])):
                embeddings[row] = embedding
        return np.stack(embeddings)

    def forward(self, ids):
        mask = np.arange(len(ids[0])) < np.array([[len(row)] for row in ids])
        padded = np.zeros(mask.shape, np.int64)
        padded[mask] = np.concatenate(ids)
        inputs = {
            "input_ids": padded,
            "attention_mask": mask.astype(np.int64),
            "token_type_ids": np.zeros_like(padded),
        }
        hidden = self.session.run(None, inputs)[0]
        mean = np.einsum("bsh,bs->bh", hidden, mask.astype(np.float32)) / mask.sum(1, keepdims=True)
        return mean / np.linalg.norm(mean, axis=1, keepdims=True)


def main():
    parser = arguments(__doc__)
    parser.add_argument("--model", required=True)
    parser.add_argument("--tokenizer", help="tokenizer.json, where the model is not a jar")
    wanted = parser.add_mutually_exclusive_group(required=True)
    wanted.add_argument("--corpus", help="one text a line; see make_corpus.py")
    wanted.add_argument("--cases", help="a text file and how many texts a call takes, a line; see curves.py")
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--max-length", type=int, default=256, help="tokens (default 256)")
    parser.add_argument("--int8", action="store_true", help="dynamic quantization of the linear layers")
    options = parser.parse_args()
    if not options.model.endswith(".jar") and not options.tokenizer:
        parser.error("--tokenizer is needed where --model is not a jar")

    network, tokenizer = load(options.model, options.tokenizer)
    if options.int8:
        network = quantized(network)
    embedder = Embedder(network, tokenizer, options.threads, options.max_length, options.batch_size)
    about = {"version": onnxruntime.__version__, "threads": options.threads}
    if options.cases:
        report("onnxruntime", **about, rates=rates(embedder.encode, options.cases, options.repeats))
    else:
        results = embedding_results(embedder.encode, texts_of(options.corpus), options.repeats, options.callers)
        report("onnxruntime", **about, **results)


if __name__ == "__main__":
    main()
