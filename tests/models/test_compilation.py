"""What compile() takes, and whether it fits the model."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

import galago
from galago import layers, losses, metrics, optimizers
from galago.engine import OutputLoss
from galago.errors import ArgumentError, GalagoWarning, ShapeError, UnknownNameError

X = np.zeros((4, 3, 3, 1), np.float32)
Y = np.zeros(4, int)


def model(*stack: layers.Layer) -> galago.Sequential:
    return galago.Sequential([galago.Input((3, 3, 1)), *stack])


def test_names_and_objects_mean_the_same(fake_engine: Any) -> None:
    settings = []
    for optimizer, loss, metric in (
        ("adam", "sparse_categorical_crossentropy", "accuracy"),
        (
            optimizers.Adam(),
            losses.SparseCategoricalCrossentropy(),
            metrics.SparseCategoricalAccuracy("accuracy"),
        ),
    ):
        net = model(layers.Flatten(), layers.Dense(2, activation="softmax"))
        net.compile(optimizer, loss, metrics=[metric])
        net.fit(X, Y, verbose=0)
        assert net._session is not None
        settings.append(net._session.session.settings)
    assert (
        settings[0]
        == settings[1]
        == {
            "losses": (OutputLoss("sparse_categorical_crossentropy", accuracy="sparse"),),
            "optimizer": (
                "adam",
                {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7, "amsgrad": 0.0},
            ),
            "trainable": [True, True],
            "rules": [{}, {}],
        }
    )


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (
            {"optimizer": "adma"},
            UnknownNameError,
            "compile(): expected a known optimizer, received 'adma'. Did you mean 'adamax'? "
            "Known: adam, sgd, adamw, rmsprop, adagrad, adadelta, adamax, nadam, lion.",
        ),
        (
            {"loss": "sparse"},
            UnknownNameError,
            "compile(): expected a known loss, received 'sparse'. Known: "
            "sparse_categorical_crossentropy, categorical_crossentropy, binary_crossentropy, "
            "mean_squared_error, mean_absolute_error, mean_absolute_percentage_error, "
            "mean_squared_logarithmic_error, huber, log_cosh, kl_divergence, poisson, hinge, "
            "squared_hinge, categorical_hinge, cosine_similarity, binary_focal_crossentropy, "
            "categorical_focal_crossentropy, bce, kld, mae, mape, mse, msle.",
        ),
        (
            {"metrics": ["acuracy"]},
            UnknownNameError,
            "compile(): expected a known metric, received 'acuracy'. Did you mean 'accuracy'? "
            "Known: accuracy, acc, sparse_categorical_accuracy, categorical_accuracy, "
            "binary_accuracy, top_k_categorical_accuracy, sparse_top_k_categorical_accuracy, "
            "precision, recall, f1_score, f_beta_score, auc, true_positives, false_positives, "
            "true_negatives, false_negatives, mean_squared_error, root_mean_squared_error, "
            "mean_absolute_error, mean_absolute_percentage_error, mean_squared_logarithmic_error, "
            "log_cosh_error, cosine_similarity, r2_score, hinge, squared_hinge, "
            "categorical_hinge, kl_divergence, poisson, binary_crossentropy, "
            "categorical_crossentropy, sparse_categorical_crossentropy, binary_io_u, bce, mae, "
            "mape, mse, msle.",
        ),
        (
            {"loss": lambda y_true, y_pred: abs(y_true - y_pred)},
            ArgumentError,
            "compile(): expected one of Galago's losses, received '<lambda>', which the engine "
            "cannot differentiate. Use one of galago.losses with sample_weight= in fit() where "
            "examples count differently, and pass your own function as metrics=[<lambda>] to "
            "watch it.",
        ),
        (
            {"loss": losses.MeanSquaredError(reduction=None)},
            ArgumentError,
            "compile(): expected a loss that gives one number for a batch, received "
            "MeanSquaredError with reduction=None. Leave reduction out.",
        ),
        (
            {"metrics": [metrics.Mean()]},
            ArgumentError,
            "compile(): expected a metric of labels and outputs, received Mean, which takes "
            "values. Pass a function of yours that makes them, metrics=[my_function].",
        ),
        (
            {"weighted_metrics": [metrics.F1Score()]},
            ArgumentError,
            "compile(): expected metrics that give one number, received 'f1_score', which gives "
            "several. Choose one threshold, class or average, or use the metric on the outputs "
            "of predict().",
        ),
        (
            {"weighted_metrics": "mse"},
            ArgumentError,
            "compile(): expected weighted_metrics as a list, received 'mse'. "
            "Write weighted_metrics=['mse'].",
        ),
        (
            {
                "metrics": ["mse", metrics.MeanSquaredError("weighted_mse")],
                "weighted_metrics": ["mse"],
            },
            ArgumentError,
            "compile(): expected metrics with different names, received 'weighted_mse' twice. "
            "Leave one out, or give a metric object another name.",
        ),
        (
            {"metrics": "accuracy"},
            ArgumentError,
            "compile(): expected metrics as a list, received 'accuracy'. "
            "Write metrics=['accuracy'].",
        ),
        (
            {"metrics": ["accuracy", "accuracy"]},
            ArgumentError,
            "compile(): expected metrics with different names, received 'accuracy' twice. "
            "Leave one out, or give a metric object another name.",
        ),
        (
            {"metrics": [metrics.MeanSquaredError(name="loss")]},
            ArgumentError,
            "compile(): expected metrics with different names, received 'loss' twice. "
            "Leave one out, or give a metric object another name.",
        ),
    ],
)
def test_wrong_arguments(arguments: dict[str, Any], error: type[Exception], message: str) -> None:
    good: dict[str, Any] = {"optimizer": "adam", "loss": "mse"}
    net = model(layers.Flatten())
    with pytest.raises(error) as caught:
        net.compile(**(good | arguments))
    assert str(caught.value) == message
    assert not net.compiled


@pytest.mark.parametrize("run", ["fit", "evaluate"])
@pytest.mark.parametrize(
    ("stack", "loss", "error", "message"),
    [
        (
            lambda: [layers.Dense(10, activation="softmax")],
            "sparse_categorical_crossentropy",
            ShapeError,
            "RUN(): loss 'sparse_categorical_crossentropy' expects a class number for each place "
            "of the outputs (None, 3, 3, 10) of Dense 'dense', received y of shape (4,). For one "
            "class an example put Flatten() before the last Dense.",
        ),
        (
            lambda: [layers.Flatten(), layers.Dense(10)],
            "sparse_categorical_crossentropy",
            ArgumentError,
            "compile(): loss 'sparse_categorical_crossentropy' expects probabilities, received "
            "the 'linear' outputs of Dense 'dense'. Give it activation='softmax', or use "
            "SparseCategoricalCrossentropy(from_logits=True).",
        ),
        (
            lambda: [layers.Flatten(), layers.Dense(1, activation="softmax")],
            "binary_crossentropy",
            ArgumentError,
            "compile(): softmax expects two outputs or more, received the single one of Dense "
            "'dense', which would always be 1. Use activation='sigmoid' and "
            "loss='binary_crossentropy'.",
        ),
        (
            lambda: [layers.Flatten(), layers.Dense(1, activation="tanh")],
            "binary_crossentropy",
            ArgumentError,
            "compile(): loss 'binary_crossentropy' expects probabilities, received the 'tanh' "
            "outputs of Dense 'dense'. Give it activation='sigmoid', or use "
            "BinaryCrossentropy(from_logits=True).",
        ),
    ],
)
def test_outputs_that_the_loss_cannot_read(
    run: str, stack: Any, loss: str, error: type[Exception], message: str, fake_engine: Any
) -> None:
    net = model(*stack())
    net.compile("adam", loss)
    with pytest.raises(error) as caught:
        getattr(net, run)(X, Y, verbose=0)
    assert str(caught.value) == message.replace("RUN()", f"{run}()")


def test_probabilities_stay_probabilities_on_the_way_out(fake_engine: Any) -> None:
    inputs = galago.Input((3, 3, 1))
    x = layers.Conv2D(4, 1, activation="softmax")(inputs)
    x = layers.GlobalAveragePooling2D()(layers.Dropout(0.5)(x))
    net = galago.Model(inputs, x)
    net.compile("adam", "sparse_categorical_crossentropy")
    net.fit(X, Y, verbose=0)
    net = galago.Model(inputs, layers.Add()([x, x]))
    net.compile("adam", "sparse_categorical_crossentropy")
    with pytest.raises(ArgumentError, match="received the 'linear' outputs of Add 'add'"):
        net.fit(X, Y, verbose=0)


@pytest.mark.parametrize(
    ("activation", "loss"),
    [
        ("softmax", "sparse_categorical_crossentropy"),
        ("sigmoid", "sparse_categorical_crossentropy"),
        ("relu", "sparse_categorical_crossentropy"),
        (None, losses.SparseCategoricalCrossentropy(from_logits=True)),
    ],
)
def test_outputs_that_it_can_read(activation: Any, loss: Any, fake_engine: Any) -> None:
    net = model(layers.Flatten(), layers.Dense(2, activation=activation))
    net.compile("adam", loss)
    net.fit(X, Y, verbose=0)


def test_softmax_and_logits_together_are_warned_of(fake_engine: Any) -> None:
    net = model(layers.Flatten(), layers.Dense(2), layers.Softmax())
    net.compile("adam", losses.SparseCategoricalCrossentropy(from_logits=True))
    with pytest.warns(GalagoWarning) as caught:
        net.fit(X, Y, verbose=0)
    assert [str(warning.message) for warning in caught] == [
        "compile(): SparseCategoricalCrossentropy(from_logits=True) expects outputs before "
        "softmax or sigmoid, received those of Dense 'dense' after 'softmax'. Remove one of the "
        "two."
    ]
    assert caught[0].filename == __file__


def test_frozen_layers_count_as_they_were(fake_engine: Any) -> None:
    net = model(layers.Flatten(), layers.Dense(4), layers.Dense(2, activation="softmax"))
    net.layers[1].trainable = False
    net.compile("sgd", "sparse_categorical_crossentropy")
    frozen, trained = net.layers[1].get_weights()[0], net.layers[2].get_weights()[0]
    net.fit(X, Y, verbose=0)
    np.testing.assert_array_equal(net.layers[1].get_weights()[0], frozen)
    np.testing.assert_array_equal(net.layers[2].get_weights()[0], trained - 1)
    net.layers[1].trainable = True
    with pytest.warns(GalagoWarning) as caught:
        net.fit(X, Y, verbose=0)
    assert str(caught[0].message) == (
        "Dense 'dense': trainable was set to True after compile(), which expected it before; "
        "training goes on with the old value. Call compile() again."
    )
    assert caught[0].filename == __file__
    np.testing.assert_array_equal(net.layers[1].get_weights()[0], frozen)
    net.compile("sgd", "sparse_categorical_crossentropy")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        net.fit(X, Y, verbose=0)
    np.testing.assert_array_equal(net.layers[1].get_weights()[0], frozen - 1)


def test_nothing_to_train(fake_engine: Any) -> None:
    net = model(layers.Flatten(), layers.Dense(2, activation="softmax", trainable=False))
    net.compile("adam", "sparse_categorical_crossentropy")
    with pytest.raises(ArgumentError) as caught:
        net.fit(X, Y, verbose=0)
    assert str(caught.value) == (
        "Sequential 'sequential': fit() expects weights to train, but every layer is frozen or "
        "has none. Set layer.trainable = True and call compile() again."
    )
    assert net.evaluate(X, Y, verbose=0) == 4.0


def two_outputs() -> galago.Model:
    inputs = galago.Input((4,))
    return galago.Model(
        inputs, [layers.Dense(3, name="kind")(inputs), layers.Dense(1, name="size")(inputs)]
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"loss": ["mse"]},
            "compile(): expected loss for 2 outputs, received a list of 1. Pass one for each of "
            "'kind', 'size'.",
        ),
        (
            {"loss": {"kind": "mse", "siz": "mse"}},
            "compile(): expected loss for the outputs 'kind', 'size', received one for 'siz'. Did "
            "you mean 'size'? Use their names.",
        ),
        (
            {"loss": [None, None]},
            "compile(): expected a loss, received None. Pass one.",
        ),
        (
            {"loss": "mse", "metrics": ["mae", "mse", "mape"]},
            "compile(): expected metrics for 2 outputs, received a list of 3. Pass a list of "
            "lists, or a dictionary, for 'kind', 'size'.",
        ),
        (
            {"loss": ["mse", None], "metrics": {"size": ["mae"]}},
            "compile(): expected metrics for outputs that have a loss, received some for 'size', "
            "which has none. Give it a loss, with a weight of 0 if it is not to count.",
        ),
        (
            {"loss": "mse", "loss_weights": {"kind": "much"}},
            "compile(): loss_weights must be a finite number, received 'much'.",
        ),
    ],
)
def test_several_outputs(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        two_outputs().compile("sgd", **arguments)
    assert message in str(caught.value)


def test_what_is_logged() -> None:
    net = two_outputs()
    told = {"kind": ["accuracy"], "size": [metrics.MeanAbsoluteError()]}
    net.compile("sgd", "mse", metrics=told)
    assert net.logged == {
        "loss": "min",
        "kind_loss": "min",
        "kind_accuracy": "max",
        "size_loss": "min",
        "size_mean_absolute_error": "min",
    }


def test_a_loss_in_a_list_or_by_name_is_the_only_outputs() -> None:
    for loss in ("mse", ["mse"], {"last": "mse"}):
        net = galago.Sequential([galago.Input((2,)), layers.Dense(1, name="last")])
        net.compile("sgd", loss, metrics=["mae"])
        assert list(net.logged) == ["loss", "mae"]
        assert net.evaluate(np.ones((2, 2)), np.ones((2, 1)), verbose=0)[0] >= 0
