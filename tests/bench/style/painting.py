"""The op `paint` on frames, in the palette of a painting: what a style has to beat."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import av
import numpy as np
import yaml

from vedc.workspace.build import Build
from vedc.workspace.deliver import deliver


def painted(painting: Path) -> Callable[[Sequence[Any]], list[Any]]:
    """Draws frames (h, w, 3) in 0..1 with `paint`: a film of them, rendered losslessly."""

    def draw(frames: Sequence[Any]) -> list[Any]:
        with tempfile.TemporaryDirectory(prefix="vedc-bench-") as name:
            folder = Path(name)
            _write(folder / "clip.mkv", frames)
            shutil.copy(painting, folder / painting.name)
            height, width = frames[0].shape[:2]
            spec = {
                "version": 1,
                "profile": {"width": width, "height": height, "fps": 25, "color": "srgb"},
                "assets": {"painting": {"src": painting.name}},
                "timeline": [
                    {"clip": "clip.mkv", "effects": [{"op": "paint", "asset": "painting"}]}
                ],
                "outputs": [{"path": "film.mkv", "codec": "ffv1", "pix_fmt": "gbrp10le"}],
            }
            (folder / "film.vedc.yaml").write_text(yaml.safe_dump(spec))
            (summary,) = deliver(Build(folder / "film.vedc.yaml"), replace=True)
            with av.open(summary.target) as film:
                return [
                    f.to_ndarray(format="rgb24").astype(np.float32) / 255
                    for f in film.decode(video=0)
                ]

    return draw


def _write(file: Path, frames: Sequence[Any]) -> None:
    height, width = frames[0].shape[:2]
    with av.open(str(file), "w") as film:
        stream = film.add_stream("ffv1", rate=25)
        stream.width, stream.height, stream.pix_fmt = width, height, "bgr0"
        for picture in frames:
            data = (picture * 255).round().astype(np.uint8)
            frame = av.VideoFrame.from_ndarray(data, format="rgb24")
            film.mux(stream.encode(frame.reformat(format="bgr0")))
        film.mux(stream.encode())
