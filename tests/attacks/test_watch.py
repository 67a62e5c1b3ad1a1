"""The watch sees what a load must not do, and a first load does none of it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import good
import pytest
from outcomes import HERE, run

#: What a load could do, as code; the file it may read is the script itself.
FORBIDDEN = {
    "import": "import wave",
    "open": "open('/etc/hostname').close()",
    "write its own file": "open(__file__, 'ab').close()",
    "process": "subprocess.run(['true'])",
    "system": "os.system('true')",
    "socket": "socket.socket()",
    "eval": "eval('1')",
    "compile": "compile('1', 'x', 'eval')",
    "pickle": "pickle.loads(b'cos\\nsystem\\n.')",
    "ctypes": "ctypes.CDLL(None)",
    "remove": "os.remove(__file__)",
    "folder": "os.listdir('/')",
}
SCRIPT = """
import ctypes, os, pickle, socket, subprocess, sys
from pathlib import Path
from watch import Breach, Watch
watch = Watch()
try:
    with watch.over(Path(__file__)):
        open(__file__).close()
        print("reads")
        {action}
except Breach:
    pass
print(len(watch.breaches))
"""


@pytest.mark.parametrize("what", FORBIDDEN)
def test_what_is_forbidden_is_seen(what: str, tmp_path: Path) -> None:
    path = tmp_path / "script.py"
    path.write_text(SCRIPT.format(action=FORBIDDEN[what]))
    command = [sys.executable, str(path)]
    done = subprocess.run(command, env={"PYTHONPATH": str(HERE)}, capture_output=True, text=True)
    assert done.stdout.split() == ["reads", "1"], done.stderr


@pytest.mark.parametrize(
    ("name", "file", "make"),
    [
        ("load_model", "net.keras", lambda path: good.model().save(path)),
        ("load_weights", "net.keras", lambda path: good.model().save(path)),
        ("load_weights", "net.weights.h5", lambda path: good.model().save_weights(path)),
        ("load_weights", "net.safetensors", lambda path: good.model().save_weights(path)),
    ],
)
def test_a_first_load_imports_nothing(
    name: str, file: str, make: Callable[[Path], object], tmp_path: Path
) -> None:
    make(tmp_path / file)
    assert run("first_load.py", str(tmp_path / file), name) == ""
