"""Drawings: SVG rendered at its display size by resvg."""

from __future__ import annotations

import io
import re
import threading
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple
from xml.sax.saxutils import quoteattr

from PIL import Image

from vedc.edit.media_info import ProbeError
from vedc.stills.svg_text import SvgText, read_svg

#: Pixels per unit (CSS Values 4, 96 pixels per inch); em and ex assume a font size of 16 pixels.
_UNITS: Final = {
    "": 1.0, "px": 1.0, "pt": 96 / 72, "pc": 16.0, "mm": 96 / 25.4, "cm": 96 / 2.54, "in": 96.0,
    "em": 16.0, "ex": 8.0, "rem": 16.0, "q": 96 / 101.6,
}  # fmt: skip
_LENGTH: Final = re.compile(r"\s*([+]?[0-9]*\.?[0-9]+(?:[eE][+-]?[0-9]+)?)\s*([a-zA-Z]*)\s*")

#: The size of a drawing that does not specify one (CSS 2.2, 10.3.2).
_DEFAULT: Final = (300.0, 150.0)

#: resvg recurses; the limits of ``svg_text`` keep it within this.
_STACK: Final = 256 << 20

_FONT: Final = Path(__file__).parents[1] / "text" / "fonts" / "default.otf"

_starting = threading.Lock()
"""The stack size of new threads is one setting of the process."""


class Box(NamedTuple):
    """The visible part of the drawing, in its own coordinates."""

    x: float
    y: float
    width: float
    height: float


def drawing(path: Path) -> SvgText:
    """As ``read_svg``; the last drawing is cached while its file is unchanged."""
    status = path.stat()
    return _drawing(path, status.st_mtime_ns, status.st_ctime_ns, status.st_size)


@lru_cache(maxsize=4)
def _drawing(path: Path, *stamp: int) -> SvgText:
    return read_svg(path)


def intrinsic(svg: SvgText) -> tuple[float, float]:
    """Width and height in pixels of 1/96 inch, at least 1: of the root, else of its viewBox."""
    box = _view_box(svg)
    width, height = (_length(svg.attributes.get(key)) for key in ("width", "height"))
    ratio = None if box is None else box.width / box.height
    if width is None and height is None:
        width, height = _DEFAULT if box is None else (box.width, box.height)
    elif width is None:
        width = _DEFAULT[0] if ratio is None else (height or 1.0) * ratio
    elif height is None:
        height = _DEFAULT[1] if ratio is None else width / ratio
    assert width is not None and height is not None
    return max(1.0, width), max(1.0, height)


def render(
    path: Path, svg: SvgText, width: int, height: int, part: Box | None = None
) -> Image.Image:
    """RGBA of ``width`` x ``height``: the whole drawing, or a part given in fractions of it.

    Raises ProbeError ``bad-image``.
    """
    across, down = intrinsic(svg)
    box = _view_box(svg) or Box(0.0, 0.0, across, down)
    aspect = svg.attributes.get("preserveAspectRatio", "xMidYMid meet")
    shown = part or Box(0.0, 0.0, 1.0, 1.0)
    # An inner svg keeps the drawing's own fit to its size; the outer one stretches the result.
    outer = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"'
        f' viewBox="{shown.x * across!r} {shown.y * down!r}'
        f' {shown.width * across!r} {shown.height * down!r}" preserveAspectRatio="none">'
    )
    inner = dict(svg.attributes) | {
        "x": "0",
        "y": "0",
        "width": repr(across),
        "height": repr(down),
        "viewBox": " ".join(map(repr, box)),
        "preserveAspectRatio": aspect,
    }
    words = "".join(f" {key}={quoteattr(value)}" for key, value in inner.items())
    text = f"{outer}<{svg.tag}{words}>{svg.body}</{svg.tag}></svg>"
    return Image.open(io.BytesIO(_on_a_large_stack(lambda: _rendered(path, text)))).convert("RGBA")


def _rendered(path: Path, text: str) -> bytes:
    import resvg_py

    family = _family()
    try:
        return bytes(
            resvg_py.svg_to_bytes(
                svg_string=text,
                skip_system_fonts=True,
                font_files=[str(_FONT)],
                font_family=family,
                serif_family=family,
                sans_serif_family=family,
                cursive_family=family,
                fantasy_family=family,
                monospace_family=family,
            )
        )
    except BaseException as error:
        # A panic of the renderer is not an Exception.
        if not isinstance(error, ValueError) and type(error).__name__ != "PanicException":
            raise
        reason = f"cannot use '{path}': it cannot be drawn ({error})"
        raise ProbeError("bad-image", reason, "simplify the drawing, or export it as PNG") from None


@lru_cache(maxsize=1)
def _family() -> str:
    from PIL import ImageFont

    return ImageFont.truetype(_FONT, 16).getname()[0] or ""


def _on_a_large_stack(make: Callable[[], bytes]) -> bytes:
    made: list[bytes | BaseException] = []

    def run() -> None:
        try:
            made.append(make())
        except BaseException as error:  # raised again in the caller's thread
            made.append(error)

    with _starting:
        before = threading.stack_size(_STACK)
        try:
            thread = threading.Thread(target=run, name="svg", daemon=True)
            thread.start()
        finally:
            threading.stack_size(before)
    thread.join()
    (result,) = made
    if isinstance(result, BaseException):
        raise result
    return result


def _view_box(svg: SvgText) -> Box | None:
    words = re.split(r"[\s,]+", svg.attributes.get("viewBox", "").strip())
    try:
        box = Box(*map(float, words))
    except (TypeError, ValueError):
        return None
    return box if 0 < box.width < 1e9 and 0 < box.height < 1e9 else None


def _length(text: str | None) -> float | None:
    """Pixels; None if missing, and for percentages, which depend on the drawing's surroundings."""
    found = _LENGTH.fullmatch(text or "")
    if found is None or found[2].lower() not in _UNITS:
        return None
    pixels = float(found[1]) * _UNITS[found[2].lower()]
    return pixels if 0 < pixels < 1e9 else None
