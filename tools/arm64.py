"""Make build/arm64: Galago cross-compiled for AArch64, and a Python of that kind to run it.

    python tools/arm64.py

The interpreter and its libraries are Debian's packages for arm64, unpacked into build/arm64/root:
nothing is installed on this computer, and no rights are needed. Everything that Galago depends on
comes as wheels for AArch64, and Galago itself as the wheel that a cross-compiler makes.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

from programs import need

PROJECT = Path(__file__).parents[1]
FOLDER = PROJECT / "build" / "arm64"
ROOT, SITE = FOLDER / "root", FOLDER / "site"
PROGRAMS = {
    "aarch64-linux-gnu-g++": "g++-aarch64-linux-gnu",
    "qemu-aarch64": "qemu-user",
    "apt-get": "apt",
    "dpkg-deb": "dpkg",
}
PACKAGES = ["python3", "libpython3-dev", "libstdc++6"]


def interpreter() -> Path:
    """Return the AArch64 Python that is unpacked in build/arm64."""
    found = sorted((ROOT / "usr" / "bin").glob("python3.[0-9][0-9]"))
    if not found:
        raise SystemExit(f"No Python found in {ROOT}. Delete {FOLDER} and run make test-neon.")
    return found[-1]


def emulated() -> list[str]:
    """Return the beginning of a command that runs the AArch64 Python."""
    return ["qemu-aarch64", "-L", str(ROOT), str(interpreter())]


def unpack_python() -> None:
    """Fetch Debian's packages for arm64 with lists and a cache of our own, and unpack them."""
    apt = FOLDER / "apt"
    for folder in ("lists/partial", "cache/archives/partial"):
        (apt / folder).mkdir(parents=True, exist_ok=True)
    (apt / "status").touch()  # nothing is installed: all that is needed is fetched
    settings = {
        "APT::Architecture": "arm64",
        "APT::Architectures": "arm64",
        "APT::Sandbox::User": "root",  # another user could not write here
        "Debug::NoLocking": "1",
        "Dir::Cache": apt / "cache",
        "Dir::State": apt,
        "Dir::State::lists": apt / "lists",
        "Dir::State::status": apt / "status",
    }
    options = [f"--option={name}={value}" for name, value in settings.items()]
    _run("apt-get", "--quiet=2", *options, "update")
    _run(
        "apt-get",
        "--quiet=2",
        *options,
        "install",
        "--yes",
        "--download-only",
        *("--no-install-recommends", *PACKAGES),
    )
    ROOT.mkdir(exist_ok=True)
    for package in sorted((apt / "cache" / "archives").glob("*.deb")):
        _run("dpkg-deb", "--extract", str(package), str(ROOT))


def install_dependencies() -> None:
    """Install what Galago and the tests of its engine import, for AArch64.

    These need none of Galago's own extras, which the tests name as "galago[images]".
    """
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    tests = project["optional-dependencies"]["test"]
    own = tuple(one for one in tests if one.startswith(f"{project['name']}["))
    _install(*project["dependencies"], *(one for one in tests if one not in own))


def install_galago() -> None:
    """Cross-compile Galago's wheel and install it."""
    headers = ROOT / "usr" / "include"
    cmake = {
        "CMAKE_SYSTEM_NAME": "Linux",
        "CMAKE_SYSTEM_PROCESSOR": "aarch64",
        "CMAKE_CXX_COMPILER": "aarch64-linux-gnu-g++",
        # After the compiler's own: only Python's headers are to come from here.
        "CMAKE_CXX_FLAGS": f"-idirafter {headers}",
        "Python_INCLUDE_DIR": headers / interpreter().name,
    }
    wheels = FOLDER / "wheels"
    for old in wheels.glob("*.whl"):
        old.unlink()
    settings = {f"cmake.define.{name}": value for name, value in cmake.items()}
    settings["build-dir"] = FOLDER / "cmake"
    _pip(
        *("wheel", str(PROJECT), "--no-deps", f"--wheel-dir={wheels}"),
        *(f"--config-settings={name}={value}" for name, value in settings.items()),
        _PYTHON_HOST_PLATFORM="linux-aarch64",
    )
    _install("--no-deps", "--upgrade", *map(str, wheels.glob("*.whl")))


def _install(*what: str) -> None:
    platforms = ["linux_aarch64", "manylinux2014_aarch64"]
    platforms += [f"manylinux_2_{minor}_aarch64" for minor in range(17, 37)]  # Debian 12 has 2.36
    _pip(
        *("install", f"--target={SITE}", "--only-binary=:all:", "--implementation=cp"),
        f"--python-version={interpreter().name.removeprefix('python')}",
        *(f"--platform={platform}" for platform in platforms),
        *what,
    )


def _pip(*arguments: str, **environment: str) -> None:
    pip = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check")
    _run(*pip, *arguments, **environment)


def _run(*command: str, **environment: str) -> None:
    done = subprocess.run(command, env=os.environ | environment, check=False)
    if done.returncode:
        raise SystemExit(f"{command[0]} failed (see above): {' '.join(command)}")


def main() -> None:
    """Do all that is not done yet; Galago is always built anew."""
    need("make test-neon", PROGRAMS)
    if not (FOLDER / "ready").exists():
        print("Fetching Python for AArch64 into build/arm64 (40 MB, once)", flush=True)
        unpack_python()
        install_dependencies()
        (FOLDER / "ready").touch()
    print("Cross-compiling Galago for AArch64", flush=True)
    install_galago()


if __name__ == "__main__":
    main()
