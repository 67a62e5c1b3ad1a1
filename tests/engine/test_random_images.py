"""What images draw, against NumPy, on every ISA; steps, rows and seeds draw other things."""

from __future__ import annotations

from collections.abc import Sequence

import naive_draws
import naive_graph
import numpy as np
import pytest
from differences import worst_error
from graphs import Chain
from naive import Array
from problems import real_data, targets
from random_graphs import FILL_MODES, WARPS, cropped, random_graphs, toned, warped
from sessions import ALL, ISAS, bits, open_session, training_outputs

from galago.graph import Graph

STEP = 2**32 + 3


SGD = {"momentum": 0.0, "nesterov": False}


def pictures(channels: int = 3, batch: int = 4) -> Array:
    """Some of a size that is no square."""
    return np.random.default_rng(3).normal(size=(batch, 6, 5, channels))


@pytest.mark.parametrize("interpolation", ["nearest", "bilinear"])
@pytest.mark.parametrize("mode", FILL_MODES)
@pytest.mark.parametrize("kind", WARPS)
def test_warps(kind: str, mode: str, interpolation: str) -> None:
    for channels in (1, 3, 17):
        chain = warped(Chain(6, 5, channels), kind, WARPS[kind], 9, mode, interpolation, 0.25)
        made, x = chain.graph(), pictures(channels)
        truth = naive_graph.values(made, [], x, training=True, step=STEP)[-1]
        for isa in ALL:
            np.testing.assert_allclose(training_outputs(made, x, STEP, isa), truth, atol=1e-12)


@pytest.mark.parametrize(
    "chain",
    [
        cropped(Chain(6, 5, 3), 4, 4),
        cropped(Chain(6, 5, 17), 6, 1),
        toned(Chain(6, 5, 3), "contrast", (0.5, 1.5), (-1.0, 1.5)),
        toned(Chain(6, 5, 17), "brightness", (-0.5, 0.25), (-1.0, 1.5)),
    ],
)
def test_crops_and_tones(chain: Chain) -> None:
    made, x = chain.graph(), pictures(chain.shape[-1])
    truth = naive_graph.values(made, [], x, training=True, step=STEP)[-1]
    for isa in ALL:
        np.testing.assert_allclose(training_outputs(made, x, STEP, isa), truth, atol=1e-12)


def test_the_same_bits_on_every_isa() -> None:
    for made in random_graphs():
        parameters = [np.random.default_rng(4).normal(size=p.shape) / 4 for p in made.parameters]
        x, y = pictures().astype(np.float32), np.zeros((4, 3), np.float32)
        found = set()
        for isa in ISAS:
            session = open_session(made, parameters, isa=isa, optimizer=("sgd", SGD))
            found.add(b"".join(map(bits, session.gradients(x, y))))
        assert len(found) == 1


def test_the_same_bits_as_the_reference() -> None:
    """Behind a dense layer, whose gradients tell what came back, and without activations."""
    rng = np.random.default_rng(8)
    x = rng.normal(size=(4, 6, 5, 2)).astype(np.float32)
    for add in (
        lambda chain: warped(chain, "rotation", (-0.4, 0.5)),
        lambda chain: warped(chain, "zoom", (-0.6, 0.9), fill_mode="constant", fill=0.3),
        lambda chain: cropped(chain, 4, 3),
        lambda chain: toned(chain, "contrast", (0.25, 1.75), (-1.0, 1.5)),
        lambda chain: toned(chain, "brightness", (-0.25, 0.75), (-1.0, 1.5)),
    ):
        made = add(Chain(6, 5, 2).dense(18)).flatten().dense(3).graph()
        parameters = [rng.normal(size=p.shape) / 4 for p in made.parameters]
        y, found = np.zeros((4, 3), np.float32), set()
        for isa in ALL:
            session = open_session(made, parameters, isa=isa, optimizer=("sgd", SGD))
            found.add(b"".join(map(bits, session.gradients(x, y))))
        assert len(found) == 1


def gradient_error(made: Graph, seed: int) -> float:
    """The worst error of the gradients in training, with what one step draws."""
    parameters, x = real_data(made, seed, 3)
    y, rows = targets(made, seed, 3), np.arange(3)
    session = open_session(made, parameters, dtype="float64", optimizer=("sgd", SGD))

    def loss_at(values: Sequence[Array]) -> float:
        for place, value in enumerate(values):
            session.set_parameter(place, value)
        session.set_optimizer_state({"iterations": 0, "moments": [], "product": 1.0})
        return session.train_step(x, y, rows, 0.0)[0]

    return worst_error(loss_at, session.gradients(x, y), parameters, seed)


def test_gradients_are_slopes() -> None:
    for number, made in enumerate(random_graphs()):
        found = gradient_error(made, number)
        assert found < 1e-6, f"{number}: {found:.2e}\n{made}"


def test_flips_copy() -> None:
    x = pictures().astype(np.float32)
    x[:, 0, 0] = np.nan
    made, ways = warped(Chain(6, 5, 3), "flip", (1.0, 1.0), 4).graph(), set()
    for step in range(8):
        for image, found in zip(x, training_outputs(made, x, step), strict=True):
            flips = [image[::down, ::across] for down in (1, -1) for across in (1, -1)]
            ways |= {way for way, one in enumerate(flips) if bits(one) == bits(found)}
    assert ways == {0, 1, 2, 3}


def test_crops_copy() -> None:
    x = pictures().astype(np.float32)
    x[:, 3, 3] = np.nan
    made, places = cropped(Chain(6, 5, 3), 5, 4).graph(), set()
    for step in range(30):
        for image, found in zip(x, training_outputs(made, x, step), strict=True):
            for row, col in ((0, 0), (0, 1), (1, 0), (1, 1)):
                if bits(image[row : row + 5, col : col + 4]) == bits(found):
                    places.add((row, col))
    assert places == {(0, 0), (0, 1), (1, 0), (1, 1)}


def test_quarters_of_a_turn_are_exact() -> None:
    x = np.random.default_rng(5).normal(size=(1, 5, 5, 3)).astype(np.float32)
    for quarters in (1, 2, 3, -1, 4):
        turns = quarters / 4
        made = warped(Chain(5, 5, 3), "rotation", (turns, turns), 1, "constant").graph()
        assert bits(training_outputs(made, x)) == bits(np.rot90(x, quarters, (1, 2)).copy())


def test_a_draw_depends_on_seed_step_and_row() -> None:
    made = [warped(Chain(6, 5, 3), "rotation", (-0.5, 0.5), seed).graph() for seed in (1, 2)]
    x = np.repeat(pictures(batch=1), 3, axis=0)
    found = [training_outputs(one, x, step) for one in made for step in (0, 1, 2**32)]
    images = {bits(image.copy()) for batch in found for image in batch}
    assert len(images) == 2 * 3 * 3
    assert bits(training_outputs(made[0], x[:2], 1)) == bits(found[1][:2].copy())


def test_turns_are_even() -> None:
    """Of many images every eighth of a range is drawn about as often."""
    angles = [naive_draws.words(image, 3, 1)[0] / 2**32 for image in range(4000)]
    counts = np.histogram(angles, 8, (0, 1))[0]
    assert counts.min() > 430 and counts.max() < 570


def test_nothing_happens_outside_of_training() -> None:
    x = pictures().astype(np.float32)
    for chain in (
        warped(Chain(6, 5, 3), "rotation", (0.1, 0.2)),
        toned(Chain(6, 5, 3), "contrast", (0.5, 0.6), (0.0, 1.0)),
    ):
        session = open_session(chain.graph(), [])
        assert "warp" not in session.plan("predict") and "tone" not in session.plan("predict")
        assert bits(session.predict(x, 0, 4)) == bits(x)
    session = open_session(cropped(Chain(6, 5, 3), 3, 3).graph(), [])
    assert "resize" in session.plan("predict") and "warp" not in session.plan("predict")
