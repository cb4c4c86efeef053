"""The authors' implementation, imported from the checkout that ORIGINAL names, with the noise of named_numbers.py in place of its own."""
import importlib
import os
import sys
from unittest.mock import MagicMock

if "ORIGINAL" not in os.environ:
    sys.exit("ORIGINAL must name a checkout of the authors' implementation (the folder of its train.py)")
ORIGINAL = os.path.abspath(os.environ["ORIGINAL"])
if not os.path.isfile(os.path.join(ORIGINAL, "train.py")):
    sys.exit(f"ORIGINAL is {ORIGINAL}, where there is no train.py: name the folder that holds it")

import numpy as np  # noqa: E402
import torch  # noqa: E402
from torch.distributions import normal as distributions  # noqa: E402

import named_numbers as n  # noqa: E402

sys.path.insert(0, ORIGINAL)
for name in ("matplotlib", "matplotlib.pyplot", "torchvision", "pandas"):  # for its figures and data sets
    try:
        importlib.import_module(name)
    except ImportError:
        sys.modules[name] = MagicMock()
torch.set_num_threads(1)

import models.get_models  # noqa: E402
import models.jem  # noqa: E402
import utils  # noqa: E402


def tensor(array):
    return torch.from_numpy(np.asarray(array))


def fill(logp_net, g):
    """Gives parameters the weights of their names; buffers stay."""
    for network, prefix in ((logp_net, "energy"), (g, "generator")):
        for name, p in network.named_parameters():
            if name != "stepsize":
                p.data = tensor(n.weight(f"{prefix}.{plain(name)}", tuple(p.shape)))


def plain(name):
    """Without the wrapper of a model with classes."""
    return name[len("logp_net."):] if name.startswith("logp_net.") else name


class Draws:
    """Stands in for torch's random functions: the k-th draw of an iteration is the noise of that name."""

    def __init__(self):
        self.scope, self.log = "", []
        self.real = [
            *((torch, name, getattr(torch, name)) for name in ("randn", "randn_like", "rand", "normal")),
            (distributions, "_standard_normal", distributions._standard_normal),
        ]

    def begin(self, scope):
        self.scope, self.log = scope, []

    def draw(self, kind, shape):
        name = f"{self.scope}|{len(self.log)}"
        self.log.append([kind, list(shape)])
        return tensor((n.noise if kind == "normal" else n.uniform)(name, tuple(shape)))

    def __enter__(self):
        shape_of = lambda args: tuple(args[0]) if len(args) == 1 and not isinstance(args[0], int) else args
        torch.randn = lambda *shape, **_: self.draw("normal", shape_of(shape))
        torch.rand = lambda *shape, **_: self.draw("uniform", shape_of(shape))
        torch.randn_like = lambda x: self.draw("normal", x.shape)
        torch.normal = lambda mean, std: mean + std * self.draw("normal", mean.shape)
        distributions._standard_normal = lambda shape, **_: self.draw("normal", shape)
        return self

    def __exit__(self, *_):
        for module, name, function in self.real:
            setattr(module, name, function)
