"""An item that is displaced, and smaller, larger or turned: outside of it nothing is sampled."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import yaml
from PIL import Image

from vedc.workspace.build import Build
from vedc.workspace.deliver import deliver

SIZE = (64, 36)


def frame(folder: Path, item: dict[str, Any]) -> Any:
    spec = {
        "version": 1,
        "profile": {"width": SIZE[0], "height": SIZE[1], "fps": 25, "color": "srgb"},
        "timeline": [{"image": "a.png", "duration": "1f", **item}],
        "outputs": [{"path": "film.mkv", "codec": "ffv1", "pix_fmt": "gbrp10le"}],
    }
    path = folder / "film.vedc.yaml"
    path.write_text(yaml.safe_dump(spec, sort_keys=False))
    (summary,) = deliver(Build(path), replace=True)
    with av.open(str(summary.target)) as film:
        return next(film.decode(video=0)).to_ndarray(format="rgb24").astype(int)


@pytest.mark.parametrize("edge", ["clear", "clamp", "mirror"])
@pytest.mark.parametrize("placed", [{"width": "50%"}, {"scale": 2}, {"rotation": 10}], ids=str)
def test_a_map_of_one_grey_moves_nothing(tmp_path: Path, placed: Any, edge: str) -> None:
    y, x = np.mgrid[:18, :32]
    picture = np.stack([x * 7, y * 12, (x + y) * 4], -1).astype(np.uint8)
    Image.fromarray(picture).save(tmp_path / "a.png")
    Image.fromarray(np.full((18, 32, 3), 128, np.uint8)).save(tmp_path / "grey.png")
    call = {"op": "displace", "map": "grey.png", "amount": [0.5, 0.5], "edge": edge}
    plain = frame(tmp_path, placed)
    assert plain.max() > 100
    moved = frame(tmp_path, {**placed, "effects": [call]})
    inner = np.s_[2:-2, 2:-2]  # the op treats anything beyond the canvas separately
    assert np.abs(moved - plain)[inner].max() <= 2
