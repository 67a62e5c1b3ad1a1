"""Opens a good file in a new process, under the hook: python first_load.py FILE NAME.

NAME is a function of galago.models.files. All that a load needs is imported with that module.
"""

from __future__ import annotations

import sys
from pathlib import Path

from watch import Watch

from galago.models import Sequential, files


def main(path: Path, name: str) -> None:
    watch = Watch()
    if name == "load_model":
        with watch.over(path):
            files.load_model(path)
        return
    from galago import Input, layers

    model = Sequential(
        [
            Input((8, 8, 1)),
            layers.Conv2D(2, 3),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(3),
        ]
    )
    with watch.over(path):
        files.load_weights(model, path)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
