"""Small pictures of every frame of a file, on disk, and parts cut out of them.

Alignment compares pictures of at most 128 pixels: 9.2 kB per frame, 1 GB per hour at 30 fps.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from vedc.decide.analyses.analysis import PictureBlock, Progress
from vedc.decide.arrays import Byte, Float, Ints
from vedc.edit.media_info import MediaInfo

SIDE: Final = 128
"""The longer side of stored pictures."""

GRID: Final = 64
FINE: Final = 112
"""The longer side of compared pictures, initially and finally."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of a picture, in fractions of its width and height from the top left."""

    x: float = 0.0
    y: float = 0.0
    width: float = 1.0
    height: float = 1.0

    def distance(self, other: Box) -> float:
        """The largest distance between corners, in widths or heights of the picture."""
        return max(
            abs(self.x - other.x),
            abs(self.y - other.y),
            abs(self.x + self.width - other.x - other.width),
            abs(self.y + self.height - other.y - other.height),
        )


class Pictures:
    """Luma of every frame of a file, on disk: 8-bit codes (n, height, width)."""

    def __init__(self, frames: Byte, media: MediaInfo) -> None:
        assert media.video is not None
        self.frames, self.media, self.rate = frames, media, media.video.rate
        self.aspect = media.video.display_size[0] / media.video.display_size[1]

    def __len__(self) -> int:
        return len(self.frames)

    @property
    def size(self) -> tuple[int, int]:
        """(height, width)"""
        return self.frames.shape[1], self.frames.shape[2]

    def parts(
        self,
        indices: Sequence[int] | Ints,
        box: Box,
        shape: tuple[int, int],
        tone: Float | None = None,
    ) -> Float:
        """The part ``box`` of some frames, scaled to ``shape``: (n, height, width), 0 to 255.

        The border repeats outside the picture. ``tone`` (256,) maps the codes first.
        """
        import cv2

        height, width = shape
        rows, columns = self.size
        # Pixel centres of the part in pixels of the picture.
        scale_x, scale_y = box.width * columns / width, box.height * rows / height
        matrix = np.array(
            [
                [scale_x, 0, box.x * columns + scale_x / 2 - 0.5],
                [0, scale_y, box.y * rows + scale_y / 2 - 0.5],
            ],
            np.float64,
        )
        out = np.empty((len(indices), height, width), np.float32)
        table = np.arange(256, dtype=np.float32) if tone is None else tone.astype(np.float32)
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        for k, index in enumerate(indices):
            picture: Any = cv2.LUT(np.asarray(self.frames[index]), table)
            warped = cv2.warpAffine(
                picture, matrix, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE
            )
            # Equalises sharpness, whatever the scaling.
            out[k] = cv2.GaussianBlur(warped, (3, 3), 0.7)
        return out

    def grid(self, box: Box, side: int = GRID) -> tuple[int, int]:
        """(height, width) of the part ``box`` for comparison; ``side`` is the longer."""
        aspect = self.aspect * box.width / box.height
        if aspect >= 1:
            return max(8, round(side / aspect)), side
        return side, max(8, round(side * aspect))


class _Writer:
    def __init__(self, path: Path) -> None:
        self.file = path.open("wb")
        self.count = 0
        self.size = (0, 0)

    def push(self, block: PictureBlock) -> None:
        import cv2

        height, width = block.luma.shape[1:]
        longer = max(height, width)
        self.size = max(1, round(height * SIDE / longer)), max(1, round(width * SIDE / longer))
        for luma in block.luma:
            small = cv2.resize(luma, self.size[::-1], interpolation=cv2.INTER_AREA)
            self.file.write(np.ascontiguousarray(small).tobytes())
        self.count += len(block.luma)

    def finish(self) -> Any:
        self.file.close()


def read_pictures(
    media: MediaInfo, folder: Path, progress: Progress | None, threads: int
) -> Pictures:
    """Decode a file once into small pictures in ``folder``."""
    from vedc.decide.analyses.decode_video import decode_video

    with tempfile.NamedTemporaryFile(dir=folder, delete=False) as made:
        path = Path(made.name)
    writer = _Writer(path)
    decode_video(media, (writer,), progress, threads)
    writer.finish()
    frames = np.memmap(path, np.uint8, "r", shape=(writer.count, *writer.size))
    return Pictures(frames, media)


def active_area(pictures: Pictures) -> Box:
    """The part of the picture without bars: columns and rows that are ever lit."""
    step = max(1, len(pictures) // 400)
    sample = np.asarray(pictures.frames[::step])
    rows, columns = pictures.size
    # Bars are black in every frame; one row or column of slack for the mixing at edges by scaling.
    lit = np.percentile(sample, 99, axis=0) > 6
    across, down = np.flatnonzero(lit.any(axis=0)), np.flatnonzero(lit.any(axis=1))
    if not len(across) or len(across) < columns // 8 or len(down) < rows // 8:
        return Box()
    left, right = int(across[0]), int(across[-1]) + 1
    top, bottom = int(down[0]), int(down[-1]) + 1
    # A dark area on one side only belongs to the picture.
    if abs(left - (columns - right)) > 1 + columns // 40:
        left, right = 0, columns
    if abs(top - (rows - bottom)) > 1 + rows // 40:
        top, bottom = 0, rows
    if right - left >= columns - 2:
        left, right = 0, columns
    if bottom - top >= rows - 2:
        top, bottom = 0, rows
    return Box(left / columns, top / rows, (right - left) / columns, (bottom - top) / rows)
