"""Transitions in an answer use handles: the frames beside a cut that no piece shows.

A film of a stated length keeps that length, and chosen pieces stay whole: a transition shows frames
that follow the left piece and precede the right one, half from each side if both have enough, or as
the beats of the music require. It never uses frames of another piece or shot, or speech. Only if
the spec states no length may it use frames of the pieces themselves, at most a quarter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from vedc.decide.analyses.results import Beside
from vedc.decide.choose import transition_choice
from vedc.decide.choose.analyzed_source import AnalyzedSource
from vedc.decide.choose.joint_rates import JointRates
from vedc.decide.choose.pieces import Piece, PieceScorer
from vedc.decide.choose.score_weights import ScoreWeights
from vedc.decide.choose.transition_beats import Beats
from vedc.edit.times import to_frames
from vedc.lang.keys.auto import Join


def place_transitions(
    scorer: PieceScorer,
    pieces: Sequence[Piece],
    join: Join,
    weights: ScoreWeights,
    rate: Fraction,
    seen: Sequence[tuple[Beside, Beside]],
    *,
    free: bool,
    rates: JointRates | None = None,
    beats: tuple[tuple[int, ...], str] = ((), ""),
) -> tuple[list[Piece], list[transition_choice.TransitionChoice]]:
    """The pieces, extended by the frames that transitions show, and the transition before each but
    the first. ``seen``: the pictures at the beginning and the end of each; ``free``: whether
    transitions may shorten the film; ``rates``: a style's; ``beats``: the heard beats in frames
    from the beginning of the item, and the names of the music."""
    shown = list(pieces)
    between: list[transition_choice.TransitionChoice] = []
    at, shorter_by = Fraction(0), 0
    for i in range(1, len(pieces)):
        left, right = pieces[i - 1], pieces[i]
        ratio = scorer.footage[right.source].ratio
        before = _room(scorer, left, pieces, rate, last=True)
        after = _room(scorer, right, pieces, rate, last=False)
        gap = right.begin - left.end
        if left.source == right.source and gap > 0:  # neither side shows frames of the other
            most = int(gap * rate)
            before, after = min(before, most), min(after, max(most - before, most // 2))
            before = min(before, most - after)
        after -= after % ratio.denominator  # starts on a frame of its source
        shorter = int(min(left.length, right.length) * rate)
        room = min(before + after + (shorter // 4 if free else 0), shorter // 2)
        sides = _side(scorer, left, seen[i - 1][1]), _side(scorer, right, seen[i][0])
        at += left.length
        place = None
        if beats[0]:
            cut = to_frames(at, rate) - shorter_by
            place = Beats(beats[0], cut, after, before, beats[1], ratio.denominator)
        found = transition_choice.choose_transition(
            *sides, join.choose, weights, rate, room, join.duration, join.level, rates, place
        )
        if found.back is None:
            back, ahead = _shares(found.frames, before, after, ratio.denominator)
        else:
            back, ahead = found.back, found.frames - found.back
        shorter_by += found.frames - back - ahead
        shown[i - 1] = replace(shown[i - 1], end=shown[i - 1].end + ahead / rate)
        shown[i] = replace(shown[i], begin=shown[i].begin - back / rate)
        between.append(found)
    return shown, between


def _shares(frames: int, before: int, after: int, whole: int) -> tuple[int, int]:
    """Frames of a transition from the right side (a multiple of ``whole``) and from the left."""
    back = min(after, frames // 2) // whole * whole
    ahead = min(before, frames - back)
    lack = frames - back - ahead
    more = min(after - back, -(-lack // whole) * whole)
    back += more
    return back, min(ahead, frames - back)


def _side(scorer: PieceScorer, piece: Piece, seen: Beside) -> transition_choice.Side:
    return transition_choice.Side(scorer.features[piece.source], *scorer.places(piece), seen)


def _room(
    scorer: PieceScorer, piece: Piece, pieces: Sequence[Piece], rate: Fraction, *, last: bool
) -> int:
    """Frames of the film after (``last``) or before a piece that a transition may show."""
    footage = scorer.footage[piece.source]
    start, end = scorer.places(piece)
    at = end if last else start
    edge = piece.end if last else piece.begin
    clear = next(s.clear for s in footage.shot_intervals if s.start <= at - last < s.end)
    spoken = _spoken(footage)
    others = [p for p in pieces if p is not piece and p.source == piece.source]
    if last:
        marks = [p.begin for p in others if p.begin >= edge] + [a for a, _ in spoken if a >= edge]
        limit = min([footage.time(max(clear[1], at)), *marks])
    else:
        marks = [p.end for p in others if p.end <= edge] + [b for _, b in spoken if b <= edge]
        limit = max([footage.time(min(clear[0], at)), *marks])
    if any(a < edge < b for a, b in spoken):
        return 0  # the cut is inside a word, and no part of a word may be heard twice
    return max(0, int(abs(limit - edge) * rate))


def _spoken(footage: AnalyzedSource) -> list[tuple[Fraction, Fraction]]:
    spans = footage.spans("speech")
    return [] if spans is None else [(Fraction(a), Fraction(b)) for a, b in spans.tolist()]
