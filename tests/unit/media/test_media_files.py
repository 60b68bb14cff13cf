"""Files that appear whole or not at all."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from vedc.media.files import STALE, whole_file


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


def test_leftovers_of_killed_renders_are_swept_after_a_day(tmp_path: Path) -> None:
    old, fresh = tmp_path / ".vedc-0123456789ab.part", tmp_path / ".vedc-ba9876543210.part"
    for leftover, age in ((old, STALE + 60), (fresh, 60.0)):
        leftover.write_text("half a film")
        os.utime(leftover, (time.time() - age,) * 2)
    with whole_file(tmp_path / "film.mp4") as part:
        part.write_text("film")
    assert not old.exists()
    assert fresh.exists(), "it may still be in the making"
