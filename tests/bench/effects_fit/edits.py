"""Edits of known making: by vedc's own ops, by FFmpeg's filters, and by OpenCV.

An effect is a function of a frame of 8 bits and its number. The truth lists what it is called
here and the parameters that the two have in common; where they have none, its presence alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np

from tests.bench.colour.foreign import CHAINS, Grade, chained
from tests.bench.effects_fit.takes import Frames
from vedc.decide.arrays import Generator
from vedc.decide.fitted_effects.draw import drawn

Effect = Callable[[Frames, int], Frames]
Truth = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True, eq=False)
class Edit:
    """A grade, then effects."""

    name: str
    grade: Grade
    effects: tuple[Effect, ...]
    truth: Truth
    """The ops that are present, with their parameters where they are known."""
    random: bool = False
    """Whether it has grain, which no second rendering repeats."""
    steady: tuple[Effect, ...] = ()
    """The effects without grain."""
    parts: Mapping[str, Effect] = field(default_factory=dict)
    """Each op of the truth by itself."""

    def seen(self, frame: Frames) -> set[str]:
        """The ops that change a frame by two code values or more (root mean square)."""
        graded = self.grade(frame)
        away = {
            op: float(np.sqrt(np.square(part(graded, 0).astype(float) - graded).mean()))
            for op, part in self.parts.items()
        }
        return {op for op in self.truth if away.get(op, 2.0) >= 2.0}

    def made(self, frames: Frames, still: bool = False) -> Frames:
        chain = self.steady if still else self.effects
        made = []
        for number, frame in enumerate(frames):
            shown = self.grade(frame)
            for effect in chain:
                shown = effect(shown, number)
            made.append(shown)
        return np.stack(made)


def codes(values: Any) -> Frames:
    return np.rint(np.clip(values, 0, 1) * 255).astype(np.uint8)


#: Drawn like a person would set them: op, and its parameters.
def _own(draw: Generator, name: str) -> dict[str, Any]:
    u = draw.uniform
    match name:
        case "vignette":
            return {"amount": u(0.25, 0.9), "size": u(0.2, 0.7), "softness": u(0.35, 0.9)}
        case "gaussian_blur":
            return {"radius": u(1.0, 5.0)}
        case "sharpen":
            return {"amount": u(0.6, 2.0), "radius": u(0.8, 2.5)}
        case "film_grain":
            return {"amount": u(0.04, 0.12), "size": u(1.0, 2.5), "seed": int(draw.integers(1000))}
        case "halo":
            return {"threshold": u(0.4, 0.8), "radius": u(6, 24), "amount": u(0.3, 1.2)}
        case "glow":
            return {"amount": u(0.2, 0.8), "radius": u(5, 20)}
        case "chromatic_aberration":
            return {"amount": float(draw.choice((-1, 1))) * u(2.0, 7.0)}
        case "rgb_shift":
            x, y = u(-6, 6), u(-2, 2)
            x += np.sign(x) * 1.5
            return {"red": [-x, -y], "blue": [x, y]}
        case "pixelate":
            size = int(draw.integers(4, 24))
            return {"size": [size, size]}
        case "scan_lines":
            return {"amount": u(0.2, 0.7), "spacing": u(3.0, 9.0)}
        case _:
            raise KeyError(name)


OWN = (
    "vignette", "gaussian_blur", "sharpen", "film_grain", "halo", "glow",
    "chromatic_aberration", "rgb_shift", "pixelate", "scan_lines",
)  # fmt: skip
#: The order of effects.
ORDER = (
    "gaussian_blur", "sharpen", "chromatic_aberration", "rgb_shift", "halo", "glow", "vignette",
    "pixelate", "scan_lines", "film_grain",
)  # fmt: skip
#: Never both: they undo or hide each other.
APART = (
    {"gaussian_blur", "sharpen"}, {"chromatic_aberration", "rgb_shift"}, {"halo", "glow"},
    {"pixelate", "gaussian_blur", "sharpen", "chromatic_aberration", "rgb_shift", "film_grain"},
    {"gaussian_blur", "scan_lines"},
)  # fmt: skip


def own_edit(draw: Generator, kinds: tuple[str, ...], grade: Grade, name: str) -> Edit:
    """An edit by vedc's own ops."""
    steps = [{"op": k, **_own(draw, k)} for k in sorted(kinds, key=ORDER.index)]

    def chain(chosen: list[dict[str, Any]]) -> Effect:
        return lambda frame, number: codes(drawn(chosen, frame / 255.0, frame=number))

    steady = [s for s in steps if s["op"] != "film_grain"]
    truth = {s["op"]: {k: v for k, v in s.items() if k not in ("op", "seed")} for s in steps}
    random = "film_grain" in truth
    parts = {step["op"]: chain([step]) for step in steps}
    return Edit(name, grade, (chain(steps),), truth, random, (chain(steady),), parts)


def draw_kinds(draw: Generator, most: int) -> tuple[str, ...]:
    """Up to so many effects that go together."""
    count = int(draw.integers(1, most + 1))
    kinds: list[str] = []
    for kind in draw.permutation(OWN):
        clash = any(kind in group and group & set(kinds) for group in APART)
        if not clash and len(kinds) < count:
            kinds.append(str(kind))
    return tuple(kinds)


def _filtered(text: str) -> Effect:
    chain = chained(text)
    return lambda frame, number: chain(frame)


def _noise(strength: int) -> Effect:
    """FFmpeg's, a seed for each frame."""

    def made(frame: Frames, number: int) -> Frames:
        return chained(f"noise=alls={strength}:allf=t:all_seed={number * 7 + 1}")(frame)

    return made


def _bloom(frame: Frames, number: int) -> Frames:
    """As most editors do it: bright parts, blurred and screened, in display values."""
    x = frame.astype(np.float32) / 255
    bright = np.clip((x - 0.6) / 0.4, 0, 1) * x
    spread = cv2.GaussianBlur(bright, (0, 0), 14) * 0.9
    return codes(1 - (1 - x) * (1 - np.clip(spread, 0, 1)))


def _fringes(pixels: float) -> Effect:
    """Red larger and blue smaller, by OpenCV's bicubic resampling."""

    def made(frame: Frames, number: int) -> Frames:
        height, width = frame.shape[:2]
        half = np.hypot(width, height) / 2
        channels = []
        for channel, way in ((0, 1.0), (1, 0.0), (2, -1.0)):
            zoom = 1 + way * pixels / half
            matrix = np.array(
                [[zoom, 0, (1 - zoom) * (width - 1) / 2], [0, zoom, (1 - zoom) * (height - 1) / 2]]
            )
            channels.append(
                cv2.warpAffine(
                    np.ascontiguousarray(frame[..., channel]),
                    matrix,
                    (width, height),
                    flags=cv2.INTER_CUBIC,
                    borderMode=cv2.BORDER_REPLICATE,
                )
            )
        return np.stack(channels, -1)

    return made


#: By other hands: how it is made, what it is called here, and the parameters in common.
FOREIGN: dict[str, tuple[Effect, Truth]] = {
    "vignette": (_filtered("vignette=angle=PI/4.5"), {"vignette": {}}),
    "vignette, weak": (_filtered("vignette=angle=PI/7"), {"vignette": {}}),
    "gblur 1.5": (_filtered("gblur=sigma=1.5:steps=3"), {"gaussian_blur": {"radius": 1.5}}),
    "gblur 4": (_filtered("gblur=sigma=4:steps=3"), {"gaussian_blur": {"radius": 4.0}}),
    "unsharp 1": (_filtered("unsharp=lx=5:ly=5:la=1.0"), {"sharpen": {}}),
    "unsharp 1.8": (_filtered("unsharp=lx=7:ly=7:la=1.8"), {"sharpen": {}}),
    "noise 20": (_noise(20), {"film_grain": {}}),
    "noise 40": (_noise(40), {"film_grain": {}}),
    "rgbashift": (
        _filtered("rgbashift=rh=-5:bh=5"), {"rgb_shift": {"red": [-5, 0], "blue": [5, 0]}}
    ),
    "rgbashift, down": (
        _filtered("rgbashift=rv=-3:bv=3:rh=2:bh=-2"),
        {"rgb_shift": {"red": [2, -3], "blue": [-2, 3]}},
    ),
    "pixelize 8": (_filtered("pixelize=w=8:h=8"), {"pixelate": {"size": [8, 8]}}),
    "pixelize 15": (_filtered("pixelize=w=15:h=15"), {"pixelate": {"size": [15, 15]}}),
    "drawgrid": (_filtered("drawgrid=w=4*iw:h=4:t=1:c=black@0.4"), {"scan_lines": {"spacing": 4}}),
    "bloom": (_bloom, {"halo": {}}),
    "fringes 4": (_fringes(4.0), {"chromatic_aberration": {"amount": 4.0}}),
}  # fmt: skip


def foreign_edit(effects: tuple[str, ...], grade: Grade, name: str) -> Edit:
    truth: dict[str, Mapping[str, Any]] = {}
    for effect in effects:
        truth |= FOREIGN[effect][1]
    steady = tuple(FOREIGN[e][0] for e in effects if not e.startswith("noise"))
    chain = tuple(FOREIGN[e][0] for e in effects)
    return Edit(name, grade, chain, truth, len(steady) < len(chain), steady)


def foreign_grades() -> list[tuple[str, Grade]]:
    return [(name, chained(text)) for name, text in CHAINS.items()]
