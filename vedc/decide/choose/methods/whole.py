"""Where everything is kept: stretches as pieces, none too short and none too long."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from vedc.decide.choose.methods import cutting
from vedc.decide.choose.phrases import about
from vedc.decide.choose.pieces import Piece, PieceScorer, Region
from vedc.errors import SpecError


def pieces_of(
    judge: PieceScorer, regions: Sequence[Region], low: Fraction, high: Fraction | None
) -> list[Piece]:
    """Every region as a piece; one longer than ``high`` seconds in parts of ``low`` or more.

    The parts are as few as can be, cut where that is best. Raises SpecError ``no-fit``.
    """
    out: list[Piece] = []
    for region in regions:
        footage = judge.footage[region.source]
        places = [region.start, *_split(judge, region, low, high), region.end]
        out += [
            Piece(region.source, footage.time(a), footage.time(b), region.shot,
                  central=region.central)
            for a, b in itertools.pairwise(places)
        ]  # fmt: skip
    return out


def long_enough(judge: PieceScorer, regions: Sequence[Region], least: Fraction) -> list[Region]:
    """Regions that touch, made one where either is shorter than ``least`` seconds.

    One that nothing touches grows at both ends, into what it may not have been meant to show.
    Raises SpecError ``no-fit`` where a source is shorter than that.
    """
    out: list[Region] = []
    for source, own in itertools.groupby(regions, key=lambda r: r.source):
        footage = judge.footage[source]
        low = int(-(-least * footage.rate // 1))
        if footage.count < low:
            message = (
                f"min_shot is {about(least)}, but {footage.source.id} is only "
                f"{about(footage.count / footage.rate)} long"
            )
            raise SpecError.one("no-fit", message, hint="give a smaller min_shot")
        grown: list[Region] = []
        for region in own:
            grown.append(region)
            while len(grown) > 1 and grown[-1].start <= grown[-2].end and _short(grown[-2:], low):
                grown[-2:] = [_one(grown[-2], grown[-1])]
        for i, region in enumerate(grown):
            lack = low - (region.end - region.start)
            if lack > 0:
                start = min(max(region.start - lack // 2, 0), footage.count - low)
                grown[i] = replace(region, start=start, end=start + low, shot=(start, start + low))
        out += _apart(grown)
    return out


def _short(pair: Sequence[Region], low: int) -> bool:
    return any(region.end - region.start < low for region in pair)


def _one(first: Region, second: Region) -> Region:
    shot = min(first.shot[0], second.shot[0]), max(first.shot[1], second.shot[1])
    return Region(first.source, min(first.start, second.start), max(first.end, second.end), shot)


def _apart(regions: Sequence[Region]) -> list[Region]:
    """Regions that overlap made one."""
    out: list[Region] = []
    for region in regions:
        if out and region.start < out[-1].end:
            out[-1] = _one(out[-1], region)
        else:
            out.append(region)
    return out


def _split(judge: PieceScorer, region: Region, low: Fraction, high: Fraction | None) -> list[int]:
    """Where to cut a region that is longer than ``high`` seconds."""
    footage = judge.footage[region.source]
    length = (region.end - region.start) / footage.rate
    if high is None or length <= high:
        return []
    most, least = int(high * footage.rate), max(1, int(-(-low * footage.rate // 1)))
    cuts = judge.ins(region.source) + judge.outs(region.source)
    scores = cuts[region.start : region.end + 1] / 2
    found = cutting.split(scores, least, most) if most >= least else None
    if found is None:
        message = (
            f"{about(length)} of {footage.source.id} from {footage.text(region.start)} on cannot "
            f"be cut into pieces of {about(least / footage.rate)} to {about(high)}"
        )
        hint = "give a smaller min_shot or a larger max_shot"
        raise SpecError.one("no-fit", message, hint=hint)
    return [region.start + place for place in found]
