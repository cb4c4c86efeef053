"""The training loop of the authors' implementation in PyTorch: what it computes and what it saves, with noise that is given.

The networks are those of test/nn/golden/architectures.py, whose names are the authors' checkpoints'.
"""
import math
import os
import sys
from collections import OrderedDict

import torch
import torch.nn.functional as F
from torch import nn

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../nn/golden"))


def normal(x, mean, std):
    return torch.distributions.Normal(mean, std, validate_args=False).log_prob(x)


class Jem(nn.Module):
    def __init__(self, logp_net):
        super().__init__()
        self.logp_net = logp_net

    def forward(self, x):
        return self.logp_net(x).logsumexp(1)


class Hmc(nn.Module):
    """The generator with the parameters that the HMC estimator needs."""

    def __init__(self, g, k):
        super().__init__()
        self.g = g
        self.logsigma = nn.Parameter(torch.full((1,), 0.01).log())
        self.noise_dim = k
        self.stepsize = nn.Parameter(torch.tensor(1.0 / k), requires_grad=False)

    def joint(self, x, z):
        mean = self.g(z)
        prior = normal(z, torch.tensor(0.0), torch.tensor(1.0)).sum(1)
        return normal(x, mean, self.logsigma.exp()).flatten(1).sum(1) + prior, mean


class Vera(Hmc):
    """… and the variational one, whose own optimiser is not saved."""

    def __init__(self, g, k, post_lr=0.02):
        super().__init__(g, k)
        self.post_logsigma = nn.Parameter(torch.full((k,), 0.1).log())
        self.post_optimizer = torch.optim.Adam([self.post_logsigma], lr=post_lr)

    def entropy(self, x, z, noise, elbo_noise):
        eta = self.post_logsigma.detach().exp()
        samples, batch = noise.shape[:2]
        zs = z + eta * noise
        proposal = normal(zs, z, eta).sum(2)
        joint, mean = self.joint(x.repeat(samples, *[1] * (x.dim() - 1)), zs.view(-1, z.shape[1]))
        w = (joint.view(samples, batch) - proposal).softmax(0)
        residual = (x - mean.view(samples, *x.shape)) / self.logsigma.exp() ** 2
        c = (residual * w.view(samples, batch, *[1] * (x.dim() - 1))).sum(0).detach()
        objective = (c * x).mean(0).sum()
        post = torch.distributions.Normal(z.detach(), self.post_logsigma.exp())
        joint, _ = self.joint(x.detach(), z.detach() + self.post_logsigma.exp() * elbo_noise)
        loss = -(joint + post.entropy().sum(1)).mean()
        self.post_optimizer.zero_grad()
        loss.backward()
        self.post_optimizer.step()
        return objective


class Mog(nn.Module):
    def __init__(self, d, n):
        super().__init__()
        self.mu = nn.Parameter(torch.randn(n, d))
        self.logstd = nn.Parameter(torch.randn(n, d) * 0.1)
        self.logits = nn.Parameter(torch.randn(n) * 0.1)

    def forward(self, x):
        each = normal(x.flatten(1)[:, None], self.mu[None], self.logstd.exp()[None]).sum(-1)
        return (each + self.logits.log_softmax(0)).logsumexp(-1)


class Coupling(nn.Module):
    def __init__(self, half, hidden):
        super().__init__()
        widths = [half, hidden, hidden, hidden, hidden, half]
        for i in range(5):
            setattr(self, f"dense{i + 1}", nn.Linear(widths[i], widths[i + 1]))

    def forward(self, x):
        for i in range(1, 5):
            x = F.softplus(getattr(self, f"dense{i}")(x))
        return self.dense5(x)


class Scale(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.scales = nn.Parameter(torch.randn(1, d) * 0.1)


class Nice(nn.Module):
    def __init__(self, d, hidden):
        super().__init__()
        for i in range(1, 5):
            setattr(self, f"nice{i}", Coupling(d // 2, hidden))
        self.scale = Scale(d)

    def forward(self, x):
        x = x.flatten(1)
        a, b = x[:, ::2], x[:, 1::2]
        b = b + self.nice1(a)
        a = a + self.nice2(b)
        b = b + self.nice3(a)
        a = a + self.nice4(b)
        y = torch.cat([a, b], 1) * self.scale.scales.exp()
        return -0.5 * (y**2).sum(1) - y.shape[1] * 0.5 * math.log(2 * math.pi) + self.scale.scales.sum()


class Trainer:
    """Both networks, their optimisers and schedules; weights of the objective by the names of the original's flags."""

    def __init__(self, logp_net, g, lr=1e-3, glr=1e-3, betas=(0.0, 0.9), weight_decay=0.0, milestones=(), gamma=0.3, **weights):
        self.logp_net, self.g, self.weights, self.itr = logp_net, g, weights, 0
        self.optimizers = {
            "e": torch.optim.Adam(logp_net.parameters(), lr=lr, betas=betas, weight_decay=weight_decay),
            "g": torch.optim.Adam(list(g.parameters()), lr=glr, betas=betas, weight_decay=weight_decay),
        }
        self.schedulers = {
            name: torch.optim.lr_scheduler.MultiStepLR(o, list(milestones), gamma) for name, o in self.optimizers.items()
        }

    def f(self, x):
        return self.logp_net(x).view(len(x))

    def iteration(self, x, noise, y=None):
        """One iteration. Noise: z, epsilon, posterior, elbo. Returns losses and the gradients that Adam was given."""
        w = {"p_control": 0, "n_control": 0, "pg_control": 0, "ent_weight": 1, "clf_weight": 1, **self.weights}
        x = x.clone().requires_grad_()
        z = noise["z"].clone().requires_grad_()
        mean = self.g.g(z)
        x_g = mean + noise["epsilon"] * self.g.logsigma.exp()
        samples = self.f(x_g.detach())
        if y is None:
            data, clf = self.f(x), torch.tensor(0.0)
        else:
            logits = self.logp_net.logp_net(x)
            data, clf = logits.logsumexp(1), F.cross_entropy(logits, y)
        (slope,) = torch.autograd.grad(data.sum(), x, create_graph=True)
        slope = slope.flatten(1).norm(2, 1)
        loss = samples.mean() - data.mean()
        loss = loss + w["p_control"] * (data**2).mean() + w["n_control"] * (samples**2).mean()
        e_loss = loss + w["pg_control"] * (slope**2 / 2).mean() + w["clf_weight"] * clf
        self.optimizers["e"].zero_grad(set_to_none=False)
        e_loss.backward()
        gradients = {"e." + n: p.grad.clone() for n, p in self.logp_net.named_parameters() if p.grad is not None}
        self.optimizers["e"].step()

        fg = self.f(x_g).mean()
        entropy = self.g.entropy(x_g, z, noise["posterior"], noise["elbo"]) if w["ent_weight"] else 0
        g_loss = -(fg + w["ent_weight"] * entropy)
        self.optimizers["g"].zero_grad(set_to_none=False)
        g_loss.backward()
        gradients.update({"g." + n: p.grad.clone() for n, p in self.g.named_parameters() if p.grad is not None})
        self.optimizers["g"].step()
        self.g.logsigma.data.clamp_(math.log(0.01), math.log(0.3))
        for scheduler in self.schedulers.values():
            scheduler.step()
        self.itr += 1
        return {"loss_energy": e_loss.detach(), "loss_generator": g_loss.detach()}, gradients

    def draw(self, batch, event, samples=20):
        k = self.g.noise_dim
        return {
            "z": torch.randn(batch, k),
            "epsilon": torch.randn(batch, *event),
            "posterior": torch.randn(samples, batch, k),
            "elbo": torch.randn(batch, k),
        }

    def checkpoint(self):
        state = lambda parts: {name: part.state_dict() for name, part in parts.items()}
        return {
            "epoch": 1,
            "train_accs": [torch.tensor(0.5)],
            "test_accs": [0.25],
            "aucs": [],
            "briers": [torch.tensor(0.125)],
            "test_lps": [],
            "modes": [],
            "kl": [],
            "eval_itrs": [self.itr],
            "itr": self.itr,
            "model": {"logp_net": self.logp_net.state_dict(), "g": self.g.state_dict()},
            "optimizer": state(self.optimizers),
            "scheduler": state(self.schedulers),
        }

    def load(self, checkpoint):
        """As the original resumes. @raise where a name or shape does not fit"""
        self.itr = checkpoint["itr"]
        self.logp_net.load_state_dict(checkpoint["model"]["logp_net"])
        self.g.load_state_dict(checkpoint["model"]["g"])
        for name in ("e", "g"):
            self.optimizers[name].load_state_dict(checkpoint["optimizer"][name])
            self.schedulers[name].load_state_dict(checkpoint["scheduler"][name])
