"""Renders that are killed or interrupted at a random moment: the next one makes the same film.

``VEDC_KILLS`` is how many moments are tried (by default a few); 60 take about two minutes.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.error.project import Project
from tests.error.support import litter, start

KILLS = int(os.environ.get("VEDC_KILLS", "6"))
SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return Project(tmp_path_factory.mktemp("kill"))


@pytest.fixture(scope="module")
def undisturbed(project: Project) -> float:
    """Seconds of a render without a cache, in a separate process."""
    began = time.monotonic()
    _end(project, None)
    return time.monotonic() - began


def _end(project: Project, moment: float | None, number: int = 0) -> tuple[int, str]:
    """Render from nothing; send a signal after some seconds. How it ended, and what it said."""
    shutil.rmtree(project.folder / ".vedc", ignore_errors=True)
    for name in ("film.mp4", "vedc.lock"):
        (project.folder / name).unlink(missing_ok=True)
    environ = {"XDG_CACHE_HOME": str(project.home)}
    process = start("render", "edit.vedc.yaml", "-q", folder=project.folder, environ=environ)
    if moment is not None:
        try:
            process.wait(moment)
        except subprocess.TimeoutExpired:
            process.send_signal(number)
    _, err = process.communicate(timeout=300)
    return process.returncode, err


@pytest.mark.parametrize("turn", range(KILLS))
def test_the_next_render_makes_the_same_film(
    project: Project, undisturbed: float, turn: int
) -> None:
    draw, number = random.Random(turn), SIGNALS[turn % len(SIGNALS)]
    if draw.random() < 0.5:
        shutil.rmtree(project.home)  # kernels are compiled, too
    code, err = _end(project, draw.uniform(0, 1.1 * undisturbed), number)
    assert code in (0, 130, -number)
    assert "Traceback" not in err
    film = project.folder / "film.mp4"
    if film.exists():
        assert film.read_bytes() == project.film
    if number != signal.SIGKILL and code != -number:  # it was running: it tidies up itself
        assert litter(project.folder) == []
    answer = project.render()
    assert (answer.exit, answer.err) == (0, "")
    assert film.read_bytes() == project.film
    assert (project.folder / "vedc.lock").read_bytes() == project.lock
    assert _left(project.folder) == []


def _left(folder: Path) -> list[str]:
    """Drafts, pins, and parts of files."""
    cache = folder / ".vedc" / "cache"
    inside = [path for name in ("drafts", "pins") for path in (cache / name).iterdir()]
    inside += folder.glob("**/.vedc-*")
    return [*litter(folder), *map(str, inside)]
