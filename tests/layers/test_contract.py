"""What every layer has to hold to, old and new: see contract/layer_cases.py for the cases."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import layer_cases
import naive_graph
import numpy as np
import onnx_reader
import pytest
from differences import worst_error
from layer_cases import CASES, EXAMPLES, Array, data, layer_and_model, start
from sessions import bits, open_session

import galago
from galago import engine
from galago.graph import Graph
from galago.layers import LAYERS, InputLayer
from galago.saving.onnx_graph import to_onnx

NUMBERS = Path(__file__).parent / "contract" / "keras.npz"
UNIT = 2.0**-24
SGD = ("sgd", {"momentum": 0.0, "nesterov": False})


@pytest.fixture(autouse=True)
def keep_threads() -> Iterator[None]:
    """Restore the number of threads after each test."""
    before = engine.get_threads()
    yield
    engine.set_threads(before)


def model_of(name: str, dtype: str = "float32") -> Any:
    """The model of a case with its weights."""
    galago.config.set_floatx(dtype)
    model = layer_and_model(galago, name)[1]
    start(model)
    return model


def lowered(model: Any) -> tuple[Graph, list[Array]]:
    """The graph of a model, and the weights that it computes with."""
    graph = model.to_graph()
    values = {variable.path: variable.numpy().astype(np.float64) for variable in model.weights}
    return graph, [values[parameter.name] for parameter in graph.parameters]


def trained(name: str) -> list[bytes]:
    """The bits of a case's weights after three steps."""
    model = model_of(name)
    model.compile("adam", "mean_squared_error")
    model.fit(*data(), batch_size=3, epochs=1, verbose=0)
    return [bits(value) for value in model.get_weights()]


def test_every_layer_has_a_case() -> None:
    made = {type(case.make(galago.layers)) for case in CASES.values()}
    assert made == set(LAYERS.values()) - {InputLayer}


@pytest.mark.parametrize("name", CASES)
def test_shapes_are_those_that_come_out(name: str) -> None:
    layer, model = layer_and_model(galago, name)
    shapes = [(None, *shape) for shape in CASES[name].shapes]
    promised = layer.compute_output_shape(shapes if len(shapes) > 1 else shapes[0])
    assert layer.output.shape == promised
    part = galago.Model(model.input, layer.output)
    assert part.predict(data()[0], verbose=0).shape == (EXAMPLES, *promised[1:])


@pytest.mark.parametrize("name", CASES)
def test_a_configuration_makes_the_same_layer(name: str) -> None:
    layer = CASES[name].make(galago.layers)
    config = json.loads(json.dumps(layer.get_config()))
    again = type(layer).from_config(config)
    assert again.get_config() == layer.get_config()
    assert again.name == layer.name


@pytest.mark.parametrize("name", CASES)
def test_outputs_and_the_next_step_are_those_of_keras(name: str) -> None:
    galago.config.set_floatx("float64")
    found = layer_cases.results(galago, name)
    with np.load(NUMBERS) as stored:
        wanted = {key for key in stored.files if key.startswith(f"{name}/")}
        assert {f"{name}/{key}" for key in found} == wanted
        for key, value in found.items():
            np.testing.assert_allclose(
                value, stored[f"{name}/{key}"], rtol=1e-6, atol=1e-6, err_msg=key
            )


@pytest.mark.parametrize("name", CASES)
def test_outputs_are_those_of_naive_loops_and_of_onnx(name: str) -> None:
    model = model_of(name, "float64")
    (graph, weights), x = lowered(model), data()[0]
    found = model.predict(x, verbose=0)
    np.testing.assert_allclose(found, naive_graph.predict(graph, weights, x), atol=1e-12)
    onnx = onnx_reader.run(onnx_reader.read(to_onnx(graph, weights)), x)
    np.testing.assert_allclose(found, onnx, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("name", CASES)
def test_gradients_are_slopes(name: str) -> None:
    """In training, with the random numbers of one step, for all weights that are trained."""
    model, (x, y) = model_of(name, "float64"), data()
    (graph, weights), rows = lowered(model), np.arange(EXAMPLES)
    session = open_session(graph, weights, dtype="float64", optimizer=SGD)

    trained = {variable.path for variable in model.trainable_weights}
    places = [place for place, one in enumerate(graph.parameters) if one.name in trained]

    def loss_at(values: Sequence[Array]) -> float:
        for place, value in zip(places, values, strict=True):
            session.set_parameter(place, value)
        session.set_optimizer_state({"iterations": 0, "moments": [], "product": 1.0})
        return session.train_step(x, y, rows, 0.0)[0]

    gradients = session.gradients(x, y)
    found, at = ([arrays[place] for place in places] for arrays in (gradients, weights))
    assert worst_error(loss_at, found, at, seed=1) < 1e-6


@pytest.mark.parametrize("name", CASES)
def test_float32_rounds_and_no_more(name: str) -> None:
    """Next to the largest number on the way, and to the root of how many make a sum."""
    x = data()[0]
    model, exact = model_of(name), model_of(name, "float64")
    exact.set_weights(model.get_weights())
    graph, weights = lowered(exact)
    size = max(float(np.abs(value).max()) for value in naive_graph.values(graph, weights, x))
    products = max(value[..., 0].size for value in weights if value.ndim) + 1
    error = np.abs(model.predict(x, verbose=0) - exact.predict(x, verbose=0)).max()
    assert error <= 4 * np.sqrt(products) * UNIT * size


@pytest.mark.parametrize("name", CASES)
def test_a_file_keeps_it(name: str, tmp_path: Path) -> None:
    model, x = model_of(name), data()[0]
    model.compile("adam", "mean_squared_error")
    model.fit(*data(), batch_size=3, epochs=1, verbose=0)
    model.save(tmp_path / "model.keras")
    again = galago.models.load_model(tmp_path / "model.keras")
    assert bits(again.predict(x, verbose=0)) == bits(model.predict(x, verbose=0))
    for one in (model, again):
        one.fit(*data(), batch_size=EXAMPLES, epochs=1, verbose=0)
    assert list(map(bits, again.get_weights())) == list(map(bits, model.get_weights()))


@pytest.mark.parametrize("name", CASES)
def test_threads_do_not_matter(name: str) -> None:
    found = []
    for threads in (1, 2, 3):
        engine.set_threads(threads)
        galago.naming.reset()
        found.append(trained(name))
    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize("name", CASES)
def test_the_batch_does_not_matter(name: str) -> None:
    model, x = model_of(name), data()[0]
    together = model.predict(x, batch_size=EXAMPLES, verbose=0)
    assert bits(model.predict(x, batch_size=3, verbose=0)) == bits(together)
    assert bits(model.predict(x[4:5], verbose=0)) == bits(together[4:5])
