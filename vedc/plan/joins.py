"""How sounds begin and end: their fades, transitions, and joins without clicks.

A sound that is cut out of its file, or adjoins another on its track, gets a short fade unless the
spec says otherwise. A sound that continues exactly where the previous one stops needs none and
keeps every sample; if only its level or pan changes there, the two are crossfaded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Final, Literal

from vedc import ops
from vedc.edit.model import Transition
from vedc.edit.sounds import Duck, Sound, SoundFade
from vedc.edit.times import round_half_up
from vedc.plan.settings import AudioPiece, Fade
from vedc.support.lazy_dataclass import dataclass

JOIN: Final = Fraction(1, 200)
"""Seconds of a fade at a cut."""

_SMOOTH: Final = "hsin"
"""The curve at cuts: its flat ends spread the least energy over the spectrum."""

Edge = Literal["free", "unfaded", "faded"]
"""An end of a piece: ``free`` if the spec says nothing, ``unfaded`` if it asks for no fade,
``faded`` if the piece fades there."""


@dataclass(frozen=True, slots=True)
class EdgedPiece:
    """A piece, and facts about its ends."""

    piece: AudioPiece
    opens: Edge
    closes: Edge
    length: int | None
    """Samples of its file; None if unknown."""
    duck: Duck | None = None
    """The ducking of its item."""

    @property
    def end(self) -> int:
        return self.piece.start + self.piece.length

    @property
    def cut_at_start(self) -> bool:
        """Whether its file has sound before it."""
        return not self._at_an_end(Fraction(0), Fraction(0))

    @property
    def cut_at_end(self) -> bool:
        """Whether its file has sound after it."""
        half = Fraction(1, 2)
        return not self._at_an_end(self.piece.length - half, half)

    def _at_an_end(self, time: Fraction, ahead: Fraction) -> bool:
        """Whether the file begins or ends ``ahead`` samples after a position in the piece."""
        time_map = self.piece.time_map
        slope = time_map.slope_at(time)
        source = time_map.source_at(time) + slope * ahead
        leaving = (slope > 0) == (ahead > 0)
        return (self.length is not None and source >= self.length) if leaving else source <= 0

    def continues(self, before: EdgedPiece) -> bool:
        """Whether it continues with exactly the sample at which the previous one stops."""
        here, there = self.piece, before.piece
        if (here.path, here.stream, before.end) != (there.path, there.stream, here.start):
            return False
        if here.time_map.period or there.time_map.period or "faded" in (self.opens, before.closes):
            return False
        last = there.length - Fraction(1, 2)
        slope = there.time_map.slope_at(last)
        steady = abs(slope) == 1 or here.pitch == there.pitch == "follow"
        reached = there.time_map.source_at(last) + slope / 2
        return (
            steady and slope == here.time_map.slope_at(0) and reached == here.time_map.source_at(0)
        )


def without_clicks(edged: Sequence[EdgedPiece], join: int, *, track: bool) -> list[AudioPiece]:
    """The pieces, in order of their starts, with fades of ``join`` samples where needed.

    On a track each piece has neighbours. Other pieces are joined only where they continue.
    """
    pieces = [each.piece for each in edged]
    if track:
        links = [
            (n - 1, n) for n in range(1, len(edged)) if edged[n - 1].end == edged[n].piece.start
        ]
    else:
        ending = {(each.piece.path, each.end): n for n, each in enumerate(edged)}
        found = [
            (ending.get((each.piece.path, each.piece.start)), n) for n, each in enumerate(edged)
        ]
        links = [(b, n) for b, n in found if b is not None and edged[n].continues(edged[b])]
    before = {n: b for b, n in links}
    after = dict(links)
    for n, here in enumerate(edged):
        length = min(join, max(1, here.piece.length // 2))
        neighbour = edged[before[n]] if n in before else None
        if neighbour is not None and here.continues(neighbour):
            unfaded = "unfaded" in (here.opens, neighbour.closes)
            alike = here.duck == neighbour.duck and _alike(here.piece, neighbour.piece)
            if not unfaded and not alike:
                _go_over(pieces, before[n], n, length)
        elif here.opens == "free" and (neighbour is not None or here.cut_at_start):
            pieces[n] = _with(pieces[n], Fade("in", 0, length, _SMOOTH))
        follower = edged[after[n]] if n in after else None
        if follower is not None and follower.continues(here):
            continue
        if here.closes == "free" and (follower is not None or here.cut_at_end):
            begin = here.piece.length - length
            pieces[n] = _with(pieces[n], Fade("out", begin, length, _SMOOTH))
    return pieces


def _alike(one: AudioPiece, other: AudioPiece) -> bool:
    """Whether two pieces have the same constant level and pan, and no filters: filters start
    afresh."""
    levels = (one.gain_db, one.pan), (other.gain_db, other.pan)
    if one.channels != other.channels:
        return False
    if one.filters or other.filters:
        return False
    return levels[0] == levels[1] and all(isinstance(level, float) for level in levels[0])


def _go_over(pieces: list[AudioPiece], one: int, other: int, length: int) -> None:
    """Crossfade two pieces that play the same sound, so that the level changes smoothly."""
    end = pieces[one].length
    pieces[one] = _with(pieces[one], Fade("out", end, length, _SMOOTH))
    pieces[one] = replace(pieces[one], length=end + length)
    pieces[other] = _with(pieces[other], Fade("in", 0, length, _SMOOTH))


def _with(piece: AudioPiece, fade: Fade) -> AudioPiece:
    return replace(piece, fades=(*piece.fades, fade))


def edges(sound: Sound, opened: bool, closed: bool) -> tuple[Edge, Edge]:
    """The kinds of both ends of an item; transitions may shape them."""

    def edge(fade: SoundFade | None, shaped: bool) -> Edge:
        if shaped or (fade is not None and fade.duration > 0):
            return "faded"
        return "free" if fade is None else "unfaded"

    return edge(sound.fade_in, opened), edge(sound.fade_out, closed)


def own_fades(sound: Sound, length: int, rate: int) -> list[Fade]:
    """The fades that the spec gives a sound of ``length`` samples."""
    fades = []
    for kind, fade in (("in", sound.fade_in), ("out", sound.fade_out)):
        samples = 0 if fade is None else round_half_up(fade.duration * rate)
        if fade is not None and samples > 0:
            if kind == "in":
                fades.append(Fade("in", 0, samples, fade.curve))
            else:
                fades.append(Fade("out", length - samples, samples, fade.curve))
    return fades


def transition_fades(
    transition: Transition, leaving: bool, start: int, end: int, join: int
) -> list[Fade]:
    """The fades of an item for a transition over its samples ``start <= s < end``.

    A crossfade keeps the power constant. A dip fades out and then in: halfway it is silent, as the
    picture is blank. A cut crossfades within ``join`` samples in the middle; with nothing on the
    other side, it changes nothing.
    """
    how = transition.sound or ops.get(transition.name).sound
    curves = transition.curves or (("tri", "tri") if how == "dip" else ("qsin", "qsin"))
    middle = (start + end) // 2
    if how == "cut":
        if transition.left is None or transition.right is None:
            return []
        begin = max(start, middle - join // 2)
        start, end = begin, min(end, begin + join)
    elif how == "dip":
        start, end = (start, middle) if leaving else (middle, end)
    if end <= start:
        return []
    return [Fade("out" if leaving else "in", start, end - start, curves[0 if leaving else 1])]
