"""``vedc.__main__``: what is set before the command line runs, and how the process ends."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

#: Runs the entry point of ``vedc`` with ``run`` for the command line.
SCRIPT = """
import atexit, os, sys, threading, time, vedc.cli
from vedc.__main__ import main
assert "numpy" not in sys.modules
{run}
vedc.cli.main = run
main()
"""


def entered(run: str, **environment: str) -> subprocess.CompletedProcess[str]:
    others = {k: v for k, v in os.environ.items() if k != "OPENBLAS_NUM_THREADS"}
    return subprocess.run(
        [sys.executable, "-c", SCRIPT.format(run=run)],
        env=others | environment,
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize(("given", "used"), [({}, "1"), ({"OPENBLAS_NUM_THREADS": "3"}, "3")])
def test_blas_uses_one_thread_unless_the_environment_says_more(
    given: dict[str, str], used: str
) -> None:
    done = entered("run = lambda: print(os.environ['OPENBLAS_NUM_THREADS'])", **given)
    assert done.stdout == f"{used}\n"


#: Printed without a line break, so that it stays in the buffer of standard output.
ENDS = """
def run():
    import numpy
    atexit.register(print, "handled", end="")
    print("done", end=" ")
    sys.exit(3)
"""


def test_the_quick_end_flushes_and_calls_what_is_registered() -> None:
    done = entered(ENDS)
    assert (done.returncode, done.stdout) == (3, "done handled")


WAITS = """
def run():
    def late():
        time.sleep(0.3)
        print("late", end="")
    threading.Thread(target=late).start()
    sys.exit(3)
"""


def test_threads_are_waited_for() -> None:
    done = entered(WAITS)
    assert (done.returncode, done.stdout) == (3, "late")
