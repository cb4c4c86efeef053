"""
Runs the authors' train.py, as it stands in their checkout, and writes what it computes.

  ORIGINAL=DIR python3 test/parity/record.py OUT.json.gz [--checkpoints DIR] [CASE …]

Of each case of cases.json: the losses of every iteration, and, after the first, sketches of the update of every parameter, of Adam's
second moments (the squared gradients) and of all buffers. Data, noise and first weights are those of named_numbers.py. With --checkpoints, train.py
saves CASE.pt on its way and is then resumed from it: that run is written, too, as DIR/CASE.json.
"""
import argparse
import gzip
import json
import os
import runpy
import shutil
import sys
import tempfile
import warnings

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import original  # noqa: E402  (it extends the path)
import named_numbers as n  # noqa: E402
import torch  # noqa: E402
from original import models, tensor, utils  # noqa: E402
from torch.utils.data import TensorDataset  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
BATCH, LABELED, ITERATIONS, SAVED_AT = 6, 5, 3, 2
SHAPES = {"mnist": (784,), "cifar10": (3, 32, 32), "svhn": (3, 32, 32)}
warnings.filterwarnings("ignore")


class Recorder:
    """Takes the place of the data loader, and looks at the networks whenever the loop asks for the next batch."""

    def __init__(self, scope, dataset, weights):
        self.scope, self.shape, self.toy, self.weights = scope, SHAPES.get(dataset, (2,)), dataset not in SHAPES, weights
        self.draws, self.losses, self.logs, self.last, self.optimizers = original.Draws(), [], [], 0.0, {}
        self.iteration = -1
        empty = torch.zeros(2, *self.shape)
        self.dataset = TensorDataset(empty, torch.zeros(2, dtype=torch.long))

    def __len__(self):
        return ITERATIONS

    def x(self, what="x", rows=BATCH):
        return tensor(n.symmetric(f"{self.scope}|{self.iteration}|{what}", (rows, *self.shape)))

    def y(self, what="y", rows=BATCH):
        return tensor(n.classes(f"{self.scope}|{self.iteration}|{what}", rows, 10))

    def __iter__(self):
        self.start = {name: p.detach().clone() for name, p in self.parameters()}  # train.py has loaded its checkpoint
        for _ in range(ITERATIONS):
            self.iteration += 1
            self.losses.append({})
            self.draws.begin(f"{self.scope}|{self.iteration}")
            yield self.x(), self.y()
            self.logs.append(self.draws.log)
            if self.iteration == 0:
                self.sketches = self.sketched()

    def labeled(self):
        while True:
            yield self.x("labeled.x", LABELED), self.y("labeled.y", LABELED)

    def models(self, networks):
        self.networks = networks
        if self.weights:
            original.fill(*networks)
        return networks

    def parameters(self):
        for prefix, network in zip(("energy", "generator"), self.networks):
            for name, p in network.named_parameters():
                yield f"{prefix}.{original.plain(name)}", p

    def stepped(self, optimizer):
        energy, g = self.networks
        parameter = optimizer.param_groups[0]["params"][0]
        part = "energy" if any(parameter is p for p in energy.parameters()) else "generator"
        if optimizer is getattr(g, "post_optimizer", None):
            part = "posterior"
        if not any(parameter is p for p in [*energy.parameters(), *g.parameters()]):
            return
        self.losses[-1][part] = self.last
        self.optimizers[part] = optimizer

    def sketched(self):
        tensors = {}
        for name, p in self.parameters():
            tensors[f"update|{name}"] = p.detach() - self.start[name]
            optimizer = self.optimizers.get("posterior" if name.endswith("post_logsigma") else name.split(".")[0])
            state = {} if optimizer is None else optimizer.state.get(p, {})
            if "exp_avg_sq" in state:
                tensors[f"square|{name}"] = state["exp_avg_sq"]
        for prefix, network in zip(("energy", "generator"), self.networks):
            if prefix in self.optimizers:
                for name, b in network.named_buffers():
                    tensors[f"buffer|{prefix}.{original.plain(name)}"] = b.double()
        assert all(torch.isfinite(t).all() for t in tensors.values())
        return {name: [float(f"{v:.9g}") for v in n.sketch(t.numpy(), 4)] for name, t in tensors.items()}

    def result(self, args):
        return {"args": args, "draws": self.logs, "losses": self.losses, "sketches": self.sketches}


def run(case, flags, folder, checkpoint, more=(), weights=True):
    """Executes train.py once."""
    dataset = flags[flags.index("--dataset") + 1]
    recorder = Recorder(case, dataset, weights)
    originals = models.get_models.get_models, torch.optim.Adam.step, torch.Tensor.backward
    get_models, step, backward = originals

    def noted(loss, *args, **kwargs):
        recorder.last = loss.item()
        backward(loss, *args, **kwargs)

    def stepping(optimizer, *args, **kwargs):
        recorder.stepped(optimizer)
        return step(optimizer, *args, **kwargs)

    test = [(torch.zeros(2, *recorder.shape), torch.zeros(2, dtype=torch.long))]
    models.get_models.get_models = lambda args: recorder.models(get_models(args, log=False))
    torch.optim.Adam.step, torch.Tensor.backward = stepping, noted
    utils.get_data = lambda args: (recorder, test, lambda *_: None)
    utils.toy_data.inf_train_gen = lambda *_, **__: recorder.x().numpy()
    utils.ssl.labeled_subset = lambda *_: recorder.dataset
    utils.ssl.cycle = lambda _: recorder.labeled()
    models.jem.sample_p_0 = lambda buffer, rows, _: (recorder.x("start", rows), torch.arange(rows))
    never = [flag for name in ("ckpt", "save", "eval", "print", "viz") for flag in (f"--{name}_every", "1000000")]
    save_dir = os.path.join(folder, case)
    sys.argv = ["train.py", *never, *flags, "--batch_size", str(BATCH), "--n_epochs", "1", "--save_dir", save_dir]
    sys.argv += ["--ckpt_path", checkpoint, *more]
    stdout, sys.stdout = sys.stdout, open(os.devnull, "w")
    try:
        with recorder.draws:
            runpy.run_path(os.path.join(original.ORIGINAL, "train.py"), run_name="__main__")
    finally:
        sys.stdout = stdout
        models.get_models.get_models, torch.optim.Adam.step, torch.Tensor.backward = originals
    with open(os.path.join(save_dir, "args.txt")) as file:
        args = json.load(file)
    shutil.rmtree(save_dir)
    return recorder.result({k: v for k, v in args.items() if k not in ("save_dir", "ckpt_path", "data_root", "log_file")})


parser = argparse.ArgumentParser()
parser.add_argument("out")
parser.add_argument("--checkpoints")
parser.add_argument("cases", nargs="*")
options = parser.parse_args()
with open(os.path.join(HERE, "cases.json")) as file:
    CASES = json.load(file)
results = {}
folder = tempfile.mkdtemp()
try:
    for case in options.cases or CASES:
        saving = () if options.checkpoints is None else ("--ckpt_every", str(SAVED_AT))
        checkpoint = os.path.join(options.checkpoints or folder, f"{case}.pt")
        if os.path.exists(checkpoint):
            os.remove(checkpoint)  # or it would be resumed
        results[case] = run(case, CASES[case], folder, checkpoint, saving)
        if options.checkpoints is not None:
            again = run(f"{case}|resumed", CASES[case], folder, checkpoint, weights=False)
            with open(os.path.join(options.checkpoints, f"{case}.json"), "w") as file:
                json.dump(again, file)
        print(case, results[case]["losses"][-1], flush=True)
finally:
    shutil.rmtree(folder)
text = json.dumps(results, separators=(",", ":")).encode()
with gzip.GzipFile(options.out, "wb", mtime=0) as file:
    file.write(text)
print(len(text), os.path.getsize(options.out), "bytes")
