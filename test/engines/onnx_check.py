"""Checks ONNX models with the reference checker: python3 onnx_check.py MODEL...

Each model must pass onnx.checker with full shape inference, and every output's declared type and shape must be the
one that shape inference finds. Prints one line of JSON per model; exits with 1 if one fails.
"""
import json
import sys

import onnx
from onnx import shape_inference


def describe(value):
    tensor = value.type.tensor_type
    return [tensor.elem_type, [d.dim_value if d.HasField("dim_value") else d.dim_param for d in tensor.shape.dim]]


def check(path):
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    # Without the declared output shapes, so that they are inferred and not copied.
    declared = {value.name: describe(value) for value in model.graph.output}
    for value in model.graph.output:
        value.type.tensor_type.ClearField("shape")
    inferred = shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True)
    found = {value.name: describe(value) for value in inferred.graph.output}
    return {
        "ir_version": model.ir_version,
        "opsets": {opset.domain: opset.version for opset in model.opset_import},
        "operators": sorted({node.op_type for node in model.graph.node}),
        "nodes": len(model.graph.node),
        "metadata": {entry.key: entry.value for entry in model.metadata_props},
        "inputs": {value.name: describe(value) for value in model.graph.input},
        "declared": declared,
        "inferred": found,
    }


failed = False
for path in sys.argv[1:]:
    try:
        print(json.dumps({"path": path, **check(path)}))
    except Exception as error:  # whatever the checker throws is the result
        failed = True
        print(json.dumps({"path": path, "error": f"{type(error).__name__}: {error}"}))
sys.exit(1 if failed else 0)
