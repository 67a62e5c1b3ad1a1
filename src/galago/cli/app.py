"""The commands and their common settings."""

from __future__ import annotations

from collections.abc import Callable

from cyclopts import App, Group, Parameter

import galago
from galago.cli.bench import bench
from galago.cli.evaluate import evaluate
from galago.cli.export import export
from galago.cli.filter import filter
from galago.cli.filters import filters
from galago.cli.info import info
from galago.cli.journey import journey
from galago.cli.predict import predict
from galago.cli.profile import profile
from galago.cli.summary import summary
from galago.cli.train import train

_HELP = """\
Train small convolutional networks on this computer's CPU, fast.

First steps:

  galago train                     train the reference network on 10,000 images
  galago train --full              train it on all 60,000
  galago train FOLDER -o my.keras  train a network on your own images
  galago predict my.keras IMAGE    show what it sees in a picture
  galago evaluate my.keras FOLDER  count how many pictures it recognizes
  galago journey my.keras IMAGE    show what each layer makes of a picture
  galago filters my.keras          show its filters, and what they look like
  galago summary my.keras          show its layers
  galago export my.keras my.onnx   write it for other programs
  galago filter --list             show what a convolution can do to a picture
  galago profile                   show where the time of a step goes
  galago bench                     compare the speed of frameworks here
  galago info                      show what Galago found on this computer
"""

_ENVIRONMENT = """\
Environment:

  GALAGO_THREADS   threads to compute with, 1 to 256; all usable cores if unset
  GALAGO_ISA       avx512, avx2, neon or scalar; the fastest one if unset
  GALAGO_DATA_DIR  folder for downloaded data sets
  GALAGO_DEBUG     1 shows the traceback of a failure
  NO_COLOR         set: no colours
"""


def make_app() -> App:
    """Return the command line with its commands."""
    made = App(
        name="galago",
        help=_HELP,
        help_epilogue=_ENVIRONMENT,
        help_format="plaintext",
        version=f"galago {galago.__version__}",
        default_parameter=Parameter(negative=()),
        group_parameters=Group("Options"),
        suppress_keyboard_interrupt=False,
    )
    commands: tuple[Callable[..., None], ...] = (
        train,
        predict,
        evaluate,
        export,
        summary,
        journey,
        filters,
        filter,
        profile,
        bench,
        info,
    )
    for place, command in enumerate(commands):
        made.command(command, sort_key=place, help_epilogue="")
    return made


app = make_app()
