"""Clean pictures for training the denoiser: photographs and short stretches of films, by source."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from vedc.decide.arrays import Byte, Generator
from vedc.errors import MissingError
from vedc.media.demux.container import local_only
from vedc.train.cuts.footage import Item

_LONGEST_SIDE: Final = 1600
"""Photographs are reduced to this length of their longer side, which removes their own noise."""
_STRETCHES: Final = 8
"""Number of stretches of three frames taken from a film."""
_APART: Final = 23
"""Frames from one stretch to the next."""
#: Pixels around a window that are needed for motion.
_ROOM: Final = 48
_PHOTO: Final = frozenset({".bmp", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"})


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """A photograph, or three consecutive frames of a film."""

    source: str
    frames: tuple[Byte, ...]
    """One or three pictures (h, w, 3) of R'G'B'."""


def read_scenes(items: Iterable[Item], stretches: int = _STRETCHES) -> list[Scene]:
    """The scenes of some footage files; large films are halved, large photographs reduced."""
    found: list[Scene] = []
    for item in items:
        if item.file.suffix.lower() in _PHOTO:
            found.append(Scene(item.source, (_photo(item),)))
        else:
            found += [Scene(item.source, frames) for frames in _film(item, stretches)]
    return found


def _photo(item: Item) -> Byte:
    import cv2

    picture = cv2.imread(str(item.file), cv2.IMREAD_COLOR)
    assert picture is not None, item.file
    picture = _reduced(picture, min(1.0, _LONGEST_SIDE / max(picture.shape)))
    return np.asarray(picture[..., ::-1])


def _reduced(picture: Any, factor: float) -> Any:
    import cv2

    if factor == 1.0:
        return picture
    return cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)


def _film(item: Item, stretches: int) -> list[tuple[Byte, ...]]:
    import av

    frames: list[Byte] = []
    wanted = stretches * _APART
    with av.open(str(item.file), options=local_only()) as container:
        for number, frame in enumerate(container.decode(video=0)):
            if number >= wanted:
                break
            if number % _APART < 3:
                picture = frame.to_ndarray(format="rgb24")
                factor = 0.5 if min(picture.shape[:2]) >= 400 else 1.0
                frames.append(np.asarray(_reduced(picture, factor), np.uint8))
    whole = len(frames) // 3 * 3
    return [tuple(frames[i : i + 3]) for i in range(0, whole, 3)]


class Cutter:
    """Cuts small windows of three frames from scenes, and adds motion to photographs."""

    def __init__(self, scenes: Sequence[Scene], side: int) -> None:
        least = side + _ROOM
        self._scenes = [s for s in scenes if min(s.frames[0].shape[:2]) >= least]
        if not self._scenes:
            names = ", ".join(dict.fromkeys(s.source for s in scenes)) or "nothing"
            raise MissingError.one(
                "footage-too-small",
                f"none of these sources has sides of at least {least} pixels: {names}",
                hint="add larger pictures or films; sources are split into parts, each needs one",
            )
        self._side = side

    def cut(self, random: Generator) -> Any:
        """A clean window (3, side, side, 3), float32 in 0..1, of a random scene."""
        scene = self._scenes[random.integers(len(self._scenes))]
        window = self._window(scene, random)
        if random.random() < 0.25:
            other = self._scenes[random.integers(len(self._scenes))]
            window = _covered(window, self._window(other, random), random)
        if random.random() < 0.5:
            window = window[:, :, ::-1]
        if random.random() < 0.5:
            window = window[:, ::-1]
        if random.random() < 0.5:
            window = window.transpose(0, 2, 1, 3)
        if random.random() < 0.5:  # time may run either way
            window = window[::-1]
        clean = window.astype(np.float32) / 255
        return (clean ** random.uniform(0.7, 1.4)) * random.uniform(0.6, 1.0)

    def _window(self, scene: Scene, random: Generator) -> Any:
        import cv2

        side, height, width = self._side, *scene.frames[0].shape[:2]
        if len(scene.frames) == 3:
            y, x = (int(random.integers(0, n - side + 1)) for n in (height, width))
            return np.stack([f[y : y + side, x : x + side] for f in scene.frames])
        picture = scene.frames[0]
        if min(height, width) >= 2 * (side + _ROOM) and random.random() < 0.4:
            picture = _reduced(picture, 0.5)
            height, width = picture.shape[:2]
        y, x = (int(random.integers(24, n - side - 23)) for n in (height, width))
        middle = picture[y : y + side, x : x + side]
        pace = random.choice([0.0, 0.7, 3.0, 8.0], p=[0.35, 0.25, 0.25, 0.15])
        if pace == 0:
            return np.stack([middle] * 3)
        step = random.normal(0, pace, 2)
        turn, zoom = random.normal(0, 0.002 * pace), random.normal(0, 0.002 * pace)
        frames = []
        for k in (-1, 1):
            way = np.array([[1 + k * zoom, -k * turn], [k * turn, 1 + k * zoom]])
            centre = np.array([x, y]) + side / 2
            shift = centre + np.clip(k * step, -20, 20) - way @ np.array([side / 2, side / 2])
            matrix = np.concatenate([way, shift[:, None]], 1)
            frames.append(
                cv2.warpAffine(
                    picture,
                    matrix,
                    (side, side),
                    flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
                    borderMode=cv2.BORDER_REFLECT,
                )
            )
        return np.stack([frames[0], middle, frames[1]])


def _covered(below: Any, above: Any, random: Generator) -> Any:
    """A window with an oval cut from another in front, which moves independently."""
    side = below.shape[1]
    centre, radii = random.uniform(0, side, 2), random.uniform(side / 8, side / 2, 2)
    step = random.normal(0, 3, 2)
    rows, columns = np.mgrid[:side, :side]
    made = below.copy()
    for k in range(3):
        y, x = centre + (k - 1) * step
        inside = ((rows - y) / radii[0]) ** 2 + ((columns - x) / radii[1]) ** 2 < 1
        made[k][inside] = above[k][inside]
    return made
