"""How titles enter and leave: the presets of ``animate``, and the pose of each unit of text.

A unit is a letter, a word, a line or all of a title. A preset gives the start of a unit, in
multiples of the type's size; from there it eases to its place. On the way out the same is played
backwards, except that moves and wipes continue in their direction unless the preset ``returns``.
"""

from __future__ import annotations

import math
import zlib
from typing import Final, Literal

from vedc.edit.contents import Animation
from vedc.edit.easing import easing
from vedc.support.lazy_dataclass import dataclass

By = Literal["all", "line", "word", "letter"]
Point = tuple[float, float]

UNITS: Final[tuple[By, ...]] = ("all", "line", "word", "letter")

#: Increase when a preset's frames change, so that stored segments are drawn again.
VERSION = 2

#: How often letters change while a scrambled or flickering unit settles.
_CHANGES = 8


@dataclass(frozen=True, slots=True)
class Preset:
    """Where a unit comes from, and the defaults of a title."""

    doc: str
    by: By = "all"
    duration: float = 0.6
    """Seconds for all units together."""
    easing: str = "ease-out-cubic"
    stagger: float = 0.25
    """Delay of each unit after the one before: 0 none, 1 until that has arrived."""
    opacity: float = 1.0
    fade: float = 1.0
    """The share of its time in which a unit becomes opaque."""
    offset: Point = (0.0, 0.0)
    """Times the size of the type; y down."""
    travel: Point = (0.0, 0.0)
    """The direction in which the title comes from beyond the edge of the canvas."""
    scale: Point = (1.0, 1.0)
    rotation: float = 0.0
    """Degrees clockwise."""
    pivot: Point = (0.5, 0.5)
    """The centre of scale and rotation, in fractions of the unit's box."""
    blur: float = 0.0
    """Times the size: twice the standard deviation of a Gaussian, as in CSS."""
    spacing: float = 0.0
    """Times the size, between neighbouring units."""
    wipe: Point = (0.0, 0.0)
    """The direction in which an edge uncovers it."""
    dim: float = 0.0
    """The opacity of the part that a wipe has not yet uncovered."""
    masked: bool = False
    """Whether it is seen only within its own line."""
    sway: float = 0.0
    """Times the size: how far it swings up and down on the way."""
    flickers: bool = False
    scrambles: bool = False
    backwards: bool = False
    """Whether the last unit leaves first."""
    returns: bool = False
    """Whether it leaves the way it came, instead of going on."""


PRESETS: Final[dict[str, Preset]] = {
    "fade": Preset("becomes visible", opacity=0, easing="linear"),
    "rise": Preset("rises a little", opacity=0, offset=(0, 0.8)),
    "drop": Preset("comes down a little", opacity=0, offset=(0, -0.8)),
    "slide-left": Preset("moves to the left, from beyond the edge", travel=(-1, 0)),
    "slide-right": Preset("moves to the right, from beyond the edge", travel=(1, 0)),
    "slide-up": Preset("moves up, from beyond the edge", travel=(0, -1)),
    "slide-down": Preset("moves down, from beyond the edge", travel=(0, 1)),
    "typewriter": Preset(
        "is typed, and deleted from its end", by="letter", duration=1.5, easing="step-end",
        stagger=1, opacity=0, backwards=True,
    ),
    "pop": Preset(
        "grows beyond its size and back", by="word", easing="ease-out-back", opacity=0, fade=0.4,
        scale=(0, 0),
    ),
    "blur-in": Preset("comes into focus", duration=0.8, opacity=0, blur=0.6),
    "wave": Preset(
        "swings up and down", by="letter", duration=1.2, stagger=0.15, easing="linear", opacity=0,
        fade=0.3, sway=0.5,
    ),
    "karaoke": Preset(
        "is dim, and lights up from left to right", by="word", duration=2, easing="linear",
        stagger=1, wipe=(1, 0), dim=0.35,
    ),
    "lower-third": Preset(
        "comes from behind an edge on its left", by="line", duration=0.8, stagger=0.4,
        easing="ease-out-quart", offset=(-1.2, 0), wipe=(1, 0), returns=True,
    ),
    "zoom-in": Preset("grows", opacity=0, scale=(0.5, 0.5)),
    "title-zoom": Preset(
        "shrinks from far too large", duration=1, easing="ease-out-expo", opacity=0, fade=0.5,
        scale=(3, 3), blur=0.2,
    ),
    "spin": Preset(
        "turns and grows", by="letter", duration=0.8, opacity=0, fade=0.5, scale=(0, 0),
        rotation=-180,
    ),
    "tracking": Preset(
        "moves together from wide spacing", by="letter", duration=1.2, stagger=0, opacity=0,
        spacing=0.5,
    ),
    "wipe-right": Preset("is uncovered to the right", easing="ease-in-out", wipe=(1, 0)),
    "wipe-left": Preset("is uncovered to the left", easing="ease-in-out", wipe=(-1, 0)),
    "wipe-down": Preset("is uncovered downwards", easing="ease-in-out", wipe=(0, 1)),
    "wipe-up": Preset("is uncovered upwards", easing="ease-in-out", wipe=(0, -1)),
    "reveal": Preset(
        "rises into its line as from behind an edge", by="line", duration=0.8,
        easing="ease-out-quart", stagger=0.2, offset=(0, 1.4), masked=True,
    ),
    "bounce": Preset(
        "falls and bounces", by="letter", duration=1.2, easing="ease-out-bounce", stagger=0.1,
        opacity=0, fade=0.3, offset=(0, -1.5), returns=True,
    ),
    "swing": Preset(
        "swings like a sign", duration=1.2, easing="ease-out-elastic", opacity=0, fade=0.2,
        rotation=25, pivot=(0.5, 0),
    ),
    "flip": Preset(
        "turns about its upright axis", by="letter", easing="ease-out-back", opacity=0, fade=0.3,
        scale=(0, 1),
    ),
    "stretch": Preset(
        "springs up from its foot", by="letter", duration=0.9, easing="ease-out-elastic",
        stagger=0.1, opacity=0, fade=0.2, scale=(1, 0), pivot=(0.5, 1),
    ),
    "flicker": Preset(
        "goes on and off like a neon tube", by="letter", duration=1, easing="linear", stagger=0.1,
        flickers=True,
    ),
    "scramble": Preset(
        "shows other letters until it settles", by="letter", duration=1, easing="linear",
        stagger=0.2, opacity=0, fade=0.2, scrambles=True,
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pose:
    """How a unit is drawn in one frame."""

    opacity: float = 1.0
    offset: Point = (0.0, 0.0)
    """Times the size of the type."""
    travel: Point = (0.0, 0.0)
    """A factor on the way from its place to beyond the edge in this direction."""
    scale: Point = (1.0, 1.0)
    rotation: float = 0.0
    blur: float = 0.0
    """Times the size."""
    spacing: float = 0.0
    passed: float = 1.0
    """The share of the unit that the edge of a wipe has passed, and ..."""
    covers: bool = False
    """... whether it hides that rather than uncovering it."""
    shows: int | None = None
    """Another unit to draw in its place."""


REST: Final = Pose()


def progress(count: int, stagger: float, share: float) -> list[float]:
    """The progress of each of ``count`` units after this share of the time."""
    each = 1 / (1 + stagger * (count - 1))
    return [min(max((share - stagger * each * n) / each, 0.0), 1.0) for n in range(count)]


def poses(
    preset: Preset, curve: str, stagger: float, count: int, share: float, *, out: bool
) -> list[Pose]:
    """The poses of ``count`` units, in reading order, after a share of the way in or out."""
    come = progress(count, stagger, share)
    if out:
        come = [1 - value for value in (reversed(come) if preset.backwards else come)]
    return [_pose(preset, curve, n, count, value, out) for n, value in enumerate(come)]


def _pose(preset: Preset, curve: str, number: int, count: int, come: float, out: bool) -> Pose:
    if come >= 1:
        return REST
    eased = easing(curve)(come)
    left = 1 - eased
    on = out and not preset.returns
    onwards = -1 if on else 1
    seen = min(max(eased if preset.fade == 1 else come / preset.fade, 0.0), 1.0)
    opacity = preset.opacity + (1 - preset.opacity) * seen
    change = math.floor(come * _CHANGES)
    if preset.flickers:
        opacity *= _chance(number, change) < come
    x, y = (onwards * left * value for value in preset.offset)
    y -= preset.sway * math.sin(2 * math.pi * come) * (1 - come)
    return Pose(
        opacity,
        (x, y),
        _along(preset.travel, left * onwards),
        _grown(preset.scale, eased),
        preset.rotation * left,
        max(preset.blur * left, 0.0),
        preset.spacing * left,
        min(max(left if on else eased, 0.0), 1.0) if any(preset.wipe) else 1.0,
        on and any(preset.wipe),
        math.floor(_chance(number, change) * count) if preset.scrambles else None,
    )


def _along(direction: Point, way: float) -> Point:
    """Back along a direction; at 1 beyond the edge that it comes from."""
    return -direction[0] * way, -direction[1] * way


def _grown(start: Point, eased: float) -> Point:
    x, y = (max(value + (1 - value) * eased, 0.0) for value in start)
    return x, y


def _chance(*numbers: int) -> float:
    """A number from 0 to below 1, the same on every machine."""
    return zlib.crc32(",".join(map(str, numbers)).encode()) / 2**32


def backing(
    preset: Preset, curve: str, stagger: float, count: int, share: float, *, out: bool
) -> Pose:
    """The pose of the background of all units: it appears with the first and leaves with the
    last."""
    come = progress(count, stagger, share)
    nearest = 1 - min(come) if out else max(come)
    if any(preset.wipe) and not preset.dim:
        moved = _pose(preset, curve, 0, count, nearest, out)
        return Pose(passed=moved.passed, covers=moved.covers)
    return Pose(opacity=nearest)


def reach(
    animation: Animation, size: float, box: tuple[int, int], canvas: tuple[int, int]
) -> tuple[int, int]:
    """How far beyond its box, across and down, an animation may move a title, in pixels.

    ``size`` is the type's; ``box`` and ``canvas`` are widths and heights.
    """
    preset = PRESETS[animation.preset]
    beyond = 2 * size + max(box) * (max(preset.scale) > 1 or preset.rotation != 0)
    across, down = (
        max(beyond, length) if way else beyond
        for way, length in zip(preset.travel, canvas, strict=True)
    )
    spread = box[0] if preset.spacing else 0
    return math.ceil(across + spread), math.ceil(down)
