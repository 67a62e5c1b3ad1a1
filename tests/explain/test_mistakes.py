from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import galago
from galago.errors import ArgumentError, DataError, UnknownNameError
from galago.explain import mistakes, top_images


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


def test_top_images_of_a_filter() -> None:
    model = galago.Sequential(
        [galago.layers.Conv2D(2, 1, use_bias=False, input_shape=(4, 5, 1), name="maps")]
    )
    model.set_weights([np.array([1.0, -1.0]).reshape(1, 1, 1, 2)])
    images = np.zeros((3, 4, 5))
    images[1, 2, 3], images[2, 0, 4], images[0, 1, 1] = 5, 7, -2
    assert top_images(model, images, "maps", 0, 2) == [(2, 7, (0, 4)), (1, 5, (2, 3))]
    assert top_images(model, images, "maps", 1, 1) == [(0, 2, (1, 1))]


def test_top_images_of_a_unit(trained: Any, images: Any) -> None:
    x, _ = images
    found = top_images(trained, x, "dense_1", 9, 3)
    outputs = trained.predict(x[..., None], verbose=0)[:, 9]
    assert [image for image, _, _ in found] == np.argsort(-outputs, kind="stable")[:3].tolist()
    assert found[0][2] == ()


def test_errors(trained: Any, images: Any) -> None:
    x, y = images
    with pytest.raises(DataError, match="expected 2 labels from 0 to 9, received 3"):
        mistakes(trained, x[:2], y[:3])
    with pytest.raises(DataError, match=r"labels\.argmax"):
        mistakes(trained, x[:2], np.array([0, 10]))
    with pytest.raises(ArgumentError, match="count must be"):
        mistakes(trained, x[:2], y[:2]).most_wrong(0)
    with pytest.raises(ArgumentError, match="from 0 to 5, received 6"):
        top_images(trained, x[:2], "conv2d", 6)
    with pytest.raises(UnknownNameError, match="Did you mean 'conv2d'"):
        top_images(trained, x[:2], "conv2", 0)
    maps = galago.Sequential([galago.layers.Conv2D(1, 1, input_shape=(4, 4, 1))])
    with pytest.raises(ArgumentError, match="a classifier of one input"):
        mistakes(maps, np.zeros((1, 4, 4)), [0])
