"""What PyTorch says about every primitive: python3 test/golden/primitives.py writes primitives.safetensors beside it.

For each case: its inputs (c/0, c/1, ...), the value (c/y) and, where that is real, a random cotangent (c/ct) and the
gradient of sum(y * ct) by each real input (c/d0, c/d1, ...). The arithmetic is in double precision on inputs that single
precision holds exactly, so that the fixture's own error is one rounding.
"""

import os

import numpy as np
import torch
import torch.nn.functional as F

from safetensors_io import save

random = np.random.default_rng(20201012)
arrays = {}


def real(*shape, low=-2.0, high=2.0):
    """Uniform reals that float32 holds exactly."""
    return torch.tensor(random.uniform(low, high, shape).astype(np.float32).astype(np.float64))


def positive(*shape):
    return real(*shape, low=0.3, high=3.0)


def whole(*shape, below=3, low=0):
    return torch.tensor(random.integers(low, below, shape).astype(np.int32))


def flags(*shape):
    return torch.tensor(random.integers(0, 2, shape).astype(bool))


def values(*numbers, dtype=torch.float64):
    return torch.tensor(numbers, dtype=dtype)


def case(name, function, *inputs):
    inputs = [x.clone().requires_grad_(x.is_floating_point()) for x in inputs]
    y = function(*inputs)
    for i, x in enumerate(inputs):
        arrays[f"{name}/{i}"] = x.detach().numpy()
    arrays[f"{name}/y"] = y.detach().numpy()
    if not y.is_floating_point():
        return
    ct = real(*y.shape)
    arrays[f"{name}/ct"] = ct.numpy()
    reals = [x for x in inputs if x.is_floating_point()]
    if not reals:
        return
    total = (y * ct).sum()
    gradients = torch.autograd.grad(total, reals, allow_unused=True) if total.requires_grad else [None] * len(reals)
    for (i, x), d in zip([(i, x) for i, x in enumerate(inputs) if x.is_floating_point()], gradients):
        arrays[f"{name}/d{i}"] = (torch.zeros_like(x) if d is None else d).detach().numpy()


# Elementwise -----------------------------------------------------------------------------------------------------------
edges = values(-90.0, -20.0, -1.0, -1e-4, 0.0, 1e-4, 1.0, 20.0, 90.0)
case("neg", torch.neg, real(2, 3))
case("exp", torch.exp, real(2, 3))
case("log", torch.log, positive(2, 3))
case("sqrt", torch.sqrt, positive(2, 3))
case("sin", torch.sin, real(2, 3, low=-7, high=7))
case("cos", torch.cos, real(2, 3, low=-7, high=7))
case("tanh", torch.tanh, edges)
case("sigmoid", torch.sigmoid, edges)
case("softplus", lambda x: F.softplus(x, threshold=1e9), edges)
case("abs", torch.abs, edges)
case("sign", torch.sign, edges)
case("leakyRelu", lambda x: F.leaky_relu(x, 0.2), edges)
case("relu", torch.relu, edges)
case("step", lambda x: torch.where(x > 0, 1.0, 0.25).to(x.dtype), edges)
case("clamp", lambda x: torch.clamp(x, -0.5, 1.25), values(-3.0, -0.5, -0.25, 0.0, 1.0, 1.25, 1.5))
case("clamp below", lambda x: torch.clamp(x, min=0.5), real(6))
case("pow 3", lambda x: x**3, real(2, 3))
case("pow -1.5", lambda x: x**-1.5, positive(2, 3))
case("pow 2", lambda x: x**2, real(3))
case("pow 1", lambda x: x**1, real(3))
case("pow 0", lambda x: x**0, values(0.0, 2.0))
case("square", torch.square, real(3))
case("identity", lambda x: x * 1, real(3))
case("stopGradient", lambda x: x * x.detach(), real(3))

SHAPES = {
    "": ((2, 3), (2, 3)),
    " scalar": ((2, 3), ()),
    " row": ((2, 3), (3,)),
    " outer": ((2, 1, 3), (4, 1)),
}
BINARY = {"add": torch.add, "sub": torch.sub, "mul": torch.mul, "maximum": torch.maximum, "minimum": torch.minimum}
for op, function in BINARY.items():
    for suffix, (a, b) in SHAPES.items():
        case(op + suffix, function, real(*a), real(*b))
    case(op + " i32", function, whole(2, 3, low=-5, below=5), whole(3, low=-5, below=5))
case("maximum tie", torch.maximum, values(1.0, 2.0, 3.0), values(1.0, 3.0, 2.0))
case("minimum tie", torch.minimum, values(1.0, 2.0, 3.0), values(1.0, 3.0, 2.0))
for suffix, (a, b) in SHAPES.items():
    case("div" + suffix, torch.div, real(*a), positive(*b))
case("div i32", lambda a, b: torch.div(a, b, rounding_mode="trunc"), whole(2, 3, below=20), whole(3, low=1, below=5))
case("number left", lambda x: 1 - 2 / x, positive(3))

ties = values(1.0, 2.0, 2.0, -1.0), values(2.0, 1.0, 2.0, -1.0)
COMPARE = {
    "less": torch.less,
    "lessEqual": torch.less_equal,
    "equal": torch.eq,
    "greater": torch.greater,
    "greaterEqual": torch.greater_equal,
}
for op, function in COMPARE.items():
    case(op, function, *ties)
    case(op + " i32", function, whole(2, 3), whole(3))
case("equal bool", torch.eq, flags(2, 3), flags(3))
case("and", torch.logical_and, flags(2, 3), flags(3))
case("or", torch.logical_or, flags(2, 3), flags(3))
case("not", torch.logical_not, flags(2, 3))
case("where", torch.where, flags(2, 3), real(2, 3), real(2, 3))
case("where broadcast", torch.where, flags(2, 1), real(1, 3), real())
case("where i32", torch.where, flags(2, 3), whole(2, 3), whole(3))
case("cast f32 to i32", lambda x: x.to(torch.int32), values(-2.7, -0.5, 0.5, 2.7))
case("cast i32 to f32", lambda x: x.to(torch.float64), whole(4, low=-9, below=9))
case("cast f32 to bool", lambda x: x.to(torch.bool), values(-1.0, 0.0, 0.5))
case("cast bool to f32", lambda x: x.to(torch.float64), flags(5))
case("cast bool to i32", lambda x: x.to(torch.int32), flags(5))
case("cast i32 to bool", lambda x: x.to(torch.bool), whole(5))

# Reductions ------------------------------------------------------------------------------------------------------------
AXES = {"": None, " 0": 0, " -1": -1, " 0,2": (0, 2)}
for suffix, axes in AXES.items():
    dims = (0, 1, 2) if axes is None else axes
    case("sum" + suffix, lambda x: torch.sum(x, dims), real(2, 3, 4))
    case("mean" + suffix, lambda x: torch.mean(x, dims), real(2, 3, 4))
    case("max" + suffix, lambda x: torch.amax(x, dims), real(2, 3, 4))
    case("min" + suffix, lambda x: torch.amin(x, dims), real(2, 3, 4))
    case("logsumexp" + suffix, lambda x: torch.logsumexp(x, dims), real(2, 3, 4))
case("sum keep", lambda x: torch.sum(x, (0, 2), keepdim=True), real(2, 3, 4))
case("mean keep", lambda x: torch.mean(x, 1, keepdim=True), real(2, 3, 4))
case("max keep", lambda x: torch.amax(x, 1, keepdim=True), real(2, 3, 4))
case("logsumexp keep", lambda x: torch.logsumexp(x, 1, keepdim=True), real(2, 3, 4))
case("sum scalar", lambda x: x.sum(), real())
case("sum i32", lambda x: torch.sum(x, 1).to(torch.int32), whole(2, 3, below=9))
case("max tie", lambda x: torch.amax(x, 1), torch.tensor([[1.0, 3.0, 3.0], [2.0, 2.0, 2.0]], dtype=torch.float64))
# Beyond 88.7, where e^x overflows, but not so far that the rounding of x - logsumexp(x) shows in the gradient.
case("logsumexp large", lambda x: torch.logsumexp(x, 1), torch.tensor([[96.0, 95.0], [-96.0, -94.0]]).double())
for axis in (-1, 0, 1):
    case(f"softmax {axis}", lambda x: torch.softmax(x, axis), real(2, 3, 4))
    case(f"logSoftmax {axis}", lambda x: torch.log_softmax(x, axis), real(2, 3, 4))
case("softmax large", lambda x: torch.softmax(x, -1), torch.tensor([[1000.0, 999.0, -1000.0]]).double())
case("logSoftmax large", lambda x: torch.log_softmax(x, -1), torch.tensor([[1000.0, 999.0, -1000.0]]).double())
for axis in (-1, 0):
    case(f"argmax {axis}", lambda x: torch.argmax(x, axis), real(3, 4))
case("broadcastTo", lambda x: x.expand(2, 3, 4), real(3, 1))
case("sumTo", lambda x: x.sum((0, 2)).reshape(3, 1), real(2, 3, 4))

# Movement --------------------------------------------------------------------------------------------------------------
case("reshape", lambda x: x.reshape(3, 4), real(2, 6))
case("reshape -1", lambda x: x.reshape(2, -1, 1), real(2, 3, 2))
case("flatten", lambda x: x.flatten(1), real(2, 3, 2))
case("expandDims", lambda x: x.unsqueeze(-1), real(2, 3))
case("squeeze", lambda x: x.squeeze(1), real(2, 1, 3))
case("transpose", lambda x: x.permute(2, 1, 0), real(2, 3, 4))
case("transpose 1,2,0", lambda x: x.permute(1, 2, 0), real(2, 3, 4))
case("matrixTranspose", lambda x: x.transpose(-1, -2), real(2, 3, 4))
case("slice", lambda x: x[1:3], real(4, 3))
case("slice index", lambda x: x[:, 1], real(3, 4))
case("slice negative", lambda x: x[-1, -3:-1], real(3, 4))
case("slice stride", lambda x: x[:, 1::2, ::3], real(2, 5, 7))
case("slice stride inside", lambda x: x[0:4:2, 1:6:3], real(6, 7))
case("slice i32", lambda x: x[1::2], whole(5, below=9))


def written(x, shape, *where):
    out = x.new_zeros(shape)
    out[where] = x
    return out


case("place", lambda x: written(x, (4, 5), slice(1, 3), slice(2, 5)), real(2, 3))
case("place stride", lambda x: written(x, (7, 6), slice(1, 6, 2), slice(0, 4, 3)), real(3, 2))
case("place stride to the end", lambda x: written(x, (5, 6), slice(0, 5, 2), slice(0, 6, 2)), real(3, 3))
case("pad", lambda x: F.pad(x, (1, 2, 0, 3)), real(2, 3))
case("pad value", lambda x: F.pad(x, (1, 2, 0, 3), value=-1.5), real(2, 3))
case("pad reflect", lambda x: F.pad(x, (2, 1, 1, 3), mode="reflect"), real(1, 2, 4, 3))
case("flip", lambda x: x.flip(1), real(2, 3))
case("flip 0,2", lambda x: x.flip(0, 2), real(2, 3, 4))
case("concat", lambda a, b, c: torch.cat([a, b, c], 1), real(2, 3), real(2, 1), real(2, 2))
case("concat i32", lambda a, b: torch.cat([a, b]), whole(2, 3), whole(1, 3))
case("stack 0", lambda a, b: torch.stack([a, b]), real(2, 3), real(2, 3))
case("stack -1", lambda a, b: torch.stack([a, b], -1), real(2, 3), real(2, 3))

# Products --------------------------------------------------------------------------------------------------------------
# Operands as stored: each is multiplied with its last two axes swapped where its flag is set.
PRODUCTS = {
    "2,3 x 3,4": ((2, 3), (3, 4)),
    "5,2,3 x 3,4": ((5, 2, 3), (3, 4)),
    "2,3 x 5,3,4": ((2, 3), (5, 3, 4)),
    "5,2,3 x 5,3,4": ((5, 2, 3), (5, 3, 4)),
    "2,1,2,3 x 5,3,4": ((2, 1, 2, 3), (5, 3, 4)),
}
for shapes, (a, b) in PRODUCTS.items():
    for flag in ("", " A", " B", " AB"):
        swap = lambda shape, on: (*shape[:-2], shape[-1], shape[-2]) if on else shape
        turn = lambda x, on: x.transpose(-1, -2) if on else x
        case(
            f"matmul {shapes}{flag}",
            lambda x, w: turn(x, "A" in flag) @ turn(w, "B" in flag),
            real(*swap(a, "A" in flag)),
            real(*swap(b, "B" in flag)),
        )

CONVOLUTIONS = {
    "plain": ((2, 3, 5, 6), (4, 3, 3, 2), 1, 0),
    "pad": ((2, 2, 4, 5), (3, 2, 3, 3), 1, 1),
    "stride 2": ((2, 2, 5, 6), (3, 2, 3, 3), 2, 1),
    "stride 2 even": ((1, 2, 6, 6), (3, 2, 4, 4), 2, 1),
    "stride 3": ((1, 2, 8, 7), (3, 2, 2, 3), 3, 0),
    "stride over kernel": ((1, 2, 8, 7), (3, 2, 2, 2), 3, 2),
    "mixed": ((1, 2, 6, 7), (3, 2, 2, 3), (2, 3), (0, 2)),
    "1x1": ((2, 3, 3, 3), (4, 3, 1, 1), 1, 0),
    "1x1 stride 2": ((2, 3, 4, 3), (4, 3, 1, 1), 2, 0),
    "covering": ((2, 3, 4, 2), (5, 3, 4, 2), 1, 0),
    "covering padded": ((2, 2, 3, 3), (3, 2, 3, 3), 1, 1),
    # 16 channels and rows of 8 and more: kernels that work on blocks of channels, where the processor has them.
    "blocked": ((1, 16, 4, 9), (16, 16, 3, 2), 1, (1, 0)),
    "blocked stride 2": ((1, 16, 3, 16), (16, 16, 1, 2), 2, 0),
}
for name, (x, w, stride, padding) in CONVOLUTIONS.items():
    case(f"conv2d {name}", lambda a, b: F.conv2d(a, b, None, stride, padding), real(*x), real(*w))
case("conv2d bias", lambda x, w, b: F.conv2d(x, w, b, 2, 1), real(2, 2, 4, 4), real(3, 2, 3, 3), real(3))
case("conv2d covering bias", lambda x, w, b: F.conv2d(x, w, b), real(2, 2, 3, 3), real(4, 2, 3, 3), real(4))

TRANSPOSED = {
    "plain": ((2, 3, 3, 4), (3, 2, 3, 2), 1, 0, 0),
    "pad": ((2, 2, 4, 4), (2, 3, 3, 3), 1, 1, 0),
    "stride 2": ((2, 2, 3, 4), (2, 3, 4, 4), 2, 1, 0),
    "output padding": ((1, 2, 3, 3), (2, 3, 3, 3), 2, 1, 1),
    "stride 3": ((1, 2, 3, 2), (2, 2, 2, 4), 3, 0, (2, 0)),
    "mixed": ((1, 2, 3, 4), (2, 3, 2, 3), (2, 1), (0, 1), (1, 0)),
    "blocked": ((1, 16, 3, 8), (16, 16, 2, 3), 1, (0, 1), 0),
    "one pixel": ((2, 3, 1, 1), (3, 2, 4, 3), 1, 0, 0),
    "one pixel padded": ((2, 3, 1, 1), (3, 2, 4, 4), 2, 1, 1),
}
for name, (y, w, stride, padding, extra) in TRANSPOSED.items():
    case(
        f"convTranspose2d {name}",
        lambda a, b: F.conv_transpose2d(a, b, None, stride, padding, extra),
        real(*y),
        real(*w),
    )


def filter_gradient(x, y, kernel, stride, padding):
    w = torch.zeros(y.shape[1], x.shape[1], *kernel, dtype=x.dtype, requires_grad=True)
    return torch.autograd.grad((F.conv2d(x, w, None, stride, padding) * y).sum(), w, create_graph=True)[0]


case("convFilter", lambda x, y: filter_gradient(x, y, (3, 2), 1, 1), real(2, 2, 4, 3), real(2, 3, 4, 4))
case("convFilter stride 2", lambda x, y: filter_gradient(x, y, (3, 3), 2, 1), real(2, 2, 6, 5), real(2, 3, 3, 3))

# Pooling ---------------------------------------------------------------------------------------------------------------
case("maxPool2d", lambda x: F.max_pool2d(x, 2), real(2, 2, 4, 6))
case("maxPool2d remainder", lambda x: F.max_pool2d(x, 2), real(1, 2, 5, 5))
case("maxPool2d overlap", lambda x: F.max_pool2d(x, 3, 2), real(1, 2, 7, 5))
case("maxPool2d mixed", lambda x: F.max_pool2d(x, (2, 3), (3, 1)), real(1, 2, 6, 5))
case("maxPool2d tie", lambda x: F.max_pool2d(x, 2, 1), whole(1, 1, 4, 4).double())
case("avgPool2d", lambda x: F.avg_pool2d(x, 2), real(2, 2, 4, 6))
case("avgPool2d mixed", lambda x: F.avg_pool2d(x, (2, 3)), real(1, 2, 4, 6))
case("avgPool2d remainder", lambda x: F.avg_pool2d(x, 2), real(1, 2, 5, 5))
case("avgPool2d overlap", lambda x: F.avg_pool2d(x, 3, 2), real(1, 2, 7, 5))
case("avgPool2d padding", lambda x: F.avg_pool2d(x, 3, 2, 1), real(1, 2, 6, 5))
case("upsampleNearest2d", lambda x: F.interpolate(x, scale_factor=2), real(2, 2, 2, 3))
case("upsampleNearest2d mixed", lambda x: F.interpolate(x, scale_factor=(2, 3)), real(1, 2, 2, 3))

# Indexing --------------------------------------------------------------------------------------------------------------
case("gather", lambda x, i: x[i.long()], real(3, 4), whole(5))
case("gather 1", lambda x, i: x[:, i.long()], real(2, 3, 2), whole(4))
case("gather matrix", lambda x, i: x[:, i.long()], real(2, 3, 2), whole(2, 2))
case("gather one", lambda x, i: x[i.long()], real(3, 4), whole())
case("gather i32", lambda x, i: x[i.long()], whole(3, below=9), whole(5))
case("scatterAdd", lambda v, i: v.new_zeros(4, 2).index_add(0, i.long(), v), real(5, 2), whole(5))
case("scatterAdd matrix", lambda v, i: v.new_zeros(4).index_add(0, i.long().flatten(), v.flatten()), real(2, 3), whole(2, 3))
case("scatterAdd i32", lambda v, i: v.new_zeros(4).index_add(0, i.long(), v), whole(5, below=9), whole(5))
case("oneHot", lambda i: F.one_hot(i.long(), 4).double(), whole(2, 3))

save(os.path.join(os.path.dirname(os.path.abspath(__file__)), "primitives.safetensors"), arrays)
print(f"{len({name.split('/')[0] for name in arrays})} cases, {len(arrays)} arrays")
