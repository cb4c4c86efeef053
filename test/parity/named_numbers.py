"""Numbers that Python and TypeScript (named-numbers.ts) make alike, from a name: weights and noise that need not be stored."""
import math

import numpy as np

MASK = np.uint64(0xFFFFFFFF)


def seed_of(name):
    """FNV-1a."""
    h = 0x811C9DC5
    for byte in name.encode():
        h = (h ^ byte) * 0x01000193 & 0xFFFFFFFF
    return h


def hashes(seed, count, start=0):
    """Mixed bits of start, start + 1, … as uint32."""
    i = np.arange(start, start + count, dtype=np.uint64)
    h = (i * np.uint64(0x9E3779B1) + np.uint64(seed)) & MASK
    for shift, factor in ((16, 0x21F0AAAD), (15, 0x735A2D97)):
        h = ((h ^ (h >> np.uint64(shift))) * np.uint64(factor)) & MASK
    return (h ^ (h >> np.uint64(15))).astype(np.uint32)


def uniform(name, shape):
    """In [0, 1), multiples of 2^-24."""
    count = int(np.prod(shape, dtype=np.int64))
    return ((hashes(seed_of(name), count) >> np.uint32(8)) / 2.0**24).astype(np.float32).reshape(shape)


def symmetric(name, shape):
    """In [-1, 1)."""
    return (uniform(name, shape).astype(np.float64) * 2 - 1).astype(np.float32)


def noise(name, shape):
    """The sum of three uniform numbers: mean 0, variance 1."""
    parts = [symmetric(f"{name}|{k}", shape).astype(np.float64) for k in range(3)]
    return (parts[0] + parts[1] + parts[2]).astype(np.float32)


def classes(name, count, k):
    return np.floor(uniform(name, (count,)).astype(np.float64) * k).astype(np.int64)


def weight(name, shape):
    """What a parameter of this name starts from: of a size that keeps activations near 1."""
    last = name.split(".")[-1]
    u = symmetric(name, shape).astype(np.float64)
    if last in ("logsigma", "post_logsigma"):
        value = math.log(0.1) + 0.1 * u
    elif last == "weight_g" or (last == "weight" and len(shape) == 1):
        value = 1 + 0.1 * u
    elif last == "logstd" or len(shape) == 1:
        value = 0.1 * u
    else:
        value = u * math.sqrt(3 / np.prod(shape[1:]))
    return value.astype(np.float32)


def sketch(values, bits=8):
    """
    Sums with random signs, and the norm. The mean square of the difference of two arrays' sums is that of the arrays' difference in
    expectation (Johnson & Lindenstrauss 1984): a few numbers hold a tensor.
    """
    flat = np.asarray(values, dtype=np.float64).reshape(-1)
    h = hashes(seed_of("sketch"), flat.size)
    signs = [((h >> np.uint32(8 + k)) & np.uint32(1)).astype(np.float64) * 2 - 1 for k in range(bits)]
    return [float(np.linalg.norm(flat)), *(float(s @ flat) for s in signs)]
