from __future__ import annotations

import io
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

import galago
from galago.errors import ArgumentError, DataError, UnknownNameError
from galago.explain import Journey, asking, explain_unit, journey, occlusion, saliency

SVG = "{http://www.w3.org/2000/svg}"


def test_numbers_are_those_of_a_model_of_all_outputs(trained: Any, images: Any) -> None:
    x = images[0][[0, 23, 28]]
    found = journey(trained, x)
    outputs = [layer.output for layer in trained.layers]
    expected = galago.Model(trained.inputs, outputs).predict(x[..., None], verbose=0)
    assert [stop.name for stop in found.stops] == [layer.name for layer in trained.layers]
    for stop, values in zip(found.stops, expected, strict=True):
        np.testing.assert_array_equal(stop.output, values)


@pytest.mark.parametrize("shape", [(28, 28), (28, 28, 1), (1, 28, 28), (2, 28, 28, 1)])
def test_shapes_of_images(shape: tuple[int, ...], trained: Any) -> None:
    found = journey(trained, np.zeros(shape), ["conv2d"])
    assert found["conv2d"].shape == (max(1, shape[0] if shape[0] < 28 else 1), 26, 26, 6)


def test_the_drawing_has_every_layer_and_image(trained: Any, images: Any) -> None:
    found = journey(trained, images[0][:2])
    drawing = ElementTree.fromstring(found.svg())
    titles = [text.text for text in drawing.iter(f"{SVG}text")]
    assert titles[:4] == ["image", "28x28x1", "conv2d", "26x26x6"]
    assert len(list(drawing.iter(f"{SVG}image"))) == 2 * 7  # the last layer has bars
    assert titles.count("Ankle boot") == 2
    assert found.svg() in found._repr_html_()


def test_words(trained: Any, images: Any) -> None:
    found = journey(trained, images[0][:2])
    head, titles, first, *_ = str(found).splitlines()
    assert head == "2 images through 7 layers" and repr(found) == f"<Journey: {head}>"
    assert titles.split() == ["layer", "shape", "smallest", "mean", "largest", "zeros"]
    values = found["conv2d"]
    name, shape, smallest, mean, largest, zeros = first.split()
    assert (name, shape) == ("conv2d", "26x26x6") and float(smallest) == values.min()
    assert float(mean) == pytest.approx(values.mean(), rel=1e-3)
    assert float(largest) == pytest.approx(values.max(), rel=1e-3)
    assert zeros == f"{(values == 0).mean():.0%}"


def test_pages_stay_small(trained: Any, images: Any) -> None:
    found = journey(trained, images[0][:40])
    page = found._repr_html_()
    assert "and 28 more images; save() draws all" in page
    assert page.count("<image") == 12 * 7 and found.svg().count("<image") == 40 * 7
    wide = galago.Sequential([galago.layers.Conv2D(40, 1, input_shape=(150, 150, 3))])
    found = journey(wide, np.random.default_rng(0).random((150, 150, 3)))
    assert len(found._repr_html_()) < 250_000
    assert found.grid(wide.layers[0].name).shape == (6 * 151 - 1, 7 * 151 - 1, 3)


def test_parts_give_the_same(trained: Any, images: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = journey(trained, images[0][:9])
    monkeypatch.setattr(asking, "AT_ONCE", 20_000)
    for one, other in zip(whole.stops, journey(trained, images[0][:9]).stops, strict=True):
        np.testing.assert_array_equal(one.output, other.output)


def test_names_are_text(trained: Any, images: Any) -> None:
    found = journey(trained, images[0][0])
    names = ["<script>", *map(str, range(9))]
    drawing = Journey(found.images, found.stops, names).svg()
    assert "<script>" not in drawing and "&lt;script&gt;" in drawing


def test_all_maps_of_a_layer(trained: Any, images: Any) -> None:
    found = journey(trained, images[0][0])
    whole = found.grid("conv2d")
    assert whole.shape == (2 * 27 - 1, 3 * 27 - 1, 3)
    assert (whole[26] == 255).all() and (whole[:, 26] == 255).all()
    each = found.grid("conv2d", scale="map")
    assert (each != whole).any()
    assert found.grid("dense").shape == (11, 12, 3)


@pytest.mark.parametrize("name", ["journey.svg", "journey.png", "journey.pdf"])
def test_files(name: str, trained: Any, images: Any, tmp_path: Path) -> None:
    journey(trained, images[0][:2]).save(tmp_path / name)
    assert (tmp_path / name).stat().st_size > 1000
    if name.endswith("png"):
        assert Image.open(io.BytesIO((tmp_path / name).read_bytes())).format == "PNG"


def test_one_filter_as_in_the_course(trained: Any, images: Any) -> None:
    figure = journey(trained, images[0][:3]).plot(filter=1)
    assert len(figure.axes) == 3 * 5
    shown = figure.axes[2].images[0].get_array()
    np.testing.assert_array_equal(shown, journey(trained, images[0][0])["max_pooling2d"][0, ..., 1])


def test_a_model_in_a_model_is_a_stop() -> None:
    inner = galago.Sequential([galago.layers.MaxPooling2D(2, input_shape=(4, 4, 1))], name="inner")
    model = galago.Sequential([galago.layers.Input((4, 4, 1)), inner, galago.layers.Flatten()])
    found = journey(model, np.arange(16.0).reshape(4, 4))
    assert found["inner"].ravel().tolist() == [5, 7, 13, 15]
    assert [stop.kind for stop in found.stops] == ["Sequential", "Flatten"]


def test_layers_in_several_places_show_their_last_call() -> None:
    inputs = galago.Input((2,))
    twice = galago.layers.Rescaling(2.0, name="twice")
    model = galago.Model(inputs, galago.layers.Add(name="sum")([inputs, twice(twice(inputs))]))
    assert journey(model, np.array([[1.0, 3.0]]))["twice"].tolist() == [[4, 12]]


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_numbers_that_are_none_can_be_drawn(value: float, trained: Any) -> None:
    image = np.full((28, 28), value)
    found = journey(trained, image)
    assert "nan" in str(found) and "nan" not in found.svg().replace('"', " ").split()
    ElementTree.fromstring(found.svg())
    unit = explain_unit(trained, image, "conv2d", 3, 3, 0)
    assert f">{value}</td>" in unit._repr_html_() and not np.isfinite(unit.total)
    for method in (saliency, occlusion):
        assert "<img" in method(trained, image)._repr_html_()


def test_errors(trained: Any, images: Any, tmp_path: Path) -> None:
    found = journey(trained, images[0][0])
    with pytest.raises(UnknownNameError, match="Did you mean 'conv2d'"):
        found["conv2"]
    with pytest.raises(UnknownNameError, match="known layer"):
        journey(trained, images[0][0], ["nothing"])
    with pytest.raises(UnknownNameError, match="known scale"):
        found.grid("conv2d", scale="all")
    with pytest.raises(DataError, match=r"images of shape \(28, 28, 1\).*\(3, 20, 20\)"):
        journey(trained, np.zeros((3, 20, 20)))
    with pytest.raises(ArgumentError, match="a filter that conv2d has, 0 to 5, received 6"):
        found.plot(filter=6)
    with pytest.raises(UnknownNameError, match="known file type"):
        found.save(tmp_path / "journey.txt")
    inputs = [galago.Input((2,)), galago.Input((2,))]
    two = galago.Model(inputs, galago.layers.Add()(inputs))
    with pytest.raises(ArgumentError, match="a model of one input, received one of 2"):
        journey(two, np.zeros(2))
