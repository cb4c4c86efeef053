"""The PyTorch half of proof.ts: reads and writes checkpoints as the original does, at its own sizes.

  proof.py make FOLDER CASE    trains a little, writes CASE.pt, and inputs and outputs of both networks
  proof.py load FOLDER CASE    loads CASE.pt (written by this project) with weights_only, writes outputs, and trains on
"""
import os
import sys

import torch

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../golden"))
import original as o  # noqa: E402  (it extends the path)
import architectures as a  # noqa: E402
from fixtures import write_safetensors  # noqa: E402

mnist = lambda *options: a.large_mlp_generator(128, 784, *options)
# Density model, classes (0 for none), generator, its noise, one example; the model's output is a density of its own accord.
CASES = {
    "toy": lambda: (a.toy_ebm(), 0, a.toy_generator(), 2, (2,)),
    "toy-hmc": lambda: (a.toy_ebm(), 0, a.toy_generator(), 2, (2,)),
    "mog": lambda: (o.Mog(2, 10), 0, a.toy_generator(), 2, (2,)),
    "nice": lambda: (o.Nice(784, 1000), 0, mnist("none"), 128, (784,)),
    "mlp-image": lambda: (a.large_mlp_ebm(784, 10), 10, mnist(), 128, (784,)),
    "mlp-table": lambda: (a.large_mlp_ebm(7, 3, normed=False), 3, a.large_mlp_generator(128, 7, "none"), 128, (7,)),
    "dcgan32": lambda: (a.dcgan_discriminator(), 0, a.DcganGenerator(128), 128, (3, 32, 32)),
    "dcgan64": lambda: (a.dcgan_discriminator(1, 10, 64), 10, a.DcganGenerator(128, 1, 64), 128, (1, 64, 64)),
    "dcgan-bn": lambda: (a.dcgan_discriminator(normed=True), 0, a.DcganGenerator(128), 128, (3, 32, 32)),
    "resnet": lambda: (a.ResNetDiscriminator(out=10), 10, a.ResNetGenerator(), 128, (3, 32, 32)),
    "wide-resnet-28-2": lambda: (a.WideResNet(28, 2, 100), 100, a.ResNetGenerator(features=64), 128, (3, 32, 32)),
    "wide-resnet-28-2-batch": lambda: (a.WideResNet(28, 2, 10, norm="batch"), 10, a.ResNetGenerator(), 128, (3, 32, 32)),
    "wide-resnet-28-10": lambda: (a.WideResNet(28, 10, 10), 10, a.ResNetGenerator(features=256), 128, (3, 32, 32)),
}  # fmt: skip
SAMPLES, BATCH = 2, 4


def build(case):
    network, classes, g, k, event = CASES[case]()
    logp_net = o.Jem(network) if classes else network
    if case in ("mlp-image", "nice"):  # the original's generator of 784 values
        event = (784,)
    return o.Trainer(logp_net, (o.Hmc if case.endswith("hmc") else o.Vera)(g, k), milestones=[100]), classes, event


def outputs(trainer, event):
    trainer.logp_net.eval(), trainer.g.eval()
    generator = torch.Generator().manual_seed(5)
    x = torch.rand(BATCH, *event, generator=generator) * 2 - 1
    z = torch.randn(BATCH, trainer.g.noise_dim, generator=generator)
    with torch.no_grad():
        result = {"x": x, "z": z, "f": trainer.f(x), "g": trainer.g.g(z)}
    trainer.logp_net.train(), trainer.g.train()
    return result


def train(trainer, classes, event, iterations):
    if isinstance(trainer.g, o.Vera):
        for _ in range(iterations):
            y = torch.randint(classes, (BATCH,)) if classes else None
            losses, _ = trainer.iteration(torch.rand(BATCH, *event) * 2 - 1, trainer.draw(BATCH, event, SAMPLES), y)
            assert all(torch.isfinite(loss) for loss in losses.values()), losses


action, folder, case = sys.argv[1:4]
torch.manual_seed(11)
trainer, classes, event = build(case)
path = os.path.join(folder, case)
if action == "make":
    train(trainer, classes, event, 2)
    torch.save(trainer.checkpoint(), path + ".pt", _use_new_zipfile_serialization="stream" not in sys.argv)
else:
    # 1.13's weights_only refuses every float, those of torch.save, too.
    new = tuple(int(part) for part in torch.__version__.split(".")[:2]) >= (2, 0)
    checkpoint = torch.load(path + ".pt", **({"weights_only": True} if new else {}))
    trainer.load(checkpoint)
    print(torch.__version__, case, "loaded", "with weights_only" if new else "", "at iteration", trainer.itr)
write_safetensors(path + ".safetensors", outputs(trainer, event))
if action == "load":
    train(trainer, classes, event, 1)
