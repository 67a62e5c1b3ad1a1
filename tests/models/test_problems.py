"""What a file has that Galago does not, in as few lines as it can be said."""

from __future__ import annotations

from galago.errors import ArgumentError
from galago.models.problems import LONGEST, MOST_NAMED, Problems


def lines(problems: Problems) -> list[str]:
    """The lines of the error between its first and its last."""
    return str(problems.error("net.keras", "Do something.")).splitlines()[1:-1]


def test_those_of_one_class_are_one_line() -> None:
    problems = Problems()
    assert not problems
    for number in range(2):
        problems.add("no layer of Galago", f"LSTM 'a{number}'")
        problems.add("no layer of Galago", f"GRU 'b{number}'")
    problems.add("units=3", "LSTM 'a0'")
    for number in range(7):
        problems.add("rate=2", f"Dropout 'd{number}'")
    problems.add("a circle")
    assert len(problems) == 13
    assert lines(problems) == [
        "- LSTM 'a0', 'a1': no layer of Galago",
        "- GRU 'b0', 'b1': no layer of Galago",
        "- LSTM 'a0': units=3",
        "- Dropout 'd0', 'd1', 'd2', 'd3' and 3 more: rate=2",
        "- a circle",
    ]


def test_an_owner_is_named_once() -> None:
    problems = Problems()
    for owner, name in (("Dense 'd'", "Dense 'd'"), ("metrics AUC", "AUC"), ("loss", "compile()")):
        with problems.within(owner):
            raise ArgumentError(f"{name}: expected more.")
    assert lines(problems) == [
        "- Dense 'd': expected more.",
        "- metrics AUC: expected more.",
        "- loss: compile(): expected more.",
    ]


def test_a_message_stays_readable() -> None:
    problems = Problems()
    for number in range(MOST_NAMED + 5):
        problems.add(f"{number}" + "x" * 10_000, "y" * 10_000)
    found = lines(problems)
    assert len(found) == MOST_NAMED + 1
    assert found[-1] == "- and 5 more"
    assert max(map(len, found)) < 2 * LONGEST + 20
