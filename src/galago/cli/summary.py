"""`galago summary`: the table of a network."""

from __future__ import annotations

from galago.cli.options import DEFAULT_FILTERS, Filters, Flag, require_convolutions


def summary(
    *,
    filters: Filters = DEFAULT_FILTERS,
    dense: Flag = False,
    classic: Flag = False,
    explain: Flag = False,
) -> None:
    """Show the layers of a network, what they put out, and their parameters.

    The table is Keras's. Nothing is trained, no data is read.

    For example:

      galago summary                the reference network: 243,786 parameters
      galago summary --filters 16   the same with 16 filters: 55,098
      galago summary --dense        the baseline without convolutions: 101,770
      galago summary --classic      in the look of the notebooks of 2019
      galago summary --explain      why each shape is what it is, and what it costs

    Parameters
    ----------
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

    from galago import applications

    model = applications.dense_baseline() if dense else applications.reference(filters)
    model.summary(style="classic" if classic else "keras", explain=explain)
