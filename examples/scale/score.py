"""An exported model of a table over a folder of Parquet files: DuckDB reads and writes them, ONNX Runtime scores, one process per core.

    pip install duckdb onnxruntime numpy
    python score.py model.onnx parts/ scored/

A result has the columns of its part, and class, probability, log_density and out_of_distribution. It gets its name when it is whole: what was
killed is started again by the same command, which leaves out what is there.
"""

import json
import os
import sys
from multiprocessing import Pool
from pathlib import Path

import duckdb
import numpy
import onnxruntime

BATCH = 10_000


def load(path):
    """Once in each process."""
    global session, tensors, classes
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options)
    said = session.get_modelmeta().custom_metadata_map
    tensors = json.loads(said["values"])["tensors"]
    classes = json.loads(said["classes"])


def name(column):
    return '"' + column.replace('"', '""') + '"'


def expression(tensor, column):
    """Missing numbers are NaN, missing levels empty."""
    kind, missing = ("VARCHAR", "''") if tensor["dtype"] == "string" else ("DOUBLE", "'NaN'::DOUBLE")
    return f"coalesce(CAST({name(column)} AS {kind}), {missing})"


def predict(batch):
    """What the model says of rows, a list of columns in the order of its tensors."""
    columns = iter(batch)
    inputs = {}
    for tensor in tensors:
        own = [next(columns) for _ in tensor["columns"]]
        inputs[tensor["name"]] = numpy.stack(own, axis=1).astype(object if tensor["dtype"] == "string" else "float64")
    wanted = [output.name for output in session.get_outputs()]
    return dict(zip(wanted, session.run(wanted, inputs)))


def score(task):
    """One part. Returns how many rows it has."""
    part, result = task
    database = duckdb.connect(config={"threads": 1})
    selected = ", ".join(expression(t, c) + f" AS c{i}" for i, (t, c) in enumerate((t, c) for t in tensors for c in t["columns"]))
    rows = database.execute("SELECT count(*) FROM read_parquet(?)", [part]).fetchone()[0]
    said = {"class": [], "probability": [], "log_density": [], "out_of_distribution": []}
    reading = database.cursor().execute(f"SELECT {selected} FROM read_parquet(?)", [part])
    while batch := reading.fetchmany(BATCH):
        outputs = predict([numpy.array(column, dtype=object) for column in zip(*batch)])
        said["log_density"].append(outputs["log_density"])
        if classes is not None:
            p = outputs["probabilities"]
            said["class"].append(numpy.array(classes, dtype=object)[p.argmax(axis=1)])
            said["probability"].append(p.max(axis=1))
        if "out_of_distribution" in outputs:
            said["out_of_distribution"].append(outputs["out_of_distribution"])
    scored = {key: numpy.concatenate(values) for key, values in said.items() if values}
    scored["row"] = numpy.arange(rows)
    database.register("scored", scored)
    database.execute(
        "COPY (SELECT part.* EXCLUDE (file_row_number), scored.* EXCLUDE (row)"
        " FROM read_parquet($1, file_row_number = true) AS part JOIN scored ON file_row_number = scored.row"
        f" ORDER BY scored.row) TO '{str(result).replace(chr(39), chr(39) * 2)}.tmp' (FORMAT parquet)",
        [part],
    )
    os.replace(f"{result}.tmp", result)
    return rows


if __name__ == "__main__":
    model, parts, results = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    results.mkdir(parents=True, exist_ok=True)
    every = sorted(parts.glob("*.parquet"))
    due = [(str(part), str(results / part.name)) for part in every if not (results / part.name).exists()]
    print(f"{len(due)} of {len(every)} parts are to be scored")
    with Pool(initializer=load, initargs=[model]) as pool:
        total = sum(pool.imap_unordered(score, due))
    print(f"{total} rows of {len(due)} parts scored")
