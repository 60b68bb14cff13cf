"""SDR transfer tags: players show the samples of all of them alike, and so does a film."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from tests.media.make import write_numbered
from vedc.workspace.build import Build
from vedc.workspace.deliver import deliver

SPEC = """\
version: 1
profile: {width: 96, height: 64, fps: 25, color: bt709}
timeline: [{clip: clip.mkv}]
outputs: [{path: film.mkv, codec: ffv1}]
"""


def film(folder: Path, transfer: int) -> np.ndarray:
    folder.mkdir()
    color = (1, 1, transfer, 1)  # BT.709 matrix and primaries, limited range
    write_numbered(folder / "clip.mkv", 3, codec="ffv1", color=color)
    (folder / "edit.vedc.yaml").write_text(SPEC)
    deliver(Build(folder / "edit.vedc.yaml"), replace=True)
    with av.open(str(folder / "film.mkv")) as container:
        return np.stack([frame.to_ndarray() for frame in container.decode(video=0)])


@pytest.mark.parametrize("transfer", [4, 5, 6, 14, 15])
def test_tags_of_sdr_video_change_nothing(transfer: int, tmp_path: Path) -> None:
    """BT.470 M (2.2), BT.470 BG (2.8), BT.601 and BT.2020, against BT.709."""
    plain = film(tmp_path / "plain", 1)
    assert plain.std() > 10
    np.testing.assert_array_equal(film(tmp_path / "tagged", transfer), plain)
