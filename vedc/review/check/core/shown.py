"""Titles and captions as a film shows them: only its spec knows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from vedc.edit.contents import Text
from vedc.errors import SourceLocation

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class ShownText:
    """A title or a burned-in caption that stands still."""

    kind: Literal["title", "caption"]
    text: Text
    scale: float
    """At which it is drawn."""
    corner: tuple[int, int]
    """Of its bitmap, in pixels of the picture."""
    ink: Box
    """Left, top, right and bottom of its letters, in pixels of the picture."""
    frames: tuple[int, int]
    """When it is shown, in frames of the file."""
    at_rest: tuple[int, int]
    """When it is neither animated nor fading; may be empty."""
    track: str
    location: SourceLocation | None = None
    within_box: bool = True
    """Whether nothing but its place says where it is: neither effects nor a mask change it."""

    @property
    def name(self) -> str:
        """How messages quote it."""
        words = " ".join(self.text.text.split())
        return repr(words if len(words) <= 40 else f"{words[:37]}...")
