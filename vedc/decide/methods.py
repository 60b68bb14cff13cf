"""Answers to ``auto``: which pieces of the sources become clips, by each of the methods.

A method names the stretches that pieces may be taken from (``Region``). Where everything is
kept they become clips as they are; where the best is kept, ``pieces.best`` chooses within them.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Final

from vedc.decide import conditions, cutting, joining, pauses, scoring
from vedc.decide.analysis import Ask
from vedc.decide.features import FEATURES, Features
from vedc.decide.footage import Footage
from vedc.decide.phrases import about, source_time
from vedc.decide.pieces import Judge, Limits, Piece, Region, best, mark_alike, overlap, unused
from vedc.decide.reasons import Choice, JoinQuestion, Question, Source
from vedc.decide.results import Result
from vedc.errors import SpecError
from vedc.spec.auto import Condition
from vedc.spec.times import to_frames

Analyst = Callable[..., list[Any]]

#: Seconds; what a person did not say.
SHORTEST: Final = Fraction(1)
LONGEST: Final = Fraction(8)
_SPOKEN_LONGEST: Final = Fraction(20)

_BY_SOUND: Final = ("silence", "speech")
#: Features that mean nothing under a method.
_IDLE: Final[Mapping[str, tuple[str, ...]]] = {
    "shots": ("peak", "central"),
    "silence": ("peak", "central", "whole"),
    "speech": ("peak", "central", "whole"),
    "beats": ("peak", "central", "length", "whole"),
    "highlights": ("whole", "central"),
    "keyframes": ("peak", "whole"),
}


def answer(question: Question, analyst: Analyst) -> tuple[Choice, ...]:
    """The clips, and the transitions between them, that answer a question.

    Raises SpecError where what is asked cannot be had, with the numbers; and what analyses raise.
    """
    return _Answer(question, analyst).choices()


def made_by(question: Question | JoinQuestion) -> dict[str, str]:
    """The weights that an answer hangs on: name to version and digest."""
    found: dict[str, str] = {}
    if isinstance(question, Question):
        found["weights(cutting)"] = _named(cutting_weights(question))
    if question.join is not None:
        found["weights(joining)"] = _named(joining_weights(question))
    return found


def cutting_weights(question: Question) -> scoring.Weights:
    """The weights that pieces are scored by: a person's own, or those that vedc comes with."""
    from pathlib import Path

    if question.cut.weights is None:
        return scoring.shipped("cutting", FEATURES)
    return scoring.load(Path(question.cut.weights), "cutting", FEATURES, question.place)


def joining_weights(question: Question | JoinQuestion) -> scoring.Weights:
    """As :func:`cutting_weights`, for transitions."""
    from pathlib import Path

    given = question.join.weights if question.join is not None else None
    if given is None:
        return scoring.shipped("joining", joining.FEATURES)
    return scoring.load(Path(given), "joining", joining.FEATURES, question.place)


def answer_join(question: JoinQuestion, analyst: Analyst) -> tuple[Choice, ...]:
    """The transition between two given clips: one item, or none where a hard cut is best.

    The clips overlap by it, each by half of its length at most.
    """
    weights = joining_weights(question)
    sources = (question.left, question.right)
    asked = [_join_asks(source) for source in sources]
    results = iter(analyst(*(ask for some in asked for ask in some)))
    sides: list[joining.Side] = []
    for source, some in zip(sources, asked, strict=True):
        footage = Footage(source, question.rate, {ask.name: next(results) for ask in some})
        sides.append(joining.Side(Features(footage), 0, footage.count))
    shorter = min(source.end - source.begin for source in sources)
    room = int(shorter * question.rate) // 2
    join = question.join
    if join.duration is not None and to_frames(join.duration, question.rate) > room:
        raise SpecError.one(
            "too-long",
            f"a transition of {about(join.duration)} takes more than half of the shorter clip, "
            f"which is {about(shorter)} long",
            question.place,
            f"make it at most {about(Fraction(room) / question.rate)}",
        )
    found = joining.choose(
        sides[0], sides[1], join.choose, weights, question.rate, room, join.duration
    )
    return (_transition(found),) if found.frames else ()


def _join_asks(source: Source) -> list[Ask]:
    names = ["measures", "thumbs"] if source.media.video is not None else []
    names += ["level", "speech"] if source.media.audio is not None else []
    return [Ask.of(name, source.media) for name in names]


def _transition(found: joining.Joined) -> Choice:
    item = {"transition": found.name, "duration": f"{found.frames}f"}
    return Choice(item, found.score, found.reasons, found.instead)


def _named(weights: scoring.Weights) -> str:
    return f"{weights.version} {weights.digest[:16]}"


# -- what has to be known ------------------------------------------------------------------------


def asks(question: Question, source: Source) -> list[Ask]:
    """The analyses of a source that its answer needs; one call of the analyst takes them all."""
    cut, media = question.cut, source.media
    names: dict[str, dict[str, Any]] = {}
    choosing = cut.keep != "all" or cut.duration is not None or cut.count is not None
    choosing = choosing or question.join is not None
    looks = choosing or cut.method not in _BY_SOUND
    if media.video is not None and looks:
        names |= {"shots": {"detector": cut.detector}, "measures": {}}
        if choosing:
            names["thumbs"] = {}
        if cut.method == "keyframes":
            names["keyframes"] = {}
    if media.audio is not None:
        names |= {"level": {}, "speech": {}}
        if cut.method == "beats" and question.music is None:
            names["beats"] = {}
    if cut.method in _BY_SOUND:
        given = pauses.asks(cut, media)
    else:
        found = conditions.needs(cut.keep) if isinstance(cut.keep, Condition) else frozenset()
        given = tuple(Ask.of(name, media) for name in sorted(found))
    names |= {ask.name: dict(ask.params) for ask in given}
    return [Ask.of(name, media, **params) for name, params in names.items()]


# -- answering -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Bounds:
    """How long pieces are, in seconds; None: not limited by the person."""

    low: Fraction
    high: Fraction | None


class _Answer:
    def __init__(self, question: Question, analyst: Analyst) -> None:
        self.question, self.cut, self.rate = question, question.cut, question.rate
        weights = cutting_weights(question)
        asked = [asks(question, source) for source in question.sources]
        results = iter(analyst(*(ask for some in asked for ask in some)))
        self.footage: list[Footage] = []
        for source, some in zip(question.sources, asked, strict=True):
            found: dict[str, Result] = {ask.name: next(results) for ask in some}
            self.footage.append(Footage(source, self.rate, found))
        idle = _IDLE[self.cut.method]
        active = {n: w for n, w in weights.values.items() if n not in idle}
        self.judge = Judge(self.footage, replace(weights, values=active))

    def choices(self) -> tuple[Choice, ...]:
        regions = self._regions()
        if isinstance(self.cut.keep, Condition) and self.cut.method not in _BY_SOUND:
            regions = self._meeting(regions, self.cut.keep)
        if self.cut.duration is not None and self.cut.keep != "all":
            pieces = self._of_length(regions)
        elif self.cut.count is not None or self.cut.keep == "best":
            pieces = self._some(regions)
        else:
            pieces = self._all(regions)
            self._check_all(pieces)
        told = [(piece, *self.judge.told(piece)) for piece in pieces]
        if self.cut.order == "best":
            told.sort(key=lambda t: -t[1])
        spare = [] if self.cut.keep == "all" else self._spare(regions, pieces)
        shown = [piece for piece, _, _ in told]
        between: list[joining.Joined | None] = [None] * len(told)
        if self.question.join is not None:
            shown, between = self._joined(shown)
        out: list[Choice] = []
        for piece, joined, (_, score, why) in zip(shown, between, told, strict=True):
            instead = self._instead(spare)
            if joined is not None and joined.frames:
                out.append(_transition(joined))
            elif joined is not None:
                instead += tuple(
                    f"before it {other} (a hard cut has {joined.score:.2f})"
                    for other in joined.instead[:1]
                )
            out.append(Choice(self._item(piece), score, why, instead))
        return tuple(out)

    # -- stretches ---------------------------------------------------------------------------

    def _regions(self) -> list[Region]:
        match self.cut.method:
            case "silence" | "speech":
                return self._heard()
            case "highlights":
                return [
                    Region(i, 0, f.count, (0, f.count))
                    for i, f in enumerate(self.footage) if f.count
                ]  # fmt: skip
            case _:
                everything = self.cut.keep == "all"
                return [
                    Region(i, *((s.start, s.end) if everything else s.clear), (s.start, s.end))
                    for i, f in enumerate(self.footage)
                    for s in f.stretches
                    if everything or s.clear[0] < s.clear[1]
                ]

    def _heard(self) -> list[Region]:
        """What is left of each source without its pauses."""
        out: list[Region] = []
        for i, footage in enumerate(self.footage):
            kept = pauses.kept_by_sound(footage.source, self.cut, footage.found, footage.rate)
            for span in kept.spans:
                start, stop = footage.place(span.start), footage.place(span.end)
                if start < stop:
                    out.append(Region(i, start, stop, (start, stop)))
        if not out:
            what = "speech" if self.cut.method == "speech" else "sound"
            raise self._error(
                "nothing-kept", f"there is no {what} in {self._names()}",
                "name another method, or a lower threshold",
            )  # fmt: skip
        return out

    def _meeting(self, regions: Sequence[Region], condition: Condition) -> list[Region]:
        """The parts of some stretches that meet a condition."""
        out: list[Region] = []
        for i, footage in enumerate(self.footage):
            begin, end = footage.source.begin, footage.source.end
            met = conditions.evaluate(condition, begin, end, footage.found)
            if self.cut.margin is not None:
                met = conditions.with_margin(met, self.cut.margin, begin, end)
            met = conditions.on_frames(met, begin, end, footage.rate)
            for region in (r for r in regions if r.source == i):
                for span in met.spans:
                    start = max(region.start, footage.place(span.start))
                    stop = min(region.end, footage.place(span.end))
                    if start < stop:
                        out.append(replace(region, start=start, end=stop))
        if not out:
            raise self._error(
                "nothing-kept", f"no moment of {self._names()} meets the condition of `keep`",
                "see its curves with `vedc explain --open`, and ask for less",
            )  # fmt: skip
        return out

    # -- everything --------------------------------------------------------------------------

    def _all(self, regions: Sequence[Region]) -> list[Piece]:
        """Every stretch as a piece, within min_shot and max_shot."""
        if self.cut.min_shot is not None and self.cut.method not in _BY_SOUND:
            regions = self._long_enough(regions, self.cut.min_shot)
        out: list[Piece] = []
        for region in regions:
            footage = self.footage[region.source]
            places = [region.start, *self._split(region), region.end]
            for start, end in itertools.pairwise(places):
                out.append(
                    Piece(region.source, footage.time(start), footage.time(end), region.shot)
                )
        return out

    def _long_enough(self, regions: Sequence[Region], least: Fraction) -> list[Region]:
        """Short stretches grown: a shot into its neighbour, else into what is around it."""
        out: list[Region] = []
        for i, footage in enumerate(self.footage):
            low = -(-least * footage.rate // 1)
            own = [r for r in regions if r.source == i]
            if footage.count < low:
                raise self._error(
                    "too-long",
                    f"min_shot asks for {about(least)}, but {footage.source.id} is only "
                    f"{about(footage.count / footage.rate)} long",
                )
            grown: list[Region] = []
            for region in own:
                missing = int(low) - (region.end - region.start)
                if missing > 0 and self.cut.method != "shots":
                    start = max(0, region.start - missing // 2)
                    end = min(footage.count, start + int(low))
                    start = max(0, end - int(low))
                    region = replace(region, start=start, end=end, shot=(start, end))
                last = grown[-1] if grown else None
                short = last is not None and last.end - last.start < low
                if last is not None and (
                    region.start < last.end or (region.start == last.end and (short or missing > 0))
                ):
                    joined = (last.start, max(last.end, region.end))
                    grown[-1] = Region(i, *joined, joined)
                else:
                    grown.append(region)
            if len(grown) > 1 and grown[0].end - grown[0].start < low:
                joined = (grown[0].start, grown[1].end)
                grown[:2] = [Region(i, *joined, joined)]
            out += grown
        return out

    def _split(self, region: Region) -> list[int]:
        """Where to cut a stretch that is longer than max_shot."""
        footage, most = self.footage[region.source], self.cut.max_shot
        if most is None or (region.end - region.start) / footage.rate <= most:
            return []
        high = int(most * footage.rate)
        low = max(1, int(-(-(self.cut.min_shot or 0) * footage.rate // 1)))
        scores = self.judge.cuts(region.source)[region.start : region.end + 1]
        found = cutting.split(scores, low, high) if high else None
        if found is None:
            raise self._error(
                "no-fit",
                f"{about((region.end - region.start) / footage.rate)} of {footage.source.id} from "
                f"{footage.text(region.start)} on cannot be cut into pieces of "
                f"{about(Fraction(low) / footage.rate)} to {about(most)}",
                "give a smaller min_shot or a larger max_shot",
            )
        return [region.start + place for place in found]

    def _check_all(self, pieces: Sequence[Piece]) -> None:
        """``keep: all`` with a duration is a promise to be checked."""
        asked, kept = self.cut.duration, sum((p.length for p in pieces), Fraction(0))
        if asked is not None and to_frames(kept, self.rate) != to_frames(asked, self.rate):
            raise self._error(
                "no-fit", f"keep: all keeps {about(kept)}, and duration asks for {about(asked)}",
                "write keep: best, or leave the duration out",
            )  # fmt: skip

    # -- the best ----------------------------------------------------------------------------

    def _bounds(self, total: Fraction | None) -> _Bounds:
        low = SHORTEST if self.cut.min_shot is None else self.cut.min_shot
        if self.cut.min_shot is None and self.cut.max_shot is not None:
            low = min(low, self.cut.max_shot)
        if self.cut.min_shot is None and total is not None:
            low = min(low, total)
        return _Bounds(low, self.cut.max_shot)

    def _of_length(self, regions: Sequence[Region]) -> list[Piece]:
        """The best pieces that are exactly as long together as was asked."""
        assert self.cut.duration is not None
        total = to_frames(self.cut.duration, self.rate)
        if total < 1:
            raise self._error("too-short", f"{about(self.cut.duration)} is less than a frame")
        limits = self._limits(regions, total)
        self._check_room(regions, limits)
        found = best(self.judge, regions, limits)
        if found is None:
            raise self._error(
                "no-fit",
                f"no pieces of {about(limits.low / self.rate)} to "
                f"{about(limits.high / self.rate)} make exactly {about(self.cut.duration)} "
                f"of {self._what()}",
                "give a smaller min_shot, a larger max_shot or another duration",
            )
        return found

    def _limits(self, regions: Sequence[Region], total: int) -> Limits:
        bounds = self._bounds(Fraction(total) / self.rate)
        low = max(1, int(-(-bounds.low * self.rate // 1)))
        usual = _SPOKEN_LONGEST if self.cut.method in _BY_SOUND else LONGEST
        high = total
        if bounds.high is not None:
            high = int(bounds.high * self.rate)
        elif self.cut.count is None:
            high = max(low, min(total, int(usual * self.rate)))
        if high < low:
            raise self._error(
                "no-fit",
                f"max_shot is {about(bounds.high or 0)}, shorter than {about(bounds.low)}",
                "give a larger max_shot or a smaller min_shot",
            )
        return Limits(total, low, high, self.cut.count, joined=bounds.high is None)

    def _check_room(self, regions: Sequence[Region], limits: Limits) -> None:
        """Whether there is enough to choose from: told with numbers before anything is tried."""
        explicit = limits.high if self.cut.max_shot is not None else None
        rooms = [
            _room(int((r.end - r.start) / self.footage[r.source].ratio), limits.low, explicit)
            for r in regions
        ]
        asked, there = Fraction(limits.total) / self.rate, Fraction(sum(rooms)) / self.rate
        if sum(rooms) < limits.total:
            within = ""
            if self.cut.min_shot is not None or self.cut.max_shot is not None:
                within = " in pieces of the lengths allowed"
            raise self._error(
                "too-long",
                f"asked {about(asked)}, only {about(there)} of {self._what()} there{within}",
                f"ask for at most {about(there)}",
            )
        if limits.count is not None:
            parts = [p for r in rooms for p in _parts(r, explicit)]
            most = sum(sorted(parts, reverse=True)[: limits.count])
            if most < limits.total:
                raise self._error(
                    "too-long",
                    f"asked {about(asked)} in at most {limits.count} pieces; the longest "
                    f"{limits.count} are only {about(Fraction(most) / self.rate)} together",
                    "allow more pieces, or ask for less",
                )

    def _some(self, regions: Sequence[Region]) -> list[Piece]:
        """The best so many whole stretches."""
        if self.cut.count is None:
            raise self._error(
                "no-length", "keep: best does not say how much to keep",
                "add a duration, such as duration: 30s, or a count",
            )  # fmt: skip
        pieces = self._all(regions)
        if self.cut.min_shot is None:
            whole = [p for p in pieces if p.length >= min(SHORTEST, self.cut.max_shot or SHORTEST)]
            pieces = whole or pieces
        return most_varied(self.judge, pieces, self.cut.count)

    # -- transitions -------------------------------------------------------------------------

    def _joined(self, pieces: list[Piece]) -> tuple[list[Piece], list[joining.Joined | None]]:
        """The pieces with the frames that transitions need beside them, and what leads to each.

        A transition takes from what lies beside the cut, half from each side where it can. Only
        where no duration was asked may it take from the pieces themselves.
        """
        join = self.question.join
        assert join is not None
        if any(not self.footage[p.source].pictured for p in pieces):
            raise self._error(
                "no-video", "transitions are chosen between pictures, and a source has none",
                "leave `transition` out, and use fade_in and fade_out",
            )  # fmt: skip
        weights = joining_weights(self.question)
        free = self.cut.duration is None
        shown = list(pieces)
        between: list[joining.Joined | None] = [None]
        for i in range(1, len(pieces)):
            left, right = pieces[i - 1], pieces[i]
            before, after = self._handle(left, pieces, last=True), self._handle(right, pieces)
            ratio = self.footage[right.source].ratio
            after -= after % ratio.denominator  # so that it begins on a frame of its source
            gap = right.begin - left.end
            if left.source == right.source and gap > 0:  # neither shows what the other does
                most = int(gap * self.rate)
                before = min(before, most)
                after = min(after, most - before) if before + after > most else after
            shorter = int(min(left.length, right.length) * self.rate)
            inside = shorter // 4 if free else 0
            room = min(before + after + inside, shorter // 2)
            found = joining.choose(
                self._side(left), self._side(right), join.choose, weights, self.rate, room,
                join.duration,
            )  # fmt: skip
            between.append(found)
            back = min(after, found.frames // 2 // ratio.denominator * ratio.denominator)
            ahead = min(before, found.frames - back)
            lack = min(found.frames - back - ahead, after - back)
            back += -(-lack // ratio.denominator) * ratio.denominator
            ahead = min(ahead, found.frames - back)
            shown[i - 1] = replace(shown[i - 1], end=shown[i - 1].end + ahead / self.rate)
            shown[i] = replace(shown[i], begin=shown[i].begin - back / self.rate)
        return shown, between

    def _side(self, piece: Piece) -> joining.Side:
        return joining.Side(self.judge.features[piece.source], *self.judge.places(piece))

    def _handle(self, piece: Piece, pieces: Sequence[Piece], *, last: bool = False) -> int:
        """Frames of the film beside a piece that show its shot, and are neither used nor spoken."""
        footage = self.footage[piece.source]
        start, end = self.judge.places(piece)
        at = end if last else start
        clear = next(s.clear for s in footage.stretches if s.start <= at - last < s.end)
        limit = footage.time(max(clear[1], at) if last else min(clear[0], at))
        edge = piece.end if last else piece.begin
        others = [p for p in pieces if p is not piece and p.source == piece.source]
        spans = footage.spans("speech")
        if last:
            marks = [p.begin for p in others if p.begin >= edge]
            if spans is not None:
                marks += [Fraction(float(a)) for a in spans[:, 0] if a >= float(edge)]
            limit = min([limit, *marks])
        else:
            marks = [p.end for p in others if p.end <= edge]
            if spans is not None:
                marks += [Fraction(float(b)) for b in spans[:, 1] if b <= float(edge)]
            limit = max([limit, *marks])
        return max(0, int(abs(limit - edge) * self.rate))

    # -- telling -----------------------------------------------------------------------------

    def _item(self, piece: Piece) -> dict[str, Any]:
        footage = self.footage[piece.source]
        return {
            "clip": footage.source.id,
            "in": source_time(piece.begin, footage.source.media),
            "out": source_time(piece.end, footage.source.media),
        }

    def _spare(self, regions: Sequence[Region], pieces: Sequence[Piece]) -> list[Piece]:
        total = max(1, to_frames(sum((p.length for p in pieces), Fraction(0)), self.rate))
        limits = self._limits(regions, total)
        return unused(self.judge, regions, pieces, limits, most=2)

    def _instead(self, spare: Sequence[Piece]) -> tuple[str, ...]:
        return tuple(
            f"{self._range(other)}, score {self.judge.score(other):.2f}" for other in spare
        )

    def _range(self, piece: Piece) -> str:
        item = self._item(piece)
        named = f"{item['clip']} " if len(self.footage) > 1 else ""
        return f"{named}{item['in']}-{item['out']}"

    def _names(self) -> str:
        return ", ".join(dict.fromkeys(f.source.id for f in self.footage))

    def _what(self) -> str:
        if isinstance(self.cut.keep, Condition):
            return f"{self._names()} that meets the condition of `keep`"
        if self.cut.method in _BY_SOUND:
            return "speech" if self.cut.method == "speech" else "sound between pauses"
        return self._names()

    def _error(self, code: str, message: str, hint: str | None = None) -> SpecError:
        return SpecError.one(code, message, self.question.place, hint)


def _room(frames: int, low: int, high: int | None) -> int:
    """How many of some frames can be kept in pieces of ``low`` to ``high``."""
    if frames < low:
        return 0
    if high is None:
        return frames
    parts = -(-frames // high)
    return frames if parts * low <= frames else (parts - 1) * high


def _parts(frames: int, high: int | None) -> list[int]:
    if high is None:
        return [frames]
    return [high] * (frames // high) + ([frames % high] if frames % high else [])


def most_varied(judge: Judge, pieces: Sequence[Piece], count: int) -> list[Piece]:
    """``count`` pieces, greedily: each time the best one, less what it shares with those taken.

    Maximal marginal relevance (Carbonell and Goldstein 1998). In the order of the sources.
    """
    left = list(enumerate(pieces))
    taken: list[tuple[int, Piece]] = []
    likes = [0.0] * len(left)
    scores = [judge.score(p) for p in pieces]
    weight = judge.weights["alike"]
    while left and len(taken) < count:
        _, i = max((scores[i] + weight * likes[i], -i) for i, _ in left)
        at = -i
        taken.append((at, replace(pieces[at], alike=round(likes[at], 3))))
        left = [(j, p) for j, p in left if j != at]
        for j, p in left:
            likes[j] = max(likes[j], judge.alike(p, pieces[at]) if weight else 0.0)
    return [piece for _, piece in sorted(taken)]


__all__ = ["answer", "asks", "made_by", "mark_alike", "most_varied", "overlap"]
