"""The rows of engine.ts in PyTorch: prints a JSON list of medians in milliseconds, in the same order."""
import json
import os
import time

import torch
import torch.nn.functional as F

torch.set_num_threads(os.cpu_count())
torch.manual_seed(1234)


def median(run, seconds=1.5):
    for _ in range(3):
        run()
    times, end = [], time.perf_counter() + seconds
    while len(times) < 7 or (time.perf_counter() < end and len(times) < 201):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return sorted(times)[len(times) // 2] * 1e3


def no_grad(run):
    def wrapped():
        with torch.no_grad():
            return run()
    return wrapped


rows = []
a, b = torch.randn(1024, 1024), torch.randn(1024, 1024)
rows.append(median(no_grad(lambda: (a @ b).sum())))

for B, I, O, H, K, S, P in [(32, 64, 64, 32, 3, 1, 1), (64, 128, 256, 16, 4, 2, 1), (16, 256, 256, 16, 3, 1, 1)]:
    x, w = torch.randn(B, I, H, H), torch.randn(O, I, K, K)
    ct = torch.randn_like(F.conv2d(x, w, stride=S, padding=P))

    def backward(mask):
        return torch.ops.aten.convolution_backward(ct, x, w, [0], [S, S], [P, P], [1, 1], False, [0, 0], 1, mask)

    rows.append(median(no_grad(lambda: F.conv2d(x, w, stride=S, padding=P).sum())))
    rows.append(median(no_grad(lambda: backward([True, False, False])[0].sum())))
    rows.append(median(no_grad(lambda: backward([False, True, False])[1].sum())))

y, w = torch.randn(256, 256, 4, 4), torch.randn(256, 128, 4, 4)
rows.append(median(no_grad(lambda: F.conv_transpose2d(y, w, stride=2, padding=1).sum())))

u = torch.randn(4 << 20)
rows.append(median(no_grad(lambda: ((torch.tanh(u * 1.5) + u) * F.leaky_relu(u, 0.2)).sum())))

x = torch.randn(64, 64, 32, 32, requires_grad=True)
ct = torch.randn(64, 64, 32, 32)
bn = torch.nn.BatchNorm2d(64)


def bn_step():
    out = bn(x)
    grads = torch.autograd.grad(out, [x, bn.weight, bn.bias], ct)
    return out.detach().sum(), grads[0].sum()


rows.append(median(bn_step))

p = torch.nn.Parameter(torch.rand(10_000_000) * 2 - 1)
p.grad = torch.rand(10_000_000) * 2 - 1
rows.append(median(torch.optim.Adam([p]).step))

mlp = torch.nn.Sequential(
    torch.nn.Linear(2, 100), torch.nn.LeakyReLU(0.2), torch.nn.Linear(100, 100), torch.nn.LeakyReLU(0.2), torch.nn.Linear(100, 1)
)
opt = torch.optim.Adam(mlp.parameters())
data, model = torch.randn(200, 2), torch.randn(200, 2)


def mlp_step():
    loss = mlp(model).mean() - mlp(data).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()


rows.append(median(mlp_step))

net = torch.nn.Sequential(
    torch.nn.Conv2d(3, 32, 4, 2, 1), torch.nn.LeakyReLU(0.2), torch.nn.Conv2d(32, 64, 4, 2, 1), torch.nn.LeakyReLU(0.2),
    torch.nn.Flatten(), torch.nn.Linear(4096, 1),
)
net_opt = torch.optim.Adam(net.parameters())
images = torch.randn(32, 3, 32, 32, requires_grad=True)


def net_step():
    f = net(images)
    score, = torch.autograd.grad(f.sum(), images, create_graph=True)
    loss = 0.5 * score.pow(2).sum() / 32 - f.mean()
    net_opt.zero_grad()
    loss.backward()
    net_opt.step()


rows.append(median(net_step))
print(json.dumps(rows))
