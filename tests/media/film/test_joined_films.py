"""Films from files joined end to end: picture and sound stay together in every part."""

from __future__ import annotations

import itertools
from fractions import Fraction
from pathlib import Path

import pytest
import yaml

from tests.media.clicks import brightness, clicks, write_clicks
from vedc.workspace.build import Build
from vedc.workspace.deliver import deliver

PARTS = ((53, (10, 30, 50)), (47, (5, 25, 40)))


@pytest.mark.parametrize(
    ("ending", "sound"),
    [("ts", "mp2"), ("ts", "aac"), ("mkv", "aac"), ("mkv", "flac"), ("mkv", "libopus")],
)
def test_flashes_and_clicks_coincide_in_every_part(tmp_path: Path, ending: str, sound: str) -> None:
    parts = []
    for number, (frames, flashes) in enumerate(PARTS):
        part = tmp_path / f"{number}.{ending}"
        parts.append(write_clicks(part, frames, Fraction(25), flashes, sound=sound).read_bytes())
    (tmp_path / f"joined.{ending}").write_bytes(b"".join(parts))
    spec = tmp_path / "edit.vedc.yaml"
    outputs = [{"path": "film.mkv", "codec": "ffv1", "audio_codec": "flac"}]
    timeline = [{"clip": f"joined.{ending}", "in": at, "out": out} for at, out in CUTS]
    spec.write_text(yaml.safe_dump({"version": 1, "timeline": timeline, "outputs": outputs}))
    (report,) = deliver(Build(spec))
    film = Path(report.target)
    seen = brightness(film)
    flashes = [float(time) for (_, dark), (time, light) in itertools.pairwise(seen)
               if dark <= 120 < light]  # fmt: skip
    heard = clicks(film)
    assert len(flashes) == len(heard) == 7
    assert max(abs(a - b) for a, b in zip(flashes, heard, strict=True)) <= 0.001


CUTS = (("0.2s", "4s"), ("2.2s", "2.6s"))
"""All of it, and a piece of the second part again, which is behind."""
