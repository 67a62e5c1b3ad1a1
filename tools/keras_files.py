"""Ask an installed Keras about model files, in both directions.

    python tools/keras_files.py write FOLDER     # models that Keras saves, with their outputs
    python tools/keras_files.py check FOLDER     # files of Galago: does Keras load them, and agree?

It runs in an environment that has Keras and a backend, and needs no Galago. Next to each
`NAME.keras` stands `NAME.npz` with inputs `x`, the model's `outputs`, and what they are after one
more train step on labels `y`: `trained`.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import keras
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "saving"))

from keras_file_cases import CASES, OPTIMIZERS, data

#: Largest difference of outputs.
TOLERANCE = 1e-5
#: After another step of Adam small gradients count as much as large ones.
TRAINED_TOLERANCE = 1e-4


def write(folder: Path) -> None:
    """Save models of this Keras, trained a little, and what they give."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, make in CASES.items():
        keras.utils.set_random_seed(3)
        model = make(keras)
        optimizer = OPTIMIZERS[name](keras) if name in OPTIMIZERS else "adam"
        model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
        x, y = data(model.input_shape)
        for _ in range(3):
            model.train_on_batch(x, y)
        file = folder / f"{name}_{keras.__version__}"
        model.save(f"{file}.keras")
        outputs = np.asarray(model.predict(x, verbose=0))
        model.train_on_batch(x, y)
        trained = np.asarray(model.predict(x, verbose=0))
        np.savez(f"{file}.npz", x=x, y=y, outputs=outputs, trained=trained)


def check(folder: Path) -> list[str]:
    """Load every file of a folder; return what is wrong."""
    wrong = []
    for path in sorted(folder.glob("*.keras")):
        with np.load(path.with_suffix(".npz")) as file:
            x, y, outputs, trained = (file[name] for name in ("x", "y", "outputs", "trained"))
        model = keras.models.load_model(path)
        x = list(x) if isinstance(model.input_shape, list) else x
        error = float(np.abs(np.asarray(model.predict(x, verbose=0)) - outputs).max())
        model.train_on_batch(x, y)
        later = float(np.abs(np.asarray(model.predict(x, verbose=0)) - trained).max())
        print(f"Keras {keras.__version__}: {path.name}: {error:.1e}, a step later {later:.1e}")
        if not (error <= TOLERANCE and later <= TRAINED_TOLERANCE):
            wrong.append(path.name)
    return wrong


def main() -> None:
    """Run what the command line asks for; end with 1 if something is wrong."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=["write", "check"])
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    if options.what == "write":
        write(options.folder)
    elif wrong := check(options.folder):
        sys.exit(f"Keras {keras.__version__} does not agree on {', '.join(wrong)}")


if __name__ == "__main__":
    main()
