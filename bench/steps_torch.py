"""One row of steps.ts in PyTorch, for as long as asked: prints its times, peak memory and parameter counts as JSON.

`original` computes the iteration as the authors' implementation does: separate forward passes, autograd on for the
20·B evaluations of the posterior, their batch norm in training mode, the gradient penalty's graph built whatever its
weight, both losses' gradients for all parameters. `careful` computes the same losses with what a user who knows
PyTorch would do about it: nothing differentiated that is not used, no forward pass twice, frozen statistics in the
posterior, optimisers over all tensors at once, the faster memory layout.
"""
import argparse
import json
import math
import os
import resource
import sys
import time

import torch
import torch.nn.functional as F
from torch import distributions, nn

SAMPLES = 20
CLF_WEIGHT = 1.0
POST_LR = 0.02
MIN_SIGMA, MAX_SIGMA = 0.01, 0.3


# Networks ----------------------------------------------------------------------------------------------------------

def leaky():
    return nn.LeakyReLU(0.2, inplace=True)


def chain(*layers):
    return nn.Sequential(*layers)


def mlp_energy(dim, outputs, weight_norm):
    widths = [dim, 1000, 500, 500, 250, 250, 250]
    layers = [nn.Flatten()]
    for a, b in zip(widths, widths[1:]):
        layer = nn.Linear(a, b)
        layers += [nn.utils.weight_norm(layer) if weight_norm else layer, leaky()]
    return chain(*layers, nn.Linear(250, outputs))


def mlp_generator(noise, dim, output):
    layers = []
    for width in [noise, 500, 500]:
        layers += [nn.Linear(width, 500, bias=False), nn.BatchNorm1d(500), nn.Softplus()]
    return chain(*layers, nn.Linear(500, dim), *output)


def toy_energy(dim, outputs):
    return chain(nn.Linear(dim, 100), leaky(), nn.Linear(100, 100), leaky(), nn.Linear(100, outputs))


def toy_generator(noise, dim):
    layers = []
    for width in [noise, 100]:
        layers += [nn.Linear(width, 100, bias=False), nn.BatchNorm1d(100), nn.ReLU(inplace=True)]
    return chain(*layers, nn.Linear(100, dim))


def dcgan_energy(outputs):
    layers = []
    for a, b in [(3, 64), (64, 128), (128, 256), (256, 512)]:
        layers += [nn.Conv2d(a, b, 4, 2, 1), leaky()]
    return chain(*layers, nn.Conv2d(512, outputs, 2, bias=False), nn.Flatten())


def dcgan_generator(noise):
    def up(a, b, *geometry):
        return [nn.ConvTranspose2d(a, b, *geometry, bias=False), nn.BatchNorm2d(b), nn.ReLU(inplace=True)]

    layers = up(noise, 512, 2, 1, 0)
    for a, b in [(512, 256), (256, 128), (128, 64)]:
        layers += up(a, b, 4, 2, 1)
    return chain(nn.Unflatten(1, (noise, 1, 1)), *layers, nn.ConvTranspose2d(64, 3, 4, 2, 1), nn.Tanh())


class UpBlock(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.bn1, self.bn2 = nn.BatchNorm2d(width), nn.BatchNorm2d(width)
        self.conv1, self.conv2 = nn.Conv2d(width, width, 3, padding=1), nn.Conv2d(width, width, 3, padding=1)

    def forward(self, x):
        h = F.interpolate(F.relu(self.bn1(x), inplace=True), scale_factor=2, mode="nearest")
        h = self.conv2(F.relu(self.bn2(self.conv1(h)), inplace=True))
        return h + F.interpolate(x, scale_factor=2, mode="nearest")


def resnet_generator(noise, width=128):
    return chain(
        nn.Linear(noise, 16 * width), nn.Unflatten(1, (width, 4, 4)), UpBlock(width), UpBlock(width), UpBlock(width),
        nn.BatchNorm2d(width), nn.ReLU(inplace=True), nn.Conv2d(width, 3, 3, padding=1), nn.Tanh(),
    )


class WideBlock(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, stride=stride, padding=1)
        plain = stride == 1 and inputs == outputs
        self.shortcut = nn.Identity() if plain else nn.Conv2d(inputs, outputs, 1, stride=stride)

    def forward(self, x):
        h = F.leaky_relu(self.conv1(F.leaky_relu(x, 0.2)), 0.2)
        return self.conv2(h) + self.shortcut(x)


def wide_resnet(outputs, widen):
    layers, inputs = [nn.Conv2d(3, 16, 3, padding=1)], 16
    for width, stride in [(16 * widen, 1), (32 * widen, 2), (64 * widen, 2)]:
        for i in range(4):
            layers.append(WideBlock(inputs, width, stride if i == 0 else 1))
            inputs = width
    return chain(*layers, leaky(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64 * widen, outputs))


def networks(name, row):
    outputs, noise, dim = row["classes"] or 1, row["noise"], row["event"][0]
    if name == "toy":
        return toy_energy(dim, outputs), toy_generator(noise, dim)
    if name == "mnist":
        return mlp_energy(dim, outputs, True), mlp_generator(noise, dim, [nn.Tanh()])
    if name == "human":
        return mlp_energy(dim, outputs, False), mlp_generator(noise, dim, [])
    if name == "dcgan":
        return dcgan_energy(outputs), dcgan_generator(noise)
    return wide_resnet(outputs, row.get("widen", 2)), resnet_generator(noise)


# The iteration -----------------------------------------------------------------------------------------------------

class Step:
    def __init__(self, name, row):
        torch.manual_seed(1234)
        self.row = row
        self.f, self.g = networks(name, row)
        self.log_sigma = nn.Parameter(torch.full((1,), 0.01).log())
        self.log_eta = nn.Parameter(torch.full((row["noise"],), 0.1).log())

    def batch(self):
        row = self.row
        x = torch.rand(row["batch"], *row["event"]) * 2 - 1
        return x, torch.randint(row["classes"], (row["batch"],)) if row["classes"] else None

    def density(self, x):
        y = self.f(x)
        return (y.logsumexp(1), y) if self.row["classes"] else (y.squeeze(1), None)

    def per_sample(self, w):
        """Weights [J, B] against samples [J, B, ...]."""
        return w.reshape(*w.shape, *[1 for _ in self.row["event"]])

    def clamp(self):
        with torch.no_grad():
            self.log_sigma.clamp_(math.log(MIN_SIGMA), math.log(MAX_SIGMA))

    @property
    def generator_parameters(self):
        return [*self.g.parameters(), self.log_sigma]


class Original(Step):
    """As the authors' implementation computes it."""

    def __init__(self, name, row):
        super().__init__(name, row)
        betas = (0.0, 0.9)
        self.f_optimizer = torch.optim.Adam(self.f.parameters(), lr=row["lr"], betas=betas, weight_decay=0)
        self.g_optimizer = torch.optim.Adam([*self.generator_parameters, self.log_eta], lr=row["lr"], betas=betas)
        self.eta_optimizer = torch.optim.Adam([self.log_eta], lr=POST_LR)

    def log_joint(self, x, z):
        mean = self.g(z)
        likelihood = distributions.Normal(mean, self.log_sigma.exp()).log_prob(x).flatten(1).sum(1)
        return distributions.Normal(0, 1).log_prob(z).sum(1) + likelihood, mean

    def entropy(self, x, z):
        b, event = x.shape[0], x.shape[1:]
        proposal = distributions.Normal(z, self.log_eta.detach().exp())
        zs = proposal.sample((SAMPLES,))
        log_proposal = proposal.log_prob(zs).sum(2)
        repeated = x[None].repeat(SAMPLES, *[1 for _ in x.shape]).view(SAMPLES * b, *event)
        log_q, means = self.log_joint(repeated, zs.view(SAMPLES * b, -1))
        w = (log_q.view(SAMPLES, b) - log_proposal).softmax(0)
        scores = (x[None] - means.view(SAMPLES, b, *event)) / self.log_sigma.exp() ** 2
        c = (scores * self.per_sample(w)).sum(0).detach()
        objective = (c * x).mean(0).sum()

        posterior = distributions.Normal(z.detach(), self.log_eta.exp())
        elbo = self.log_joint(x.detach(), posterior.rsample())[0] + posterior.entropy().sum(1)
        self.eta_optimizer.zero_grad()
        (-elbo.mean()).backward()
        self.eta_optimizer.step()
        return objective, c.norm(2, 1).mean()

    def run(self):
        row = self.row
        x_d, y = self.batch()
        x_d.requires_grad_()
        z = torch.randn(row["batch"], row["noise"], requires_grad=True)
        mean = self.g(z)
        x_g = mean + torch.randn_like(mean) * self.log_sigma.exp()

        f_g, _ = self.density(x_g.detach().requires_grad_())
        f_d, logits = self.density(x_d)
        norms = torch.autograd.grad(f_d.sum(), x_d, create_graph=True)[0].flatten(1).norm(2, 1)
        loss = -(f_d - f_g).mean() + (norms ** 2 / 2).mean() * row["pgControl"]
        if y is not None:
            loss = loss + CLF_WEIGHT * F.cross_entropy(logits, y)
        self.f_optimizer.zero_grad()
        loss.backward()
        self.f_optimizer.step()

        f_g, _ = self.density(x_g)
        torch.autograd.grad(f_g.sum(), x_g, retain_graph=True)[0].norm(2, 1).mean()  # logged
        entropy, _ = self.entropy(x_g, z)
        g_loss = -(f_g.mean() + row["entropyWeight"] * entropy)
        self.g_optimizer.zero_grad()
        g_loss.backward()
        self.g_optimizer.step()
        self.clamp()
        return loss.item(), g_loss.item()


def batch_norms(module):
    return [m for m in module.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm)]


class Careful(Step):
    """The same losses, nothing computed that is not needed."""

    def __init__(self, name, row, channels_last, chunk):
        super().__init__(name, row)
        self.format = torch.channels_last if channels_last else torch.contiguous_format
        if len(row["event"]) == 3:
            self.f, self.g = self.f.to(memory_format=self.format), self.g.to(memory_format=self.format)
        self.chunk = chunk
        self.norms = batch_norms(self.g)
        betas = (0.0, 0.9)
        self.f_optimizer = torch.optim.Adam(self.f.parameters(), lr=row["lr"], betas=betas, foreach=True)
        self.g_optimizer = torch.optim.Adam(self.generator_parameters, lr=row["lr"], betas=betas, foreach=True)
        self.eta_optimizer = torch.optim.Adam([self.log_eta], lr=POST_LR)

    def batch(self):
        x, y = super().batch()
        return (x.contiguous(memory_format=self.format) if x.dim() == 4 else x), y

    def draw(self, z):
        """g(z) in training mode; keeps the batch's statistics, and updates the running ones."""
        inputs = {}
        hooks = [
            m.register_forward_pre_hook(lambda m, args: inputs.__setitem__(m, args[0].detach())) for m in self.norms
        ]
        mean = self.g(z)
        for hook in hooks:
            hook.remove()
        with torch.no_grad():
            self.statistics = {}
            for m, x in inputs.items():
                var, average = torch.var_mean(x, [0, *range(2, x.dim())], unbiased=False)
                self.statistics[m] = (average, var)
        return mean

    def frozen(self, z):
        """g(z) with the statistics of the last draw."""
        running = {m: (m.running_mean, m.running_var) for m in self.norms}
        for m in self.norms:
            m.running_mean, m.running_var = self.statistics[m]
        self.g.eval()
        y = self.g(z)
        self.g.train()
        for m in self.norms:
            m.running_mean, m.running_var = running[m]
        return y

    @torch.no_grad()
    def entropy_gradient(self, x, z):
        b, eta, variance = x.shape[0], self.log_eta.exp(), (2 * self.log_sigma).exp()
        noise = torch.randn(SAMPLES, b, z.shape[1])
        zs = z + eta * noise
        log_w = (-0.5 * zs.square().sum(2)).add_(noise.square().sum(2), alpha=0.5)
        residuals = torch.empty(SAMPLES, *x.shape)
        for i in range(0, SAMPLES, self.chunk):
            part = zs[i:i + self.chunk]
            means = self.frozen(part.reshape(-1, z.shape[1])).reshape(len(part), *x.shape)
            torch.sub(x, means, out=residuals[i:i + self.chunk])
        squares = residuals.flatten(2)
        log_w.sub_(torch.linalg.vector_norm(squares, dim=2).square_() / (2 * variance))
        w = log_w.softmax(0)
        return torch.einsum("jb,jbd->bd", w, squares).reshape(x.shape) / variance

    def eta_step(self, x, z):
        noise = torch.randn_like(z)
        sample = z + noise * self.log_eta.exp()
        residual = x - self.frozen(sample)
        likelihood = residual.square().flatten(1).sum(1) * (-0.5 * (-2 * self.log_sigma.detach()).exp())
        elbo = (likelihood - 0.5 * sample.square().sum(1)).mean() + self.log_eta.sum()
        self.log_eta.grad, = torch.autograd.grad(-elbo, self.log_eta)
        self.eta_optimizer.step()

    def run(self):
        row = self.row
        x_d, y = self.batch()
        z = torch.randn(row["batch"], row["noise"])
        mean = self.draw(z)
        x_g = mean + torch.randn_like(mean) * self.log_sigma.exp()
        held = x_g.detach()

        self.f_optimizer.zero_grad(set_to_none=True)
        if row["pgControl"] == 0:
            (f_d, f_g), logits = self.density(torch.cat([x_d, held]))[0].chunk(2), None
            loss = f_g.mean() - f_d.mean()
        else:
            x_d.requires_grad_()
            f_d, logits = self.density(x_d)
            score, = torch.autograd.grad(f_d.sum(), x_d, create_graph=True)
            f_g, _ = self.density(held)
            loss = f_g.mean() - f_d.mean() + row["pgControl"] * 0.5 * score.square().flatten(1).sum(1).mean()
        if y is not None:
            loss = loss + CLF_WEIGHT * F.cross_entropy(logits, y)
        loss.backward()
        self.f_optimizer.step()

        self.f.requires_grad_(False)
        leaf = held.requires_grad_()
        f_g, _ = self.density(leaf)
        score, = torch.autograd.grad(f_g.mean(), leaf)
        self.f.requires_grad_(True)

        held = x_g.detach()
        c = self.entropy_gradient(held, z)
        self.g.requires_grad_(False)
        self.eta_step(held, z)
        self.g.requires_grad_(True)

        self.g_optimizer.zero_grad(set_to_none=True)
        x_g.backward(score.add_(c, alpha=row["entropyWeight"] / len(c)).neg_())
        self.g_optimizer.step()
        self.clamp()
        return loss.item(), -(f_g.mean() + row["entropyWeight"] * (c * held).sum() / len(c)).item()


# Timing ------------------------------------------------------------------------------------------------------------

def measure(step, seconds):
    losses = [step.run() for _ in range(2)]
    times, end = [], time.perf_counter() + seconds
    while len(times) < 5 or (time.perf_counter() < end and len(times) < 500):
        start = time.perf_counter()
        losses.append(step.run())
        times.append((time.perf_counter() - start) * 1e3)
    assert all(math.isfinite(v) for pair in losses for v in pair), "a loss is not finite"
    return times


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("row")
    parser.add_argument("version", choices=["original", "careful"])
    parser.add_argument("threads", type=int)
    parser.add_argument("seconds", type=float)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--single", action="store_true", help="no TF32 in convolutions: single precision throughout")
    # Variants, to choose the careful version's settings by.
    parser.add_argument("--layout", choices=["last", "plain"])
    parser.add_argument("--chunk", type=int)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    card = args.device != "cpu"
    if card:
        torch.set_default_device(args.device)
        torch.backends.cudnn.benchmark = True
        torch.backends.cudnn.allow_tf32 = not args.single
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "steps.json")) as file:
        row = json.load(file)[args.row]
    images = len(row["event"]) == 3
    if args.version == "original":
        step = Original(args.row, row)
    else:
        # On a card it is the number of kernels that costs, not what of the means fits a cache.
        chunk = args.chunk or (5 if images and not card else SAMPLES)
        step = Careful(args.row, row, images if args.layout is None else args.layout == "last", chunk)
    seconds = args.seconds
    times = measure(step, seconds)
    print(json.dumps({
        "times": times,
        "peakMb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "parameters": sum(p.numel() for p in [*step.f.parameters(), *step.generator_parameters, step.log_eta]),
        "engine": f"PyTorch {torch.__version__}",
        **({"cardMb": torch.cuda.max_memory_allocated() / 2**20} if card else {}),
    }))


if __name__ == "__main__":
    main()
