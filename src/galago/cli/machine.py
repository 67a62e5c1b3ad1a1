"""What `galago info` tells of this computer."""

from __future__ import annotations

import platform
from collections.abc import Mapping

import numpy as np
from rich.box import SIMPLE
from rich.table import Table

import galago
from galago.cli.data import how_to_get_all
from galago.datasets.cache import cache_folder
from galago.datasets.fashion_mnist import full_set_folder
from galago.engine import cpu_info


def facts_table() -> Table:
    """Return the facts, a line each."""
    table = Table(box=SIMPLE, show_header=False, show_edge=False, pad_edge=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in facts().items():
        table.add_row(name, value)
    return table


def facts() -> dict[str, str]:
    """Return what there is to know, in words."""
    cpu = cpu_info()
    cache = cache_folder()
    folder = full_set_folder()
    return {
        "Galago": galago.__version__,
        "Python": f"{platform.python_version()}, {platform.system()} {platform.machine()}",
        "NumPy": np.__version__,
        "CPU": cpu["model"] or "unknown",
        "Cores": f"{cpu['cores']} usable",
        "Caches": _caches(cpu),
        "Instructions": f"{cpu['isa']} in use, of {', '.join(cpu['isas'])}",
        "Threads": f"{cpu['threads']} (change: GALAGO_THREADS or --threads)",
        "Data folder": f"{cache}{'' if cache.is_dir() else ' (not made yet)'}",
        "Fashion-MNIST": (
            f"all 70,000 images, in {folder}"
            if folder
            else f"12,000 of 70,000 images, in the package. All: {how_to_get_all()}"
        ),
    }


def _caches(cpu: Mapping[str, int]) -> str:
    sizes = [
        f"{label} {size_text(cpu[name])}"
        for name, label in (("l1d_bytes", "L1"), ("l2_bytes", "L2"), ("l3_bytes", "L3"))
        if cpu[name]
    ]
    return ", ".join(sizes) or "unknown"


def size_text(size: int) -> str:
    """Return the size of a cache as data sheets write it.

    >>> size_text(49152), size_text(2097152)
    ('48 KB', '2 MB')
    """
    kilobytes = size / 1024
    return f"{kilobytes:g} KB" if kilobytes < 1024 else f"{kilobytes / 1024:g} MB"
