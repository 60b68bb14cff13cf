"""``lens_dirt`` with a picture of dirt: the film shows the op's arithmetic on these pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from tests.ops_support import apply
from tests.parity.ops.films import build
from vedc.workspace.deliver import deliver

WIDE, HIGH = 96, 54
STEP = {"op": "lens_dirt", "amount": 3.0, "threshold": 0.2, "spread": 0.1}


def linear(display: Any) -> Any:
    """BT.709 by its standard, and opaque."""
    light = np.where(display < 0.081, display / 4.5, ((display + 0.099) / 1.099) ** (1 / 0.45))
    return np.concatenate([light, np.ones((*light.shape[:2], 1))], -1)


def shown(light: Any) -> Any:
    light = np.clip(light, 0, 1)
    return np.where(light < 0.018, light * 4.5, 1.099 * light**0.45 - 0.099)


@pytest.mark.parametrize("how", ["src", "asset", "left out"])
def test_a_film_with_dirt(tmp_path: Path, how: str) -> None:
    picture, dirt = np.full((HIGH, WIDE, 3), 30, np.uint8), np.zeros((HIGH, WIDE, 3), np.uint8)
    picture[20:30, 40:60] = 250, 240, 200
    dirt[10:40, 55:80] = 200, 120, 60
    for name, codes in (("picture", picture), ("dirt", dirt)):
        Image.fromarray(codes).save(tmp_path / f"{name}.png")
    named = {"src": {"src": "dirt.png"}, "asset": {"asset": "grime"}, "left out": {}}[how]
    spec = {
        "profile": {"width": WIDE, "height": HIGH, "fps": 25},
        "assets": {"grime": "dirt.png"},
        "timeline": [{"image": "picture.png", "duration": "1f", "effects": [{**STEP, **named}]}],
        "outputs": [{"path": "out.mkv", "codec": "ffv1", "pix_fmt": "yuv444p"}],
    }
    (report,) = deliver(build(tmp_path, spec), replace=True)
    with av.open(str(report.target)) as film:
        found = next(film.decode(video=0)).to_ndarray(format="rgb24") / 255
    given: dict[str, Any] = {key: value for key, value in STEP.items() if key != "op"}
    if how != "left out":
        given["src"] = linear(dirt / 255)
    wanted = shown(apply("lens_dirt", linear(picture / 255), **given)[..., :3])
    assert np.abs(found - wanted).max() < 0.025  # limited range, dithered
    changed = np.abs(wanted - picture / 255).max(-1) > 0.05
    assert changed.any() and (how == "left out" or not changed[:, :50].any())
