"""The analysis ``noise``: how much noise a stretch of a film has.

Three pairs of neighbouring frames are decoded in full size and turned into brightness, (R' + G' +
B') / sqrt(3), in which white noise is as strong as in each channel. Noise is measured by the
diagonal details of a Haar wavelet (Donoho and Johnstone 1994; edges and textures are mostly
vertical or horizontal) in squares of 16 by 16 pixels, as the median over the flattest tenth of a
picture.

Fine texture looks like noise. Where the picture is still, the difference of two frames has no
texture, and its noise counts if it is the smaller. In film that a codec has smoothed, only the
remaining noise is measured.
"""

from __future__ import annotations

import itertools
from contextlib import closing
from typing import Any, Final

import numpy as np

from vedc.decide.analyses.analysis import derived, video_of
from vedc.decide.analyses.results import Curves
from vedc.edit.media_info import MediaInfo

#: Pairs of frames to examine.
PAIRS: Final = 3
#: The least still share of a picture for the difference of frames to count.
STILL: Final = 0.1

_SIDE: Final = 8
"""Details along the side of a square."""
_FLAT: Final = 0.1
"""Share of the squares that count as flat."""
_FEWEST: Final = 12
"""The least number of usable squares, with light that is not nearly clipped."""
_LIGHT: Final = (0.06, 0.92)
_MOVED: Final = 0.5
"""The largest smoothed difference of two still frames, in deviations of their noise."""
_HAIR: Final = 0.6 / 255


@derived("noise", version=1, gives=Curves)
def noise(media: MediaInfo, *, first: int, end: int) -> Curves:
    """The noise of frames ``first`` to ``end``, half open: curves with a value for each pair.

    ``noise`` is a standard deviation, where white is 1; ``still`` the share of the picture that is
    still. Both are NaN if a picture is tiny, black or blown out.
    """
    from vedc.media.reading.frame_reader import open_reader

    video = video_of(media)
    last = max(first, end - 2)
    places = np.unique(np.linspace(first, last, PAIRS + 2).round().astype(int)[1:-1])
    found = []
    with closing(open_reader(media, None)) as reader:
        for place in places.tolist():
            pair = [
                _brightness(reader.decoded_at(frame / video.rate))
                for frame in (place, min(place + 1, end - 1))
            ]
            found.append(measured(*pair))
    values = np.array(found, np.float32).reshape(-1, 2)
    return Curves({"noise": values[:, 0].copy(), "still": values[:, 1].copy()}, video.rate)


def measured(before: Any, after: Any) -> tuple[float, float]:
    """Noise and still share of two pictures (h, w) of brightness, as :func:`noise` gives them."""
    alone = [_alone(picture) for picture in (before, after)]
    spatial = float(np.mean(alone))
    if np.isnan(spatial):
        return float("nan"), float("nan")
    temporal, still = _between(before, after, spatial)
    return (min(spatial, temporal) if still >= STILL else spatial), still


def _brightness(frame: Any) -> Any:
    codes = frame.to_ndarray(format="rgb48le").astype(np.float32)
    return codes.sum(axis=2) * np.float32(1 / (65535 * np.sqrt(3)))


def _alone(picture: Any) -> float:
    """Noise from the flattest squares of a picture."""
    usable = _usable(picture)
    if usable.sum() < _FEWEST:
        return float("nan")
    rough = _rough(_soft(picture))
    flat = usable & (rough <= np.quantile(rough[usable], _FLAT))
    return float(np.median(_strength(picture)[flat]))


def _between(before: Any, after: Any, spatial: float) -> tuple[float, float]:
    """Noise from the still squares, and their share. A share of 0 if frames repeat."""
    difference = (after - before) * np.float32(np.sqrt(0.5))
    usable = _usable(before)
    if not difference.any():  # a repeated frame shows no noise
        return spatial, 0.0
    moved = _most(np.abs(_soft(difference)))
    still = usable & (moved <= _HAIR + _MOVED * spatial)
    if still.sum() < _FEWEST:
        return spatial, 0.0
    return float(np.median(_strength(difference)[still])), float(still.sum() / usable.sum())


def _soft(picture: Any) -> Any:
    import cv2

    return cv2.blur(picture, (9, 9))


def _strength(picture: Any) -> Any:
    """Root of the mean square of the diagonal details in each square."""
    h, w = (n // 2 * 2 for n in picture.shape)
    a, b, c, d = (picture[y:h:2, x:w:2] for y, x in itertools.product((0, 1), (0, 1)))
    return np.sqrt(_squares((a - b - c + d) ** 2 / 4).mean(axis=-1))


def _rough(soft: Any) -> Any:
    """Mean slope of each square."""
    slope = np.hypot(np.gradient(soft, axis=0), np.gradient(soft, axis=1))
    return _squares(slope[: slope.shape[0] // 2 * 2 : 2, : slope.shape[1] // 2 * 2 : 2]).mean(-1)


def _usable(picture: Any) -> Any:
    """Whether a square's light is within bounds."""
    h, w = (n // 2 * 2 for n in picture.shape)
    mean = _squares(picture[:h:2, :w:2]).mean(-1) / np.sqrt(3)
    return (mean > _LIGHT[0]) & (mean < _LIGHT[1])


def _most(picture: Any) -> Any:
    h, w = (n // 2 * 2 for n in picture.shape)
    return _squares(picture[:h:2, :w:2]).max(-1)


def _squares(half: Any) -> Any:
    """Every whole square of a picture at half its size: (n, 64)."""
    rows, columns = (n // _SIDE for n in half.shape)
    cut = half[: rows * _SIDE, : columns * _SIDE].reshape(rows, _SIDE, columns, _SIDE)
    return cut.transpose(0, 2, 1, 3).reshape(rows * columns, _SIDE * _SIDE)
