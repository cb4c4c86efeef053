"""Writes values.json: what Python, NumPy and PyTorch pickle beside tensors, by every protocol, as base64 of deflated files.

Run with PyTorch 1.13: python3 test/interchange/golden/values.py
"""
import argparse
import base64
import collections
import datetime
import io
import json
import os
import pathlib
import pickle
import zlib

import numpy as np
import torch

plain = {
    "none": None, "true": True, "false": False, "int": -300, "big": 2**70, "negative": -(2**100), "huge": 2**4000, "float": 0.1,
    "inf": float("inf"), "text": "é\n'日本😀", "bytes": b"\x00a\xff'", "bytearray": bytearray(b"ab"), "empty": b"",
    "list": [1, [2, (3, ())]], "tuple": (1, 2, 3, 4), "set": {1}, "frozenset": frozenset([2]), "complex": 1 + 2j,
    "ordered": collections.OrderedDict([("a", 1)]), "counter": collections.Counter("aab"), "default": collections.defaultdict(list, {"x": [1]}),
    "deque": collections.deque([1, 2], maxlen=3), "namespace": argparse.Namespace(lr=0.5, name="run"), "path": pathlib.PurePosixPath("/a/b"),
    "date": datetime.datetime(2020, 1, 2), "slice": slice(1, 2), "type": int,
    "keys": {None: 0, True: 1, 2: 2, 2.5: 3, (1, "b"): 4, b"c": 5, 2**70: 6, frozenset([1]): 7},
}  # fmt: skip
shared = [7]
plain["shared"] = [shared, shared]
numpy = {
    "bool": np.bool_(True), "int8": np.int8(-5), "uint16": np.uint16(60000), "int64": np.int64(-(2**40)), "wide": np.uint64(2**63),
    "half": np.float16(1.5), "float32": np.float32(0.5), "float64": np.float64(0.1), "swapped": np.array([258], dtype=">i2"),
    "complex64": np.complex64(1), "datetime": np.datetime64("2020-01-01"), "text": np.str_("ab"), "bytes": np.bytes_(b"ab"), "long": np.longdouble(1),
    "void": np.zeros(1, dtype=[("a", "f4")])[0], "array": np.arange(3), "texts": np.array(["a"]), "objects": np.array([1, None], dtype=object),
    "dtype": np.dtype("f4"), "class": np.float32, "random": np.random.RandomState(0).get_state()[2:], "empty": np.zeros((0, 3)),
}  # fmt: skip
torches = {
    "dtype": torch.float32, "size": torch.Size([2, 3]), "device": torch.device("cuda", 1), "bf16": torch.bfloat16, "class": torch.FloatTensor,
    "layout": torch.strided,
}  # fmt: skip
tensors = {
    "float": torch.arange(3.0), "half": torch.tensor([1.5]).half(), "bfloat": torch.tensor([-2.5]).bfloat16(), "complex": torch.ones(1, dtype=torch.complex64),
    "sparse": torch.sparse_coo_tensor([[0], [1]], [1.0]), "quantised": torch.quantize_per_tensor(torch.ones(2), 0.1, 0, torch.qint8),
    "meta": torch.ones(2, device="meta"), "parameter": torch.nn.Parameter(torch.ones(1)),
}  # fmt: skip


def saved(value, protocol, **kind):
    file = io.BytesIO()
    torch.save(value, file, pickle_protocol=protocol, **kind)
    return file.getvalue()


STREAM = {"_use_new_zipfile_serialization": False}
files = {}
for protocol in range(6):
    files[f"pickle-{protocol}"] = pickle.dumps({"plain": plain, "numpy": numpy}, protocol)
    files[f"stream-{protocol}"] = saved({"plain": plain, "numpy": numpy, "torch": torches}, protocol, **STREAM)
for protocol in range(1, 6):
    files[f"tensors-stream-{protocol}"] = saved(tensors, protocol, **STREAM)
files["tensors-stream-0"] = saved(tensors["float"], 0, **STREAM)
files["tensors-zip-2"], files["tensors-zip-4"] = saved(tensors, 2), saved(tensors, 4)

path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "values.json")
packed = {name: base64.b64encode(zlib.compress(content, 9)).decode() for name, content in files.items()}
with open(path, "w") as out:
    json.dump(packed, out, indent=0)
    out.write("\n")
print(os.path.getsize(path), "bytes;", {name: len(content) for name, content in files.items()})
