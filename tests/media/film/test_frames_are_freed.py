"""Frames that pass through untouched are freed as soon as they are encoded."""

from __future__ import annotations

import gc
from pathlib import Path

from typer.testing import CliRunner

from tests.media.make import write_numbered
from vedc.cli import app
from vedc.execute.stages import FilmFrame


def test_no_frame_waits_for_the_garbage_collector(tmp_path: Path) -> None:
    write_numbered(tmp_path / "a.mp4", 20)
    spec = tmp_path / "film.vedc.yaml"
    spec.write_text(
        "version: 1\ntimeline: [{clip: a.mp4}]\n"
        "outputs: [{path: film.mkv, codec: ffv1, audio_codec: none}]\n"
    )
    gc.collect()
    gc.disable()
    try:
        done = CliRunner().invoke(app, ["render", "-q", "-y", str(spec)], catch_exceptions=False)
        kept = [found for found in gc.get_objects() if type(found) is FilmFrame]
    finally:
        gc.enable()
    assert done.exit_code == 0, done.output
    assert not kept
