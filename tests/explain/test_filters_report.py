from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

import galago
from galago import filters, layers
from galago.errors import ArgumentError, DataError, UnknownNameError
from galago.explain import asking, filters_report
from galago.explain.filters_report import signed, spatial


def of_kernel(kernel: Any) -> galago.Sequential:
    """A model of one convolution."""
    height, width, inputs, count = kernel.shape
    layer = layers.Conv2D(
        count, (height, width), activation="relu", input_shape=(8, 8, inputs), name="first"
    )
    model = galago.Sequential([layer])
    model.set_weights([kernel, np.zeros(count)])
    return model


def test_angles_and_lengths() -> None:
    before = np.random.default_rng(0).normal(size=(3, 3, 2, 3))
    after = before.copy()
    after[..., 1] *= -2
    after[..., 2] = np.roll(before[..., 2], 1, axis=0)
    rows = filters_report(before, of_kernel(after)).rows
    assert rows[0].cosine == pytest.approx(1) and rows[0].length == pytest.approx(1)
    assert rows[1].cosine == pytest.approx(-1) and rows[1].length == pytest.approx(2)
    assert abs(rows[2].cosine or 1) < 0.99 and rows[2].length == pytest.approx(1)


@pytest.mark.parametrize("name", ["sobel_x", "scharr_y", "laplacian", "emboss"])
@pytest.mark.parametrize("inputs", [1, 4])
def test_filters_of_the_bank_are_found(name: str, inputs: int) -> None:
    mix = np.array([1.0, 2, -0.5, 1])[:inputs]
    kernel = filters.get(name)[:, :, None, None] * mix[:, None]
    (row,) = filters_report(None, of_kernel(np.pad(kernel, ((1, 1), (1, 1), (0, 0), (0, 0))))).rows
    assert (row.nearest, row.cosine) == (name, None) and row.similarity == pytest.approx(1)
    (turned,) = filters_report(None, of_kernel(-kernel)).rows
    assert turned.nearest == (f"-{name}" if inputs == 1 or mix.sum() > 0 else name)


def test_dead_filters_and_what_others_are_worth() -> None:
    """One filter tells the classes apart, one never answers, one is not looked at."""
    model = galago.Sequential(
        [
            layers.Conv2D(3, 1, activation="relu", input_shape=(4, 4, 1), name="maps"),
            layers.GlobalAveragePooling2D(),
            layers.Dense(2, activation="softmax"),
        ]
    )
    kernel = np.array([1.0, -1, 0.5]).reshape(1, 1, 1, 3)
    dense = np.array([[-1.0, 1], [0, 0], [0, 0]])
    model.set_weights([kernel, np.zeros(3), dense, np.array([0.0, -1.0])])
    images = np.stack([np.zeros((4, 4)), np.full((4, 4), 2.0)] * 10)
    report = filters_report(None, model, images=images, labels=np.array([0, 1] * 10))
    assert report.accuracy == 1
    assert [row.dead for row in report.rows] == [False, True, False]
    assert [row.lost for row in report.rows] == [0.5, 0, 0]
    assert report.rows[0].answers == 0.5
    text = str(report)
    assert text.startswith("maps: 3 filters, 1 of them dead, accuracy 1.0000\n")
    assert "+0.5000" in text and " dead" in text.splitlines()[3]
    np.testing.assert_array_equal(model.get_weights()[0], kernel)


def test_a_trained_network(trained: Any, images: Any, tmp_path: Path) -> None:
    x, y = images
    start = galago.applications.reference(6)
    report = filters_report(start, trained, images=x[:300], labels=y[:300], verbose=False)
    outputs = trained.predict(x[:300, ..., None], verbose=0)
    assert report.accuracy == pytest.approx((outputs.argmax(axis=1) == y[:300]).mean())
    drawing = ElementTree.fromstring(report.svg())
    assert len(list(drawing.iter("{http://www.w3.org/2000/svg}image"))) == 12
    report.save(tmp_path / "filters.svg")
    assert (tmp_path / "filters.svg").read_text() == report.svg()
    assert report.svg() in report._repr_html_() and str(report)[:20] in report._repr_html_()
    second = filters_report(None, trained, "conv2d_1")
    assert second.layer == "conv2d_1" and second.after.shape == (3, 3, 6, 6)


def test_what_filters_of_several_maps_have_in_common() -> None:
    table = np.arange(6.0).reshape(2, 3)
    mixed = table[..., None] * np.array([2.0, 1, -0.5])
    found = spatial(mixed)
    np.testing.assert_allclose(found / found.max(), table / 5, atol=1e-12)


def test_signs_are_colours() -> None:
    assert signed(np.array([[0.0, 2, -2]])).tolist() == [
        [[255, 255, 255], [178, 24, 43], [33, 102, 172]]
    ]


def test_errors(trained: Any, images: Any, tmp_path: Path) -> None:
    x, y = images
    with pytest.raises(ArgumentError, match="a model with a Conv2D"):
        filters_report(None, galago.Sequential([layers.Dense(2, input_shape=(3,))]))
    with pytest.raises(UnknownNameError, match="Did you mean 'conv2d'"):
        filters_report(None, trained, "conv2")
    with pytest.raises(ArgumentError, match=r"a kernel of shape \(3, 3, 1, 6\) before"):
        filters_report(np.zeros((3, 3)), trained)
    with pytest.raises(ArgumentError, match="images with the labels"):
        filters_report(None, trained, labels=y)
    with pytest.raises(DataError, match="expected 5 labels from 0 to 9, received 4"):
        filters_report(None, trained, images=x[:5], labels=y[:4])
    inner = galago.Sequential([layers.Conv2D(2, 3, input_shape=(8, 8, 1), name="within")])
    outer = galago.Sequential([inner, layers.Flatten()])
    assert len(filters_report(None, outer).rows) == 2
    with pytest.raises(ArgumentError, match="within is one of a model in it"):
        filters_report(None, outer, images=np.zeros((1, 8, 8)))
    with pytest.raises(ArgumentError, match="one vector of outputs to ask with labels"):
        filters_report(None, inner, images=np.zeros((1, 8, 8)), labels=[0])
    with pytest.raises(UnknownNameError, match="known file type, received 'txt'"):
        filters_report(None, trained).save(tmp_path / "filters.txt")


def test_figures(trained: Any, tmp_path: Path) -> None:
    kernel = trained.layers[0].get_weights()[0]
    report = filters_report(2 * kernel, trained)
    figure = report.plot()
    shown = [axes for axes in figure.axes if axes.images]
    assert len(shown) == 6 and shown[0].images[0].get_array().shape == (3, 7, 3)
    assert figure.get_suptitle() == report.title == "conv2d: 6 filters"
    report.save(tmp_path / "filters.png")
    assert (tmp_path / "filters.png").stat().st_size > 1000
    assert repr(report) == "<FiltersReport: conv2d: 6 filters>"


def test_parts_give_the_same(trained: Any, images: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    x, y = (part[:60] for part in images)
    whole = filters_report(None, trained, images=x, labels=y)
    monkeypatch.setattr(asking, "AT_ONCE", 26 * 26 * 6 * 7)
    parts = filters_report(None, trained, images=x, labels=y)
    assert parts.rows == whole.rows and parts.accuracy == whole.accuracy
