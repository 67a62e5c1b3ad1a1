"""Every metric on the same batches, for Keras and for Galago alike.

`tools/make_keras_losses.py` computes them with Keras; test_keras_metrics.py does the same with
Galago and compares.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

CLASSES = 4
#: Of the batches, and whether their examples have weights.
BATCHES = ((7, False), (1, False), (5, True), (9, True))


class Case(NamedTuple):
    """A metric by its class name and arguments; the kinds of its labels and outputs."""

    name: str
    options: dict[str, Any]
    labels: str
    outputs: str


def case(name: str, labels: str, outputs: str, **options: Any) -> Case:
    """A case as it reads best."""
    return Case(name, options, labels, outputs)


_LISTED = [
    case("Accuracy", "classes", "answers"),
    case("BinaryAccuracy", "yes", "chances"),
    case("BinaryAccuracy", "yes", "chances", threshold=0.25),
    case("CategoricalAccuracy", "one_hot", "shares"),
    case("SparseCategoricalAccuracy", "classes", "shares"),
    case("TopKCategoricalAccuracy", "one_hot", "shares", k=2),
    case("SparseTopKCategoricalAccuracy", "classes", "shares", k=3),
    case("Precision", "yes", "chances"),
    case("Precision", "yes", "chances", thresholds=[0.75, 0.25]),
    case("Precision", "one_hot", "shares", top_k=2),
    case("Precision", "one_hot", "shares", class_id=1, thresholds=0.25),
    case("Recall", "yes", "chances"),
    case("Recall", "one_hot", "shares", top_k=2, class_id=3),
    case("Recall", "yes", "chances", thresholds=[0.125, 0.5, 0.875]),
    case("TruePositives", "yes", "chances"),
    case("FalsePositives", "yes", "chances", thresholds=[0.25, 0.5]),
    case("TrueNegatives", "yes", "chances"),
    case("FalseNegatives", "yes", "chances", thresholds=0.75),
    case("F1Score", "one_hot", "shares"),
    case("F1Score", "one_hot", "shares", average="macro", threshold=0.25),
    case("F1Score", "one_hot", "shares", average="weighted"),
    case("FBetaScore", "one_hot", "shares", average="micro", beta=2.0, threshold=0.5),
    case("AUC", "yes", "chances"),
    case("AUC", "yes", "chances", num_thresholds=7, summation_method="minoring"),
    case("AUC", "yes", "chances", num_thresholds=7, summation_method="majoring"),
    case("AUC", "yes", "chances", curve="PR"),
    case("AUC", "yes", "chances", curve="PR", summation_method="minoring", num_thresholds=9),
    case("AUC", "yes", "chances", curve="PR", summation_method="majoring", num_thresholds=9),
    case("AUC", "yes", "numbers", from_logits=True),
    case("AUC", "yes", "chances", thresholds=[0.125, 0.5, 0.625]),
    case("AUC", "yes", "chances", multi_label=True, num_labels=CLASSES),
    case(
        "AUC",
        "yes",
        "chances",
        curve="PR",
        multi_label=True,
        num_labels=CLASSES,
        label_weights=[1.0, 2.0, 0.5, 1.0],
    ),
    case("AUC", "yes", "chances", label_weights=[1.0, 2.0, 0.5, 1.0]),
    case("SensitivityAtSpecificity", "yes", "chances", specificity=0.75),
    case("SpecificityAtSensitivity", "yes", "chances", sensitivity=0.5, num_thresholds=20),
    case("PrecisionAtRecall", "yes", "chances", recall=0.25),
    case("PrecisionAtRecall", "yes", "chances", recall=0.5, num_thresholds=1),
    case("RecallAtPrecision", "one_hot", "shares", precision=0.5, class_id=2),
    case("MeanSquaredError", "numbers", "others"),
    case("RootMeanSquaredError", "numbers", "others"),
    case("MeanAbsoluteError", "numbers", "others"),
    case("MeanAbsolutePercentageError", "numbers", "others"),
    case("MeanSquaredLogarithmicError", "shares", "chances"),
    case("LogCoshError", "numbers", "others"),
    case("CosineSimilarity", "numbers", "others"),
    case("R2Score", "numbers", "others"),
    case("R2Score", "numbers", "others", class_aggregation=None),
    case(
        "R2Score",
        "numbers",
        "others",
        class_aggregation="variance_weighted_average",
        num_regressors=2,
    ),
    case("Hinge", "yes", "others"),
    case("SquaredHinge", "signs", "others"),
    case("CategoricalHinge", "one_hot", "others"),
    case("KLDivergence", "shares", "chances"),
    case("Poisson", "numbers", "chances"),
    case("BinaryCrossentropy", "yes", "chances"),
    case("BinaryCrossentropy", "yes", "others", from_logits=True, label_smoothing=0.25),
    case("CategoricalCrossentropy", "one_hot", "shares", label_smoothing=0.125),
    case("CategoricalCrossentropy", "one_hot", "others", from_logits=True),
    case("SparseCategoricalCrossentropy", "classes", "shares"),
    case("SparseCategoricalCrossentropy", "classes", "others", from_logits=True, ignore_class=1),
    case("MeanIoU", "classes", "answers", num_classes=CLASSES),
    case("MeanIoU", "classes", "answers", num_classes=CLASSES, ignore_class=2),
    case("MeanIoU", "classes", "shares", num_classes=CLASSES, sparse_y_pred=False),
    case("IoU", "classes", "answers", num_classes=CLASSES, target_class_ids=[0, 3]),
    case("BinaryIoU", "yes", "chances"),
    case("BinaryIoU", "yes", "chances", target_class_ids=[1], threshold=0.25),
    case("OneHotIoU", "one_hot", "shares", num_classes=CLASSES, target_class_ids=[1, 2]),
    case("OneHotMeanIoU", "one_hot", "shares", num_classes=CLASSES),
]
CASES = {
    " ".join([c.name, *(f"{key}={value}" for key, value in c.options.items())]): c for c in _LISTED
}


def made(kind: str, rng: np.random.Generator, rows: int) -> NDArray[Any]:
    """Labels or outputs of a kind. Numbers have few bits, so that thresholds are met exactly."""
    classes = rng.integers(0, CLASSES, rows)
    if kind in ("classes", "answers"):
        return classes
    if kind == "one_hot":
        return np.eye(CLASSES)[classes]
    if kind == "yes":
        return rng.integers(0, 2, (rows, CLASSES)).astype(np.float64)
    if kind == "signs":
        return 2.0 * rng.integers(0, 2, (rows, CLASSES)) - 1
    if kind in ("numbers", "others"):
        return rng.normal(size=(rows, CLASSES))
    if kind == "chances":
        return rng.integers(0, 17, (rows, CLASSES)) / 16
    shares = rng.random((rows, CLASSES))
    return shares / shares.sum(axis=1, keepdims=True)


def compute(k: Any, name: str) -> Array:
    """The results of a case after each batch, and after a reset and the first batch again."""
    found = CASES[name]
    # Keras counts overlaps in whole numbers otherwise, which weights are not.
    options = found.options | ({"dtype": "float64"} if "IoU" in found.name else {})
    metric = getattr(k.metrics, found.name)(**options)
    rng = np.random.default_rng(7)
    results = []
    for rows, weighted in BATCHES:
        y, p, w = made(found.labels, rng, rows), made(found.outputs, rng, rows), rng.random(rows)
        if "TopK" in found.name:  # which TensorFlow knows in float32 only
            p = p.astype(np.float32)
        # The overlaps of Keras want a weight for each label.
        spread = found.name == "BinaryIoU" and weighted
        w = np.repeat(w[:, None], CLASSES, axis=1) if spread else w
        metric.update_state(y, p, sample_weight=w if weighted else None)
        results.append(np.array(metric.result(), np.float64))
    metric.reset_state()
    metric.update_state(y, p)
    return np.array([*results, np.array(metric.result(), np.float64)])
