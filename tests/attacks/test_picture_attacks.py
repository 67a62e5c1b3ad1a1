"""The attacks of picture_attacks.py."""

from __future__ import annotations

import pytest
from outcomes import check, outcomes
from picture_attacks import ATTACKS


@pytest.mark.parametrize("name", ATTACKS)
def test_every_attack_gets_its_error(name: str) -> None:
    check(ATTACKS[name], outcomes("picture_attacks")[name])
