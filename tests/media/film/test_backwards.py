"""A clip that plays backwards decodes each group of pictures about once."""

from __future__ import annotations

from pathlib import Path

import av
import pytest
import yaml

from tests.media.make import luma, read_luma_number, write_numbered
from vedc.execute import backwards
from vedc.workspace.build import Build
from vedc.workspace.deliver import deliver

FRAMES = 240


@pytest.mark.parametrize(("room", "most"), [(1 << 27, 2.2 * FRAMES), (1 << 18, 30 * FRAMES)])
def test_a_long_group_is_not_decoded_for_every_frame(
    tmp_path: Path, room: int, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backwards, "ROOM", room)
    write_numbered(tmp_path / "a.mp4", FRAMES, 25, width=128, height=64, gop=1000, b_frames=2)
    outputs = [{"path": "film.mkv", "codec": "ffv1"}]
    spec = {"version": 1, "timeline": [{"clip": "a.mp4", "reverse": True}], "outputs": outputs}
    (tmp_path / "edit.vedc.yaml").write_text(yaml.safe_dump(spec))
    (report,) = deliver(Build(tmp_path / "edit.vedc.yaml"))
    assert report.decoded_frames <= most
    with av.open(report.target) as film:
        shown = [read_luma_number(luma(frame)) for frame in film.decode(video=0)]
    assert shown == [*reversed(range(FRAMES))]
