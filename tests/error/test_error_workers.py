"""Renders by several processes that are interrupted or killed: nothing continues, nothing is
left."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.error.support import litter, spawn, start

#: An effect that takes half a second a frame as long as there is a file named slow.
PLUGIN = """\
import time
from pathlib import Path

from vedc.ops.core.filters import Filter
from vedc.ops.core.registry import op, param

SLOW = Path(__file__).with_name("slow")

def same(layer, **given):
    if SLOW.exists():
        time.sleep(0.5)
    return layer

@op("stencil", space="display", use="Test.", filter=Filter(same, same, same, tolerance=0.1))
def slow(m, pixel, filtered, *, radius=param(3.0, low=0, high=9)):
    \"\"\"Take time.\"\"\"
    return filtered
"""
SPEC = """\
version: 1
plugins: [slow.py]
profile: {{width: 160, height: 120, fps: 25}}
timeline:
{items}
outputs: [{{path: film.mkv, codec: ffv1}}]
"""
#: A separate segment.
ITEM = (
    "  - {{generator: noise, duration: 1s, grade: [{{op: exposure, stops: 0.{n}}}],"
    " effects: [{{op: slow}}]}}"
)
RENDER = ("render", "edit.vedc.yaml", "-q", "--allow-plugins")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("workers")
    items = "\n".join(ITEM.format(n=n) for n in range(1, 9))
    (folder / "edit.vedc.yaml").write_text(SPEC.format(items=items))
    (folder / "slow.py").write_text(PLUGIN)
    answer = spawn(*RENDER, "--workers", "1", folder=folder)
    assert (answer.exit, answer.err) == (0, "")
    (folder / "film.mkv").rename(folder / "kept.mkv")
    return folder


def children(pid: int) -> list[int]:
    """The processes that a process has started."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


def waited(ready: Callable[[], Any], what: str) -> Any:
    until = time.monotonic() + 300
    while not (found := ready()):
        assert time.monotonic() < until, what
        time.sleep(0.02)
    return found


def gone(pid: int) -> bool:
    """Whether a process has ended, including one not yet waited for."""
    try:
        return "\nState:\tZ" in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return True


@contextlib.contextmanager
def begun(folder: Path) -> Iterator[tuple[subprocess.Popen[Any], list[int]]]:
    """A render from nothing by three processes, once each of them renders; and its workers."""
    for path in (folder / ".vedc").rglob("*"):
        if path.is_file():
            path.unlink()
    (folder / "film.mkv").unlink(missing_ok=True)
    (folder / "slow").touch()
    drafts = folder / ".vedc" / "cache" / "drafts"

    def rendering() -> bool:
        assert process.poll() is None, process.communicate()
        return drafts.is_dir() and len([*drafts.iterdir()]) >= 3

    with start(*RENDER, "--workers", "3", folder=folder, start_new_session=True) as process:
        try:
            waited(rendering, "three drafts")
            workers = children(process.pid)
            assert len(workers) == 2
            yield process, workers
        finally:
            (folder / "slow").unlink(missing_ok=True)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def left(folder: Path) -> list[str]:
    cache = folder / ".vedc" / "cache"
    return [*litter(folder), *map(str, (cache / "drafts").iterdir())]


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="asks Linux for child processes")
@pytest.mark.parametrize(
    ("number", "whom"),
    [
        (signal.SIGINT, "all"),  # as Ctrl-C does
        (signal.SIGTERM, "first"),
        (signal.SIGKILL, "first"),
        (signal.SIGKILL, "workers"),
    ],
)
@pytest.mark.slow
def test_an_end_from_outside(folder: Path, number: signal.Signals, whom: str) -> None:
    with begun(folder) as (process, workers):
        if whom == "all":
            os.killpg(process.pid, number)
        else:
            for pid in workers if whom == "workers" else [process.pid]:
                os.kill(pid, number)
        if whom == "workers":
            (folder / "slow").unlink()  # the rest need not take long
        _, err = process.communicate(timeout=300)
        assert "Traceback" not in err
        waited(lambda: all(map(gone, workers)), "the workers outlive the render")
    if whom == "workers":
        assert process.returncode == 0
    else:
        assert not (folder / "film.mkv").exists()
        if number != signal.SIGKILL:
            assert process.returncode == 130
            assert err.startswith("interrupted: finished segments are stored")
            assert left(folder) == []
            return
        assert len(left(folder)) <= 1  # its own, and none of its workers
        again = spawn(*RENDER, folder=folder)
        assert (again.exit, again.err) == (0, "")
    assert left(folder) == []
    assert list((folder / ".vedc" / "cache" / "pins").iterdir()) == []
    assert (folder / "film.mkv").read_bytes() == (folder / "kept.mkv").read_bytes()
