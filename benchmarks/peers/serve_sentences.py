"""What a Python user would serve: POST /embed {"inputs": TEXT or TEXTS} by FastAPI. Needs fastapi and uvicorn.

Run:    MODEL=PATH uvicorn serve_sentences:app --port 8081
        MODEL is a directory in Hugging Face layout, for sentence-transformers; or langchain4j's jar of a model, for
        ONNX Runtime (see bench_onnx.py). FastAPI calls embed on up to 40 threads at once, each for its own request.
"""

import os

from fastapi import FastAPI


def encoder(model):
    if model.endswith(".jar"):
        from bench_onnx import Embedder, load

        return Embedder(*load(model, None), threads=2, max_length=512, batch_size=32).encode
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(model, device="cpu").encode


encode = encoder(os.environ["MODEL"])
app = FastAPI()


@app.post("/embed")
def embed(body: dict):
    texts = [body["inputs"]] if isinstance(body["inputs"], str) else body["inputs"]
    return encode(texts).tolist()


@app.get("/health")
def health():
    return "ok"
