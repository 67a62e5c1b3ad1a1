"""`galago train`: train a network on your own images, or on Fashion-MNIST."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import CycloptsError, Group, Parameter

from galago.cli.options import (
    DEFAULT_FILTERS,
    Filters,
    Flag,
    height_and_width,
    real_number,
    require_convolutions,
    require_folder,
    require_suffix,
    size_text,
    whole_number,
)

#: The keys of cli.networks.NETWORKS, which takes longer to import than the help may take.
Network = Literal["small_cnn", "reference", "dense_baseline", "vgg_like", "mobilenet_like"]

_OWN = Group("Options for your own images")
_CLOTHES = Group("Options for Fashion-MNIST")
_DEFAULT_SPLIT = 0.2
#: Epochs over many images, and over a few hundred.
_EPOCHS, _EPOCHS_OF_FEW = 5, 20


def train(
    folder: Path | None = None,
    /,
    *,
    output: Annotated[Path | None, Parameter(name=("--output", "-o"))] = None,
    epochs: Annotated[int | None, Parameter(converter=whole_number(1))] = None,
    batch_size: Annotated[int, Parameter(converter=whole_number(1))] = 32,
    learning_rate: Annotated[float, Parameter(converter=real_number(0, 10))] = 0.001,
    seed: Annotated[int, Parameter(converter=whole_number(0))] = 0,
    threads: Annotated[int | None, Parameter(converter=whole_number(1, 256))] = None,
    model: Annotated[Network, Parameter(group=_OWN)] = "small_cnn",
    image_size: Annotated[str | None, Parameter(group=_OWN, converter=size_text)] = None,
    grayscale: Annotated[Flag, Parameter(group=_OWN)] = False,
    validation_split: Annotated[
        float, Parameter(group=_OWN, converter=real_number(0, 1))
    ] = _DEFAULT_SPLIT,
    skip_bad: Annotated[Flag, Parameter(group=_OWN)] = False,
    augment: Annotated[Flag, Parameter(group=_OWN)] = False,
    full: Annotated[Flag, Parameter(group=_CLOTHES)] = False,
    filters: Annotated[Filters, Parameter(group=_CLOTHES)] = DEFAULT_FILTERS,
    dense: Annotated[Flag, Parameter(group=_CLOTHES)] = False,
) -> None:
    """Train a network on your own images, or on Fashion-MNIST.

    Your images lie in a folder that has a folder for each class: photos/cat/1.jpg,
    photos/dog/7.png. A part of them is kept for validation. Without a folder it
    is Fashion-MNIST: pictures of clothes in ten classes, and the reference
    network, two convolutions with max pooling and two dense layers.

    Prints the network, its progress, the accuracy on images that it has never
    seen, and for each class how many images were recognized and what the others
    were taken for. --output keeps the network for galago predict.

    The same command gives the same network, bit for bit, on any number of
    threads: compare the fingerprint of the weights. Ctrl-C stops the training
    after the present batch.

    For example:

      galago train photos -o pets.keras      your own images, and keep the network
      galago train photos --image-size 64x96 --grayscale --epochs 20
      galago train photos --model vgg_like   a larger network
      galago train                           10,000 images from inside the package
      galago train --full                    all 60,000; downloads 31 MB at first
      galago train --filters 16 --epochs 20  a smaller network, trained for longer
      galago train --dense                   without convolutions, to compare
      galago train --seed 1                  other initial weights, another order
      galago train > log.txt                 one line an epoch, no control codes

    Parameters
    ----------
    folder
        Your images: a folder with a folder for each class.
    output
        Save the network to this file, whose name ends in .keras.
    epochs
        How often the network sees every image: 5 times if not given, your own images 20 times.
    batch_size
        Images between two updates of the weights.
    learning_rate
        How far an update of Adam goes.
    seed
        Number that the initial weights and the order of the images are drawn from.
    threads
        Threads to compute with, 1 to 256. All usable cores, or GALAGO_THREADS, if not given.
    model
        The network to train.
    image_size
        HEIGHTxWIDTH, or a number for both. Their own size if it is one and small, else 96.
    grayscale
        Leave out the colours.
    validation_split
        The part of the images that is kept for validation.
    skip_bad
        Leave out files that are no images, instead of naming them and stopping.
    augment
        Show every image otherwise in each epoch: flipped, turned, nearer, of other contrast.
    full
        Take all of Fashion-MNIST: 60,000 images to train on, 10,000 to test.
    filters
        Filters of each of the two convolutions, 1 to 1024.
    dense
        Train the baseline instead, which has no convolutions, only Dense(128) and Dense(10).
    """
    require_convolutions("train", filters, dense)
    for_folders = {
        "--model": model != "small_cnn",
        "--image-size": image_size is not None,
        "--grayscale": grayscale,
        "--validation-split": validation_split != _DEFAULT_SPLIT,
        "--skip-bad": skip_bad,
        "--augment": augment,
    }
    for_clothes = {"--full": full, "--filters": filters != DEFAULT_FILTERS, "--dense": dense}
    _refuse(for_folders if folder is None else for_clothes, folder is None)
    require_suffix(output, [".keras"], "--output")
    require_folder(output, "--output")

    from galago.cli.training import Settings, train_on_clothes

    epochs = epochs or (_EPOCHS if folder is None else _EPOCHS_OF_FEW)
    settings = Settings(output, epochs, batch_size, learning_rate, seed, threads)
    if folder is None:
        train_on_clothes(settings, full=full, filters=None if dense else filters)
        return
    from galago.cli.folder_training import train_on_folder

    train_on_folder(
        settings,
        folder,
        model=model,
        image_size=None if image_size is None else height_and_width(image_size),
        grayscale=grayscale,
        validation_split=validation_split,
        skip_bad=skip_bad,
        augment=augment,
    )


def _refuse(options: dict[str, bool], need_folder: bool) -> None:
    """Refuse options of the other data. Raises CycloptsError."""
    given = next((name for name, is_given in options.items() if is_given), None)
    if given is not None:
        data = "images of a folder, and none is given" if need_folder else "Fashion-MNIST alone"
        advice = "Name a folder" if need_folder else "Leave out the folder"
        raise CycloptsError(
            msg=f"{given} is for {data}. {advice}, or leave {given} out.", command_chain=("train",)
        )
