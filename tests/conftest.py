"""Settings of every test run."""

import os
import tempfile
from collections.abc import Generator
from contextlib import suppress

import pytest

#: Verify each graph after lowering and after each pass, in subprocesses too.
os.environ["VEDC_VERIFY_IR"] = "1"

# Tests start a thousand processes, and each would compile vedc's modules again where a container
# forbids caching bytecode.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# Workers share the cores: two threads of linear algebra each would wait for one another.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# Compiled code and analyses of a test run are its own; workers of one run share them.
if "PYTEST_XDIST_WORKER" not in os.environ:
    _cache = tempfile.TemporaryDirectory(prefix="vedc-tests-")
    os.environ["XDG_CACHE_HOME"] = _cache.name


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, bool | None, bool | None]:
    """No test leaves its worker real-time, as SVT-AV1 does where root writes AV1 with PyAV alone.

    Such a worker, and every process it starts, keeps all others off the cores.
    """
    done = yield
    if hasattr(os, "sched_getscheduler") and os.sched_getscheduler(0) != os.SCHED_OTHER:
        for thread in map(int, os.listdir("/proc/self/task")):
            with suppress(OSError):  # it has ended
                os.sched_setscheduler(thread, os.SCHED_OTHER, os.sched_param(0))
    return done
