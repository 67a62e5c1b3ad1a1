"""How weights change: a small model under every optimizer, schedule, regularizer and constraint.

Written for Keras and for Galago alike. `tools/make_keras_optimizers.py` trains with Keras;
test_keras_optimizers.py does the same with Galago and compares.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

ROWS, VALIDATION, BATCH, EPOCHS = 10, 4, 4, 3
#: Few bits each: Keras rounds some of them to float32.
RATE, RHO, EPSILON = 2.0**-6, 0.875, 2.0**-20
BETAS: Mapping[str, float] = {"beta_1": 0.875, "beta_2": 0.96875, "epsilon": EPSILON}


class Case(NamedTuple):
    """An optimizer and arguments of the layers, both made with `k`: keras or galago."""

    optimizer: Callable[[Any], Any]
    conv: Callable[[Any], dict[str, Any]] = lambda k: {}
    separable: Callable[[Any], dict[str, Any]] = lambda k: {}
    norm: Callable[[Any], dict[str, Any]] = lambda k: {}
    dense: Callable[[Any], dict[str, Any]] = lambda k: {}
    #: Where Keras computes a number in float32.
    tolerance: float = 1e-9


def plain(k: Any) -> Any:
    return k.optimizers.SGD(RATE)


def scheduled(name: str, *arguments: Any, **options: Any) -> Case:
    def optimizer(k: Any) -> Any:
        return k.optimizers.SGD(getattr(k.optimizers.schedules, name)(*arguments, **options))

    return Case(optimizer, tolerance=2e-6)


def undecayed(k: Any) -> Any:
    optimizer = k.optimizers.AdamW(RATE, 0.25, **BETAS)
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma"])
    return optimizer


CASES: Mapping[str, Case] = {
    "sgd": Case(plain),
    "nesterov": Case(lambda k: k.optimizers.SGD(RATE, 0.75, True)),
    "adam": Case(lambda k: k.optimizers.Adam(RATE, **BETAS)),
    "amsgrad": Case(lambda k: k.optimizers.Adam(RATE, amsgrad=True, **BETAS)),
    "adamw": Case(lambda k: k.optimizers.AdamW(RATE, 0.25, **BETAS)),
    "adamw_excluded": Case(undecayed),
    "rmsprop": Case(lambda k: k.optimizers.RMSprop(RATE, RHO, epsilon=EPSILON)),
    "rmsprop_momentum": Case(lambda k: k.optimizers.RMSprop(RATE, RHO, 0.5, EPSILON)),
    "rmsprop_centered": Case(lambda k: k.optimizers.RMSprop(RATE, RHO, 0.0, EPSILON, True)),
    "rmsprop_all": Case(lambda k: k.optimizers.RMSprop(RATE, RHO, 0.5, EPSILON, True)),
    "adagrad": Case(lambda k: k.optimizers.Adagrad(RATE, 0.125, EPSILON)),
    "adadelta": Case(lambda k: k.optimizers.Adadelta(1.0, RHO, EPSILON)),
    "adamax": Case(lambda k: k.optimizers.Adamax(RATE, **BETAS)),
    "nadam": Case(lambda k: k.optimizers.Nadam(RATE, **BETAS), tolerance=1e-6),
    "lion": Case(lambda k: k.optimizers.Lion(RATE, 0.875, 0.96875)),
    "decay": Case(lambda k: k.optimizers.SGD(RATE, 0.75, weight_decay=0.25)),
    "clipnorm": Case(lambda k: k.optimizers.SGD(0.25, clipnorm=0.125)),
    "clipvalue": Case(lambda k: k.optimizers.SGD(0.25, clipvalue=0.03125)),
    "global_clipnorm": Case(lambda k: k.optimizers.Adam(RATE, global_clipnorm=0.5, **BETAS)),
    "average": Case(lambda k: k.optimizers.SGD(RATE, 0.75, use_ema=True, ema_momentum=0.75)),
    "average_often": Case(
        lambda k: k.optimizers.Adam(
            RATE, use_ema=True, ema_momentum=0.5, ema_overwrite_frequency=2, **BETAS
        )
    ),
    "exponential": scheduled("ExponentialDecay", RATE, 4, 0.5),
    "exponential_stairs": scheduled("ExponentialDecay", RATE, 4, 0.5, staircase=True),
    "inverse_time": scheduled("InverseTimeDecay", RATE, 2, 0.5),
    "inverse_time_stairs": scheduled("InverseTimeDecay", RATE, 2, 0.5, True),
    "piecewise": scheduled("PiecewiseConstantDecay", [2, 5], [RATE, RATE / 2, RATE * 2]),
    "polynomial": scheduled("PolynomialDecay", RATE, 5, RATE / 8, 2.0),
    "polynomial_cycle": scheduled("PolynomialDecay", RATE, 3, RATE / 8, 0.5, True),
    "cosine": scheduled("CosineDecay", RATE, 6, 0.25),
    "cosine_warmup": scheduled("CosineDecay", 0.0, 6, warmup_target=RATE, warmup_steps=3),
    "restarts": scheduled("CosineDecayRestarts", RATE, 2, 2.0, 0.5, 0.125),
    "restarts_even": scheduled("CosineDecayRestarts", RATE, 3, 1.0, 0.5),
    "penalties": Case(
        plain,
        conv=lambda k: {
            "kernel_regularizer": k.regularizers.L1(0.125),
            "bias_regularizer": k.regularizers.L2(0.25),
        },
        separable=lambda k: {
            "depthwise_regularizer": k.regularizers.L1L2(0.0625, 0.125),
            "pointwise_regularizer": k.regularizers.L2(0.5),
            "bias_regularizer": k.regularizers.L1(0.125),
        },
        norm=lambda k: {
            "gamma_regularizer": k.regularizers.L2(0.125),
            "beta_regularizer": k.regularizers.L1(0.125),
        },
        dense=lambda k: {"kernel_regularizer": k.regularizers.L1L2(l1=0.25, l2=0.125)},
    ),
    "penalties_clipped": Case(
        lambda k: k.optimizers.Adam(RATE, clipnorm=0.25, **BETAS),
        conv=lambda k: {"kernel_regularizer": k.regularizers.L2(0.25)},
        dense=lambda k: {"kernel_regularizer": k.regularizers.L1(0.25)},
    ),
    "norms": Case(
        plain,
        conv=lambda k: {"kernel_constraint": k.constraints.MaxNorm(0.75, axis=[0, 1, 2])},
        separable=lambda k: {
            "depthwise_constraint": k.constraints.UnitNorm(axis=[0, 1]),
            "pointwise_constraint": k.constraints.MinMaxNorm(0.5, 0.75, 0.5, axis=-1),
            "bias_constraint": k.constraints.NonNeg(),
        },
        norm=lambda k: {"beta_constraint": k.constraints.NonNeg()},
        dense=lambda k: {"kernel_constraint": k.constraints.MaxNorm(0.5)},
        tolerance=1e-7,
    ),
    "frozen_penalty": Case(
        plain, conv=lambda k: {"kernel_regularizer": k.regularizers.L2(0.25), "trainable": False}
    ),
}


def model(k: Any, case: Case) -> Any:
    """Layers with every kind of weight; smooth, so that rounding cannot turn a gradient round."""
    la = k.layers
    return k.Sequential(
        [
            k.Input((6, 6, 2)),
            la.Conv2D(4, 3, activation="tanh", **case.conv(k)),
            la.SeparableConv2D(3, 3, activation="tanh", **case.separable(k)),
            la.BatchNormalization(momentum=0.5, **case.norm(k)),
            la.Flatten(),
            la.Dense(2, **case.dense(k)),
        ]
    )


def train(k: Any, name: str) -> dict[str, Array]:
    """What a case gives: losses, the weights at the end, and what the optimizer keeps."""
    case = CASES[name]
    made = model(k, case)
    rng = np.random.default_rng(3)
    x = rng.normal(size=(ROWS + VALIDATION, 6, 6, 2))
    y = rng.normal(size=(ROWS + VALIDATION, 2))
    values = [rng.normal(size=tuple(w.shape)) / 2 for w in made.weights]
    made.set_weights(
        [
            np.abs(value) + 0.5 if w.path.endswith(("gamma", "variance")) else value
            for value, w in zip(values, made.weights, strict=True)
        ]
    )
    made.compile(optimizer=case.optimizer(k), loss="mse")
    history = made.fit(
        x[:ROWS],
        y[:ROWS],
        batch_size=BATCH,
        epochs=EPOCHS,
        verbose=0,
        shuffle=False,
        validation_data=(x[ROWS:], y[ROWS:]),
    ).history
    ours = hasattr(made, "get_optimizer_state")
    state = made.get_optimizer_state() if ours else made.optimizer.variables
    found = {"loss": np.array(history["loss"]), "val_loss": np.array(history["val_loss"])}
    found |= {f"weight{i}": np.asarray(w) for i, w in enumerate(made.get_weights())}
    return found | {f"state{i}": np.asarray(array) for i, array in enumerate(state)}
