"""The attacks of command_attacks.py."""

from __future__ import annotations

import pytest
from command_attacks import ATTACKS
from outcomes import check, outcomes


@pytest.mark.parametrize("name", ATTACKS)
def test_every_attack_gets_its_error(name: str) -> None:
    check(ATTACKS[name], outcomes("command_attacks")[name])
