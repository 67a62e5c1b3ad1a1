"""Filters over a large photo, next to OpenCV and SciPy.

    pip install opencv-python-headless scipy
    python benchmarks/filters.py --rows 4000 --cols 6000

All run in turns; the table has medians and their ratios to Galago's.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from galago import get_threads
from galago.filters import get
from galago.image import convolve, pool

Picture = npt.NDArray[np.uint8]
Work = Callable[[], object]
FILTERS = ("sobel", "gaussian(5)", "gaussian(11)")


def contestants(grey: Picture, colour: Picture) -> dict[str, dict[str, Work]]:
    """Each work, by who does it."""
    import cv2
    from scipy import ndimage

    cv2.setNumThreads(get_threads())
    works: dict[str, dict[str, Work]] = {}
    for name in FILTERS:
        table = get(name)
        works[f"{name}, bytes to bytes"] = {
            "Galago": lambda t=table: convolve(grey, t, border="reflect", clamp=(0, 255)),
            "OpenCV": lambda t=table: cv2.filter2D(grey, -1, t),
            "SciPy": lambda t=table: ndimage.correlate(grey, t, np.uint8, mode="mirror"),
        }
        works[f"{name}, bytes to float32"] = {
            "Galago": lambda t=table: convolve(grey, t, border="reflect"),
            "OpenCV": lambda t=table: cv2.filter2D(grey, cv2.CV_32F, t),
            "SciPy": lambda t=table: ndimage.correlate(grey, t, np.float32, mode="mirror"),
        }
    works["sobel, colours, bytes to bytes"] = {
        "Galago": lambda: convolve(colour, "sobel", border="reflect", clamp=(0, 255)),
        "OpenCV": lambda: cv2.filter2D(colour, -1, get("sobel")),
    }
    works["largest of 2 x 2"] = {
        "Galago": lambda: pool(grey, 2),
        "NumPy": lambda: (
            grey[: len(grey) // 2 * 2, : grey.shape[1] // 2 * 2]
            .reshape(len(grey) // 2, 2, -1, 2)
            .max((1, 3))
        ),
    }
    return works


def medians(works: dict[str, Work], rounds: int) -> dict[str, float]:
    """Median seconds of each, taken in turns after one call that does not count."""
    taken: dict[str, list[float]] = {name: [] for name in works}
    for number in range(rounds + 1):
        for name, work in works.items():
            start = time.perf_counter()
            work()
            if number:
                taken[name].append(time.perf_counter() - start)
    return {name: statistics.median(seconds) for name, seconds in taken.items()}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=4000)
    parser.add_argument("--cols", type=int, default=6000)
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    shape = (options.rows, options.cols)
    colour = np.random.default_rng(0).integers(0, 256, (*shape, 3)).astype(np.uint8)
    grey = np.ascontiguousarray(colour[..., 0])
    print(f"{shape[0]} x {shape[1]}, {get_threads()} threads, median of {options.rounds}")
    for what, works in contestants(grey, colour).items():
        found = medians(works, options.rounds)
        own = found["Galago"]
        others = [f"{name} {s * 1e3:.0f} ms ({s / own:.1f}x)" for name, s in found.items()][1:]
        print(f"{what:32} Galago {own * 1e3:.0f} ms; {', '.join(others)}")


if __name__ == "__main__":
    main()
