"""No kernel goes untested: the plans of the fingerprinted graphs name all of kernels.def.

They are of the families that test_exact_integers, test_bits and test_gradients run.
"""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest
from fingerprints import OTHERS, SGD, every_kernel
from graphs import Chain, dense_baseline, reference_model
from problems import real_data
from sessions import ADAM, ISAS, open_session

from galago.graph import Graph

#: Kernels of no plan: test_filter_image.py runs them.
OF_PICTURES = {"filter_rows", "store_pixels"}
KERNELS_DEF = Path(__file__).parents[2] / "engine" / "kernels" / "kernels.def"


def planned_words() -> set[str]:
    """All words of the plans of the tested graphs, for training and for prediction."""
    words: set[str] = set()
    graphs = itertools.chain.from_iterable(every_kernel().values())
    for number, made in enumerate(graphs):
        parameters, _ = real_data(made, 0, 1)
        for optimizer in (ADAM, SGD) if number else (ADAM, SGD, *OTHERS):
            session = open_session(made, parameters, optimizer=optimizer)
            for mode in ("train", "predict"):
                words.update(re.findall(r"\w+", session.plan(mode)))
    return words


def test_tested_graphs_use_every_kernel() -> None:
    kernels = re.findall(r"^KERNEL\((\w+),", KERNELS_DEF.read_text(), re.MULTILINE)
    assert len(kernels) > 20
    assert set(kernels) - OF_PICTURES <= planned_words()


@pytest.mark.parametrize("isa", ISAS)
def test_plan_does_not_depend_on_the_isa(isa: str) -> None:
    made = reference_model()
    parameters, _ = real_data(made, 0, 1)
    plans = [open_session(made, parameters, isa=i, optimizer=ADAM).plan() for i in (isa, ISAS[0])]
    assert plans[0].replace(isa, ISAS[0]) == plans[1]


def test_gradients_that_need_nothing_of_each_other_are_chains() -> None:
    made = reference_model()
    parameters, _ = real_data(made, 0, 1)
    plan = open_session(made, parameters, optimizer=ADAM).plan()
    stages = [line for line in plan.splitlines() if line.startswith("stage images")]
    assert stages == ["stage images", "stage images in shards, 2 chains"]


def stages(made: Graph, mode: str) -> list[str]:
    """The stages of a plan, each with its kernels: "batch by rows: load_input dense_forward"."""
    parameters, _ = real_data(made, 0, 1)
    found: list[str] = []
    for line in open_session(made, parameters, optimizer=ADAM).plan(mode).splitlines():
        name, kernel = line.removeprefix("stage "), line.split()[0]
        if line.startswith("stage "):
            found.append(f"{name}:")
        else:
            found[-1] += f" {kernel}"
    return found


def test_rows_go_through_all_layers_of_a_prediction() -> None:
    assert stages(dense_baseline(), "predict") == [
        "batch by rows: load_input dense_forward dense_forward softmax_forward"
    ]


def test_large_dense_layers_are_split_by_outputs() -> None:
    made = Chain(4096).dense(128).dense(64).graph()
    assert stages(made, "predict") == [
        "batch by rows: load_input",
        "batch: dense_forward",
        "batch by rows: dense_forward",
    ]
    assert stages(dense_baseline(), "train")[:2] == [
        "batch by rows: load_input",
        "batch: dense_forward",
    ]


def test_rows_go_back_through_small_dense_layers() -> None:
    """Weights' gradients, which need all rows, wait until the rows are through."""
    made = Chain(900).dense(80).activation("relu").dense(10).graph()
    assert stages(made, "train")[1:] == [
        "batch: dense_forward",
        "batch by rows: dense_add_parts dense_forward loss dense_transpose_gradient "
        "dense_backward_input activation_backward",
        "batch: dense_backward_weights",
        "batch: dense_backward_weights",
        "update: adam_update adam_update adam_update adam_update",
    ]


def test_an_input_with_other_readers_is_loaded_by_images() -> None:
    assert stages(reference_model(4), "predict")[1].startswith("images: load_input conv")
