"""Moving examples: each has a loop that moves, and is on the page."""

from __future__ import annotations

from PIL import Image

from docs.make import clips


def test_each_has_a_loop_that_moves() -> None:
    files = sorted(clips.CLIPS.glob("*.webp"))
    stems = sorted(loop.stem for loop in clips.loops())
    assert [file.stem for file in files] == stems, "run `python -m docs.make.clips`"
    assert sum(file.stat().st_size for file in files) < 1.5e6
    for file in files:
        with Image.open(file) as loop:
            # An encoder joins frames that hardly differ.
            assert loop.size == (144, 80) and getattr(loop, "n_frames", 1) >= 6, file.name


def test_the_page_shows_them() -> None:
    assert clips.PAGE.read_text(encoding="utf-8") == clips.page()
