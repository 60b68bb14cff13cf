"""``vedc render --watch`` in a separate process."""

from __future__ import annotations

import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from vedc.cli import app
from vedc.errors import Interrupted, UsageError
from vedc.serve.watched import keep_rendering
from vedc.workspace.build import Build, Deciding

SPEC = """\
version: 1
profile: {width: 64, height: 48, fps: 10}
timeline:
  - {color: red, duration: 0.5s}
  - {color: green, duration: 0.5s}
outputs: [{path: film.mp4}]
"""


class Watching:
    """A process that renders again and again, and what it says, line by line."""

    def __init__(self, spec: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "vedc", "render", "--watch", spec.name],
            cwd=spec.parent,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.lines: queue.Queue[str] = queue.Queue()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.put(line)

    def until(self, text: str) -> str:
        """Its output up to a line that contains a text."""
        said = ""
        while True:
            try:
                line = self.lines.get(timeout=300)
            except queue.Empty:
                raise AssertionError(f"no {text!r} in {said!r}") from None
            said += line
            if text in line:
                return said


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    path = tmp_path / "film.vedc.yaml"
    path.write_text(SPEC)
    return path


@pytest.fixture
def watching(spec: Path) -> Iterator[Watching]:
    made = Watching(spec)
    yield made
    made.process.kill()
    made.process.wait()
    made.reader.join(5)
    assert made.process.stdout is not None
    made.process.stdout.close()


@pytest.mark.slow
def test_every_save_is_rendered_and_errors_end_nothing(spec: Path, watching: Watching) -> None:
    film = spec.with_name("film.mp4")
    said = watching.until("Ctrl-C ends it")
    assert "film.mp4: 10 frames, all rendered" in said and "watching 1 file;" in said
    first = film.read_bytes()

    spec.write_text(SPEC.replace("color: green", "colour: green"))
    said = watching.until("Ctrl-C ends it")
    assert "changed: film.vedc.yaml" in said
    assert "film.vedc.yaml:5:" in said and "error[" in said and "Traceback" not in said
    assert film.read_bytes() == first

    spec.write_text(SPEC.replace("green", "blue"))
    said = watching.until("Ctrl-C ends it")
    assert "film.mp4: 10 frames, 5 rendered, 5 reused" in said
    assert film.read_bytes() != first

    watching.process.send_signal(signal.SIGINT)
    assert watching.process.wait(20) == 0


def test_an_interrupted_render_is_reported_as_such(spec: Path) -> None:
    def render(build: Build, deciding: Deciding) -> None:
        raise Interrupted.one("interrupted", "interrupted")

    with pytest.raises(Interrupted):
        keep_rendering(Build(spec), Deciding, render, pytest.fail)


def test_decisions_that_a_render_wrote_do_not_start_another(
    spec: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from vedc.workspace.watch.watcher import Watcher

    accepted: list[Path] = []
    monkeypatch.setattr(Watcher, "accept", lambda self, paths: accepted.extend(paths))

    def interrupted(*_: object) -> set[Path]:
        raise Interrupted.one("interrupted", "interrupted")

    monkeypatch.setattr(Watcher, "wait", interrupted)
    keep_rendering(Build(spec), Deciding, lambda build, deciding: None, pytest.fail)
    assert accepted == [spec.with_name("vedc.lock")]


@pytest.mark.parametrize("arguments", [["-"], ["film.vedc.yaml", "-o", "-"]])
def test_what_cannot_be_followed_is_refused(arguments: list[str]) -> None:
    result = CliRunner().invoke(app, ["render", "--watch", *arguments])
    assert isinstance(result.exception, UsageError)
    assert "--watch" in str(result.exception)
