from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import galago
from galago.errors import ArgumentError, DataError, UnknownNameError
from galago.explain import asking, grad_cam, integrated_gradients, occlusion, saliency
from galago.explain.probe import probe

METHODS = (saliency, integrated_gradients, grad_cam, occlusion)


@pytest.mark.parametrize("method", METHODS)
def test_values_for_every_pixel(method: Any, trained: Any, images: Any) -> None:
    found = method(trained, images[0][0])
    best = int(np.argmax(trained.predict(images[0][:1, ..., None], verbose=0)))
    assert found.values.shape == (28, 28) and np.isfinite(found.values).all()
    assert found.target == best and trained.class_names[best] in str(found)
    assert found.heatmap().shape == (28, 28, 3)
    assert found._repr_html_().count("<img") == 2
    assert len(found.plot().axes) == 2


def score(model: Any, image: Any, unit: int) -> float:
    """The number in front of the softmax."""
    return float(probe(model, image).values[-2][unit])


def test_integrated_gradients_add_up(trained: Any, images: Any) -> None:
    image = images[0][3]
    found = integrated_gradients(trained, image, 7, steps=300)
    change = score(trained, image, 7) - score(trained, np.zeros((28, 28)), 7)
    assert found.values.sum() == pytest.approx(change, rel=2e-2, abs=2e-2)


def test_integrated_gradients_start_at_the_baseline(trained: Any, images: Any) -> None:
    image = images[0][3]
    assert not integrated_gradients(trained, image, 7, baseline=image).values.any()


def test_saliency_of_a_linear_model_is_its_weights() -> None:
    model = galago.Sequential([galago.layers.Flatten(input_shape=(2, 3, 1))])
    model.add(galago.layers.Dense(2, use_bias=False))
    kernel = np.array([[1.0, -2], [3, 4], [-5, 6], [7, 8], [9, -10], [11, 12]])
    model.set_weights([kernel])
    found = saliency(model, np.ones((2, 3)), 1)
    np.testing.assert_allclose(found.values.ravel(), np.abs(kernel[:, 1]))
    assert found.name == "output 1"


def test_occlusion_finds_what_counts() -> None:
    model = galago.Sequential([galago.layers.Flatten(input_shape=(6, 6, 1))])
    model.add(galago.layers.Dense(1, use_bias=False))
    kernel = np.zeros((36, 1))
    kernel[2 * 6 + 4] = 3
    model.set_weights([kernel])
    found = occlusion(model, np.ones((6, 6)), size=1, stride=1)
    truth = np.zeros((6, 6))
    truth[2, 4] = 3
    np.testing.assert_array_equal(found.values, truth)
    covered = occlusion(model, np.ones((6, 6)), size=3, stride=2)
    assert (covered.values >= 0).all() and covered.values[2, 4] == 3


def test_grad_cam_by_hand() -> None:
    """Of global means and a dense layer, the weights of a class count as they are."""
    model = galago.Sequential(
        [
            galago.layers.Conv2D(2, 1, input_shape=(4, 4, 2), use_bias=False, name="maps"),
            galago.layers.GlobalAveragePooling2D(),
            galago.layers.Dense(2, activation="softmax", use_bias=False),
        ]
    )
    model.set_weights([np.eye(2).reshape(1, 1, 2, 2), np.array([[2.0, 0], [-1, 0]])])
    image = np.random.default_rng(0).random((4, 4, 2))
    found = grad_cam(model, image, 0)
    truth = np.maximum(2 * image[..., 0] - image[..., 1], 0) / 16
    np.testing.assert_allclose(found.values, truth, atol=1e-7)


def test_it_says_so_where_nothing_speaks_for_the_output() -> None:
    model = galago.Sequential(
        [
            galago.layers.Conv2D(1, 1, kernel_initializer="ones", input_shape=(4, 4, 1)),
            galago.layers.Flatten(),
            galago.layers.Dense(1, kernel_initializer=galago.initializers.Constant(-1.0)),
        ]
    )
    found = grad_cam(model, np.ones((4, 4)))
    assert not found.values.any()
    assert str(found).endswith("which the model gives -16: nothing speaks for it")
    assert "nothing speaks for it" in found._repr_html_()
    assert found.plot().get_suptitle().endswith("for output 0: -16, nothing speaks for it")
    assert ": most at row " in str(saliency(model, np.ones((4, 4))))


def test_squares_are_a_sixth_of_the_image(trained: Any, images: Any) -> None:
    image = images[0][0]
    np.testing.assert_array_equal(
        occlusion(trained, image).values, occlusion(trained, image, size=5, stride=2).values
    )
    assert "occlusion by 5 x 5" in str(occlusion(trained, image))
    wide = galago.Sequential([galago.layers.GlobalAveragePooling2D(input_shape=(3, 120, 1))])
    assert "occlusion by 1 x 1" in str(occlusion(wide, np.ones((3, 120))))


def test_names_are_text(trained: Any, images: Any) -> None:
    inputs = galago.Input((4, 4, 1))
    x = galago.layers.Conv2D(1, 3, padding="same", name="<script>")(inputs)
    model = galago.Model(inputs, galago.layers.Dense(2)(galago.layers.Flatten()(x)))
    model.class_names = ["<b>", "<i>"]
    page = grad_cam(model, np.ones((4, 4)))._repr_html_()
    assert "<script" not in page and "<b>" not in page and "<i>" not in page


def test_files_and_a_short_form(trained: Any, images: Any, tmp_path: Path) -> None:
    found = saliency(trained, images[0][0])
    found.save(tmp_path / "saliency.png")
    assert (tmp_path / "saliency.png").stat().st_size > 1000
    assert repr(found) == f"<Attribution: {found}>"


def test_errors(trained: Any, images: Any) -> None:
    with pytest.raises(ArgumentError, match="a target from 0 to 9, a unit of the output"):
        saliency(trained, images[0][0], 10)
    with pytest.raises(DataError, match="one example"):
        saliency(trained, images[0][:2])
    with pytest.raises(UnknownNameError, match="known layer with maps"):
        grad_cam(trained, images[0][0], layer="dense")
    with pytest.raises(ArgumentError, match="steps must be"):
        integrated_gradients(trained, images[0][0], steps=0)
    with pytest.raises(DataError, match=r"a baseline of one number or of shape \(28, 28, 1\)"):
        integrated_gradients(trained, images[0][0], baseline=np.zeros(5))
    flat = galago.Sequential([galago.layers.Dense(2, input_shape=(5,))])
    with pytest.raises(ArgumentError, match="a model that takes images"):
        occlusion(flat, np.zeros(5))
    inputs = galago.Input((4, 4, 1))
    row = galago.layers.Flatten()(inputs)
    two = galago.Model(inputs, {"a": galago.layers.Dense(2)(row), "b": row})
    with pytest.raises(ArgumentError, match="gives one vector"):
        saliency(two, np.zeros((4, 4)))
    no_maps = galago.Sequential([galago.layers.Flatten(input_shape=(2, 2, 1))])
    no_maps.add(galago.layers.Dense(2))
    with pytest.raises(ArgumentError, match="a layer that gives maps"):
        grad_cam(no_maps, np.zeros((2, 2)))


def test_occlusion_in_parts_is_the_same(
    trained: Any, images: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = occlusion(trained, images[0][0]).values
    monkeypatch.setattr(asking, "AT_ONCE", 5 * 28 * 28)
    np.testing.assert_array_equal(occlusion(trained, images[0][0]).values, whole)
