"""PyTorch's part of train.py; it runs in an environment with PyTorch and without Galago.

Layers, loss, weights and the order of the images are Galago's; the rest is PyTorch's fastest way:
the images are one tensor in the order of the epoch, a batch is a slice of it, the loss is computed
from logits, and nothing is read back before the end.
"""

from __future__ import annotations

import platform

import timing
import torch
import torch.nn.functional as F
import workload
from torch import Tensor, nn


class Rows(nn.Module):
    """Flatten in the order rows, columns, channels: nothing is moved in channels_last."""

    def forward(self, x: Tensor) -> Tensor:
        """Return (batch, features)."""
        return x.permute(0, 2, 3, 1).flatten(1)


def network(weights: list[Tensor], channels_last: bool, pool_first: bool) -> nn.Module:
    """The reference model with weights in Keras's layout; it returns logits."""

    def block() -> list[nn.Module]:
        pair: list[nn.Module] = [nn.ReLU(inplace=True), nn.MaxPool2d(2)]
        return pair[::-1] if pool_first else pair

    model = nn.Sequential(
        nn.Conv2d(1, 64, 3),
        *block(),
        nn.Conv2d(64, 64, 3),
        *block(),
        Rows() if channels_last else nn.Flatten(),
        nn.Linear(1600, 128),
        nn.ReLU(inplace=True),
        nn.Linear(128, 10),
    )
    kernel_1, bias_1, kernel_2, bias_2, dense_1, bias_3, dense_2, bias_4 = weights
    if not channels_last:
        dense_1 = dense_1.reshape(5, 5, 64, 128).permute(2, 0, 1, 3).flatten(0, 2)
    kernels = [kernel.permute(3, 2, 0, 1) for kernel in (kernel_1, kernel_2)]
    values = [kernels[0], bias_1, kernels[1], bias_2, dense_1.T, bias_3, dense_2.T, bias_4]
    with torch.no_grad():
        for parameter, value in zip(model.parameters(), values, strict=True):
            parameter.copy_(value)
    if channels_last:
        model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return model


def main() -> None:
    parser = workload.options(__doc__)
    parser.add_argument("--channels-last", action="store_true")
    parser.add_argument("--adam", choices=["single", "foreach", "fused"], default="single")
    parser.add_argument("--pool-first", action="store_true", help="fewer ReLUs, equal results")
    parser.add_argument("--compile", metavar="MODE", help="a mode of torch.compile")
    parser.add_argument("--bfloat16", action="store_true", help="autocast")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.set_flush_denormal(True)

    work, batch = workload.load(options.workload), options.batch_size
    model = network(
        [torch.tensor(w) for w in work.weights], options.channels_last, options.pool_first
    )
    forward = torch.compile(model, mode=options.compile) if options.compile else model
    optimizer = torch.optim.Adam(
        model.parameters(),
        lr=1e-3,
        eps=1e-7,
        foreach=options.adam == "foreach",
        fused=options.adam == "fused",
    )

    autocast = torch.autocast("cpu", torch.bfloat16, enabled=options.bfloat16)

    def images(x: Tensor) -> Tensor:
        """NHWC seen as NCHW is what channels_last means."""
        return x.permute(0, 3, 1, 2) if options.channels_last else x.reshape(-1, 1, 28, 28)

    def train(x: Tensor, y: Tensor) -> float:
        """One pass; returns the mean loss."""
        total = torch.zeros(())
        for start in range(0, len(x), batch):
            optimizer.zero_grad(set_to_none=True)
            with autocast:
                outputs = forward(x[start : start + batch])
                loss = F.cross_entropy(outputs, y[start : start + batch])
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            total += loss.detach()
        return float(total / (len(x) // batch))

    x, y = images(torch.from_numpy(work.x)), torch.from_numpy(work.y)
    x_test, y_test = images(torch.from_numpy(work.x_test)), torch.from_numpy(work.y_test)
    train(x[: workload.WARM_UP_STEPS * batch], y[: workload.WARM_UP_STEPS * batch])
    with timing.stopwatch() as result:
        loss = train(x, y)
    with torch.inference_mode():
        outputs = torch.cat([model(part) for part in torch.tensor_split(x_test, 10)])
    timing.report(
        result,
        loss=loss,
        accuracy=float((outputs.argmax(1) == y_test).float().mean()),
        versions=f"PyTorch {torch.__version__} ({torch.backends.cpu.get_cpu_capability()}), "
        f"Python {platform.python_version()}",
    )


if __name__ == "__main__":
    main()
