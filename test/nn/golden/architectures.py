"""The paper's architectures as PyTorch modules, with the widths as options. Names are those of the authors' checkpoints."""
import math

import torch.nn.functional as F
from torch import nn
from torch.nn.utils import weight_norm


def leaky():
    return nn.LeakyReLU(0.2)


def toy_ebm(d=2, h=100, out=1):
    return nn.Sequential(nn.Linear(d, h), leaky(), nn.Linear(h, h), leaky(), nn.Linear(h, out))


def toy_generator(k=2, d=2, h=100):
    return nn.Sequential(
        nn.Linear(k, h, bias=False), nn.BatchNorm1d(h), nn.ReLU(),
        nn.Linear(h, h, bias=False), nn.BatchNorm1d(h), nn.ReLU(),
        nn.Linear(h, d),
    )  # fmt: skip


def large_mlp_ebm(d, out=1, normed=True, widths=(1000, 500, 500, 250, 250, 250)):
    layers, previous = [nn.Flatten()], d
    for width in widths:
        layer = nn.Linear(previous, width)
        layers += [weight_norm(layer) if normed else layer, leaky()]
        previous = width
    return nn.Sequential(*layers, nn.Linear(previous, out))


ACTIVATION = {"tanh": nn.Tanh, "sigmoid": nn.Sigmoid, "none": nn.Identity}


def large_mlp_generator(k, d, output="tanh", h=500):
    layers = []
    for width in (k, h, h):
        layers += [nn.Linear(width, h, bias=False), nn.BatchNorm1d(h), nn.Softplus()]
    return nn.Sequential(*layers, nn.Linear(h, d), ACTIVATION[output]())


def dcgan_discriminator(channels=3, out=1, size=32, normed=False, width=64):
    layers = [nn.Conv2d(channels, width, 4, 2, 1), leaky()]
    for factor in (1, 2, 4):
        layers.append(nn.Conv2d(factor * width, 2 * factor * width, 4, 2, 1, bias=not normed))
        if normed:
            layers.append(nn.BatchNorm2d(2 * factor * width))
        layers.append(leaky())
    return nn.Sequential(*layers, nn.Conv2d(8 * width, out, size // 16, bias=normed), nn.Flatten())


class DcganGenerator(nn.Module):
    def __init__(self, k, channels=3, size=32, output="tanh", width=64):
        super().__init__()
        layers = [nn.ConvTranspose2d(k, 8 * width, size // 16, bias=False), nn.BatchNorm2d(8 * width), nn.ReLU()]
        for factor in (8, 4, 2):
            layers += [
                nn.ConvTranspose2d(factor * width, factor // 2 * width, 4, 2, 1, bias=False),
                nn.BatchNorm2d(factor // 2 * width),
                nn.ReLU(),
            ]
        self.first = nn.Sequential(*layers, nn.ConvTranspose2d(width, channels, 4, 2, 1), ACTIVATION[output]())

    def forward(self, z):
        return self.first(z[:, :, None, None])


class DiscriminatorBlock(nn.Module):
    def __init__(self, inputs, outputs, down, first=False):
        super().__init__()
        self.shortcut_conv = nn.Conv2d(inputs, outputs, 1) if inputs != outputs else None
        self.conv1 = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1)
        self.down, self.first = down, first

    def forward(self, x):
        h = self.conv2(F.leaky_relu(self.conv1(x if self.first else F.leaky_relu(x, 0.2)), 0.2))
        if self.down:
            x, h = F.avg_pool2d(x, 2), F.avg_pool2d(h, 2)
        return h + (x if self.shortcut_conv is None else self.shortcut_conv(x))


class ResNetDiscriminator(nn.Module):
    def __init__(self, channels=3, features=128, out=1):
        super().__init__()
        self.block1 = DiscriminatorBlock(channels, features, True, True)
        self.block2 = DiscriminatorBlock(features, features, True)
        self.block3 = DiscriminatorBlock(features, features, False)
        self.block4 = DiscriminatorBlock(features, features, False)
        self.output_linear = nn.Linear(features, out)

    def forward(self, x):
        h = self.block4(self.block3(self.block2(self.block1(x))))
        return self.output_linear(F.leaky_relu(h, 0.2).mean([2, 3]))


class GeneratorBlock(nn.Module):
    def __init__(self, features):
        super().__init__()
        self.bn1 = nn.BatchNorm2d(features)
        self.conv1 = nn.Conv2d(features, features, 3, padding=1)
        self.bn2 = nn.BatchNorm2d(features)
        self.conv2 = nn.Conv2d(features, features, 3, padding=1)

    def forward(self, x):
        h = F.interpolate(F.relu(self.bn1(x)), scale_factor=2, mode="nearest")
        return self.conv2(F.relu(self.bn2(self.conv1(h)))) + F.interpolate(x, scale_factor=2, mode="nearest")


class ResNetGenerator(nn.Module):
    def __init__(self, k=128, features=128, channels=3, output="tanh"):
        super().__init__()
        self.features = features
        self.input_linear = nn.Linear(k, 16 * features)
        self.block1 = GeneratorBlock(features)
        self.block2 = GeneratorBlock(features)
        self.block3 = GeneratorBlock(features)
        self.output_bn = nn.BatchNorm2d(features)
        self.output_conv = nn.Conv2d(features, channels, 3, padding=1)
        self.activate = ACTIVATION[output]()

    def forward(self, z):
        h = self.input_linear(z).view(len(z), self.features, 4, 4)
        h = self.block3(self.block2(self.block1(h)))
        return self.activate(self.output_conv(F.relu(self.output_bn(h))))


def normalization(norm, channels):
    if norm == "batch":
        return nn.BatchNorm2d(channels, momentum=0.9)
    if norm == "group":
        return nn.GroupNorm(min(32, channels), channels)
    if norm == "instance":
        return nn.InstanceNorm2d(channels, affine=True)
    return nn.GroupNorm(1, channels) if norm == "layer" else nn.Identity()


class WideBlock(nn.Module):
    def __init__(self, inputs, outputs, stride, norm, rate, first):
        super().__init__()
        self.bn1 = normalization(norm, inputs)
        self.conv1 = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.dropout = nn.Dropout(rate) if rate > 0 else nn.Identity()
        self.bn2 = normalization(norm, outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, stride, padding=1)
        changes = stride != 1 or inputs != outputs
        self.shortcut = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride)) if changes else nn.Sequential()
        self.first = first

    def forward(self, x):
        h = self.dropout(self.conv1(F.leaky_relu(x if self.first else self.bn1(x), 0.2)))
        return self.conv2(F.leaky_relu(self.bn2(h), 0.2)) + self.shortcut(x)


class WideResNet(nn.Module):
    def __init__(self, depth=28, factor=10, out=10, channels=3, norm="none", rate=0.0, width=16):
        super().__init__()
        n = (depth - 4) // 6
        planes = [width, width * factor, 2 * width * factor, 4 * width * factor]
        self.conv1 = nn.Conv2d(channels, width, 3, padding=1)
        for group in (1, 2, 3):
            blocks = []
            for i in range(n):
                inputs, stride = (planes[group - 1], min(group, 2)) if i == 0 else (planes[group], 1)
                blocks.append(WideBlock(inputs, planes[group], stride, norm, rate, group == 1 and i == 0))
            setattr(self, f"layer{group}", nn.Sequential(*blocks))
        self.bn1 = normalization(norm, planes[3])
        self.linear = nn.Linear(planes[3], out)

    def forward(self, x):
        h = self.layer3(self.layer2(self.layer1(self.conv1(x))))
        return self.linear(F.leaky_relu(self.bn1(h), 0.2).mean([2, 3]))


def small_convolution(inputs, outputs, norm, stride=1):
    conv = nn.Conv2d(inputs, outputs, 3 if stride == 1 else 4, stride, 1)
    return nn.Sequential(conv, normalization(norm, outputs), leaky())


class SmallBlock(nn.Module):
    def __init__(self, channels, norm):
        super().__init__()
        self.first = small_convolution(channels, channels, norm)
        self.second = nn.Conv2d(channels, channels, 3, padding=1)
        self.norm = normalization(norm, channels)

    def forward(self, x):
        return x + F.leaky_relu(self.norm(self.second(self.first(x))), 0.2)


class SmallResNet(nn.Module):
    def __init__(self, channels=3, out=10, width=32, norm="none"):
        super().__init__()
        self.stem = small_convolution(channels, width // 2, norm)
        self.halve = small_convolution(width // 2, width, norm, 2)
        self.widen1 = small_convolution(width, 2 * width, norm)
        self.branch1 = SmallBlock(2 * width, norm)
        self.widen2 = small_convolution(2 * width, 4 * width, norm)
        self.branch2 = SmallBlock(4 * width, norm)
        self.linear = nn.Linear(4 * width, out)

    def forward(self, x):
        h = self.branch1(F.avg_pool2d(self.widen1(self.halve(self.stem(x))), 2))
        return self.linear(self.branch2(F.avg_pool2d(self.widen2(h), 2)).mean([2, 3]))


class MnistClassifier(nn.Module):
    def __init__(self, size=28, channels=(32, 64), hidden=128):
        super().__init__()
        self.conv1 = nn.Conv2d(1, channels[0], 3)
        self.conv2 = nn.Conv2d(channels[0], channels[1], 3)
        self.dropout1 = nn.Dropout2d(0.25)
        self.dropout2 = nn.Dropout(0.5)
        self.fc1 = nn.Linear(channels[1] * math.floor((size - 4) / 2) ** 2, hidden)
        self.fc2 = nn.Linear(hidden, 10)

    def forward(self, x):
        h = F.max_pool2d(F.relu(self.conv2(F.relu(self.conv1(x)))), 2)
        return self.fc2(self.dropout2(F.relu(self.fc1(self.dropout1(h).flatten(1)))))
