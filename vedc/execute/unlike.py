"""Frames of transitions whose two pictures have nothing in common: stored with each segment, and
reported once per film."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any, Final

from vedc.edit.timecode import brief
from vedc.support.lazy_dataclass import dataclass, field

_KEY: Final = "unlike"


@dataclass(slots=True)
class Unlike:
    """Frames of a segment."""

    frames: set[int] = field(default_factory=set)

    def to_meta(self) -> dict[str, Any]:
        """As JSON data for the meta of a stored segment."""
        return {_KEY: sorted(self.frames)}

    @classmethod
    def of_meta(cls, meta: Mapping[str, Any]) -> Unlike:
        """From the data of :meth:`to_meta`; anything of another form is ignored."""
        frames = meta.get(_KEY)
        given = frames if isinstance(frames, list) else []
        return cls({n for n in given if isinstance(n, int) and not isinstance(n, bool)})


def unlike_text(frames: Iterable[int], fps: Fraction) -> str:
    """One line about frames of a film."""
    found = sorted(frames)
    many = "1 frame" if len(found) == 1 else f"{len(found)} frames"
    return (
        f"flow_morph shows a dissolve in {many} from {brief(found[0] / fps)} on: the two pictures "
        "have too little in common"
    )
