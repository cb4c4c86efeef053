"""
Writes optimizers.json: five steps of torch.optim for each choice of options, on fixed gradients and learning rates; and
schedules.json: learning rates of torch.optim.lr_scheduler. Run from this folder with PyTorch 1.13: python3 optimizers.py
"""
import json

import torch

torch.manual_seed(1)
SHAPES = {"weight": [3, 2], "bias": [3]}
STEPS = 5
start = {name: torch.randn(shape) for name, shape in SHAPES.items()}
grads = [{name: torch.randn(shape) for name, shape in SHAPES.items()} for _ in range(STEPS)]
rates = [0.1, 0.2, 0.15, 0.05, 0.1]

cases = {
    "adam": (torch.optim.Adam, {}),
    "adam beta1=0": (torch.optim.Adam, {"betas": (0.0, 0.9)}),
    "adam eps": (torch.optim.Adam, {"betas": (0.5, 0.99), "eps": 0.1}),
    "adam weightDecay": (torch.optim.Adam, {"betas": (0.0, 0.9), "weight_decay": 0.3}),
    "sgd": (torch.optim.SGD, {}),
    "sgd momentum": (torch.optim.SGD, {"momentum": 0.9}),
    "sgd nesterov weightDecay": (torch.optim.SGD, {"momentum": 0.8, "nesterov": True, "weight_decay": 0.1}),
    "adadelta": (torch.optim.Adadelta, {}),
    "adadelta rho eps weightDecay": (torch.optim.Adadelta, {"rho": 0.5, "eps": 1e-3, "weight_decay": 0.2}),
}


def flat(tree):
    return {name: value.flatten().tolist() for name, value in tree.items()}


def run(optimizer, options):
    """Parameters after each step. In double precision, so that the reference itself is exact."""
    params = {name: torch.nn.Parameter(value.double()) for name, value in start.items()}
    opt = optimizer(list(params.values()), lr=1.0, **options)
    trajectory = []
    for grad, rate in zip(grads, rates):
        opt.param_groups[0]["lr"] = rate
        for name, p in params.items():
            p.grad = grad[name].double()
        opt.step()
        trajectory.append(flat({name: p.detach() for name, p in params.items()}))
    return trajectory


def learning_rates(make, steps):
    opt = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.5)
    scheduler, values = make(opt), []
    for _ in range(steps):
        values.append(opt.param_groups[0]["lr"])
        opt.step()
        scheduler.step()
    return values


lr = torch.optim.lr_scheduler
schedules = {
    "multiStep": learning_rates(lambda o: lr.MultiStepLR(o, [3, 7], 0.3), 10),
    "stepDecay": learning_rates(lambda o: lr.StepLR(o, 3, 0.7), 10),
    "linearWarmup": learning_rates(lambda o: lr.LinearLR(o, start_factor=1 / 4, end_factor=1.0, total_iters=3), 8),
    "warmup then multiStep": learning_rates(
        lambda o: lr.ChainedScheduler(
            [lr.LinearLR(o, start_factor=1 / 4, end_factor=1.0, total_iters=3), lr.MultiStepLR(o, [5, 8], 0.3)]
        ),
        10,
    ),
}
with open("optimizers.json", "w") as file:
    json.dump(
        {
            "shapes": SHAPES,
            "start": flat(start),
            "grads": [flat(g) for g in grads],
            "rates": rates,
            "trajectories": {name: run(*case) for name, case in cases.items()},
        },
        file,
    )
with open("schedules.json", "w") as file:
    json.dump(schedules, file)
