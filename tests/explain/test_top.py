from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import galago
from galago import layers
from galago.errors import ArgumentError, DataError, UnknownNameError
from galago.explain import TopImage, asking, explain_unit, top_images


def two_maps() -> galago.Sequential:
    """The image and its negative."""
    maps = layers.Conv2D(2, 1, use_bias=False, input_shape=(4, 5, 1), name="maps")
    model = galago.Sequential([maps])
    model.set_weights([np.array([1.0, -1.0]).reshape(1, 1, 1, 2)])
    return model


IMAGES = np.zeros((3, 4, 5))
IMAGES[1, 2, 3], IMAGES[2, 0, 4], IMAGES[0, 1, 1] = 5, 7, -2


def test_of_a_filter() -> None:
    found = top_images(two_maps(), IMAGES, "maps", 0, 2)
    assert list(found) == [TopImage(2, 7, (0, 4)), TopImage(1, 5, (2, 3))]
    assert found.regions[0] == ((0, 1), (4, 5), (0, 1)) and len(found) == 2
    np.testing.assert_array_equal(found.images[..., 0], IMAGES[[2, 1]])
    assert str(found).splitlines() == [
        "maps, channel 0",
        "  image 2: 7 at row 0, column 4",
        "  image 1: 5 at row 2, column 3",
    ]
    assert list(top_images(two_maps(), IMAGES, "maps", 1, 1)) == [TopImage(0, 2, (1, 1))]


def test_of_a_unit(trained: Any, images: Any) -> None:
    x, _ = images
    found = top_images(trained, x, "dense_1", 9, 3)
    outputs = trained.predict(x[..., None], verbose=0)[:, 9]
    assert [one.image for one in found] == np.argsort(-outputs, kind="stable")[:3].tolist()
    assert found[0].place == () and str(found).startswith("dense_1, unit 9\n")


def test_the_frame_is_what_the_number_sees(trained: Any, images: Any) -> None:
    x, _ = images
    found = top_images(trained, x[:50], "conv2d_1", 2, 3)
    for one, region in zip(found, found.regions, strict=True):
        unit = explain_unit(trained, x[one.image], "conv2d_1", *one.place, 2)
        assert unit.value == one.value and unit.receptive_field == {"input_layer": region}


def test_parts_give_the_same(trained: Any, images: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = list(top_images(trained, images[0][:40], "conv2d", 1))
    monkeypatch.setattr(asking, "AT_ONCE", 6 * (28 * 28 + 26 * 26 * 6))
    assert list(top_images(trained, images[0][:40], "conv2d", 1)) == whole


def test_pages_and_figures(tmp_path: Path) -> None:
    found = top_images(two_maps(), IMAGES, "maps", 0, 3)
    page = found._repr_html_()
    assert page.count("<svg") == page.count("<rect") == 3 and "image 2: 7 at row 0" in page
    figure = found.plot()
    assert [axes.get_title() for axes in figure.axes] == ["2: 7", "1: 5", "0: 0"]
    found.save(tmp_path / "top.png")
    assert (tmp_path / "top.png").stat().st_size > 1000
    assert repr(found) == "<TopImages: maps, channel 0>"


def test_over_steps() -> None:
    model = galago.Sequential([layers.Conv1D(1, 1, input_shape=(4, 1), name="<b>")])
    model.set_weights([np.ones((1, 1, 1)), [0.0]])
    found = top_images(model, np.array([[[1.0], [2], [9], [0]]]), "<b>", 0)
    assert str(found).splitlines()[1] == "  image 0: 9 at step 2"
    assert "<b>" not in found._repr_html_() and "<svg" not in found._repr_html_()
    with pytest.raises(ArgumentError, match=r"expected images.* of shape \(4, 1\)"):
        found.plot()


def test_errors(trained: Any, images: Any) -> None:
    x, _ = images
    with pytest.raises(ArgumentError, match="from 0 to 5, received 6"):
        top_images(trained, x[:2], "conv2d", 6)
    with pytest.raises(UnknownNameError, match="Did you mean 'conv2d'"):
        top_images(trained, x[:2], "conv2", 0)
    with pytest.raises(ArgumentError, match="count must be"):
        top_images(trained, x[:2], "conv2d", 0, 0)
    with pytest.raises(DataError, match=r"received an array of shape \(0, 28, 28\)"):
        top_images(trained, x[:0], "conv2d", 0)
    inputs = [galago.Input((2,)), galago.Input((2,))]
    two = galago.Model(inputs, layers.Add(name="sum")(inputs))
    with pytest.raises(ArgumentError, match="a model of one input"):
        top_images(two, np.zeros((1, 2)), "sum", 0)
