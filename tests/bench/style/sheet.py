"""The pictures of docs/style.md: ``python -m tests.bench.style.sheet CLIPS docs``.

For each style a sheet of frames that no training saw, as they are, in the style, and with their own
colours; and a strip of frames of one take, every fourth.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from tests.bench.style import Take, styled, takes
from vedc.nn.architectures import ARCHITECTURES

_LARGEST = 390_000
_WIDTH = 480
_APART = 4


def main(clips: Path, docs: Path) -> None:
    """Write ``style_NAME.jpg`` and ``style_NAME_strip.jpg`` for each style."""
    cv2.setNumThreads(1)
    seen = takes(clips, (40,), 1 + 4 * _APART)
    for name in ARCHITECTURES["style"].shipped:
        rows = [_row(take, name) for take in seen]
        _write(docs / f"style_{name}.jpg", np.concatenate(rows))
        moving = seen[-1].frames
        made = styled(name)(moving)
        strip = [
            np.concatenate([_small(p[i]) for i in range(0, len(moving), _APART)], 1)
            for p in (moving, made)
        ]
        _write(docs / f"style_{name}_strip.jpg", np.concatenate(strip))


def _row(take: Take, name: str) -> Any:
    three = take.frames[:3]
    drawn = [three[1], *(styled(name, color=color)(three)[1] for color in ("style", "keep"))]
    return np.concatenate([_small(p) for p in drawn], 1)


def _small(picture: Any) -> Any:
    height, width = picture.shape[:2]
    return cv2.resize(picture, (_WIDTH, height * _WIDTH // width), interpolation=cv2.INTER_AREA)


def _write(file: Path, picture: Any) -> None:
    """A JPEG of the best quality that is small enough."""
    data = np.ascontiguousarray((picture[..., ::-1] * 255).round().astype(np.uint8))
    for quality in range(92, 20, -4):
        held = cv2.imencode(".jpg", data, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()
        if len(held) < _LARGEST:
            break
    file.write_bytes(held)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]))
