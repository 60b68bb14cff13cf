"""Faces, five times a second, by a detector that the user supplies.

It sees pictures whose longer side is 320 pixels, with the colours of their thumbs, so the smallest
detectable face is about a thirtieth of that side.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np

from vedc.decide.analyses.analysis import PictureBlock, picture, video_of
from vedc.decide.analyses.attention import EVERY
from vedc.decide.analyses.results import THUMB, Maps
from vedc.decide.arrays import Byte, Floats
from vedc.edit.media_info import MediaInfo
from vedc.errors import RenderError

_STEPS: Final = 4
"""Subdivisions of a cell, each way, for drawing a face."""


class FaceMaps:
    """Maps of the faces in pictures of one size."""

    def __init__(self, detector: Path, size: tuple[int, int]) -> None:
        """``size``: rows and columns. Raises RenderError ``model-failed``."""
        from vedc.nn.foreign.faces import FaceDetector
        from vedc.nn.foreign.onnx_facts import read
        from vedc.nn.foreign.process import Failed
        from vedc.nn.foreign.run import runtime

        self._file, self._size, self._failed = detector, size, Failed
        try:
            self._find = FaceDetector(read(detector), runtime(), size)
        except Failed as error:
            raise self._problem(error) from None

    def __call__(self, luma: Byte, thumb: Byte) -> Byte:
        """A map (27, 48) of the faces in a picture: 255 where one covers a cell, times its
        score. Raises RenderError ``model-failed``."""
        try:
            found = self._find(_colored(luma, thumb))
        except self._failed as error:
            raise self._problem(error) from None
        return drawn(found, self._size)

    def _problem(self, error: Exception) -> RenderError:
        message = f"the detector of faces '{self._file.name}' failed: {error}"
        return RenderError.one(
            "model-failed", message, hint="try another file of its kind, or leave `faces` out"
        )

    def close(self) -> None:
        """End the detector's process."""
        self._find.close()


def _colored(luma: Byte, thumb: Byte) -> Byte:
    """A picture (h, w, 3), RGB, of luma (h, w) and the colours of a thumb."""
    import cv2

    rgb = thumb.astype(np.float32)
    grey: Any = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    away = rgb - grey[..., None]
    fine: Any = cv2.resize(away, luma.shape[::-1], interpolation=cv2.INTER_LINEAR)
    made: Byte = np.clip(luma[..., None] + np.rint(fine), 0, 255).astype(np.uint8)
    return made


def drawn(faces: Any, size: tuple[int, int]) -> Byte:
    """A map (27, 48) of boxes (n, 5): left, top, width, height in pixels of a picture of ``size``
    (rows, columns), and a score."""
    rows, columns = (side * _STEPS for side in THUMB)
    y = (np.arange(rows) + 0.5)[:, None] / rows * size[0]
    x = (np.arange(columns) + 0.5)[None] / columns * size[1]
    fine: Floats = np.zeros((rows, columns))
    for left, top, width, height, score in faces:
        away = ((x - left) / width * 2 - 1) ** 2 + ((y - top) / height * 2 - 1) ** 2
        fine = np.maximum(fine, np.where(away <= 1, score, 0.0))
    cells = fine.reshape(THUMB[0], _STEPS, THUMB[1], _STEPS).mean(axis=(1, 3))
    made: Byte = np.rint(255 * np.minimum(cells, 1)).astype(np.uint8)
    return made


@picture("faces", version=1, gives=Maps)
class Faces:
    """Maps ``faces`` (0..255), for the frames that ``attention`` examines.

    ``detector`` is the file, ``digest`` its digest, part of the results' key.
    """

    def __init__(self, media: MediaInfo, detector: str, digest: str) -> None:
        rate = video_of(media).rate
        self._every = max(1, round(rate * EVERY))
        self._rate = rate / self._every
        self._detector = Path(detector)
        self._maps: FaceMaps | None = None
        self._found: list[Byte] = []

    def push(self, block: PictureBlock) -> None:
        for n in range(-block.first % self._every, len(block.luma), self._every):
            luma = block.luma[n]
            if self._maps is None:
                self._maps = FaceMaps(self._detector, luma.shape)
            self._found.append(self._maps(luma, block.thumbs[n]))

    def finish(self) -> Maps:
        if self._maps is not None:
            self._maps.close()
        found = np.stack(self._found) if self._found else np.empty((0, *THUMB), np.uint8)
        return Maps({"faces": found}, self._rate)
