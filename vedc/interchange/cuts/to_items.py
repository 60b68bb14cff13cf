"""From cuts to the items of a track: ordinary clips, gaps and transitions, exact to the frame."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Final

from vedc.edit.times import parse_time
from vedc.interchange.common.draft import Noted, noted, seconds, span, tidy
from vedc.interchange.common.losses import Losses
from vedc.interchange.cuts.model import Join, Piece

_KINDS: Final = ("clip", "image", "text", "color", "generator", "composition")


def items_of(
    pieces: Sequence[Piece], joins: Sequence[Join], fps: Fraction, losses: Losses, track: str
) -> list[Noted]:
    """The items of a track. A join extends the pieces beside it by its reach into the other, so
    that they overlap. Beside a gap it becomes an ``enter`` or an ``exit``."""
    starts = [piece.start for piece in pieces]
    ends = [piece.end for piece in pieces]
    between: dict[int, Join] = {}
    edges: list[dict[str, Any]] = [{} for _ in pieces]
    for join in joins:
        left, right = join.index - 1, join.index
        beside = 0 < join.index < len(pieces) and pieces[left].end == pieces[right].start
        beside = beside and not join.edge
        if join.before + join.after <= 0:
            continue
        if beside:
            before, after = _handles(pieces[left], pieces[right], join, losses, track)
            if before + after <= 0:
                continue
            join = Join(join.index, before, after, join.keys, remark=join.remark)
            between[right] = join
            ends[left] += after
            starts[right] -= before
            continue
        name = join.keys.get("name", "dissolve")
        edge = {"preset": name, **{k: v for k, v in join.keys.items() if k != "name"}}
        edge["duration"] = span(join.before + join.after, fps)
        if join.edge == "enter" and right < len(pieces):
            starts[right] -= _lead(pieces[right], join.before)
            edges[right]["enter"] = {
                **edge,
                **_own(pieces[right], "enter"),
                "duration": edge["duration"],
            }
        elif left >= 0:
            ends[left] += join.after
            edges[left]["exit"] = {
                **edge,
                **_own(pieces[left], "exit"),
                "duration": edge["duration"],
            }
    out: list[Noted] = []
    at = Fraction(0)
    for k, piece in enumerate(pieces):
        if (found := between.get(k)) is not None:
            keys = {**found.keys, "duration": span(found.before + found.after, fps)}
            simple = set(found.keys) == {"name"}
            made = {"transition": found.keys["name"], "duration": keys["duration"]}
            out.append(noted(made if simple else {"transition": keys}, found.remark))
        elif starts[k] > at:
            out.append(noted({"gap": span(starts[k] - at, fps)}))
        out.append(noted({**_timed(piece, starts[k], ends[k], fps), **edges[k]}, piece.remark))
        at = ends[k]
    return out


def _lead(piece: Piece, wanted: Fraction) -> Fraction:
    """How much earlier a piece could begin."""
    has = (
        piece.start if piece.source is None or not piece.speed else piece.source / abs(piece.speed)
    )
    return min(wanted, has, piece.start)


def _own(piece: Piece, edge: str) -> dict[str, Any]:
    """How a piece already enters or exits."""
    found = piece.keys.get(edge)
    return found if isinstance(found, dict) else {}


def _timed(piece: Piece, start: Fraction, end: Fraction, fps: Fraction) -> dict[str, Any]:
    """The keys of an item with its range."""
    keys = dict(piece.keys)
    head: dict[str, Any] = {key: keys.pop(key) for key in _KINDS if key in keys}
    length = end - start
    times: dict[str, Any] = {}
    if piece.source is not None and piece.speed == 0:
        times["freeze"] = _moment(piece.source, piece.rate)
    elif piece.source is not None:
        lead, tail = piece.start - start, end - piece.end
        reach = lead if piece.speed > 0 else tail
        begin = max(Fraction(0), piece.source - reach * abs(piece.speed))
        if begin:
            times["in"] = _moment(begin, piece.rate)
        if piece.speed != 1:
            times["speed"] = _factor(piece.speed)
    times["duration"] = span(length, fps)
    return {**head, **times, **{key: _clamped(value, length) for key, value in keys.items()}}


def _clamped(value: Any, length: Fraction) -> Any:
    """Keyframes of an item that became a fraction of a frame shorter."""
    if isinstance(value, list):
        return [_clamped(each, length) for each in value]
    if not isinstance(value, dict):
        return value
    made = {key: _clamped(child, length) for key, child in value.items()}
    if isinstance(made.get("time"), str) and "value" in made:
        try:
            time = parse_time(str(made["time"]))
        except ValueError:
            return made
        if not (time.needs_rate or time.needs_parent) and time.fixed > length:
            made["time"] = seconds(length)
    return made


def _factor(speed: Fraction) -> float | int:
    return int(speed) if speed.denominator == 1 else float(speed)


def _moment(time: Fraction, rate: Fraction | None) -> str:
    if rate is not None and (time * rate).denominator == 1 and (time * 100).denominator != 1:
        return f"{int(time * rate)}f"
    return seconds(time)


def _handles(
    left: Piece, right: Piece, join: Join, losses: Losses, track: str
) -> tuple[Fraction, Fraction]:
    """How far a join may reach: no further than its files."""
    before, after = join.before, join.after
    if right.source is not None and right.speed > 0:
        before = min(before, right.source / right.speed)
    if left.source is not None and left.speed > 0 and left.limit is not None:
        rest = left.limit - left.source - left.length * left.speed
        after = min(after, max(Fraction(0), rest / left.speed))
    if (before, after) != (join.before, join.after):
        asked, has = join.before + join.after, before + after
        what = f"the transition at {tidy(right.start)} s of {track} needs frames beyond its clips"
        instead = (
            f"shortened from {tidy(asked)} s to {tidy(has)} s"
            if has
            else "left out: there are none"
        )
        losses.add("changed" if has else "lost", what, instead)
    return before, after
