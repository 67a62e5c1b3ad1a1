"""What a benchmark found, as plain data to keep and to read again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from galago.bench import protocol
from galago.bench.field import Absent
from galago.bench.protocol import Row, Sample
from galago.bench.timing import Timing


@dataclass(frozen=True)
class Result:
    """A task measured: rows in seconds for `count` examples, every sample, who was not there."""

    model: str
    task: str
    count: int
    rows: Sequence[Row]
    samples: Sequence[Sample]
    absent: Sequence[Absent]
    versions: Mapping[str, str]
    data: str

    @property
    def disturbed(self) -> int:
        """How many samples others disturbed."""
        return sum(sample.timing.disturbed for sample in self.samples)


def as_json(results: Sequence[Result], command: Sequence[str], **more: Any) -> dict[str, Any]:
    """Return all figures as plain data, after the command that measured them."""
    tables = [asdict(result) for result in results]
    return {"command": [*command], "machine": protocol.machine(), **more, "results": tables}


def from_json(content: Mapping[str, Any]) -> list[Result]:
    """Return the results that as_json() wrote."""
    return [
        Result(
            rows=[_row(row) for row in table["rows"]],
            samples=[_sample(sample) for sample in table["samples"]],
            absent=[Absent(**absent) for absent in table["absent"]],
            **{key: table[key] for key in ("model", "task", "count", "versions", "data")},
        )
        for table in content["results"]
    ]


def _row(row: Mapping[str, Any]) -> Row:
    ranges = {key: tuple(row[key]) for key in ("seconds_range", "ratio_range")}
    return Row(**{**row, **ranges})


def _sample(sample: Mapping[str, Any]) -> Sample:
    return Sample(**{**sample, "timing": Timing(**sample["timing"])})
