from __future__ import annotations

import os
import subprocess
import sys

import pytest

#: Runs the entry point of ``vedc`` with something else for the command line.
SCRIPT = """
import os, sys, vedc.cli
from vedc.__main__ import main
assert "numpy" not in sys.modules
vedc.cli.main = lambda: print(os.environ["OPENBLAS_NUM_THREADS"])
main()
"""


@pytest.mark.parametrize(("given", "used"), [(None, "1"), ("3", "3")])
def test_the_command_line_uses_one_thread_unless_the_environment_says_more(
    given: str | None, used: str
) -> None:
    environment = {k: v for k, v in os.environ.items() if k != "OPENBLAS_NUM_THREADS"}
    if given is not None:
        environment["OPENBLAS_NUM_THREADS"] = given
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == f"{used}\n"
