"""Writing fixtures: safetensors files and the values that a module's test compares."""
import json
import struct
from functools import partial

import torch
from torch import nn

DTYPE = {torch.float32: "F32", torch.int32: "I32"}


def write_safetensors(path, tensors):
    """Eight bytes of header length, a JSON header, the elements; floats as 32-bit."""
    header, blobs, position = {}, [], 0
    for name, value in tensors.items():
        value = value.detach().to(torch.float32 if value.is_floating_point() else torch.int32).contiguous()
        data = value.numpy().tobytes()
        header[name] = {
            "dtype": DTYPE[value.dtype],
            "shape": list(value.shape),
            "data_offsets": [position, position + len(data)],
        }
        blobs.append(data)
        position += len(data)
    text = json.dumps(header, separators=(",", ":")).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(blobs))
    print(path, 8 + len(text) + position, "bytes")


def randomize(model):
    """Gives every buffer and normalisation weight a value that shows when it is left out."""
    for name, value in model.state_dict().items():
        if name.endswith("running_var") or (value.dim() == 1 and name.endswith("weight")):
            value.uniform_(0.5, 1.5)
        elif name.endswith("running_mean") or name.endswith("bias"):
            value.normal_(0, 0.3)
        if value.is_floating_point():
            value.copy_(value.float())  # representable in 32 bits


def use_masks(model, masks):
    """Makes dropout record the mask that PyTorch drew; where whole channels drop, as `[B, C, 1, 1]`."""

    def forward(x, module, path):
        whole = isinstance(module, nn.Dropout2d)
        draw = torch.feature_dropout if whole else torch.dropout
        mask = draw(torch.ones_like(x), module.p, module.training)
        if module.training:
            masks[path] = mask[:, :, :1, :1] if whole else mask
        return x * mask

    for name, module in model.named_modules():
        if isinstance(module, (nn.Dropout, nn.Dropout2d)):
            module.forward = partial(forward, module=module, path=name + ".mask")


def batch_statistics(model, x):
    """Mean and biased variance that each batch norm sees when the model is applied to x in training."""
    seen, handles = {}, []
    for name, module in model.named_modules():
        if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):

            def hook(_, inputs, name=name):
                axes = [axis for axis in range(inputs[0].dim()) if axis != 1]
                seen[name] = (inputs[0].mean(axes), inputs[0].var(axes, unbiased=False))

            handles.append(module.register_forward_pre_hook(hook))
    with torch.no_grad():
        model(x)
    for handle in handles:
        handle.remove()
    return seen


def record(case, model, x, other, penalty):
    """
    The values of one module, computed in double precision from 32-bit inputs:
    variables, x, c, `eval` and `train` outputs, gradients of sum(train · c), buffers afterwards, the output for `other` with
    the batch statistics of x, and with `penalty` the gradients of mean ½‖∇ₓ f‖², f(x) = Σ train · c.
    """
    model.double()
    randomize(model)
    x, other = x.float().double(), other.float().double()
    out = {"x": x, "other": other}
    for name, value in model.state_dict().items():
        out["vars/" + name] = value.clone()
    model.eval()
    out["eval"] = model(x)
    model.train()
    masks = {}
    use_masks(model, masks)
    x.requires_grad_()
    y = model(x)
    buffers = {name: value.clone() for name, value in model.named_buffers()}
    c = torch.randn(y.shape).float().double()
    names, params = zip(*model.named_parameters())
    gradients = torch.autograd.grad((y * c).sum(), params, retain_graph=True, allow_unused=True)
    out |= {"train": y, "c": c}
    out |= {"masks/" + name: value for name, value in masks.items()}
    out |= {"after/" + name: value for name, value in buffers.items()}
    out |= {"grad/" + name: g for name, g in zip(names, gradients) if g is not None}
    if penalty:
        (score,) = torch.autograd.grad((y * c).sum(), x, create_graph=True)
        value = 0.5 * score.flatten(1).square().sum(1).mean()
        second = torch.autograd.grad(value, params, allow_unused=True)
        out["penalty"] = value
        out |= {"penalty_grad/" + name: g for name, g in zip(names, second) if g is not None}
    statistics = batch_statistics(model, x)
    if statistics:
        for name, (mean, var) in statistics.items():
            norm = model.get_submodule(name)
            norm.running_mean.copy_(mean)
            norm.running_var.copy_(var)
            prefix = name + "." if name else ""
            out |= {f"statistics/{prefix}mean": mean, f"statistics/{prefix}var": var}
        model.eval()
        out["frozen"] = model(other)
    return {f"{case}|{name}": value for name, value in out.items()}
