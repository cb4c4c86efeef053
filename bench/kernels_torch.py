"""The operations of kernels.ts in PyTorch on a card: prints milliseconds of each by name, as JSON. `--single`: without TF32."""
import json
import sys

import torch
import torch.nn.functional as F

REPEATED = 8
torch.backends.cudnn.benchmark = True
if "--single" in sys.argv:
    torch.backends.cudnn.allow_tf32 = False
else:
    torch.backends.cuda.matmul.allow_tf32 = True
torch.set_default_device("cuda")
torch.manual_seed(1)


@torch.no_grad()
def milliseconds(apply):
    for _ in range(3):
        apply()
    times = []
    for _ in range(15):
        start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        start.record()
        for _ in range(REPEATED):
            apply()
        end.record()
        torch.cuda.synchronize()
        times.append(start.elapsed_time(end) / REPEATED)
    return sorted(times)[len(times) // 2]


rows = {}
for n in [4096, 1024]:
    a, b = torch.randn(n, n), torch.randn(n, n)
    rows[f"matmul {n}³"] = milliseconds(lambda: a @ b)

for batch, channels, size in [(128, 64, 32), (40, 160, 32)]:
    x, w = torch.randn(batch, channels, size, size), torch.randn(channels, channels, 3, 3)
    name = f"conv 3×3 {channels}→{channels} {size}×{size} B{batch}"

    def backward(mask):
        return torch.ops.aten.convolution_backward(x, x, w, [0], [1, 1], [1, 1], [1, 1], False, [0, 0], 1, mask)

    rows[name] = milliseconds(lambda: F.conv2d(x, w, padding=1))
    rows[f"{name}, input gradient"] = milliseconds(lambda: backward([True, False, False]))
    rows[f"{name}, filter gradient"] = milliseconds(lambda: backward([False, True, False]))

x, w = torch.randn(256, 128, 16, 16), torch.randn(256, 128, 4, 4)
rows["conv 4×4/2 128→256 16×16 B256, and transposed"] = milliseconds(
    lambda: F.conv_transpose2d(F.conv2d(x, w, stride=2, padding=1), w, stride=2, padding=1)
)
u = torch.randn(1 << 24)
rows["5 elementwise operations, 16.8 M"] = milliseconds(lambda: (torch.tanh(u * 1.5) + u) * F.leaky_relu(u, 0.2))
print(json.dumps(rows))
