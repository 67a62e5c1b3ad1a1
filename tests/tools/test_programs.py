"""What a script says where a program is missing."""

from __future__ import annotations

import pytest
from programs import need


def test_nothing_is_said_where_all_is_here() -> None:
    need("make bread", {"sh": "dash", "ls": "coreutils"})


def test_missing_programs_and_their_packages_are_named() -> None:
    programs = {
        "sh": "dash",
        "no-oven": "oven",
        "no-tongs": "oven",
        "no-salt": "salt",
    }
    with pytest.raises(SystemExit) as stopped:
        need("make bread", programs)
    assert stopped.value.code == (
        "make bread needs no-oven, no-tongs, no-salt, not found on this computer. "
        "On Debian: apt install oven salt"
    )
