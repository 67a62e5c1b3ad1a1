"""`galago summary`: the table of a network."""

from __future__ import annotations

from pathlib import Path

from cyclopts import CycloptsError

from galago.cli.options import DEFAULT_FILTERS, Filters, Flag, require_convolutions


def summary(
    model: Path | None = None,
    /,
    *,
    filters: Filters = DEFAULT_FILTERS,
    dense: Flag = False,
    classic: Flag = False,
    explain: Flag = False,
) -> None:
    """Show the layers of a network, what they put out, and their parameters.

    The table is Keras's. Nothing is trained, no data is read.

    For example:

      galago summary pets.keras     a saved network
      galago summary                the reference network: 243,786 parameters
      galago summary --filters 16   the same with 16 filters: 55,098
      galago summary --dense        the baseline without convolutions: 101,770
      galago summary --classic      in the look of the notebooks of 2019
      galago summary --explain      why each shape is what it is, and what it costs

    Parameters
    ----------
    model
        A .keras file of Galago or of Keras 3; the reference network if not given.
    filters
        Filters of each of the two convolutions, 1 to 1024.
    dense
        The baseline without convolutions instead.
    classic
        The table of 65 columns that Keras 2 printed.
    explain
        Another table: the arithmetic of each shape, the pixels that a number
        depends on, multiply-adds, measured time, rows that nothing reads.
    """
    require_convolutions("summary", filters, dense)

    if model is not None and (dense or filters != DEFAULT_FILTERS):
        raise CycloptsError(
            msg="--filters and --dense are for the reference network, not for a saved one. Leave "
            "them out.",
            command_chain=("summary",),
        )

    from galago import applications
    from galago.cli.output import printable_lines
    from galago.models import load_model

    if model is not None:
        network = load_model(model, compile=False)
    else:
        network = applications.dense_baseline() if dense else applications.reference(filters)
    network.summary(
        style="classic" if classic else "keras",
        explain=explain,
        print_fn=lambda text: print(printable_lines(text), end=""),
    )
