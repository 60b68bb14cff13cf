"""A picture in a resizing box: a moving crop and scale, in one sampling."""

from __future__ import annotations

import math
from collections.abc import Callable

from vedc.edit.contents import Placement
from vedc.edit.placement import fit_factors, largest_box, largest_scale
from vedc.edit.values import Keyframes, ParamValue, Point2
from vedc.ir.image import Param
from vedc.ir.lower.fitting import in_pixels_of
from vedc.ir.lower.motion import mapped
from vedc.ir.lower.ops import Rectangle
from vedc.ir.lower.stage import Size
from vedc.ir.lower.turn import rotation_of

#: The largest picture that is drawn for it, in areas of the canvas.
_MOST_CANVASES = 4


def shown_in_moving_box(own: Size, crop: Keyframes | Rectangle, frame: Placement) -> Point2:
    """The largest size of a whole picture of size ``own``, in canvas pixels.

    It is never shown larger, and perhaps never as large, if the box is narrow while it is high.
    """
    box, scale = largest_box(frame), largest_scale(frame)
    assert box is not None
    rectangles = [point.value for point in crop.points] if isinstance(crop, Keyframes) else [crop]
    sides = [r[2:] for r in rectangles if isinstance(r, tuple)]
    least = min(side[0] for side in sides), min(side[1] for side in sides)
    factors = fit_factors(least, box, frame)
    wide, high = (own[axis] * factors[axis] * scale[axis] for axis in range(2))
    return wide, high


def drawn_for_moving_box(shown: Point2, canvas: tuple[int, int]) -> Size:
    """The size at which a scalable picture is drawn, to be shown as large as ``shown``."""
    areas = shown[0] * shown[1] / (canvas[0] * canvas[1])
    less = math.sqrt(_MOST_CANVASES / areas) if areas > _MOST_CANVASES else 1.0
    return Size(*(max(1, math.ceil(side * less)) for side in shown))


def motion_in_box(
    own: Size,
    read: Size,
    crop: Keyframes | Rectangle,
    frame: Placement,
    canvas: tuple[int, int],
    rebased: Callable[[ParamValue], Param],
) -> tuple[dict[str, Param], dict[str, Param]]:
    """The parameters of ``affine`` for a picture that is read in size ``read``, and those for its
    box, which is one pixel large there. ``rebased`` gives a value in the span's time.

    ``crop`` is in pixels of the picture's ``own`` size.
    """
    assert frame.box is not None
    if isinstance(crop, Keyframes):
        window: ParamValue = in_pixels_of(crop, read, own)
    else:
        by = (read.width / own.width, read.height / own.height) * 2
        window = tuple(side * factor for side, factor in zip(crop, by, strict=True))
    common: dict[str, Param] = {
        "width": canvas[0],
        "height": canvas[1],
        "anchor": rebased(frame.anchor),
        "pivot": rebased(mapped(frame.position, canvas)),
        "offset": rebased(frame.offset),
        "zoom": rebased(frame.scale),
        "rotation": rebased(rotation_of(frame)),
        "box_width": rebased(frame.box[0]),
        "box_height": rebased(frame.box[1]),
    }
    scale = (1.0, 1.0)
    pixel = float(frame.pixel)
    if frame.fit == "none":
        scale = own.width / read.width * pixel, own.height / read.height * pixel
    picture = common | {"scale": scale, "crop": rebased(window), "fit": frame.fit}
    return picture, common | {"scale": (1.0, 1.0)}
