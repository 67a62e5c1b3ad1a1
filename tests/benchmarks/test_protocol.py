from __future__ import annotations

import sys
import time

import protocol
import pytest
import timing
from protocol import Contestant, ProtocolError, Row, Sample
from timing import Timing


def python(name: str, code: str, **environment: str) -> Contestant:
    return Contestant(name, (sys.executable, "-c", code), environment)


def test_contestants_take_turns() -> None:
    code = "import json; print(json.dumps({'timing': {'seconds': 2.0, 'others': 0.0}}))"
    samples = protocol.measure([python("a", code), python("b", code)], rounds=2)
    assert [(s.contestant, s.round) for s in samples] == [("a", 1), ("b", 1), ("a", 2), ("b", 2)]


def test_a_contestant_gets_its_variables_and_no_openblas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Haswell")
    code = (
        "import json, os; names = [n for n in os.environ if n in ('OPENBLAS_CORETYPE', 'THREADS')];"
        "print(json.dumps({'timing': {'seconds': 1.0, 'others': None}, 'names': names}))"
    )
    (sample,) = protocol.measure([python("a", code, THREADS="2")], rounds=1)
    assert sample.report == {"names": ["THREADS"]}


def test_a_contestant_that_fails_shows_why() -> None:
    with pytest.raises(ProtocolError, match=r"a: expected a report.*exit status 3.*\n.*\nno torch"):
        list(
            protocol.measure(
                [python("a", "import sys; print('no torch', file=sys.stderr); sys.exit(3)")], 1
            )
        )


def test_rows_compare_within_a_round() -> None:
    times = {"base": (1.0, 2.0, 4.0), "peer": (3.0, 4.0, 20.0)}
    samples = [
        Sample(name, number, 0.0, Timing(seconds), {})
        for name, own in times.items()
        for number, seconds in enumerate(own, start=1)
    ]
    assert protocol.rows(samples, "base", scale=10) == [
        Row("base", 20.0, (10.0, 40.0), 1.0, (1.0, 1.0)),
        Row("peer", 40.0, (30.0, 200.0), 3.0, (2.0, 5.0)),
    ]


def test_the_stopwatch_does_not_count_its_own_work_as_others() -> None:
    with timing.stopwatch() as idle:
        time.sleep(0.3)
    with timing.stopwatch() as busy:
        end = time.process_time() + 0.3
        while time.process_time() < end:
            pass
    assert busy.seconds >= 0.3 <= idle.seconds
    assert idle.others is None or 0 <= idle.others <= 1


@pytest.mark.parametrize(("others", "expected"), [(None, False), (0.04, False), (0.06, True)])
def test_a_timing_is_disturbed_by_others(others: float | None, expected: bool) -> None:
    assert Timing(1.0, others).disturbed is expected


def test_table() -> None:
    assert protocol.table(["a", "b"], [["1", "2"]]) == "| a | b |\n| --- | --- |\n| 1 | 2 |"
