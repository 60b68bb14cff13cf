"""Pictures without alpha are known to be opaque: nothing under them is drawn."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from tests.parity.ops.films import build
from vedc.ir.graph import walk
from vedc.ir.lower.film import lower, pieces
from vedc.passes import optimise


@pytest.mark.parametrize(
    ("name", "mode", "opaque"),
    [
        ("a.png", "RGB", True),
        ("a.jpg", "RGB", True),
        ("a.png", "L", True),
        ("a.png", "RGBA", False),
    ],
)
def test_what_has_no_alpha_covers_what_is_below(
    tmp_path: Path, name: str, mode: str, opaque: bool
) -> None:
    Image.new(mode, (64, 36), 128 if mode == "L" else (200, 100, 50, 128)[: len(mode)]).save(
        tmp_path / name
    )
    Image.new("RGB", (64, 36)).save(tmp_path / "below.png")
    tracks = [{"clips": [{"image": file, "duration": "1s"}]} for file in ("below.png", name)]
    spec = {
        "profile": {"width": 64, "height": 36, "fps": 25},
        "outputs": [{"path": "film.mp4"}],
        "timeline": {"tracks": tracks},
    }
    edit = build(tmp_path, spec).edits()[0]
    graph = optimise(lower(edit, next(iter(pieces(edit))), str))
    stills = [node for node in walk(graph) if node.op == "still"]
    assert len(stills) == (1 if opaque else 2)
