"""Accuracy on scikit-learn's digits, next to its support vector machine and its network.

    python benchmarks/digits.py
    python benchmarks/digits.py --folds 5 --json digits.json

1,797 grey images of 8x8 pixels, cross-validated: each fold is predicted by a classifier that was
trained on the others. ConvNetClassifier and MLPClassifier have their default arguments; the support
vector machine has the gamma of scikit-learn's example "Recognizing hand-written digits". Accuracies
do not depend on the computer; seconds are a core's, of all folds, for training and prediction.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.neural_network import MLPClassifier
from sklearn.svm import SVC

from galago.bench.tables import markdown
from galago.sklearn import ConvNetClassifier

CLASSIFIERS: dict[str, Callable[[], Any]] = {
    "galago ConvNetClassifier": lambda: ConvNetClassifier(random_state=0),
    "scikit-learn SVC(gamma=0.001)": lambda: SVC(gamma=0.001),
    "scikit-learn MLPClassifier": lambda: MLPClassifier(random_state=0),
}


def measure(folds: int) -> dict[str, dict[str, Any]]:
    """Return accuracies of the folds and seconds of each classifier."""
    x, y = load_digits(return_X_y=True)
    results = {}
    for name, make in CLASSIFIERS.items():
        start = time.process_time()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # of MLPClassifier's 200 epochs
            cut = StratifiedKFold(folds, shuffle=True, random_state=0)
            scores = cross_val_score(make(), x, y, cv=cut)
        results[name] = {"accuracies": scores.tolist(), "seconds": time.process_time() - start}
    return results


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--folds", type=int, default=10)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every fold's figures")
    options = parser.parse_args()
    results = measure(options.folds)
    rows = [
        (
            name,
            f"{100 * statistics.fmean(found['accuracies']):.1f} %",
            f"{100 * min(found['accuracies']):.1f} %",
            f"{found['seconds']:.1f}",
        )
        for name, found in results.items()
    ]
    print(markdown(("classifier", "accuracy", "worst fold", "CPU seconds"), rows))
    if options.json:
        options.json.write_text(json.dumps({"folds": options.folds, "results": results}, indent=1))


if __name__ == "__main__":
    main()
