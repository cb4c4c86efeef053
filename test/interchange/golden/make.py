"""Writes the fixtures of test/interchange: checkpoints as the original saves them, what their models compute, and the next step.

Run with PyTorch 1.13: python3 test/interchange/golden/make.py
"""
import gzip
import json
import math
import os
import sys
from collections import Counter, OrderedDict

import numpy as np
import torch
from torch import nn

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import original as o  # noqa: E402  (it extends the path)
import architectures as a  # noqa: E402
from fixtures import write_safetensors  # noqa: E402

BATCH, SAMPLES = 16, 5


def save(name, checkpoint, zipped=True):
    path = os.path.join(HERE, name)
    torch.save(checkpoint, path, _use_new_zipfile_serialization=zipped)
    print(name, os.path.getsize(path), "bytes")


def step_case(name, trainer, event, classes=None):
    """Some training, a checkpoint, and the iteration that follows it with a fresh optimiser of eta, as after a resume."""
    trainer.logp_net.train(), trainer.g.train()
    inputs = lambda: (torch.randn(BATCH, *event), None if classes is None else torch.randint(classes, (BATCH,)))
    for _ in range(5):
        x, y = inputs()
        trainer.iteration(x, trainer.draw(BATCH, event, SAMPLES), y)
    save(f"{name}.pt", trainer.checkpoint())
    save(f"{name}-stream.pt", trainer.checkpoint(), zipped=False)
    x, y = inputs()
    out = {"x": x}
    if y is not None:
        out["y"] = y
    trainer.logp_net.eval(), trainer.g.eval()
    with torch.no_grad():
        out["f"] = trainer.f(x)
        out["g"] = trainer.g.g(torch.arange(BATCH * trainer.g.noise_dim).view(BATCH, -1) / 20 - 1)
    trainer.logp_net.train(), trainer.g.train()
    eta = trainer.g.post_optimizer
    trainer.g.post_optimizer = torch.optim.Adam([trainer.g.post_logsigma], lr=eta.defaults["lr"])
    noise = trainer.draw(BATCH, event, SAMPLES)
    losses, gradients = trainer.iteration(x, noise, y)
    out.update({f"noise.{k}": v for k, v in noise.items()})
    out.update(losses)
    out.update({f"gradient.{k}": v for k, v in gradients.items()})
    out.update({f"next.e.{k}": v for k, v in trainer.logp_net.named_parameters()})
    out.update({f"next.g.{k}": v for k, v in trainer.g.named_parameters()})
    write_safetensors(os.path.join(HERE, f"{name}.safetensors"), out)


torch.manual_seed(1)
controls = {"p_control": 0.1, "n_control": 0.05, "pg_control": 0.3}
toy = o.Trainer(a.toy_ebm(h=8), o.Vera(a.toy_generator(h=8), 2), milestones=[100, 180], lr=2e-3, ent_weight=0.5, **controls)
step_case("toy", toy, (2,))

torch.manual_seed(2)
mlp = o.Jem(a.large_mlp_ebm(6, 3, normed=True, widths=(12, 8)))
generator = o.Vera(a.large_mlp_generator(4, 6, "none", 8), 4)
# As far into training: at sigma = 0.01, where it starts, x - g(z) over its square cancels four digits of 32 bits.
generator.logsigma.data.fill_(math.log(0.1))
jem = o.Trainer(mlp, generator, betas=(0.5, 0.9), weight_decay=1e-3, milestones=[3], clf_weight=2.0, ent_weight=0.1, **controls)
step_case("jem", jem, (6,), 3)

# Tensors of all types, windows on shared storages, and what else a pickle of the original may hold.
base = torch.arange(24, dtype=torch.float32).view(2, 3, 4)
values = OrderedDict(
    float=base, double=torch.tensor([0.1, -2.5e10], dtype=torch.float64), half=torch.tensor([1.5, -2**-24, 65504, float("inf")]).half(),
    bfloat=torch.tensor([1.5, -3.0e38, 1e-40]).bfloat16(), long=torch.tensor([[-1, 2**31 - 1]]), int=torch.tensor([7, -8], dtype=torch.int32),
    short=torch.tensor([-300], dtype=torch.int16), char=torch.tensor([-5], dtype=torch.int8), byte=torch.tensor([250], dtype=torch.uint8),
    bool=torch.tensor([True, False, True]), scalar=torch.tensor(2.5), empty=torch.zeros(0, 3),
    transposed=base.permute(2, 0, 1), part=base[1, 1:, ::2], expanded=torch.ones(1, 3).expand(4, 3), parameter=nn.Parameter(torch.ones(2)),
)  # fmt: skip
extra = {"counter": Counter({5: 1, 9: 2}), "numpy": [np.float64(0.1), np.float32(0.5), np.int64(3)], "tuple": (1, -1, 2**40, 1e300), "none": None}
save("values.pt", {"tensors": values, **extra})
save("values-stream.pt", {"tensors": values, **extra}, zipped=False)

# Names and shapes of every architecture, at the original's sizes: the state_dict's order, which the optimisers follow.
torch.manual_seed(3)
ARCHITECTURES = {
    "toy": (a.toy_ebm(), a.toy_generator()),
    "mog": (o.Mog(2, 10), a.toy_generator()),
    "nice": (o.Nice(784, 1000), a.large_mlp_generator(128, 784)),
    "mlp-image": (a.large_mlp_ebm(784, 10), a.large_mlp_generator(128, 784)),
    "mlp-table": (a.large_mlp_ebm(523, 6, normed=False), a.large_mlp_generator(128, 523, "none")),
    "dcgan32": (a.dcgan_discriminator(3, 10), a.DcganGenerator(128)),
    "dcgan64": (a.dcgan_discriminator(1, 10, 64), a.DcganGenerator(128, 1, 64)),
    "dcgan-bn": (a.dcgan_discriminator(3, 1, normed=True), a.DcganGenerator(100)),
    "resnet": (a.ResNetDiscriminator(out=10), a.ResNetGenerator()),
    "wide-resnet-28-2": (a.WideResNet(28, 2, 100), a.ResNetGenerator()),
    "wide-resnet-28-10": (a.WideResNet(28, 10, 10), a.ResNetGenerator(features=256)),
    "wide-resnet-28-2-batch": (a.WideResNet(28, 2, 10, norm="batch"), a.ResNetGenerator()),
    "wide-resnet-28-2-layer": (a.WideResNet(28, 2, 10, norm="layer"), a.ResNetGenerator()),
}
shapes = lambda module: [[name, list(x.shape)] for name, x in module.state_dict().items()]
names = lambda module: [name for name, _ in module.named_parameters()]
structure = {
    key: {"energy": shapes(f), "generator": shapes(g), "parameters": {"energy": names(f), "generator": names(g)}}
    for key, (f, g) in ARCHITECTURES.items()
}
text = json.dumps(structure, separators=(",", ":")).encode()
with gzip.GzipFile(os.path.join(HERE, "structure.json.gz"), "wb", mtime=0) as file:
    file.write(text)
print("structure", len(text), os.path.getsize(os.path.join(HERE, "structure.json.gz")))
