"""The thread pool under forks, signals, foreign rounding modes and several callers at once."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor

import pytest
from graphs import reference_model
from problems import real_data
from sessions import bits, open_session

from galago import engine
from galago.errors import EngineError

#: What this process runs under, if anything: the beginning of the command of another like it.
EMULATOR = shlex.split(os.environ.get("GALAGO_TEST_EMULATOR", ""))
SETUP = """
    import os, sys
    sys.path[:0] = {path}
    import numpy as np
    from graphs import reference_model
    from problems import real_data
    from sessions import bits, open_session
    from galago import engine
    engine.set_threads(3)
    graph = reference_model(filters=4)
    parameters, x = real_data(graph, 0, 16)
    session = open_session(graph, parameters)
    expected = bits(session.predict(x, 0, 16))
"""


def run(script: str) -> str:
    """Run a script after SETUP in a process of its own and return what it prints."""
    text = textwrap.dedent(SETUP).format(path=sys.path) + textwrap.dedent(script)
    done = subprocess.run(
        [*EMULATOR, sys.executable, "-c", text],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_forked_child_starts_threads_of_its_own() -> None:
    printed = run("""
        child = os.fork()
        same = bits(session.predict(x, 0, 16)) == expected
        if child == 0:
            os._exit(0 if same else 1)
        print(same, os.waitpid(child, 0)[1])
    """)
    assert printed.split() == ["True", "0"]


def test_the_engine_keeps_its_rounding_mode_and_gives_the_callers_back() -> None:
    printed = run("""
        import ctypes, ctypes.util
        upward = 0x800 if os.uname().machine == "x86_64" else 0x400000
        libm = ctypes.CDLL(ctypes.util.find_library("m"))
        assert libm.fesetround(upward) == 0
        same = bits(session.predict(x, 0, 16)) == expected
        print(same, libm.fegetround() == upward)
    """)
    assert printed.split() == ["True", "True"]


def test_an_interrupted_process_ends() -> None:
    printed = run("""
        import signal
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        signal.signal(signal.SIGALRM, signal.default_int_handler)
        try:
            while True:
                session.predict(x, 0, 16)
        except KeyboardInterrupt:
            print(bits(session.predict(x, 0, 16)) == expected)
    """)
    assert printed.split() == ["True"]


def test_threads_may_change_while_a_step_runs() -> None:
    printed = run("""
        import threading
        stop = threading.Event()
        def change():
            while not stop.is_set():
                for threads in (1, 5, 2, 7):
                    engine.set_threads(threads)
        changer = threading.Thread(target=change)
        changer.start()
        same = all(bits(session.predict(x, 0, 16)) == expected for _ in range(300))
        stop.set()
        changer.join()
        print(same)
    """)
    assert printed.split() == ["True"]


def test_python_may_end_while_a_thread_is_inside() -> None:
    printed = run("""
        import threading, time
        def forever():
            while True:
                session.predict(x, 0, 16)
        for _ in range(3):
            threading.Thread(target=forever, daemon=True).start()
        time.sleep(0.2)
        print("end")
    """)
    assert printed.split() == ["end"]


def test_a_session_in_use_when_its_process_forked_says_so() -> None:
    printed = run("""
        import threading, time, warnings
        warnings.simplefilter("ignore", DeprecationWarning)
        many = np.resize(x, (40000, *x.shape[1:]))
        threading.Thread(target=session.predict, args=(many, 0, len(many)), daemon=True).start()
        time.sleep(0.05)
        child = os.fork()
        if child == 0:
            try:
                session.predict(x, 0, 1)
            except Exception as error:
                os._exit(0 if "in use when the process forked" in str(error) else 1)
            os._exit(2)
        print(os.waitpid(child, 0)[1])
    """)
    assert printed.split() == ["0"]


def test_threads_that_cannot_be_started() -> None:
    printed = run("""
        import resource
        engine.set_threads(200)
        resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
        try:
            session.predict(x, 0, 16)
        except Exception as error:
            print(type(error).__name__, "could not start 200 threads" in str(error))
        engine.set_threads(2)
        print(bits(session.predict(x, 0, 16)) == expected)
    """)
    assert printed.split() == ["EngineError", "True", "True"]


def test_callers_at_once_do_not_disturb_each_other() -> None:
    graph = reference_model(filters=4)
    parameters, x = real_data(graph, 1, 8)
    shared = open_session(graph, parameters)
    expected = bits(shared.predict(x, 0, 8))

    def work(number: int) -> bool:
        session = shared if number % 2 else open_session(graph, parameters)
        return all(bits(session.predict(x, 0, 8)) == expected for _ in range(20))

    with ThreadPoolExecutor(6) as callers:
        assert all(callers.map(work, range(6)))


@pytest.mark.parametrize("threads", [0, -1, 257])
def test_a_number_of_threads_that_cannot_be(threads: int) -> None:
    before = engine.get_threads()
    with pytest.raises(EngineError, match=f"from 1 to 256. Received: {threads}"):
        engine.set_threads(threads)
    assert engine.get_threads() == before


def test_threads_from_the_environment() -> None:
    script = "from galago import engine; print(engine.get_threads())"
    for value, code, words in (("5", 0, "5"), ("many", 1, "GALAGO_THREADS must be a whole number")):
        done = subprocess.run(
            [sys.executable, "-c", f"import sys; sys.path[:0] = {sys.path}\n{script}"],
            env={"GALAGO_THREADS": value},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code
        assert words in done.stdout + done.stderr


def test_an_unknown_isa_names_the_known_ones() -> None:
    graph = reference_model(filters=4)
    with pytest.raises(
        EngineError, match=r"ISA 'sse9' does not run on this CPU. Choose one of: .*scalar"
    ):
        engine.Session(graph, isa="sse9")


def test_memory_does_not_grow_with_the_rows_of_a_prediction() -> None:
    printed = run("""
        import resource
        many = np.resize(x, (20000, *x.shape[1:]))
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        session.predict(many, 0, len(many))
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
    """)
    assert int(printed) < 40_000  # KiB
