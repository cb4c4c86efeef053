"""
Writes models.safetensors (small instances of every architecture and layer) and structure.json (names and shapes of the
full-size models). Run from this folder with PyTorch 1.13: python3 models.py; then format the JSON with biome.
"""
import json

import torch
from torch import nn
from torch.nn.utils import weight_norm

import architectures as a
from fixtures import record, write_safetensors

torch.manual_seed(0)
torch.set_default_dtype(torch.float32)

layers = {
    "linear": (nn.Linear(3, 4), [5, 3]),
    "weightNorm": (weight_norm(nn.Conv2d(2, 3, 3, 2, 1)), [2, 2, 5, 5]),
    "convTranspose2d": (nn.ConvTranspose2d(3, 2, 3, 2, 1, output_padding=1), [2, 3, 4, 4]),
    "batchNorm1d": (nn.BatchNorm1d(3, eps=1e-3, momentum=0.3), [5, 3]),
    "batchNorm2d": (nn.BatchNorm2d(3), [2, 3, 3, 2]),
    "groupNorm": (nn.GroupNorm(2, 6), [2, 6, 3, 2]),
    "instanceNorm": (nn.InstanceNorm2d(3, affine=True), [2, 3, 3, 2]),
    "layerNorm": (nn.GroupNorm(1, 4), [3, 4, 3, 2]),
}
energies = {
    "toyEbm": (a.toy_ebm(h=8), [6, 2]),
    "largeMlpEbm": (a.large_mlp_ebm(12, out=3, widths=(10, 8, 8, 6, 6, 6)), [5, 3, 2, 2]),
    "largeMlpEbmPlain": (a.large_mlp_ebm(12, normed=False, widths=(10, 8)), [5, 12]),
    "dcganDiscriminator32": (a.dcgan_discriminator(1, 2, 32, width=2), [2, 1, 32, 32]),
    "dcganDiscriminator64": (a.dcgan_discriminator(1, 1, 64, width=1), [2, 1, 64, 64]),
    "dcganDiscriminatorBatchNorm": (a.dcgan_discriminator(1, 1, 32, normed=True, width=1), [4, 1, 32, 32]),
    "resNetDiscriminator": (a.ResNetDiscriminator(3, 4, out=2), [2, 3, 16, 16]),
    "wideResNet": (a.WideResNet(16, 1, out=3, rate=0.3, width=2), [2, 3, 8, 8]),
    "wideResNetBatch": (a.WideResNet(16, 2, out=3, norm="batch", width=1), [3, 3, 8, 8]),
    "wideResNetGroup": (a.WideResNet(10, 2, out=3, norm="group", width=2), [2, 3, 8, 8]),
    "wideResNetInstance": (a.WideResNet(10, 2, out=3, norm="instance", width=2), [1, 3, 16, 16]),
    "wideResNetLayer": (a.WideResNet(10, 2, out=3, norm="layer", width=2), [2, 3, 8, 8]),
    "mnistClassifier": (a.MnistClassifier(12, (3, 4), 8), [3, 1, 12, 12]),
}
generators = {
    "toyGenerator": (a.toy_generator(h=8), [12, 2]),
    "largeMlpGenerator": (a.large_mlp_generator(3, 5, h=6), [10, 3]),
    "largeMlpGeneratorNone": (a.large_mlp_generator(3, 5, "none", h=6), [10, 3]),
    "dcganGenerator32": (a.DcganGenerator(4, 1, 32, "sigmoid", width=2), [4, 4]),
    "dcganGenerator64": (a.DcganGenerator(4, 1, 64, "tanh", width=1), [2, 4]),
    "resNetGenerator": (a.ResNetGenerator(4, 2, channels=1), [3, 4]),
}
later = {  # after the others, whose random numbers stay the same
    "smallResNet": (a.SmallResNet(1, 3, width=2), [2, 1, 16, 16]),
    "smallResNetBatch": (a.SmallResNet(3, 2, width=2, norm="batch"), [3, 3, 16, 16]),
}
tensors = {}
for cases, penalty in ((layers, True), (energies, True), (generators, False), (later, True)):
    for case, (model, shape) in cases.items():
        tensors |= record(case, model, torch.randn(shape), torch.randn(shape), penalty)
write_safetensors("models.safetensors", tensors)

full = {
    "toyEbm": a.toy_ebm(),
    "toyGenerator": a.toy_generator(),
    "largeMlpEbm": a.large_mlp_ebm(784),
    "largeMlpEbmPlain": a.large_mlp_ebm(15, out=2, normed=False),
    "largeMlpGenerator": a.large_mlp_generator(100, 784),
    "dcganDiscriminator32": a.dcgan_discriminator(),
    "dcganDiscriminator64": a.dcgan_discriminator(1, 10, 64),
    "dcganDiscriminatorBatchNorm": a.dcgan_discriminator(out=10, normed=True),
    "dcganGenerator32": a.DcganGenerator(128),
    "dcganGenerator64": a.DcganGenerator(128, 1, 64),
    "resNetDiscriminator": a.ResNetDiscriminator(out=10),
    "resNetGenerator": a.ResNetGenerator(),
    "resNetGenerator256": a.ResNetGenerator(features=256),
    "wideResNet28-2-batch": a.WideResNet(28, 2, norm="batch"),
    "wideResNet28-10": a.WideResNet(28, 10),
    "mnistClassifier": a.MnistClassifier(),
    "smallResNet": a.SmallResNet(norm="batch"),
}
structure = {
    name: {
        "parameters": sum(p.numel() for p in model.parameters()),
        "state": {key: list(value.shape) for key, value in model.state_dict().items()},
    }
    for name, model in full.items()
}
with open("structure.json", "w") as file:
    lines = (f"{json.dumps(name)}: {json.dumps(value)}" for name, value in structure.items())
    file.write("{\n" + ",\n".join(lines) + "\n}\n")
