"""Writes the Parquet file that ParquetReaderTest reads, as Hugging Face's datasets writes one.

    python golden_parquet.py ../../mtl-train/src/test/resources/parquet/hub.parquet
"""

import json
import sys

import pyarrow as pa
import pyarrow.parquet as pq

TAGS = ["O", "B-LOC", "I-LOC"]
FEATURES = {
    "text": {"dtype": "string", "_type": "Value"},
    "label": {"names": ["world", "sports"], "_type": "ClassLabel"},
    "stars": {"dtype": "float64", "_type": "Value"},
    "tokens": {"feature": {"dtype": "string", "_type": "Value"}, "_type": "Sequence"},
    "ner_tags": {"feature": {"names": TAGS, "_type": "ClassLabel"}, "_type": "Sequence"},
    "entities": [{"span": {"feature": {"dtype": "int64"}}, "type": {"dtype": "string"}}],
}
ROWS = {
    "text": ["in New York", "run", None],
    "label": [0, 1, 1],
    "stars": [4.5, 1.0, 2.0],
    "tokens": [["in", "New", "York"], ["run"], ["x"]],
    "ner_tags": [[0, 1, 2], [0], [0]],
    "entities": [[{"span": [1, 2], "type": "city"}], [], []],
}

table = pa.table(ROWS)
metadata = {"huggingface": json.dumps({"info": {"features": FEATURES}})}
pq.write_table(table.replace_schema_metadata(metadata), sys.argv[1], compression="snappy")
