"""Writing safetensors files by hand (https://huggingface.co/docs/safetensors): no package is needed for it."""

import json
import struct

import numpy as np

TYPES = {np.dtype("float32"): "F32", np.dtype("int32"): "I32", np.dtype("bool"): "BOOL"}


def save(path, arrays, metadata=None):
    """Writes a dict of name -> array; 64-bit floats and integers are written as 32-bit ones."""
    header, chunks, position = {}, [], 0
    if metadata:
        header["__metadata__"] = metadata
    for name, value in arrays.items():
        array = np.asarray(value)
        array = array.astype({"float64": "float32", "int64": "int32"}.get(array.dtype.name, array.dtype), order="C")
        header[name] = {
            "dtype": TYPES[array.dtype],
            "shape": list(array.shape),
            "data_offsets": [position, position + array.nbytes],
        }
        chunks.append(array.tobytes())
        position += array.nbytes
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(chunks))
