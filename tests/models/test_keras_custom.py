"""Layers with code of their own in files: Galago's, Keras's, pickles, checkpoints."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from blend import OWN, Blend, blend_model
from own_layers import SqueezeAndExcite

import galago as gl
from galago.errors import ArgumentError, FileFormatError
from galago.models import load_model

KERAS_FILES = sorted((Path(__file__).parent / "keras_custom").glob("*.keras"))
PROGRAM = Path(__file__).parent / "killed_layer.py"


def trained() -> gl.Model:
    gl.set_seed(4)
    model = blend_model()
    model.compile("adam", "mse")
    rng = np.random.default_rng(0)
    model.fit(rng.random((20, 6), np.float32), rng.random((20, 3), np.float32), verbose=0)
    return model


def x() -> Any:
    return np.random.default_rng(1).random((4, 6), np.float32)


def test_a_file_brings_back_all_of_it(tmp_path: Path) -> None:
    model = trained()
    model.save(tmp_path / "own.keras")
    again = load_model(tmp_path / "own.keras", custom_objects=OWN)
    np.testing.assert_array_equal(model.predict(x(), verbose=0), again.predict(x(), verbose=0))
    assert [type(layer).__name__ for layer in again.layers].count("Blend") == 2
    assert next(la for la in again.layers if isinstance(la, Blend)).rate == 0.25
    for kept in (model, again):
        kept.train_on_batch(x(), np.ones((4, 3), np.float32))
    np.testing.assert_array_equal(model.predict(x(), verbose=0), again.predict(x(), verbose=0))


def test_a_file_says_what_keras_says(tmp_path: Path) -> None:
    trained().save(tmp_path / "own.keras")
    with zipfile.ZipFile(tmp_path / "own.keras") as file:
        layers = json.loads(file.read("config.json"))["config"]["layers"]
    blend = next(la for la in layers if la["class_name"] == "Blend")
    assert blend["registered_name"] == "Blend"
    assert blend["module"] == "blend"
    assert blend["config"]["rate"] == 0.25
    assert blend["build_config"] == {"input_shape": [None, 4]}
    both = next(la for la in layers if la["class_name"] == "Both")
    assert both["build_config"] == {"input_shape": [[None, 4], [None, 4]]}
    assert len(both["inbound_nodes"][0]["args"][0]) == 2


def test_what_is_not_said_is_refused(tmp_path: Path) -> None:
    trained().save(tmp_path / "own.keras")
    with pytest.raises(FileFormatError) as raised:
        load_model(tmp_path / "own.keras", custom_objects={"Both": OWN["Both"]})
    assert (
        "Blend 'blend', 'blend_1': no layer of Galago. If it is a class of yours, pass "
        "custom_objects={'Blend': Blend}"
    ) in str(raised.value)
    with pytest.raises(FileFormatError, match="Both 'both'"):
        load_model(tmp_path / "own.keras")  # the call before left nothing behind


def test_names_of_packages_are_known_too(tmp_path: Path) -> None:
    trained().save(tmp_path / "own.keras")
    with zipfile.ZipFile(tmp_path / "own.keras") as file:
        members = {name: file.read(name) for name in file.namelist()}
    config = members["config.json"].replace(
        b'"registered_name": "Blend"', b'"registered_name": "Custom>Blend"'
    )
    with zipfile.ZipFile(tmp_path / "named.keras", "w") as file:
        for name, content in members.items():
            file.writestr(name, config if name == "config.json" else content)
    for name in ("Custom>Blend", "Blend"):
        own = {name: Blend, "Both": OWN["Both"]}
        assert load_model(tmp_path / "named.keras", custom_objects=own).count_params() == 77


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([Blend], "custom_objects as a dictionary of classes by name"),
        ({"Blend": Blend()}, "a subclass of Layer with a call.. for 'Blend' in custom_objects"),
        ({"Blend": gl.layers.Dense}, "a subclass of Layer with a call.. for 'Blend'"),
    ],
)
def test_wrong_custom_objects(tmp_path: Path, given: Any, message: str) -> None:
    with pytest.raises(ArgumentError, match=r"load_model\(\): expected " + message):
        load_model(tmp_path / "there_is_none.keras", custom_objects=given)


def test_a_file_that_does_not_fit_the_class(tmp_path: Path) -> None:
    class Other(Blend):
        def __init__(self, name: str, trainable: bool, dtype: str) -> None:
            super().__init__(name=name)

    class Larger(Blend):
        def build(self, input_shape: Any) -> None:
            super().build(input_shape)
            self.more = self.add_weight((3,), "zeros", name="more")

    trained().save(tmp_path / "own.keras")
    for cls, message in (
        (Other, "unexpected keyword argument 'rate'"),
        (Larger, "needs weights of shapes"),
    ):
        cls.__name__ = "Blend"  # where Keras's files have the weights
        with pytest.raises(FileFormatError, match=message):
            load_model(tmp_path / "own.keras", custom_objects={**OWN, "Blend": cls})


def test_another_number_type(tmp_path: Path) -> None:
    trained().save(tmp_path / "own.keras")
    gl.config.set_floatx("float64")
    with pytest.raises(
        FileFormatError, match="Blend 'blend', 'blend_1': computes in float32, this program"
    ):
        load_model(tmp_path / "own.keras", custom_objects=OWN)


def test_a_shape_bomb_is_refused_before_memory_is_taken(tmp_path: Path) -> None:
    model = gl.Sequential([gl.Input((8,)), Blend(), gl.layers.Dense(1)])
    model.save(tmp_path / "own.keras")
    with zipfile.ZipFile(tmp_path / "own.keras") as file:
        members = {name: file.read(name) for name in file.namelist()}
    members["config.json"] = members["config.json"].replace(b"[null, 8]", b"[null, 20000000]")
    with zipfile.ZipFile(tmp_path / "bomb.keras", "w") as file:
        for name, content in members.items():
            file.writestr(name, content)
    tracemalloc.start()
    with pytest.raises(FileFormatError, match=r"expected a compute_output_shape\(\)"):
        load_model(tmp_path / "bomb.keras", custom_objects=OWN)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 16 << 20


@pytest.mark.parametrize("path", KERAS_FILES, ids=lambda path: path.stem)
def test_files_of_keras(path: Path) -> None:
    model = load_model(path, custom_objects=OWN)
    with np.load(path.with_suffix(".npz")) as file:
        np.testing.assert_allclose(
            model.predict(file["x"], verbose=0), file["outputs"], rtol=1e-5, atol=1e-6
        )


def test_there_are_files_of_an_old_and_a_new_keras() -> None:
    assert [path.stem for path in KERAS_FILES] == ["blend_3.0.5", "blend_3.15.1"]


def test_weights_alone(tmp_path: Path) -> None:
    model = trained()
    for name in ("own.weights.h5", "own.safetensors"):
        model.save_weights(tmp_path / name)
        other = blend_model()
        other.load_weights(tmp_path / name)
        for a, b in zip(model.get_weights(), other.get_weights(), strict=True):
            np.testing.assert_array_equal(a, b)


def test_a_configuration_makes_a_new_model() -> None:
    model = trained()
    config = json.loads(json.dumps(model.get_config()))
    again = gl.Model.from_config(config, custom_objects=OWN)
    again.set_weights(model.get_weights())
    np.testing.assert_array_equal(model.predict(x(), verbose=0), again.predict(x(), verbose=0))
    with pytest.raises(FileFormatError, match=r"custom_objects=\{'Blend': Blend\}"):
        gl.Model.from_config(config)


def test_onnx_refuses_it_by_name(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match="received 'blend', a Blend with code of its own"):
        trained().export(tmp_path / "own.onnx")
    assert not (tmp_path / "own.onnx").exists()


def run(folder: Path, last: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(PROGRAM), str(folder), str(last)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_training_that_its_layer_kills_goes_on_exactly(tmp_path: Path) -> None:
    whole = run(tmp_path / "whole", 0)
    assert whole.returncode == 0, whole.stderr
    for last in (8, 9):  # of its calls from then on
        killed = run(tmp_path / "killed", last)
        assert killed.returncode == -9, killed.stderr
    ended = run(tmp_path / "killed", 0)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout == whole.stdout


def test_another_configuration_is_another_graph() -> None:
    """A checkpoint is held against the graph."""

    def graph(ratio: int) -> Any:
        gl.utils.clear_session()
        return gl.Sequential([gl.Input((4, 4, 8)), SqueezeAndExcite(ratio)]).to_graph()

    assert graph(2) == graph(2)
    said = [dict(graph(ratio).nodes[1].attributes) for ratio in (2, 4)]
    assert said[0] == {"class_name": "SqueezeAndExcite", "config": '{"ratio": 2}'}
    assert said[1]["config"] == '{"ratio": 4}'
