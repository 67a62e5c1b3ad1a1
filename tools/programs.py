"""Programs that a script calls and a fresh computer may lack."""

from __future__ import annotations

import shutil
from collections.abc import Mapping


def need(what: str, programs: Mapping[str, str]) -> None:
    """End with a message unless all programs are here.

    Arguments: what needs them; for each program the Debian package that has it.
    """
    missing = [program for program in programs if shutil.which(program) is None]
    if missing:
        packages = " ".join(dict.fromkeys(programs[program] for program in missing))
        raise SystemExit(
            f"{what} needs {', '.join(missing)}, not found on this computer. "
            f"On Debian: apt install {packages}"
        )
