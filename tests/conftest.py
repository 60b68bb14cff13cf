"""Settings of every test run."""

import faulthandler
import gc
import os
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, settings

# On busy cores any example may be slow.
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")

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


class _Watch:
    """Writes the stacks of all threads when a test has run for ten minutes or a little less.

    pytest's own `faulthandler_timeout` starts a thread for each test and waits for its end, which
    on busy cores takes longer than most tests. This one is wound up once a minute.
    """

    EVERY, LIMIT = 60.0, 600.0

    def __init__(self) -> None:
        self.wound = float("-inf")
        self.stderr: int | None = None

    def wind(self) -> None:
        now = time.monotonic()
        if self.stderr is not None and now - self.wound > self.EVERY:
            faulthandler.dump_traceback_later(self.LIMIT, file=self.stderr)
            self.wound = now


_WATCH = _Watch()


def pytest_configure() -> None:
    _WATCH.stderr = os.dup(sys.__stderr__.fileno())  # tests' own is captured


def pytest_unconfigure() -> None:
    faulthandler.cancel_dump_traceback_later()


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is collected is there to the end: nothing of it is garbage to search for."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, bool | None, bool | None]:
    """No test leaves its worker real-time, as SVT-AV1 does where root writes AV1 with PyAV alone.

    Such a worker, and every process it starts, keeps all others off the cores.
    """
    _WATCH.wind()
    done = yield
    if hasattr(os, "sched_getscheduler") and os.sched_getscheduler(0) != os.SCHED_OTHER:
        for thread in map(int, os.listdir("/proc/self/task")):
            with suppress(OSError):  # it has ended
                os.sched_setscheduler(thread, os.SCHED_OTHER, os.sched_param(0))
    return done
