"""The size and the rate of an editly film, and its places."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from vedc.interchange.common.draft import tidy
from vedc.interchange.common.files import ForeignFiles
from vedc.interchange.common.words import exact_rate, rate_value
from vedc.interchange.editly.merging import Merged
from vedc.interchange.foreign.node import Node

#: editly's own default where no video says otherwise, in both directions.
_SIDE: Final = 640
_MARGIN: Final = Fraction(1, 20)
_ACROSS: Final = {"left": Fraction(0), "center": Fraction(1, 2), "right": Fraction(1)}
_DOWN: Final = {"top": Fraction(0), "center": Fraction(1, 2), "bottom": Fraction(1)}


@dataclass(frozen=True)
class Canvas:
    width: int
    height: int
    known: bool
    """Whether the size is certain; if not, it is the first clip's, and 16:9 is assumed."""

    @property
    def smaller(self) -> int:
        return min(self.width, self.height)


def read_canvas(
    root: Node, files: ForeignFiles, video: str | None
) -> tuple[Canvas, dict[str, Any]]:
    """The canvas, and the profile of the spec. ``video``: the path of the first video."""
    width, height = (
        root.number("width", low=1, high=16384),
        root.number("height", low=1, high=16384),
    )
    fps = root.number("fps", low=0.01, high=1000)
    gif = str(root.peek("outPath") or "").lower().endswith(".gif")
    profile: dict[str, Any] = {}
    media = files.media(video) if video else None
    seen = media.video.display_size if media is not None and media.video is not None else None
    if width is None and gif:
        width = Fraction(320)
    if width is not None and height is not None:
        size = int(width), int(height)
    elif seen is not None:
        size = seen if width is None else (int(width), round(seen[1] / seen[0] * float(width)))
    elif video is None:
        size = (int(width), int(width)) if width is not None else (_SIDE, _SIDE)
    else:
        root.note_loss(
            "the size of the film", "that of the first video, which is not here", "guessed"
        )
        size = (0, 0)
        if width is not None:
            profile["width"] = _even(int(width))
    known = size != (0, 0)
    if known:
        profile.update(width=_even(size[0]), height=_even(size[1]))
    rate = exact_rate(fps) if fps is not None else None
    if rate is None and gif:
        rate = Fraction(10)
    if rate is not None:
        profile["fps"] = rate_value(rate)
    elif video is None:
        profile["fps"] = 25
    canvas = Canvas(*size, True) if known else Canvas(1280, 720, False)
    return canvas, profile


def _even(side: int) -> int:
    return max(2, side + side % 2)


def placed(layer: Merged, default: str = "center") -> dict[str, Any]:
    """``position`` and ``anchor`` of a layer."""
    node = layer.take("position")
    if node is None or node.is_text:
        name = default if node is None else str(node.value)
        down, _, across = name.partition("-")
        if down in ("left", "right") and not across:
            down, across = "center", down
        if name == "center" or down not in _DOWN or (across or "center") not in _ACROSS:
            if name != "center" and node is not None:
                node.note_loss(f"the position {name!r}", "the centre")
            return {}
        ax, ay = _ACROSS[across or "center"], _DOWN[down]
        x, y = (_MARGIN + a * (1 - 2 * _MARGIN) for a in (ax, ay))
        return point(x, y, ax, ay)
    if not node.is_map:
        node.lose("is no position", "the centre")
        return {}
    x_, y_ = node.number("x", low=-10, high=10), node.number("y", low=-10, high=10)
    half = Fraction(1, 2)
    ax = origin(node, "originX", _ACROSS, "left") if x_ is not None else half
    ay = origin(node, "originY", _DOWN, "top") if y_ is not None else half
    return point(half if x_ is None else x_, half if y_ is None else y_, ax, ay)


def origin(node: Node | Merged, key: str, words: dict[str, Fraction], default: str) -> Fraction:
    name = node.text(key)
    if name is not None and name not in words:
        node.note_loss(f"the {key} {name!r}", default)
    return words.get(name or default, words[default])


def box(layer: Merged, canvas: Canvas) -> dict[str, Any]:
    """The box of a video layer: fractions of the canvas."""
    width, height = (layer.number(key, low=0.0001, high=100) for key in ("width", "height"))
    left, top = (layer.number(key, low=-100, high=100) for key in ("left", "top"))
    given = [key for key in ("originX", "originY") if key in layer]
    if not given and all(each is None for each in (width, height, left, top)):
        return {}
    ax = origin(layer, "originX", _ACROSS, "left")
    ay = origin(layer, "originY", _DOWN, "top")
    size = {"width": percent(width or Fraction(1)), "height": percent(height or Fraction(1))}
    return {**size, **point(left or Fraction(0), top or Fraction(0), ax, ay)}


def point(x: Fraction, y: Fraction, ax: Fraction, ay: Fraction) -> dict[str, Any]:
    return {"position": [tidy(x), tidy(y)], "anchor": [tidy(ax), tidy(ay)]}


def percent(value: Fraction | float) -> str:
    return f"{tidy(float(value) * 100, 4)}%"
