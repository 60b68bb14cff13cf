"""Takes of footage that was held out, at a size that keeps detail."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from vedc.train.cuts.footage import PHOTO, Item, list_items

FRAMES = 8
WIDTH = 384
_PLACES = (0.12, 0.6)

Frames = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Take:
    """Successive frames (n, height, width, 3), RGB."""

    name: str
    source: str
    frames: Frames


def takes(folder: Path, use: str) -> list[Take]:
    """One or two takes of each file of a part of the split; of all, without a manifest."""
    listed = folder / "manifest.json"
    items = [i for i in list_items(folder) if i.use == use or not listed.exists()]
    return [take for item in items for take in _takes(item)]


def _takes(item: Item) -> Iterator[Take]:
    if item.file.suffix.lower() in PHOTO:
        found = cv2.imread(str(item.file), cv2.IMREAD_COLOR)
        if found is not None and min(found.shape[:2]) >= 216:
            yield Take(item.file.name, item.source, _moved(found[..., ::-1]))
        return
    for number, frames in enumerate(_read(item)):
        if len(frames) == FRAMES:
            yield Take(f"{item.file.name} {number}", item.source, np.stack(frames))


def _moved(photo: Frames) -> Frames:
    """A slow pan over a photograph."""
    height, width = photo.shape[:2]
    scale = max(WIDTH * 1.25 / width, 216 * 1.25 / height)
    size = round(width * scale), round(height * scale)
    large = cv2.resize(photo, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    room = size[0] - WIDTH, size[1] - 216
    along = np.linspace(0.1, 0.9, FRAMES)
    corners = [(int(t * room[0] * 0.5), int(t * room[1] * 0.5)) for t in along]
    return np.stack([large[y : y + 216, x : x + WIDTH] for x, y in corners])


def _read(item: Item) -> Iterator[list[Frames]]:
    with av.open(str(item.file)) as held:
        stream = held.streams.video[0]
        stream.thread_type = "AUTO"
        length = stream.frames or 300
        starts = [int(place * min(length, 400)) for place in _PLACES]
        if item.spans:
            long = [a + 2 for a, b in item.spans if b - a > FRAMES + 6]
            starts = long[: len(_PLACES)]
        found: dict[int, list[Frames]] = {start: [] for start in starts}
        for number, frame in enumerate(held.decode(stream)):
            if starts and number >= max(starts) + FRAMES:
                break
            for start in starts:
                if start <= number < start + FRAMES:
                    found[start].append(_sized(frame))
        yield from found.values()


def _sized(frame: av.VideoFrame) -> Frames:
    aspect = frame.height / frame.width
    width = min(WIDTH, frame.width // 2 * 2)
    height = round(width * aspect / 2) * 2
    return frame.reformat(
        width=width, height=height, format="rgb24", interpolation="AREA"
    ).to_ndarray()
