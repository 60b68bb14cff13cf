"""Films that several processes render: the same bytes, whatever becomes of the processes."""

from __future__ import annotations

import io
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.error.support import run
from tests.media.make import write_numbered
from tests.media.zoo.video import wiped
from vedc.errors import RenderError, UserError
from vedc.execute.output import RenderSummary
from vedc.execute.progress import Silent
from vedc.execute.work import Turn
from vedc.execute.workers import process
from vedc.execute.workers.crew import Crew
from vedc.execute.workers.pool import WorkerPool
from vedc.workspace.build import Build
from vedc.workspace.deliver import deliver, stream
from vedc.workspace.moments import Part

CANVAS = {"width": 64, "height": 48, "fps": 25}
#: Every form of output, two that draw the same, and one of another rate.
OUTPUTS: list[dict[str, Any]] = [
    {"path": "film.mp4", "preset": "ultrafast"},
    {"path": "rough.mp4", "preset": "ultrafast", "crf": 40},
    {"path": "two.mp4", "preset": "ultrafast", "bitrate": "200k"},
    {"path": "other.mkv", "codec": "ffv1", "width": 48, "height": 64, "fps": 30},
    {"path": "n%03d.png", "width": 32, "height": 24},
    {"path": "moves.gif", "width": 32, "height": 24, "fps": 10},
    {"path": "poster.png", "at": "1s"},
    {"path": "sound.wav"},
]


@pytest.fixture(scope="module")
def pool() -> Iterator[WorkerPool]:
    with WorkerPool(2) as pool:
        yield pool


class Joined:
    """Renders in which this process begins once a worker has begun a turn."""

    def __init__(self) -> None:
        self.crews: list[Crew] = []
        self.then: Callable[[], None] = lambda: None
        """What happens then."""


@pytest.fixture
def joined(monkeypatch: pytest.MonkeyPatch) -> Joined:
    joined, usual = Joined(), Crew._own_turns

    def waiting(crew: Crew) -> Iterator[Turn]:
        if crew not in joined.crews:  # it may have to start again after a worker is gone
            joined.crews.append(crew)
            until = time.monotonic() + 300
            while not crew._took and crew._error is None:
                assert time.monotonic() < until, "no worker has come"
                time.sleep(0.005)
            joined.then()
        yield from usual(crew)

    monkeypatch.setattr(Crew, "_own_turns", waiting)
    return joined


def item(number: int, **more: Any) -> dict[str, Any]:
    """Fifteen frames in a separate segment."""
    grade = [{"op": "exposure", "stops": number / 10}]
    return {"clip": "a.mp4", "in": f"{number * 7}f", "duration": "15f", "grade": grade} | more


def write(folder: Path, outputs: list[dict[str, Any]], items: list[Any], **spec: Any) -> None:
    write_numbered(folder / "a.mp4", 120, 25, width=64, height=48, gop=50, b_frames=2)
    whole = {"version": 1, "profile": CANVAS, "outputs": outputs, "timeline": items} | spec
    (folder / "edit.vedc.yaml").write_text(yaml.safe_dump(whole, sort_keys=False))


def made(
    folder: Path, workers: WorkerPool | None, progress: Silent | None = None, **build: Any
) -> list[RenderSummary]:
    """The outputs, rendered from nothing."""
    cache = folder / ("with" if workers else "without")
    shutil.rmtree(cache, ignore_errors=True)
    spec = Build(folder / "edit.vedc.yaml", cache=cache, **build)
    return deliver(spec, replace=True, workers=workers, progress=progress)


def files(folder: Path) -> dict[str, bytes]:
    kinds = {".mp4", ".mkv", ".png", ".gif", ".wav", ".mpd", ".m3u8", ".m4s", ".cmfv"}
    found = (path for path in sorted(folder.rglob("*")) if path.suffix in kinds)
    return {str(p.relative_to(folder)): p.read_bytes() for p in found}


def alike(folder: Path, pool: WorkerPool, **build: Any) -> list[RenderSummary]:
    """Render without workers and with them. The files have the same bytes."""
    one = made(folder, None, **build)
    alone = files(folder)
    two = made(folder, pool, **build)
    assert files(folder) == alone
    for first, second in zip(one, two, strict=True):
        assert first.rendered_frames == second.rendered_frames == first.frames
        assert first.rendered_segments == second.rendered_segments == first.segments
        assert first.warnings == second.warnings
    return two


@pytest.mark.slow
def test_every_kind_of_output_has_the_same_bytes(
    tmp_path: Path, pool: WorkerPool, joined: Joined
) -> None:
    write(tmp_path, OUTPUTS, [item(n) for n in range(6)])
    alike(tmp_path, pool)
    assert len(joined.crews) == 1 and len(pool.pids) == 1


def test_a_stream_and_the_compositions_in_it(
    tmp_path: Path, pool: WorkerPool, joined: Joined
) -> None:
    inner = {"profile": CANVAS, "timeline": [item(n) for n in range(4)]}
    slow = {"composition": "inner", "speed": 0.5}
    outputs = [{"path": "film.mkv", "codec": "ffv1"}]
    write(tmp_path, outputs, [slow, item(2)], compositions={"inner": inner})
    alike(tmp_path, pool)
    assert len(joined.crews) == 2  # the composition's film, then the film
    written = io.BytesIO()
    build = Build(tmp_path / "edit.vedc.yaml", cache=tmp_path / "stream")
    stream(build, written, workers=pool)
    assert written.getvalue() == (tmp_path / "film.mkv").read_bytes()
    assert len(joined.crews) == 4


def test_warnings_have_the_same_words(tmp_path: Path, pool: WorkerPool, joined: Joined) -> None:
    wiped(tmp_path / "clip.mov", (20, 21, 22, 40), "prores_ks", pix_fmt="yuv422p10le")
    shown = [
        {"clip": "clip.mov", "in": start, "duration": "0.6s"} for start in ("1.1s", "0s", "0.6s")
    ]
    write(tmp_path, [{"path": "film.mkv", "codec": "ffv1"}], shown)
    (summary,) = alike(tmp_path, pool)
    (warning,) = summary.warnings
    assert "0.80 s to 0.92 s, 1.60 s to 1.64 s: 4 frames" in warning.message
    write(
        tmp_path,
        [{"path": "film.mkv", "codec": "ffv1"}],
        [item(1), item(2), {"clip": "clip.mov", "on_damage": "error"}],
    )
    with pytest.raises(UserError) as one:
        made(tmp_path, None)
    with pytest.raises(UserError) as two:
        made(tmp_path, pool)
    assert one.value.problems == two.value.problems
    assert one.value.problems[0].code == "damaged-media" and one.value.problems[0].location
    # The workers take part in the next render as if nothing had happened.
    write(tmp_path, [{"path": "film.mkv", "codec": "ffv1"}], [item(n) for n in range(4)])
    alike(tmp_path, pool)


class Counted(Silent):
    def __init__(self) -> None:
        self.total, self.done, self.notes = 0, 0, list[str]()

    def start(self, target: str, frames: int, reused: int) -> None:
        self.total = frames

    def advance(self, frames: int) -> None:
        assert frames > 0
        self.done += frames

    def note(self, text: str) -> None:
        self.notes.append(text)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_what_a_killed_worker_rendered_is_rendered_again(
    tmp_path: Path, joined: Joined, number: signal.Signals
) -> None:
    write(tmp_path, [{"path": "film.mkv", "codec": "ffv1"}], [item(n) for n in range(8)])
    made(tmp_path, None)
    film = (tmp_path / "film.mkv").read_bytes()
    progress = Counted()
    with WorkerPool(2) as pool:
        joined.then = lambda: os.kill(pool.pids[0], number) if pool.pids else None
        (summary,) = made(tmp_path, pool, progress)
        assert pool.pids == []
        assert (tmp_path / "film.mkv").read_bytes() == film
        assert summary.rendered_frames == progress.done == progress.total == 8 * 15
        how = f"a worker process {'died of SIGKILL' if number == signal.SIGKILL else 'ended'}"
        assert [text[: len(how)] for text in progress.notes] == [how]
        joined.then = lambda: None
    assert list((tmp_path / "with" / "pins").iterdir()) == []


CRASHING = """\
import os, signal, sys
from vedc.ops.core.filters import Filter
from vedc.ops.core.registry import op, param

def soft(layer, **given):
    if CRASHES and "vedc.execute.workers.child" in sys.modules:
        os.kill(os.getpid(), signal.SIGSEGV)
    return layer * 0.5

@op("stencil", space="display", use="Test.", filter=Filter(soft, soft, soft, tolerance=0.1))
def mine(m, pixel, filtered, *, radius=param(3.0, low=0, high=9)):
    \"\"\"Darken.\"\"\"
    return filtered
"""


@pytest.mark.parametrize("crashes", [False, True])
def test_plugins_are_known_to_workers_and_cannot_crash_the_render(
    tmp_path: Path, joined: Joined, crashes: bool
) -> None:
    (tmp_path / "mine.py").write_text(CRASHING.replace("CRASHES", str(crashes)))
    items = [item(n, effects=[{"op": "mine"}]) for n in range(4)]
    write(tmp_path, [{"path": "film.mkv", "codec": "ffv1"}], items, plugins=["mine.py"])
    with WorkerPool(2) as pool:
        if not crashes:
            alike(tmp_path, pool, plugins=True)
            return
        with pytest.raises(RenderError) as reported:
            made(tmp_path, pool, plugins=True)
    (problem,) = reported.value.problems
    assert problem.code == "worker-died" and "died of SIGSEGV twice" in problem.message
    assert problem.hint and not (tmp_path / "film.mkv").exists()
    assert list((tmp_path / "with" / "drafts").iterdir()) == []


def test_a_short_film_starts_no_process(tmp_path: Path) -> None:
    write(tmp_path, [{"path": "film.mkv", "codec": "ffv1"}], [item(n) for n in range(6)])
    with WorkerPool() as pool:
        made(tmp_path, pool)
        assert pool.pids == []


def test_the_films_of_a_batch(tmp_path: Path, joined: Joined) -> None:
    stops = "${{ stops }}"
    items = [item(n, grade=[{"op": "exposure", "stops": stops}]) for n in range(3)]
    outputs = [{"path": "film.mkv", "codec": "ffv1"}]
    write(tmp_path, outputs, items, variables={"stops": {"type": "number", "default": 0}})
    (tmp_path / "rows.csv").write_text("stops\n0.1\n0.2\n")
    command = ("batch", "edit.vedc.yaml", "--data", "rows.csv", "-q", "-o", "n${{ row }}.mkv")
    assert run(*command, "--workers", "1", folder=tmp_path).exit == 0
    films = files(tmp_path)
    assert len(films) == 3 and not joined.crews
    shutil.rmtree(tmp_path / ".vedc")
    answer = run(*command, "--workers", "2", folder=tmp_path)
    assert (answer.exit, answer.err) == (0, "")
    assert files(tmp_path) == films
    assert len(joined.crews) == 2


def test_a_machine_that_starts_no_process_renders_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, [{"path": "film.mkv", "codec": "ffv1"}], [item(n) for n in range(3)])
    monkeypatch.setattr(sys, "executable", str(tmp_path / "none"))
    progress = Counted()
    with WorkerPool(2) as pool:
        (summary,) = made(tmp_path, pool, progress)
    assert summary.rendered_frames == progress.done == 45
    assert progress.notes == ["no worker process could be started: no such file or directory"]


def test_what_python_prints_as_it_starts_is_no_message(
    tmp_path: Path, joined: Joined, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sitecustomize.py").write_text("print('welcome ' * 9)")
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
    write(tmp_path, [{"path": "film.mkv", "codec": "ffv1"}], [item(n) for n in range(4)])
    with WorkerPool(2) as pool:
        made(tmp_path, pool)
        assert len(pool.pids) == 1 and joined.crews[0]._took


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_an_error_where_a_worker_is_heard_keeps_nobody_waiting(
    tmp_path: Path, joined: Joined, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, [{"path": "film.mkv", "codec": "ffv1"}], [item(n) for n in range(4)])
    usual = Crew._stored

    def failing(crew: Crew, *given: Any) -> None:
        usual(crew, *given)
        raise KeyError("inside")

    monkeypatch.setattr(Crew, "_stored", failing)
    progress = Counted()
    with WorkerPool(2) as pool:
        made(tmp_path, pool, progress)
    assert any("ended" in text for text in progress.notes)


def test_a_python_that_does_not_know_where_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, [{"path": "film.mkv", "codec": "ffv1"}], [item(n) for n in range(3)])
    monkeypatch.setattr(sys, "executable", None)
    progress = Counted()
    with WorkerPool(2) as pool:
        made(tmp_path, pool, progress)
    assert progress.done == 45
    assert progress.notes[0].startswith("no worker process could be started: python does not say")


def test_a_worker_that_cannot_start_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, [{"path": "film.mkv", "codec": "ffv1"}], [item(n) for n in range(3)])
    monkeypatch.setattr(process, "_PROGRAM", "raise SystemExit(3)")
    usual, progress = Crew._own_turns, Counted()

    def waiting(crew: Crew) -> Iterator[Turn]:
        while crew._others():
            time.sleep(0.005)
        yield from usual(crew)

    monkeypatch.setattr(Crew, "_own_turns", waiting)
    with WorkerPool(2) as pool:
        made(tmp_path, pool, progress)
    assert progress.done == 45
    assert progress.notes == ["a worker process ended with exit code 3 before it could begin"]


def test_machines_that_share_a_cache_share_a_film(tmp_path: Path) -> None:
    """Each renders a part of it, from another folder; the film then takes no rendering."""
    places = [tmp_path / name for name in ("one", "two")]
    for place in places:
        place.mkdir()
        write(place, [{"path": "film.mkv", "codec": "ffv1"}], [item(n) for n in range(4)])
    for place, part in zip(places, (Part(None, "30f"), Part("30f", None)), strict=True):
        spec = Build(place / "edit.vedc.yaml", cache=tmp_path / "cache", part=part)
        assert deliver(spec)[0].rendered_segments == 2
    for place in places:
        spec = Build(place / "edit.vedc.yaml", cache=tmp_path / "cache")
        assert deliver(spec, replace=True)[0].rendered_segments == 0
    one, two = ((place / "film.mkv").read_bytes() for place in places)
    assert one == two
