"""Who may take part."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from galago.bench import field
from galago.bench.contestants import OWN, Kind, Setting
from galago.bench.field import (
    LOSS_AGREES,
    NORMED_LOSS_AGREES,
    Absent,
    Contestant,
    Field,
    Options,
    Task,
    loss_agreement,
)
from galago.bench.find import Place
from galago.bench.models import build
from galago.bench.process import ContestantError

TRAIN, INFER = Task("train", 32), Task("infer", 1)
PLAIN = (Setting(""),)


class FakeProcess:
    """Answers with what its options hold; counts the processes and how many have ended."""

    started: list[dict[str, Any]]
    ended: int

    def __init__(
        self,
        python: str,
        peer: str,
        work: Path,
        threads: int,
        options: Mapping[str, Any],
        environment: Mapping[str, str],
    ) -> None:
        self.options = options
        FakeProcess.started.append({"peer": peer, "threads": threads, **environment})

    def __enter__(self) -> FakeProcess:
        return self

    def __exit__(self, *error: object) -> None:
        FakeProcess.ended += 1

    def start(self) -> str:
        return "1.0"

    def ask(self, request: str, **arguments: Any) -> dict[str, Any]:
        answer = self.options.get(request, {"loss": 1.0, "seconds": 0.1, "error": 0.0})
        if isinstance(answer, str):
            raise ContestantError(answer)
        return dict(answer)


@pytest.fixture(autouse=True)
def fake(monkeypatch: pytest.MonkeyPatch) -> None:
    FakeProcess.started, FakeProcess.ended = [], 0
    monkeypatch.setattr(field, "Process", FakeProcess)


def kind(name: str = OWN, avx2: dict[str, str] | None = None, **answers: Any) -> Kind:
    both = (Setting("", answers),)
    return Kind(name, name.title(), train=both, infer=both, avx2=avx2)


def enter(
    task: Task, *kinds: Kind, options: Options | None = None
) -> tuple[list[Contestant], dict[str, str]]:
    places = [Place(one, "python") for one in kinds]
    with Field(places, Path("work"), options or Options(), lambda line: None) as entered:
        ready, absent = entered.enter(task)
    return ready, {one.name: one.reason for one in absent}


def test_all_who_compute_the_same() -> None:
    ready, absent = enter(TRAIN, kind(), kind("peer", prepare_train={"loss": 1.0005}))
    assert [one.name for one in ready] == ["Own", "Peer"]
    assert absent == {}
    assert FakeProcess.ended == 2


def test_another_loss() -> None:
    for loss in (1.004, float("nan")):
        ready, absent = enter(TRAIN, kind(), kind("peer", prepare_train={"loss": loss}))
        assert [one.name for one in ready] == ["Own"]
        assert absent == {"Peer": f"its loss after 10 steps is {loss:.4f}, Galago's 1.0000"}


def test_losses_of_models_that_draw_are_not_compared() -> None:
    options = Options(loss_agrees=None)
    peer = kind("peer", prepare_train={"loss": 2.0})
    assert len(enter(TRAIN, kind(), peer, options=options)[0]) == 2


def test_other_outputs() -> None:
    for error in (2e-4, float("nan")):
        _, absent = enter(INFER, kind(), kind("peer", prepare_infer={"error": error}))
        assert absent == {"Peer": f"its outputs differ from Galago's by {error:.1e}"}


def test_a_peer_that_fails_is_left_out() -> None:
    _, absent = enter(TRAIN, kind(), kind("peer", prepare_train="it broke"))
    assert absent == {"Peer": "it broke"}


def test_galago_itself_must_not_fail() -> None:
    with pytest.raises(ContestantError, match="it broke"):
        enter(TRAIN, kind(prepare_train="it broke"))


def test_a_process_serves_several_tasks_unless_it_failed() -> None:
    places = [Place(kind(), "python"), Place(kind("peer", prepare_train="it broke"), "python")]
    with Field(places, Path("work"), Options(threads=3), lambda line: None) as entered:
        entered.enter(TRAIN)
        entered.enter(INFER)
    assert [one["peer"] for one in FakeProcess.started] == [OWN, "peer", "peer"]
    assert FakeProcess.started[0]["threads"] == 3


def test_every_setting() -> None:
    more = Kind("peer", "Peer", infer=PLAIN, more_infer=(Setting("slow", {}, {"A": "1"}),))
    assert len(enter(INFER, kind(), more)[0]) == 2
    ready, _ = enter(INFER, kind(), more, options=Options(every_setting=True))
    assert [one.name for one in ready] == ["Own", "Peer", "Peer slow"]
    assert FakeProcess.started[-1]["A"] == "1"


def test_a_failure_in_short() -> None:
    assert Absent("Peer", "exit status 1\n  in line 3\nIt broke.").short == "It broke"


def test_held_to_avx2() -> None:
    kinds = kind(avx2={"GALAGO_ISA": "avx2"}), kind("peer")
    ready, absent = enter(INFER, *kinds, options=Options(isa="avx2"))
    assert [one.name for one in ready] == ["Own"]
    assert FakeProcess.started[0]["GALAGO_ISA"] == "avx2"
    assert absent == {"Peer": "it knows no way to be held to AVX2"}


def test_how_far_losses_may_differ() -> None:
    found = [loss_agreement(build(name).to_graph()) for name in ("lenet5", "resnet20", "vgg_like")]
    assert found == [LOSS_AGREES, NORMED_LOSS_AGREES, None]
