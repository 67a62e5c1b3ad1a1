"""`galago train`: train a network on Fashion-MNIST and show how well it does."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from galago.cli.options import (
    DEFAULT_FILTERS,
    Filters,
    Flag,
    require_convolutions,
    whole_number,
)


def train(
    *,
    full: Flag = False,
    epochs: Annotated[int, Parameter(converter=whole_number(1))] = 5,
    filters: Filters = DEFAULT_FILTERS,
    batch_size: Annotated[int, Parameter(converter=whole_number(1))] = 32,
    dense: Flag = False,
    seed: Annotated[int, Parameter(converter=whole_number(0))] = 0,
    threads: Annotated[int | None, Parameter(converter=whole_number(1, 256))] = None,
) -> None:
    """Train a network on Fashion-MNIST: pictures of clothes in ten classes.

    Prints the network, its progress, the accuracy on test images that it has
    never seen, and for each class how many images were recognized and what the
    others were taken for. The network is the reference one: two convolutions
    with max pooling and two dense layers, trained with Adam. Nothing is saved.

    The same command gives the same network, bit for bit, on any number of
    threads: compare the fingerprint in the last line. Ctrl-C stops the training
    after the present batch.

    For example:

      galago train                           10,000 images from inside the package
      galago train --full                    all 60,000; downloads 31 MB at first
      galago train --filters 16 --epochs 20  a smaller network, trained for longer
      galago train --dense                   without convolutions, to compare
      galago train --seed 1                  other initial weights, another order
      galago train > log.txt                 one line an epoch, no control codes

    Parameters
    ----------
    full
        Take all of Fashion-MNIST: 60,000 images to train on, 10,000 to test.
    epochs
        How often the network sees every image.
    filters
        Filters of each of the two convolutions, 1 to 1024.
    batch_size
        Images between two updates of the weights.
    dense
        Train the baseline instead, which has no convolutions, only Dense(128) and Dense(10).
    seed
        Number that the initial weights and the order of the images are drawn from.
    threads
        Threads to compute with, 1 to 256. All usable cores, or GALAGO_THREADS, if not given.
    """
    require_convolutions("train", filters, dense)

    from galago.cli.training import run_training

    run_training(
        full=full,
        epochs=epochs,
        filters=None if dense else filters,
        batch_size=batch_size,
        seed=seed,
        threads=threads,
    )
