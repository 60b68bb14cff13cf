"""Pictures of HDR files in sheets and pages match an SDR film of the same file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.parity.ops.films import build, write_source
from vedc.color import CANVAS_COLORS
from vedc.media.probe import probe
from vedc.report.sheets.stills import stills
from vedc.workspace.deliver import deliver


def _ramp(plane: int, height: int, width: int, peak: int) -> np.ndarray:
    if plane:
        return np.full((height, width), (peak + 1) // 2)
    return np.broadcast_to(np.linspace(64, 800, width), (height, width))


@pytest.mark.slow
@pytest.mark.parametrize("canvas", ["bt2100-pq", "bt2100-hlg"])
def test_hdr_is_tone_mapped_as_in_a_film(tmp_path: Path, canvas: str) -> None:
    source = write_source(tmp_path / "a.mkv", _ramp, "yuv420p10le", CANVAS_COLORS[canvas])
    media = probe(source)
    assert media.video is not None and media.video.color.transfer != "bt709"
    drawn = [np.asarray(picture).astype(int) for picture in stills(media, (0, 2))]
    spec = {
        "version": 1,
        "profile": {"width": 64, "height": 48, "fps": 25, "color": "srgb"},
        "timeline": [{"clip": "a.mkv", "tone_map": "bt2390"}],
        "outputs": [{"path": "a.png", "dither": "none"}],
    }
    (report,) = deliver(build(tmp_path, spec))
    want = np.asarray(Image.open(report.target)).astype(int)
    assert len(drawn) == 2
    for picture in drawn:
        assert np.abs(picture - want).max() <= 1
    assert np.ptp(drawn[0]) > 200, "not flat"


def test_the_white_of_pq_is_the_white_of_the_picture(tmp_path: Path) -> None:
    """BT.2408: 203 cd/m2, 58% of the PQ signal, is the white that SDR shows near its own."""
    code = round(64 + 876 * 0.58)

    def white(plane: int, height: int, width: int, peak: int) -> np.ndarray:
        return np.full((height, width), (peak + 1) // 2 if plane else code)

    source = write_source(tmp_path / "a.mkv", white, "yuv420p10le", CANVAS_COLORS["bt2100-pq"])
    (picture,) = stills(probe(source), (0,), (32, 24))
    assert picture.size == (32, 24)
    assert 190 <= np.asarray(picture).mean() <= 255
