"""The cells of a result."""

from __future__ import annotations

from galago.bench.protocol import Sample, rows
from galago.bench.results import Result
from galago.bench.tables import head, lines, verdict
from galago.bench.timing import Timing


def result(task: str, times: dict[str, tuple[float, float]], **report: float) -> Result:
    samples = [
        Sample(name, number, 0.0, Timing(seconds, 0.01), report)
        for name, both in times.items()
        for number, seconds in enumerate(both, start=1)
    ]
    return Result("reference", task, 1, rows(samples, "Galago"), samples, [], {}, "images")


def test_training() -> None:
    found = result("train-32", {"Galago": (2.0, 2.2), "Peer": (8.0, 12.1), "Quick": (1.0, 1.1)})
    assert lines(found) == [
        ("Quick", "1.05", "1.00 to 1.10", "0.50", "0.500 to 0.500", "1%"),
        ("Galago", "2.10", "2.00 to 2.20", "1.00", "1.00 to 1.00", "1%"),
        ("Peer", "10.1", "8.00 to 12.1", "4.75", "4.00 to 5.50", "1%"),
    ]
    assert len(head(found)) == 6
    assert verdict(found) == "Quick is 2.00 times as fast as Galago."


def test_latency() -> None:
    found = result("infer-1", {"Galago": (2e-5, 2e-5), "Peer": (7e-5, 7e-5)}, p99=9e-5)
    assert lines(found)[0] == (
        "Galago", "20.0", "20.0 to 20.0", "90.0", "1.00", "1.00 to 1.00", "1%"
    )  # fmt: skip
    assert head(found)[3] == "p99"
    assert verdict(found) == "Galago is 3.50 times as fast as Peer."


def test_inference_of_a_batch_has_no_p99() -> None:
    found = result("infer-32", {"Galago": (2e-5, 2e-5)})
    assert len(head(found)) == len(lines(found)[0]) == 6
    assert verdict(found) == ""


def test_where_nobody_knows_what_others_did() -> None:
    sample = Sample("Galago", 1, 0.0, Timing(1.0), {})
    found = Result("m", "train-8", 1, rows([sample], "Galago"), [sample], [], {}, "")
    assert lines(found)[0][-1] == "?"
