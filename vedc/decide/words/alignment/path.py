"""The path that an aligner finds through a recording, stretch by stretch."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

#: Prefix of the names of hesitations in a grammar, which no word of a script has.
HESITATION: Final = "++"
#: Scale of the decoder's scores: logarithms shifted by ten bits.
_SHIFT: Final = 1024


@dataclass(frozen=True, slots=True)
class Part:
    """Frames ``first`` to ``end`` of the path, and their distance from the expected sound, in nats.
    ``form``: the number of the spoken form; None for a hesitation or a pause, which has no
    ``text``."""

    first: int
    end: int
    far: float
    form: int | None
    text: str
    aside: bool = False

    @property
    def frames(self) -> int:
        return self.end - self.first

    @property
    def pause(self) -> bool:
        return self.form is None and not self.text

    def moved(self, frames: int, forms: Sequence[int]) -> Part:
        """The same part in a recording that begins ``frames`` earlier, and in a script of which
        ``forms`` are a part."""
        form = None if self.form is None else forms[self.form]
        return replace(self, first=self.first + frames, end=self.end + frames, form=form)


def found_by(decoder: Any) -> list[Part] | None:
    """The parts that a decoder has found, in order of time: words with ``form`` -1, hesitations and
    pauses. None if the way was lost."""
    segments = decoder.seg()
    if segments is None:
        return None
    found: list[Part] = []
    for each in segments:
        name = each.word.partition("(")[0] if each.word[0] not in "(<" else each.word
        far = -math.log(max(each.ascore, 1e-300)) * _SHIFT
        if name.startswith(HESITATION):
            form, text = None, name.removeprefix(HESITATION)
        elif name[0] in "<[(":
            form, text = None, ""
        else:
            form, text = -1, name
        found.append(Part(each.start_frame, each.end_frame + 1, far, form, text))
    return found


def within(path: Sequence[Part], first: int, end: int) -> list[Part]:
    """The path between two frames; a part at an edge is shortened."""
    made: list[Part] = []
    for part in path:
        low, high = max(part.first, first), min(part.end, end)
        if low < high:
            far = part.far * (high - low) / part.frames
            made.append(replace(part, first=low, end=high, far=far))
    return made


def joined(path: Iterable[Part]) -> list[Part]:
    """The path with consecutive pauses merged."""
    made: list[Part] = []
    for part in path:
        before = made[-1] if made else None
        if part.pause and before is not None and before.pause:
            made[-1] = replace(before, end=part.end, far=before.far + part.far)
        else:
            made.append(part)
    return made
