"""Footage for training and testing balance: a few pictures of each take, by source."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from vedc.decide.arrays import Byte
from vedc.errors import MissingError, Problem, SpecError
from vedc.media.demux.container import local_only
from vedc.train.cuts.footage import PHOTO, Item, list_items

FRAMES: Final = 24
"""Frames taken from a video, spread evenly over it."""
VIDEO: Final = 108
PHOTOGRAPH: Final = 216
"""Length of the shorter side after reduction."""


@dataclass(frozen=True, slots=True, eq=False)
class Take:
    """Pictures of one file, taken as neutral."""

    name: str
    source: str
    pictures: Byte
    """(n, height, width, 3) display values; n is 1 for a photograph."""


def read_takes(
    folder: Path,
    only: Callable[[Item], bool] = lambda item: True,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Take, ...]:
    """Every file below ``folder``. Raises MissingError ``no-footage``, SpecError."""
    items = [item for item in list_items(folder) if only(item)]
    if not items:
        raise MissingError.one(
            "no-footage",
            f"there is no video or photograph in '{folder}'",
            hint="pass a folder of clips with one sub-folder per source",
        )
    found = []
    for done, item in enumerate(items):
        if progress:
            progress(done, len(items))
        still = item.file.suffix.lower() in PHOTO
        pictures = _photograph(item.file) if still else _video(item.file, item.spans)
        found.append(Take(item.file.name, item.source, pictures))
    return tuple(found)


def by_source(takes: Iterable[Take], sources: Iterable[str]) -> dict[str, list[Take]]:
    """The takes of some sources."""
    wanted = set(sources)
    found: dict[str, list[Take]] = {}
    for take in takes:
        if take.source in wanted:
            found.setdefault(take.source, []).append(take)
    return found


def _photograph(file: Path) -> Byte:
    import cv2

    picture = cv2.imread(str(file), cv2.IMREAD_COLOR)
    if picture is None:
        raise _unreadable(file, "it is not a picture")
    shown = np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), np.uint8)
    return _reduced(shown, PHOTOGRAPH)[np.newaxis]


def _reduced(picture: Byte, side: int) -> Byte:
    import cv2

    scale = side / min(picture.shape[:2])
    if scale >= 1:
        return picture
    size = (round(picture.shape[1] * scale), round(picture.shape[0] * scale))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def _video(file: Path, spans: Sequence[tuple[int, int]]) -> Byte:
    """Frames spread over a file, only from its takes."""
    import av

    kept: list[Byte] = []
    try:
        with av.open(str(file), options=local_only()) as container:
            stream = container.streams.video[0]
            stream.thread_type = "AUTO"
            step = 1
            for number, frame in enumerate(container.decode(stream)):
                inside = not spans or any(a <= number < b for a, b in spans)
                if inside and number % step == 0:
                    kept.append(_small(frame))
                    if len(kept) == 2 * FRAMES:
                        kept, step = kept[::2], step * 2
    except (av.FFmpegError, IndexError) as error:
        if not kept:
            raise _unreadable(file, str(error)) from None
    if not kept:
        raise _unreadable(file, "it has no frames")
    chosen = np.linspace(0, len(kept) - 1, min(FRAMES, len(kept))).round().astype(int)
    return np.stack([kept[i] for i in chosen])


def _small(frame: object) -> Byte:
    import av

    assert isinstance(frame, av.VideoFrame)
    scale = min(1.0, VIDEO / min(frame.width, frame.height))
    small = frame.to_ndarray(
        format="rgb24",
        width=max(16, round(frame.width * scale)),
        height=max(16, round(frame.height * scale)),
        interpolation="AREA",
    )
    return np.asarray(small, np.uint8)


def _unreadable(file: Path, why: str) -> SpecError:
    return SpecError((Problem("bad-footage", f"'{file}' cannot be read: {why}"),))
