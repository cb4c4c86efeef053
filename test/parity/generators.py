"""
What the generators of the authors' get_models give for every combination of flags that bear on their last function.

  ORIGINAL=DIR python3 test/parity/generators.py OUT.json.gz

Writes the arguments, names and shapes of both networks, and outputs for the weights and noise of named_numbers.py, in
evaluation.
"""
import gzip
import itertools
import json
import os
import sys
from argparse import Namespace

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import original  # noqa: E402
import named_numbers as n  # noqa: E402
import torch  # noqa: E402
from original import models, tensor  # noqa: E402

DIMS = {"moons": 2, "mnist": 784, "HUMAN": 523}
BASE = dict(
    h_dim=100, noise_dim=8, norm=None, dropout=0, g_feats=8, mog_comps=None, img_size=None, nice=False, unit_interval=False, logit=False,
    resnet=False, wide_resnet=False, thicc_resnet=False, clf=False, jem=False, generator_type="vera", mcmc_lr=0.02, post_lr=0.02,
)  # fmt: skip
NETWORKS = {
    "toy": {"dataset": "moons"},
    "table": {"dataset": "HUMAN"},
    "mlp": {"dataset": "mnist"},
    "dcgan": {"dataset": "mnist", "img_size": 32},
    "dcgan-colour": {"dataset": "cifar10"},
    "resnet": {"dataset": "cifar10", "resnet": True, "noise_dim": 128},
    "wide-resnet": {"dataset": "svhn", "wide_resnet": True, "noise_dim": 128},
}
DENSITIES = {"plain": {}, "nice": {"nice": True}, "mog": {"mog_comps": 3}}
SCALINGS = {"symmetric": {}, "unit": {"unit_interval": True}, "logit": {"logit": True}}

# Widths that its functions have as constants or defaults: a narrow network ends in the same function.
narrow = lambda make, **sizes: lambda *args, **kwargs: make(*args, **{**kwargs, **sizes})
get_models = models.get_models
get_models.NICE = lambda d, hidden, layers: models.NICE(d, 4, layers)
get_models.DCGANGenerator = narrow(get_models.DCGANGenerator, ngf=4)
get_models.DCGANDiscriminator = narrow(get_models.DCGANDiscriminator, ngf=4)
sys.stdout, stdout = open(os.devnull, "w"), sys.stdout  # its wide ResNet prints

cases = {}
for (network, a), (density, b), (scaling, c) in itertools.product(NETWORKS.items(), DENSITIES.items(), SCALINGS.items()):
    given = {**BASE, **a, **b, **c}
    try:
        logp_net, g = get_models.get_models(Namespace(data_dim=DIMS.get(a["dataset"], 3072), num_classes=10, **given), log=False)
    except TypeError:  # its generator for tables lacks an argument
        continue
    original.fill(logp_net, g)
    g.eval()
    name = f"{network} {density} {scaling}"
    with torch.no_grad():
        y = g.g(tensor(n.noise(name, (2, given["noise_dim"]))))
    shapes = lambda module: {key: list(x.shape) for key, x in module.state_dict().items()}
    cases[name] = {
        "args": given,
        "energy": shapes(logp_net),
        "generator": shapes(g),
        "output": [float(f"{v:.7g}") for v in y.flatten()[::max(1, y.numel() // 16)]],
    }
text = json.dumps(cases, separators=(",", ":")).encode()
with gzip.GzipFile(sys.argv[1], "wb", mtime=0) as file:
    file.write(text)
sys.stdout = stdout
print(len(cases), "cases,", len(text), os.path.getsize(sys.argv[1]), "bytes")
