"""A clip that breathes, from its decision to the frames of the film."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from typer.testing import CliRunner

from vedc.cli import app
from vedc.decide.grades.balance.light import encoded
from vedc.decide.grades.deflicker.breathing import breathing, cells_of

RATE, FRAMES = 12, 72

SPEC = """
version: 1
profile: {width: 192, height: 108, fps: 12}
timeline: {tracks: [{clips: [{clip: breathes.mp4, in: 1s, grade: [{auto: deflicker}]}]}]}
outputs: [{path: out.mkv, codec: ffv1}]
"""


def write_breathing(path: Path) -> None:
    """A picture of soft spots whose light rises and falls; something moves in a corner."""
    rng = np.random.default_rng(5)
    light = np.kron(rng.uniform(0.05, 0.4, (9, 16, 3)), np.ones((12, 12, 1)))
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=Fraction(RATE))
        stream.width, stream.height, stream.pix_fmt = 192, 108, "yuv420p"
        stream.options = {"crf": "12"}
        for number in range(FRAMES):
            stops = 0.4 * np.sin(2 * np.pi * number / RATE / 2.5)
            shown = light.copy()
            shown[:40, :40] = np.roll(light, 7 * number, 0)[:40, :40]
            codes = np.rint(encoded(shown * 2**stops) * 255).astype(np.uint8)
            out.mux(stream.encode(av.VideoFrame.from_ndarray(codes, format="rgb24")))
        out.mux(stream.encode())


def breath(path: Path, first: int = 0) -> float:
    """Deviation of the brightness of a film's frames, in stops."""
    with av.open(str(path)) as film:
        thumbs = [
            frame.to_ndarray(format="rgb24", width=48, height=27, interpolation="AREA")
            for frame in film.decode(video=0)
        ]
    curve = breathing(cells_of(np.stack(thumbs[first:])))
    assert curve.still > 0.5
    return float(curve.stops.std())


def test_a_film_of_a_clip_that_breathes_holds_still(tmp_path: Path) -> None:
    write_breathing(tmp_path / "breathes.mp4")
    spec = tmp_path / "a.vedc.yaml"
    spec.write_text(SPEC)
    done = CliRunner().invoke(app, ["render", "-y", "-q", str(spec)])
    assert done.exit_code == 0, done.output
    lock = (tmp_path / "vedc.lock").read_text()
    assert "op: exposure" in lock and "keyframes" in lock and "breathes +0." in lock
    before, after = breath(tmp_path / "breathes.mp4", RATE), breath(tmp_path / "out.mkv")
    assert before > 0.2
    assert after < 0.3 * before
