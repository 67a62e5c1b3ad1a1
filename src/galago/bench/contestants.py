"""Who can be measured, and in which settings: the table of `galago bench`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

#: Galago itself.
OWN = "own"

#: Tells the C library to keep freed memory, in huge pages: an activation is several MB, which it
#: otherwise gives back to the system and takes again, page by page, in every step.
KEEP_MEMORY = {
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1:"
    "glibc.malloc.mmap_threshold=1073741824:glibc.malloc.trim_threshold=4294967296"
}


@dataclass(frozen=True)
class Setting:
    """A way to run a peer: options of its file in peers/, and environment variables."""

    name: str
    options: Mapping[str, Any] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Kind:
    """A framework: its file in peers/, what must be installed, the settings known to be fastest.

    `more` are settings that were slower here or show what one gets without asking; `avx2` holds the
    framework to AVX2, None where it knows no way.
    """

    name: str
    title: str
    packages: tuple[str, ...] = ()
    train: tuple[Setting, ...] = ()
    infer: tuple[Setting, ...] = ()
    more_train: tuple[Setting, ...] = ()
    more_infer: tuple[Setting, ...] = ()
    avx2: Mapping[str, str] | None = None

    def settings(self, mode: str, every: bool) -> tuple[Setting, ...]:
        """The settings to measure for "train" or "infer"."""
        if mode == "train":
            return self.train + (self.more_train if every else ())
        return self.infer + (self.more_infer if every else ())


_PLAIN = Setting("")
_NCHW = {"channels_last": False, "pool_first": False, "adam": "single"}

KINDS = (
    Kind(OWN, "Galago", train=(_PLAIN,), infer=(_PLAIN,), avx2={"GALAGO_ISA": "avx2"}),
    Kind(
        "pytorch",
        "PyTorch",
        ("torch",),
        train=(Setting("memory", {}, KEEP_MEMORY),),
        infer=(Setting("traced", {"traced": True}, KEEP_MEMORY),),
        more_train=(
            Setting("eager"),
            Setting("relu first", {"pool_first": False}, KEEP_MEMORY),
            Setting("foreach", {"adam": "foreach"}, KEEP_MEMORY),
            Setting("as written", _NCHW),
            Setting("compile", {"compile": "default"}, KEEP_MEMORY),
            Setting("bfloat16", {"bfloat16": True}, KEEP_MEMORY),
        ),
        more_infer=(
            Setting("eager", {}, KEEP_MEMORY),
            Setting("nchw", {"channels_last": False, "traced": True}, KEEP_MEMORY),
            Setting("compile", {"compile": "default"}, KEEP_MEMORY),
        ),
        avx2={"ATEN_CPU_CAPABILITY": "avx2", "ONEDNN_MAX_CPU_ISA": "AVX2"},
    ),
    Kind(
        "tensorflow",
        "Keras on TensorFlow",
        ("keras", "tensorflow"),
        train=(Setting("loop", {"way": "loop"}, KEEP_MEMORY),),
        infer=(Setting("function"),),
        more_train=(
            Setting("steps", {"way": "steps"}, KEEP_MEMORY),
            Setting("fit", {"way": "fit", "pool_first": False}),
            Setting("XLA", {"way": "loop", "jit": True}),
            Setting("no oneDNN", {"way": "loop"}, {"TF_ENABLE_ONEDNN_OPTS": "0"}),
        ),
        more_infer=(Setting("XLA", {"jit": True}),),
        avx2={"ONEDNN_MAX_CPU_ISA": "AVX2"},
    ),
    Kind(
        "jax",
        "JAX",
        ("jax",),
        train=(Setting("step"),),
        infer=(_PLAIN,),
        more_train=(Setting("scan", {"scan": True}), Setting("memory", {}, KEEP_MEMORY)),
        avx2={"XLA_FLAGS": "--xla_cpu_max_isa=AVX2", "ONEDNN_MAX_CPU_ISA": "AVX2"},
    ),
    Kind(
        "onnxruntime",
        "ONNX Runtime",
        ("onnxruntime",),
        infer=(_PLAIN,),
        more_infer=(Setting("bound", {"binding": True}),),
    ),
    Kind(
        "openvino",
        "OpenVINO",
        ("openvino",),
        infer=(_PLAIN,),
        more_infer=(Setting("two streams", {"streams": 2}),),
    ),
)
