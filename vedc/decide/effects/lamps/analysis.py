"""The analysis ``lamps``: the lamps in a stretch of a film, and why other spots are not lamps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import closing
from typing import Any, Final

import numpy as np

from vedc.decide.analyses.analysis import derived, seconds_of, video_of
from vedc.decide.analyses.results import Curves
from vedc.decide.effects.lamps.blobs import blobs
from vedc.decide.effects.lamps.tracks import Lamp, Linker, judged
from vedc.decide.grades.balance.light import light_of
from vedc.edit.media_info import MediaInfo, VideoInfo

#: The longer side of examined pictures.
SIDE: Final = 640
#: The most lamps to keep per stretch, best first.
MOST: Final = 4
#: Frames beyond which the rest of a stretch is left out.
LONGEST: Final = 6000
#: The criteria that a spot may fail, in the order of the curve ``lacks``.
LACKS: Final = (
    "short-lived", "round", "white", "dark around", "glow", "on all sides", "color", "steady path",
)  # fmt: skip
_SMALL: Final = 160


def _reads(media: MediaInfo, params: Mapping[str, Any]) -> float:
    first = params["first"]
    return seconds_of(media, {"first": first, "end": min(params["end"], first + LONGEST)})


@derived("lamps", version=1, gives=Curves, reads=_reads)
def lamps(media: MediaInfo, *, first: int, end: int, advance: Callable[[float], None]) -> Curves:
    """The lamps in frames ``first`` to ``end``, half open: curves from the time of ``first``.

    ``x0``, ``y0`` (fractions of width and height) and ``light0`` (0 to 1, the visible share) of the
    best lamp, ``x1`` of the next; ``lamp0`` has five numbers: its radius in heights, the red, green
    and blue of its glow, its score. ``lacks`` counts the tracks that are not lamps by the criterion
    that they fail most, ``best`` has their best score.
    """
    from vedc.media.reading.frame_reader import open_reader

    video = video_of(media)
    rate = float(video.rate)
    count = min(max(end - first, 1), LONGEST)
    table = _table(video.color.transfer)
    linker: Linker | None = None
    size = (1, 1)
    before: Any = None
    with closing(open_reader(media, None)) as reader:
        held: Any = None
        for number in range(count):
            frame = reader.decoded_at((first + number) / video.rate)
            if frame is not held:
                light = _picture(frame, video, table)
                size = light.shape[0], light.shape[1]
                found = blobs(light)
                small = _reduced(light)
            held = frame
            linker = linker or Linker(size[0], rate)
            linker.push(found, _moved(before, small, size))
            before = small
            advance(float(1 / video.rate))
    assert linker is not None
    kept, lacks, best = _judged(linker, count, size, rate)
    values: dict[str, Any] = {
        "lacks": np.array([lacks[name] for name in LACKS], np.float32),
        "best": np.array([best], np.float32),
    }
    for n, lamp in enumerate(kept[:MOST]):
        values[f"x{n}"], values[f"y{n}"] = np.float32(lamp.x), np.float32(lamp.y)
        values[f"light{n}"] = np.float32(lamp.light)
        values[f"lamp{n}"] = np.array([lamp.radius, *lamp.tint, lamp.score], np.float32)
    return Curves(values, video.rate, first / video.rate)


def lamps_of(curves: Curves) -> list[Lamp]:
    """The lamps that the analysis found, best first."""
    found = []
    for n in range(MOST):
        if f"x{n}" not in curves:
            break
        radius, red, green, blue, score = (float(v) for v in curves.values[f"lamp{n}"])
        x, y, light = (curves.values[f"{name}{n}"] for name in ("x", "y", "light"))
        found.append(Lamp(x, y, light, radius, (red, green, blue), score))
    return found


def _judged(
    linker: Linker, count: int, size: tuple[int, int], rate: float
) -> tuple[list[Lamp], Counter[str], float]:
    kept: list[Lamp] = []
    lacks: Counter[str] = Counter()
    best = 0.0
    for track in linker.tracks:
        lamp, lack, score = judged(track, count, size, rate)
        if lamp is not None:
            kept.append(lamp)
            continue
        lacks[lack] += 1
        best = max(best, score if lack != "short-lived" else 0.0)
    # The longest and largest come first.
    kept.sort(key=lambda lamp: -lamp.score * float(lamp.light.sum()) * lamp.radius**0.5)
    return kept, lacks, best


def _table(transfer: str) -> Any:
    """Linear light (1, 256) of codes."""
    codes = np.repeat(np.arange(256)[:, np.newaxis] / 255, 3, axis=1)
    return light_of(codes, transfer)[np.newaxis, :, 0].copy()


def _picture(frame: Any, video: VideoInfo, table: Any) -> Any:
    """A frame in linear light (h, w, 3), upright, with square pixels, no larger than ``SIDE``."""
    import cv2

    codes = frame.to_ndarray(format="rgb24")
    if video.mirrored:
        codes = codes[:, ::-1]
    codes = np.ascontiguousarray(np.rot90(codes, -(video.rotation // 90)))
    shape = video.display_size
    scale = min(1.0, SIDE / max(shape))
    size = max(1, round(shape[0] * scale)), max(1, round(shape[1] * scale))
    light = cv2.LUT(codes, table)
    if size != (light.shape[1], light.shape[0]):
        light = cv2.resize(light, size, interpolation=cv2.INTER_AREA)
    return light


def _reduced(light: Any) -> Any:
    import cv2

    high = max(8, round(light.shape[0] * _SMALL / light.shape[1]))
    small = cv2.resize(light, (_SMALL, high), interpolation=cv2.INTER_AREA)
    return np.sqrt(np.clip(small.mean(axis=2), 0, 0.6)).astype(np.float32)


def _moved(before: Any, after: Any, size: tuple[int, int]) -> tuple[float, float]:
    """The shift of the picture in pixels of ``size``, by phase correlation."""
    import cv2

    if before is None or before is after:
        return 0.0, 0.0
    window = cv2.createHanningWindow((after.shape[1], after.shape[0]), cv2.CV_32F)
    (x, y), sure = cv2.phaseCorrelate(before, after, window)
    if sure < 0.1:
        return 0.0, 0.0
    scale = size[1] / after.shape[1]
    return x * scale, y * scale
