from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import galago
from galago.errors import ArgumentError, DataError
from galago.explain import asking, mistakes


def test_the_matrix_counts_every_image(trained: Any, images: Any) -> None:
    x, y = images
    found = mistakes(trained, x, y)
    _, accuracy = trained.evaluate(x[..., None], y, verbose=0)
    assert found.matrix.sum() == len(y)
    np.testing.assert_array_equal(found.matrix.sum(axis=1), np.bincount(y, minlength=10))
    assert found.accuracy == pytest.approx(accuracy)


def test_pairs_and_most_wrong(trained: Any, images: Any) -> None:
    x, y = images
    found = mistakes(trained, x, y)
    label, taken, count = found.pairs()[0]
    assert count == ((y == label) & (found.predicted == taken)).sum() == found.matrix[label, taken]
    assert count == max(n for _, _, n in found.pairs())
    worst = found.most_wrong(5)
    assert len(worst) == 5 and (found.labels[worst] != found.predicted[worst]).all()
    assert (np.diff(found.confidence[worst]) <= 0).all()
    lines = str(found).splitlines()
    assert lines[0].endswith("of 2,000 images recognized")
    assert f"{found.name(label)} taken for {found.name(taken)}" in lines[1]
    text = found._repr_html_()
    assert text.count("<img") == 10 and "Ankle boot" in text


def test_one_output_tells_two_classes_apart() -> None:
    model = galago.Sequential([galago.layers.Dense(1, "sigmoid", input_shape=(1,))])
    model.set_weights([[[1.0]], [0.0]])
    found = mistakes(model, np.array([[-2.0], [3], [4]]), np.array([0, 1, 0]))
    assert found.matrix.tolist() == [[1, 1], [0, 1]]
    assert found.most_wrong().tolist() == [2]
    assert "<figure" in found._repr_html_()


def test_the_matrix_as_a_figure_and_in_a_page(trained: Any, images: Any, tmp_path: Path) -> None:
    found = mistakes(trained, images[0][:100], images[1][:100])
    (axes,) = found.plot().axes
    written = [int(text.get_text()) for text in axes.texts]
    assert written == found.matrix.ravel().tolist()
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("taken for", "is")
    found.save(tmp_path / "matrix.png")
    assert (tmp_path / "matrix.png").stat().st_size > 1000
    assert "taken for" in found._repr_html_().partition("</tr>")[0]
    assert repr(found) == f"<Mistakes: {str(found).splitlines()[0]}>"


def test_parts_give_the_same(trained: Any, images: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = mistakes(trained, *(part[:100] for part in images))
    monkeypatch.setattr(asking, "AT_ONCE", 7 * (28 * 28 + 10))
    parts = mistakes(trained, *(part[:100] for part in images))
    np.testing.assert_array_equal(parts.confidence, whole.confidence)
    np.testing.assert_array_equal(parts.matrix, whole.matrix)


def test_nothing_wrong() -> None:
    model = galago.Sequential([galago.layers.Dense(2, "softmax", input_shape=(2,))])
    model.set_weights([np.eye(2), np.zeros(2)])
    found = mistakes(model, np.eye(2), [0, 1])
    assert "100.00% of 2 images" in found._repr_html_() and "Wrong" not in found._repr_html_()


def test_names_are_text() -> None:
    model = galago.Sequential([galago.layers.Dense(2, "softmax", input_shape=(2,))])
    model.class_names = ["<img src=x>", "<b>"]
    page = mistakes(model, np.eye(2), [0, 0])._repr_html_()
    assert "<img" not in page and "<b>" not in page and "&lt;b&gt;" in page


def test_errors(trained: Any, images: Any) -> None:
    x, y = images
    with pytest.raises(DataError, match="expected 2 labels from 0 to 9, received 3"):
        mistakes(trained, x[:2], y[:3])
    with pytest.raises(DataError, match=r"labels\.argmax"):
        mistakes(trained, x[:2], np.array([0, 10]))
    with pytest.raises(ArgumentError, match="count must be"):
        mistakes(trained, x[:2], y[:2]).most_wrong(0)
    inputs = galago.Input((4,))
    two = galago.Model(inputs, [galago.layers.Dense(2)(inputs), galago.layers.Dense(3)(inputs)])
    with pytest.raises(ArgumentError, match="a classifier of one input and one vector"):
        mistakes(two, np.zeros((1, 4)), [0])
    maps = galago.Sequential([galago.layers.Conv2D(1, 1, input_shape=(4, 4, 1))])
    with pytest.raises(ArgumentError, match="a classifier of one input"):
        mistakes(maps, np.zeros((1, 4, 4)), [0])
