"""The size of a title, known before it is drawn."""

from __future__ import annotations

from vedc.support.lazy_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class TextBox:
    """How large a title is: its bitmap, and the ink in it."""

    width: int
    height: int
    ink: tuple[float, float, float, float] | None
    """Left, top, right and bottom in pixels of the bitmap; None if there is none."""
    beyond: tuple[int, int] = (0, 0)
    """Pixels by which its lines exceed their box in width and height."""
    lines: int = 1
    baseline: float = 0.0
    """Of the last line, in pixels of the bitmap."""
