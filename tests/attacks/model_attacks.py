"""Configurations of models that nobody could hold, or that are none."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import good
import numpy as np
from attack import Attack, Attacks, Maker
from descriptions import at, dense, stack, thing, told
from good import with_config, with_layer

from galago import Input, Model
from galago.layers import Conv2D, Dense

HUGE = 10**12


def pictures_of(size: int) -> Maker:
    """A good model, with an optimizer's state, but of pictures of this size."""

    def change(config: Any) -> None:
        for part in config["config"]["layers"]:
            if part["class_name"] == "InputLayer":
                part["config"]["batch_shape"] = [None, size, size, 1]

    def make(folder: Path) -> Path:
        start = Input((8, 8, 1), name="start")
        net = Model(start, Conv2D(1, 1)(start))
        net.compile(optimizer="adam", loss="mse")
        net.fit(np.zeros((1, 8, 8, 1), np.float32), np.zeros((1, 8, 8, 1), np.float32), verbose=0)
        return good.changed(folder, net, change)

    return make


def ready_to_train(how: int) -> Maker:
    """A model of 24 MB with its optimizer's state, stored or deflated: all but zeros."""

    def make(folder: Path) -> Path:
        start = Input((1024,), name="start")
        net = Model(start, Dense(2048)(start))
        net.compile(optimizer="adam", loss="mse")
        net.fit(np.zeros((1, 1024), np.float32), np.zeros((1, 2048), np.float32), verbose=0)
        path = good.changed(folder, net, lambda config: None)
        with zipfile.ZipFile(path) as archive:
            found = {name: archive.read(name) for name in archive.namelist()}
        with zipfile.ZipFile(path, "w", how) as archive:
            for name, content in found.items():
                archive.writestr(name, content)
        return path

    return make


ATTACKS: Attacks = {
    "24 MB, ready to train": Attack(ready_to_train(zipfile.ZIP_STORED), error=None),
    "24 MB in a third of that, ready to train": Attack(
        ready_to_train(zipfile.ZIP_DEFLATED), "optimizer's state would take more"
    ),
    "24 MB in a third of that, to look at": Attack(
        ready_to_train(zipfile.ZIP_DEFLATED), "", None, "load_model, compile=False"
    ),
    # What nobody could hold.
    "a million million units": Attack(with_layer(units=HUGE), "dense"),
    "a million million filters": Attack(at(1, filters=HUGE), "conv"),
    "filters for a map of 2^60 numbers": Attack(at(1, filters=1 << 55), "conv"),
    "a kernel of a million million": Attack(at(1, kernel_size=[HUGE, HUGE]), "kernel_size"),
    "2^31 - 1 units, ten times": Attack(
        stack(*[dense((1 << 31) - 1) for _ in range(10)], shape=[4]), "needs weights of shapes"
    ),
    "units of 10^39": Attack(with_layer(units=10**39), "units must be"),
    "strides of 10^39": Attack(at(1, strides=[10**39, 1]), "strides must be"),
    "strides of 2^31 - 1": Attack(at(1, strides=[(1 << 31) - 1] * 2), ": "),
    "dilation of 2^31 - 1": Attack(at(1, dilation_rate=[(1 << 31) - 1] * 2), "is larger than"),
    "padding of 2^31 - 1": Attack(
        stack(thing("keras.layers", "ZeroPadding2D", padding=[[(1 << 31) - 1] * 2] * 2)), ": "
    ),
    "padding of 10^39": Attack(
        stack(thing("keras.layers", "ZeroPadding2D", padding=[[10**39] * 2] * 2)), ": "
    ),
    "pictures enlarged again and again": Attack(
        stack(*[thing("keras.layers", "UpSampling2D", size=[2000, 2000]) for _ in range(99)]),
        "numbers for an example at most",
    ),
    "an input of 2^62 numbers": Attack(at(0, batch_shape=[None, *[1 << 31] * 2, 1]), "at most"),
    "an input of 10^39": Attack(at(0, batch_shape=[None, 10**39, 8, 1]), "at most"),
    "an input of 100,000 axes": Attack(at(0, batch_shape=[None, *[1] * 100_000]), ": "),
    "pictures of 60,000 x 60,000, ready to train": Attack(
        pictures_of(60_000), "at most 33554431 elements"
    ),
    "pictures of 5,000 x 5,000, ready to train": Attack(pictures_of(5_000), error=None),
    "a negative number of units": Attack(with_layer(units=-1), "at least 1, received -1"),
    "no units": Attack(with_layer(units=0), "at least 1, received 0"),
    "units as text": Attack(with_layer(units="3"), "at least 1, received '3'"),
    "units as number with a point": Attack(with_layer(units=3.0), "at least 1, received 3.0"),
    "units as truth": Attack(with_layer(units=True), "at least 1, received True"),
    "units as list": Attack(with_layer(units=[3]), "at least 1, received [3]"),
    "an input of 0": Attack(at(0, batch_shape=[None, 0, 8, 1]), "at least 1"),
    "an input of -8": Attack(at(0, batch_shape=[None, -8, 8, 1]), "at least 1"),
    "an input of unknown size": Attack(at(0, batch_shape=[None, None, None, 1]), "must be known"),
    "an input without a shape": Attack(at(0, batch_shape=None), ": "),
    "an input whose shape is a text": Attack(at(0, batch_shape="8888"), ": "),
    "an input whose shape is an object": Attack(at(0, batch_shape={"a": 1}), ": "),
    "no argument that is needed": Attack(
        with_config(lambda c: c["config"]["layers"][-1]["config"].pop("units")), "no units"
    ),
    "other units than weights": Attack(with_layer(units=4), "needs weights of shapes"),
    "fewer layers than weights": Attack(
        with_config(lambda c: c["config"]["layers"].pop()), "found others: dense"
    ),
    "layers of one name": Attack(at(4, name="conv"), "'conv' twice"),
    "a name that is a path": Attack(at(4, name="../../dense"), "text without '/'"),
    "a name that is a number": Attack(at(4, name=3), "text without '/'"),
    "a name of a million characters": Attack(at(4, name="x" * 1_000_000), error=None),
    "an activation of a million characters": Attack(
        with_layer(activation="x" * 1_000_000), "expected a known activation"
    ),
    "20,000 unknown arguments": Attack(with_layer(**{f"a{n}": n for n in range(20_000)}), "a0=0"),
    "no layers": Attack(with_config(lambda c: c["config"].update(layers=[])), ": "),
    "layers as object": Attack(with_config(lambda c: c["config"].update(layers={})), "no list of"),
    "settings as list": Attack(with_config(lambda c: c.update(config=[])), "a model of class"),
    "compile_config as text": Attack(with_config(lambda c: c.update(compile_config="x")), ": "),
    "two inputs in a row": Attack(
        with_config(lambda c: c["config"]["layers"].insert(2, c["config"]["layers"][0])), ": "
    ),
    "loss weights that are no numbers": Attack(told(loss_weights="many"), "loss_weights"),
    "an optimizer that steps by -10^300": Attack(
        told(optimizer=thing("keras.optimizers", "Adam", learning_rate=-1e300)), "learning_rate"
    ),
    "a metric of 100 million counters": Attack(
        told(metrics=[thing("keras.metrics", "MeanIoU", num_classes=10_000)]), error=None
    ),
    "a metric of a million million counters": Attack(
        told(metrics=[thing("keras.metrics", "MeanIoU", num_classes=1_000_000)]), "num_classes"
    ),
    "a metric of a million million thresholds": Attack(
        told(metrics=[thing("keras.metrics", "AUC", num_thresholds=HUGE)]), "num_thresholds must be"
    ),
    "a thousand metrics of 100,000 thresholds": Attack(
        told(metrics=[thing("keras.metrics", "AUC", num_thresholds=100_000)] * 1_000),
        "thresholds in all",
    ),
    "metrics in lists in lists": Attack(
        told(metrics={"a": [["accuracy"] * 300, {"b": ["accuracy"] * 300}]}), "thresholds in all"
    ),
    "an optimizer that averages after 10^30 steps": Attack(
        told(
            optimizer=thing("keras.optimizers", "SGD", use_ema=True, ema_overwrite_frequency=10**30)
        ),
        "ema_overwrite_frequency",
    ),
    "another optimizer than its state": Attack(
        told(optimizer=thing("keras.optimizers", "RMSprop")), "expected a state of"
    ),
}
