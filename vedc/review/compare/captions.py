"""Which captions that viewers turn on and off differ."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from vedc.edit.captions import CaptionStream, Cue
from vedc.review.compare.alignment import Run
from vedc.review.compare.results import CaptionChange
from vedc.review.compare.sides import Side, SpecSide


def compare_captions(before: Side, after: Side, runs: Sequence[Run]) -> list[CaptionChange]:
    """The captions of two specs that differ. Those that moved along with their pictures, as
    ``runs`` have it, are the same. Captions of film files are not compared."""
    if not (isinstance(before, SpecSide) and isinstance(after, SpecSide)):
        return []
    old, new = _by_language(before), _by_language(after)
    found: list[CaptionChange] = []
    for language in dict.fromkeys([*old, *new]):
        moved = [(_moved(cue.start, runs, before.fps), cue) for cue in old.get(language, ())]
        found += _compare(language, moved, list(new.get(language, ())))
    return found


def _by_language(side: SpecSide) -> dict[str | None, tuple[Cue, ...]]:
    streams: dict[str | None, tuple[Cue, ...]] = {}
    stream: CaptionStream
    for stream in side.edit.caption_streams:
        streams[stream.language] = (*streams.get(stream.language, ()), *stream.cues)
    return streams


def _compare(
    language: str | None, old: list[tuple[Fraction, Cue]], new: list[Cue]
) -> list[CaptionChange]:
    """Equal captions at one position are the same; others there have changed."""
    left = list(new)
    gone = []
    for at, cue in old:
        same = next(
            (n for n in left if n.text == cue.text and _close(n.start, at)
             and _close(n.end - n.start, cue.end - cue.start)),
            None,
        )  # fmt: skip
        if same is None:
            gone.append((at, cue))
        else:
            left.remove(same)
    found = []
    for at, cue in gone:
        other = next((n for n in left if n.start < at + cue.end - cue.start and at < n.end), None)
        if other is None:
            found.append(CaptionChange("removed", language, cue.start, cue.end, cue.text, None))
            continue
        left.remove(other)
        found.append(
            CaptionChange("changed", language, other.start, other.end, cue.text, other.text)
        )
    found += (CaptionChange("added", language, n.start, n.end, None, n.text) for n in left)
    return sorted(found, key=lambda change: change.start)


def _moved(time: Fraction, runs: Sequence[Run], fps: Fraction) -> Fraction:
    """A time of the old film in the new one."""
    frame = time * fps
    for run in runs:
        if run.before[0] <= frame < run.before[1]:
            return time + run.shift / fps
    return time


def _close(a: Fraction, b: Fraction) -> bool:
    """Within a millisecond, which is what caption files store."""
    return abs(a - b) <= Fraction(1, 1000)
