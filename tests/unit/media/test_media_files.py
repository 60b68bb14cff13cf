"""Files that appear whole or not at all."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from vedc.media.files import remove_parts, whole_file
from vedc.support.drafts import STALE


def test_the_file_appears_when_it_is_whole(tmp_path: Path) -> None:
    target = tmp_path / "film.mp4"
    target.write_text("old")
    with whole_file(target) as part:
        part.write_text("new")
        assert target.read_text() == "old"
    assert target.read_text() == "new"
    assert os.listdir(tmp_path) == ["film.mp4"]


def test_an_error_leaves_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "film.mp4"
    target.write_text("old")

    def fail() -> None:
        with whole_file(target) as part:
            part.write_text("half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert target.read_text() == "old"
    assert os.listdir(tmp_path) == ["film.mp4"]


def test_leftovers_of_killed_renders_are_removed(tmp_path: Path) -> None:
    """Those of living ones stay, however old, whether of this process or of another."""
    body = (
        "import sys, time\nfrom pathlib import Path\nfrom vedc.media.files import whole_file\n"
        f"with whole_file(Path({str(tmp_path / 'film.mp4')!r})) as part:\n"
        "    part.write_text('half a film')\n"
        "    print(part, flush=True)\n"
        "    time.sleep(60)\n"
    )
    other = subprocess.Popen([sys.executable, "-c", body], stdout=subprocess.PIPE, text=True)
    assert other.stdout is not None
    left = Path(other.stdout.readline().strip())
    os.utime(left, (1, 1))
    try:
        with whole_file(tmp_path / "film.mp4") as part:
            part.write_text("film")
            os.utime(part, (1, 1))
            remove_parts(tmp_path / "film.mp4")
            assert part.exists() and left.exists()
    finally:
        other.send_signal(signal.SIGKILL)
        other.communicate(timeout=10)
    assert left.exists() and (tmp_path / "film.mp4").read_text() == "film"
    remove_parts(tmp_path / "film.mp4")
    assert os.listdir(tmp_path) == ["film.mp4"]


@pytest.mark.parametrize("age", [60.0, STALE + 60])
def test_where_files_cannot_be_locked_a_day_must_pass(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, age: float
) -> None:
    monkeypatch.setattr("vedc.support.drafts._lock", lambda handle, wait: None)
    left = tmp_path / ".vedc-0123456789ab.part"
    left.write_text("half a film")
    os.utime(left, (time.time() - age,) * 2)
    with whole_file(tmp_path / "film.mp4") as part:
        part.write_text("film")
    assert left.exists() == (age < STALE)
