"""Run tests on CPUs that this computer does not have, and compare fingerprints with its own.

    make test-neon        # AArch64: NEON, and the plain kernels
    make test-old-cpus    # x86-64 without FMA, without AVX, and with AVX2 only

QEMU runs the programs in user mode. It refuses what the CPU lacks: one instruction too new, in any
part of the extension, ends the test.
"""

from __future__ import annotations

import argparse
import os
import platform
import shlex
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import arm64
from programs import need

PROJECT = Path(__file__).parents[1]
FINGERPRINTS = "tests/engine/fingerprints.py"
#: A selection: what an emulated CPU can do in a minute or two.
TESTS = [
    "tests/engine/test_exact_integers.py -k 'not reference and not (left and large)'",
    "tests/engine/test_golden.py",
    "tests/engine/test_special_values.py",
    "tests/engine/test_updates.py",
    "tests/engine/test_threads.py -k rounding",
]
ISA_TEST = """
from galago import engine
print("#", engine.isa(), "in use, of", ", ".join(engine.available_isas()))
"""


@dataclass(frozen=True)
class Job:
    """A command on an emulated CPU.

    Attributes:
        expected: Lines that it has to print; None where its exit code says all.
    """

    name: str
    command: Sequence[str]
    expected: Sequence[str] | None = None
    environment: Mapping[str, str] = field(default_factory=dict)


def differences(found: Sequence[str], expected: Sequence[str]) -> list[str]:
    """Return a line for each that is not as expected, in the order of what was expected."""
    pairs = zip([*found, *[""] * len(expected)], expected, strict=False)
    wrong = [f"expected {line!r}, received {other!r}" for other, line in pairs if other != line]
    return wrong + [f"received more: {line!r}" for line in found[len(expected) :]]


def run(job: Job) -> list[str]:
    """Run a job; return what is wrong, nothing if all is well."""
    start = time.monotonic()
    done = subprocess.run(
        job.command,
        cwd=PROJECT,
        env=os.environ | job.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    wrong = []
    if done.returncode:
        wrong = [f"ended with {done.returncode}", *done.stdout.splitlines(), done.stderr]
    elif job.expected is not None:
        wrong = differences(done.stdout.splitlines(), job.expected)
    verdict = "FAILED" if wrong else "passed"
    print(f"{verdict} in {time.monotonic() - start:3.0f} s: {job.name}", flush=True)
    for line in wrong:
        print(f"    {line}", flush=True)
    return wrong


def own_fingerprints() -> list[str]:
    """Return this computer's fingerprints, without the line that names instruction sets."""
    command = [sys.executable, FINGERPRINTS]
    done = subprocess.run(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True, check=True)
    print(f"Fingerprints of this computer: {done.stdout.splitlines()[0].lstrip('# ')}", flush=True)
    return done.stdout.splitlines()[1:]


def neon_jobs(own: Sequence[str]) -> list[Job]:
    """Return what is run on an emulated AArch64."""
    python = arm64.emulated()
    path = {"PYTHONPATH": str(arm64.SITE)}
    jobs = []
    for isa in ("neon", "scalar"):
        expected = [f"# {isa} in use, of neon, scalar", *own]
        environment = path | {"GALAGO_ISA": "" if isa == "neon" else isa}
        command = [*python, FINGERPRINTS]
        jobs.append(Job(f"AArch64, {isa}: the same bits as here", command, expected, environment))
    fewer = {"GALAGO_TEST_EVERY": "100", "GALAGO_TEST_EMULATOR": shlex.join(python[:-1])}
    pytest = [*python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"]
    for tests in TESTS:
        jobs.append(Job(f"AArch64: {tests}", [*pytest, *shlex.split(tests)], None, path | fewer))
    return jobs


def old_jobs(own: Sequence[str]) -> list[Job]:
    """Return what is run on emulated x86-64 CPUs."""

    def python(cpu: str) -> list[str]:
        return ["qemu-x86_64", "-cpu", cpu, sys.executable]

    # NumPy's OpenBLAS may go by the maker of this computer's CPU, not by what the emulated one can.
    blas = {"OPENBLAS_CORETYPE": "Nehalem"}
    scalar, avx2 = "# scalar in use, of scalar", "# avx2 in use, of avx2, scalar"
    return [
        Job(
            "Nehalem, without AVX: the same bits as here",
            [*python("Nehalem"), FINGERPRINTS],
            [scalar, *own],
            blas,
        ),
        Job(
            "Haswell, with AVX2: the same bits as here",
            [*python("Haswell"), FINGERPRINTS],
            [avx2, *own],
            blas,
        ),
        Job(
            "Sandy Bridge, with AVX but without FMA: plain kernels",
            [*python("SandyBridge"), "-c", ISA_TEST],
            [scalar],
            blas,
        ),
    ]


def main() -> None:
    """Run all jobs of a family, two at a time; end with 1 if something is wrong."""
    parser = argparse.ArgumentParser(description="Test on CPUs that this computer does not have.")
    parser.add_argument("family", choices=["neon", "old"])
    if parser.parse_args().family == "neon":
        need("make test-neon", arm64.PROGRAMS)
        jobs = neon_jobs(own_fingerprints())
    else:
        if platform.machine() != "x86_64":
            raise SystemExit(f"make test-old-cpus needs x86_64; this is {platform.machine()}.")
        need("make test-old-cpus", {"qemu-x86_64": "qemu-user"})
        jobs = old_jobs(own_fingerprints())
    with ThreadPoolExecutor(2) as pool:
        failed = sum(bool(wrong) for wrong in pool.map(run, jobs))
    print(f"{len(jobs) - failed} passed, {failed} failed")
    raise SystemExit(1 if failed else 0)


if __name__ == "__main__":
    main()
