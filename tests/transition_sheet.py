"""Draws docs/transitions.jpg: a strip over time for each family, on joins that ask for it.

``python -m tests.transition_sheet docs/transitions.jpg`` needs the real clips (``VEDC_MEDIA``). The
parameters are what vedc chooses for the join, and the mattes are those that it draws.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from tests.bench import transitions as bench
from tests.ops_support import apply
from tests.paths import ROOT
from vedc.decide.analyses.results import Beside
from vedc.decide.transitions import beside
from vedc.decide.transitions.fitted import fitted
from vedc.decide.transitions.joint import Joint

_CELL: Final = (208, 117)
_STEPS: Final = 6
_LENGTH: Final = 14
"""Frames of each transition."""


def seen(clip: bench.Clip, *, last: bool) -> Beside:
    """The data of the analysis ``beside`` for a clip of 30 frames a second."""
    frames = clip[-11::2] if last else clip[:11:2]
    luma = np.stack([np.round(p @ (0.2126, 0.7152, 0.0722)).astype(np.uint8) for p in frames])
    rows = [row for row in beside.motion(luma, 15.0) if row is not None]
    at = -1 if last else 0
    thumb = cv2.resize(frames[at], (48, 27), interpolation=cv2.INTER_AREA)
    nothing = np.zeros((0, 5), np.float32)
    return Beside(luma[at], np.asarray(thumb), np.stack(rows) if rows else nothing)


def joins() -> list[tuple[str, bench.Clip, bench.Clip]]:
    """A transition and the two clips that ask for it."""
    takes = {name: bench.footage(name) for name in ("elf", "frog", "monster", "pig", "crystal")}
    whole: Callable[[bench.Clip], bench.Clip] = lambda take: bench.cropped(  # noqa: E731
        take, lambda n: (0.5, 0.5, 0.95)
    )
    elf, frog, monster, pig = (whole(takes[n]) for n in ("elf", "frog", "monster", "pig"))
    still = bench.still(takes["monster"], 0.4), bench.still(takes["crystal"], 0.6)
    later = bench.cropped(takes["monster"][bench.FRAMES + 6 :], lambda n: (0.5, 0.5, 0.95))
    blur = [cv2.GaussianBlur(p, (0, 0), 4.0) for p in pig]
    white = [255 - ((255 - p.astype(int)) // 5).astype(np.uint8) for p in elf]
    return [
        ("dissolve", elf, frog),
        ("dip", elf, frog),
        ("wipe", bench.pan(takes["elf"], "left", 0.3), still[1]),
        ("slide", *(bench.pan(takes[n], "left", 0.25) for n in ("elf", "pig"))),
        ("whip_pan", *(bench.pan(takes[n], "right", 1.1) for n in ("elf", "pig"))),
        ("zoom_in", bench.push(takes["monster"], 0.5), bench.push(takes["pig"], 0.5)),
        ("iris", still[0], bench.disc(still[1], 0.62, 0.45, 0.2)),
        ("luma_wipe", frog, monster),
        ("flow_morph", monster, later),
        ("blur_dissolve", blur, frog),
        ("overexposure", white, pig),
        ("glitch_cut", elf, frog),
        ("light_leak", bench.sun(pig, 0.8), still[0]),
    ]


def strip(name: str, left: bench.Clip, right: bench.Clip) -> tuple[list[Any], dict[str, Any]]:
    """The pictures of a transition, and its parameters."""
    found = fitted(name, Joint(seen(left, last=True), seen(right, last=False)))
    params: dict[str, Any] = dict(found.params)
    given = dict(params)
    if "color" in given:
        text = {"white": "#ffffff"}.get(given["color"], given["color"])
        given["color"] = tuple(int(text[k : k + 2], 16) / 255 for k in (1, 3, 5))
    if found.matte is not None:
        grey = cv2.resize(found.matte, bench.SIZE) / 255.0
        given["src"] = np.dstack([grey, grey, grey, np.ones(grey.shape)])
    pictures = []
    for step in range(_STEPS + 1):
        at = float(Fraction(step, _STEPS))
        frame = round(at * _LENGTH)
        pair = left[min(len(left) - 1 - _LENGTH + frame, len(left) - 1)], right[frame]
        layers = [np.dstack([p / 255.0, np.ones(p.shape[:2])]) for p in pair]
        drawn = apply(name, *layers, progress=at, **given)[..., :3]
        pictures.append(np.clip(np.round(drawn * 255), 0, 255).astype(np.uint8))
    if found.matte is not None:
        params["src"] = "the matte"
    return pictures, params


def main(path: Path) -> None:
    """Draw the sheet."""
    rows = joins()
    font = ImageFont.truetype(ROOT / "vedc" / "text" / "fonts" / "default.otf", 15)
    high = _CELL[1] + 24
    sheet = Image.new("RGB", (_CELL[0] * (_STEPS + 1), high * len(rows)), (24, 24, 24))
    pen = ImageDraw.Draw(sheet)
    for row, (name, left, right) in enumerate(rows):
        pictures, params = strip(name, left, right)
        said = "".join(f"  {key}: {value}" for key, value in params.items())
        pen.text((6, row * high + 3), name + said, (235, 235, 235), font=font)
        for column, picture in enumerate(pictures):
            small = Image.fromarray(picture).resize(_CELL, Image.Resampling.LANCZOS)
            sheet.paste(small, (column * _CELL[0], row * high + 24))
    sheet.save(path, quality=82)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
