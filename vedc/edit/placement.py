"""How large a picture is shown, and where, in whole canvas pixels; and how HDR is shown."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache

from vedc.edit.model import Clip, Image, OpCall, Placement
from vedc.edit.times import round_half_up


def picture_size(content: Clip | Image) -> tuple[int, int] | None:
    """Width and height as shown, in square pixels; None for sound alone."""
    if isinstance(content, Image):
        return content.width, content.height
    return None if content.media.video is None else content.media.video.display_size


def placed_size(
    width: int, height: int, canvas_width: int, canvas_height: int, frame: Placement
) -> tuple[int, int]:
    """The size in canvas pixels of a picture of ``width`` x ``height``, at least 1 x 1."""
    if (width, height) == (canvas_width, canvas_height) and frame.scale == 1:
        return width, height
    across, down = Fraction(canvas_width, width), Fraction(canvas_height, height)
    if frame.fit in ("contain", "contain-blur"):
        across = down = min(across, down)
    elif frame.fit == "cover":
        across = down = max(across, down)
    elif frame.fit == "none":
        across = down = Fraction(1)
    scale = Fraction(str(frame.scale))
    return (
        max(1, round_half_up(width * across * scale)),
        max(1, round_half_up(height * down * scale)),
    )


def tone_map_of(frame: Placement, calls: tuple[OpCall, ...]) -> str:
    """How an item with these ops is brought from HDR to SDR: a method of the op ``tone_map``, or
    ``none`` where its own ops do that."""
    method = str(frame.of("to_sdr").get("method", "auto"))
    if method != "auto":
        return method
    return "none" if any(call.op == "tone_map" for call in calls) else "bt2390"


@lru_cache(maxsize=1024)
def corner(position: float, offset: float, anchor: float, canvas: int, own: int) -> int:
    """Along one axis: the canvas pixel where a picture of ``own`` pixels begins."""
    location = Fraction(str(position)) * canvas + Fraction(str(offset))
    return round_half_up(location - Fraction(str(anchor)) * own)
