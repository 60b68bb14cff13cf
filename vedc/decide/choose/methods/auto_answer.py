"""Answers to ``auto``: which pieces of the sources become clips, by each of the methods.

A method names the stretches that pieces may be taken from (``Interval``). Where everything is
kept they become clips as they are (``whole``); where the best is kept, the best film of the
asked length is chosen within them (``candidates``), or the best so many of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

from vedc.decide.analyses.analysis import AnalysisRequest
from vedc.decide.analyses.results import Events, Result
from vedc.decide.choose import (
    conditions,
    score_weights,
    search_intervals,
    transition_choice,
    transition_handles,
)
from vedc.decide.choose.analyzed_source import AnalyzedSource
from vedc.decide.choose.features import FEATURES, Features
from vedc.decide.choose.methods import keep_all, pauses
from vedc.decide.choose.methods.candidates import Limits, best, unused
from vedc.decide.choose.pieces import Interval, Piece, PieceScorer
from vedc.decide.choose.reasons import HARD_CUT, Choice, JoinQuestion, Question, Source
from vedc.decide.choose.time_text import about, apart, source_time
from vedc.edit.times import to_frames
from vedc.errors import SpecError
from vedc.lang.keys.auto import Condition

Analyst = Callable[..., list[Any]]

#: Seconds of a chosen piece where a person says nothing: at least, and at most.
SHORTEST: Final = Fraction(1)
LONGEST: Final = Fraction(8)
_LONGEST_SPOKEN: Final = Fraction(20)
_AROUND_KEY: Final = Fraction(2)
"""Seconds around a key frame."""
_ALTERNATIVES: Final = 2

_BY_SOUND: Final = ("silence", "speech")
#: Features that mean nothing under a method.
_IDLE: Final[Mapping[str, tuple[str, ...]]] = {
    "shots": ("peak", "central"),
    "silence": ("peak", "central", "whole", "alike", "length"),
    "speech": ("peak", "central", "whole", "alike", "length"),
    "beats": ("peak", "central", "length", "whole"),
    "highlights": ("whole", "central"),
    "keyframes": ("peak", "whole"),
}


def answer(question: Question, analyst: Analyst) -> tuple[Choice, ...]:
    """The clips, and the transitions between them, that answer a question.

    Raises SpecError where what is asked cannot be had, with the numbers; and what analyses raise.
    """
    return _Answer(question, analyst).choices()


def answer_join(question: JoinQuestion, analyst: Analyst) -> tuple[Choice, ...]:
    """The transition between two given clips: the one item of the answer, be it a hard cut.

    The clips overlap by it, each by half of its length at most.
    """
    weights = joining_weights(question)
    sources = (question.left, question.right)
    asked = [_join_asks(source) for source in sources]
    results = iter(analyst(*(ask for some in asked for ask in some)))
    sides: list[transition_choice.Side] = []
    for source, some in zip(sources, asked, strict=True):
        footage = AnalyzedSource(source, question.rate, {ask.name: next(results) for ask in some})
        sides.append(transition_choice.Side(Features(footage), 0, footage.count))
    shorter = min(source.end - source.begin for source in sources)
    room = int(shorter * question.rate) // 2
    join = question.join
    if join.duration is not None and to_frames(join.duration, question.rate) > room:
        raise SpecError.one(
            "too-long",
            f"a transition of {about(join.duration)} takes more than half of the shorter clip, "
            f"which is {about(shorter)} long",
            question.location,
            f"make it at most {about(Fraction(room) / question.rate)}",
        )
    found = transition_choice.choose_transition(
        sides[0], sides[1], join.choose, weights, question.rate, room, join.duration
    )
    return (_transition(found),)


def _join_asks(source: Source) -> list[AnalysisRequest]:
    names = ["measures", "thumbs"] if source.media.video is not None else []
    names += ["level", "speech"] if source.media.audio is not None else []
    return [AnalysisRequest.of(name, source.media) for name in names]


def made_by(question: Question | JoinQuestion) -> dict[str, str]:
    """The weights that an answer hangs on: name to version and digest."""
    found: dict[str, str] = {}
    if isinstance(question, Question):
        found["weights(cutting)"] = _named(cutting_weights(question))
    if question.join is not None:
        found["weights(joining)"] = _named(joining_weights(question))
    return found


def cutting_weights(question: Question) -> score_weights.ScoreWeights:
    """The weights that pieces are scored by: a person's own, or those that vedc comes with."""
    if question.cut.weights is None:
        return score_weights.shipped("cutting", FEATURES)
    return score_weights.load_weights(
        Path(question.cut.weights), "cutting", FEATURES, question.location
    )


def joining_weights(question: Question | JoinQuestion) -> score_weights.ScoreWeights:
    """As :func:`cutting_weights`, for transitions."""
    given = question.join.weights if question.join is not None else None
    if given is None:
        return score_weights.shipped("joining", transition_choice.FEATURES)
    return score_weights.load_weights(
        Path(given), "joining", transition_choice.FEATURES, question.location
    )


def _named(weights: score_weights.ScoreWeights) -> str:
    return f"{weights.version} {weights.digest[:16]}"


def asks(question: Question, source: Source) -> list[AnalysisRequest]:
    """The analyses of a source that its answer needs; one call of the analyst takes them all.

    Pauses are cut out by sound alone: an hour of a talk is answered without decoding pictures.
    """
    cut, media = question.cut, source.media
    names: dict[str, dict[str, Any]] = {}
    choosing = cut.keep == "best" or cut.duration is not None or cut.count is not None
    choosing = choosing or question.join is not None
    if media.video is not None and (choosing or cut.method not in _BY_SOUND):
        names |= {"shots": {"detector": cut.detector}, "measures": {}}
        if choosing or cut.method in ("highlights", "beats"):
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
        given = tuple(AnalysisRequest.of(name, media) for name in sorted(found))
    names |= {ask.name: dict(ask.params) for ask in given if ask.name not in names or ask.params}
    return [AnalysisRequest.of(name, media, **params) for name, params in names.items()]


def _transition(found: transition_choice.Joined) -> Choice:
    item: dict[str, Any] = dict(HARD_CUT)  # it has reasons too
    if found.frames:
        item = {"transition": found.name, "duration": f"{found.frames}f"}
    return Choice(item, found.score, found.reasons, found.instead)


class _Answer:
    def __init__(self, question: Question, analyst: Analyst) -> None:
        self.question, self.cut, self.rate = question, question.cut, question.rate
        weights = cutting_weights(question)
        asked = [asks(question, source) for source in question.sources]
        flat = [ask for some in asked for ask in some]
        if question.music is not None and self.cut.method == "beats":
            flat.append(AnalysisRequest.of("beats", question.music.media))
        results = iter(analyst(*flat))
        self.footage: list[AnalyzedSource] = []
        for source, some in zip(question.sources, asked, strict=True):
            found: dict[str, Result] = {ask.name: next(results) for ask in some}
            self.footage.append(AnalyzedSource(source, self.rate, found))
        self.music: Events | None = next(results, None)
        idle = _IDLE[self.cut.method]
        active = {n: w for n, w in weights.values.items() if n not in idle}
        self.scorer = PieceScorer(self.footage, replace(weights, values=active))

    def choices(self) -> tuple[Choice, ...]:
        try:
            intervals = self._intervals()
            pieces = self._pieces(intervals)
        except SpecError as error:
            raise error.at(self.question.location) from None
        told = [(piece, *self.scorer.told(piece)) for piece in pieces]
        if self.cut.order == "best" and not self._to_music:
            told.sort(key=lambda t: -t[1])
        everything = self.cut.keep == "all" and self.cut.count is None and not self._to_music
        spare = () if everything else self._instead(intervals, pieces)
        shown, between = self._between([piece for piece, _, _ in told])
        out: list[Choice] = []
        for piece, boundary, (_, score, why) in zip(shown, between, told, strict=True):
            if boundary is not None:
                out.append(_transition(boundary))
            out.append(Choice(self._item(piece), score, why, spare))
        return tuple(out)

    @property
    def _to_music(self) -> bool:
        return self.cut.method == "beats" and self.question.music is not None

    # -- which stretches, which pieces ---------------------------------------------------------

    def _intervals(self) -> list[Interval]:
        """Stretches that pieces may be taken from, by source and time."""
        everything = self.cut.keep == "all" and not self._to_music
        match self.cut.method:
            case "silence" | "speech":
                found = search_intervals.heard(self.footage, self.cut)
            case "highlights":
                found = search_intervals.sources(self.footage)
            case "keyframes":
                found = search_intervals.around_keys(self.footage)
            case _:
                found = search_intervals.shots(self.footage, clear=not everything)
        if not found and self.cut.method in _BY_SOUND:
            self._check_heard()
        if not found:
            what = {"speech": "speech", "silence": "sound", "keyframes": "key frame"}
            raise self._error(
                "nothing-kept",
                f"there is no {what.get(self.cut.method, 'picture')} in {self._names()}",
                "name another method",
            )
        if isinstance(self.cut.keep, Condition) and self.cut.method not in _BY_SOUND:
            found = search_intervals.meeting(self.footage, found, self.cut.keep, self.cut.margin)
            if not found:
                raise self._error(
                    "nothing-kept",
                    f"no moment of {self._names()} meets the condition of `keep`",
                    "ask for less, or for the most of it: keep: best and a duration",
                )
        return found

    def _check_heard(self) -> None:
        """Raise where it is not for want of sound that nothing is kept."""
        heard = search_intervals.heard(self.footage, replace(self.cut, keep="all", margin=None))
        what = {"speech": "speech", "silence": "sound"}[self.cut.method]
        if heard:
            raise self._error(
                "nothing-kept",
                f"there is {what} in {self._names()}, and nothing of it is kept",
                "ask for less in `keep`, or give a larger margin",
            )
        if self.cut.threshold is not None:
            raise self._error(
                "nothing-kept",
                f"nothing in {self._names()} is louder than {self.cut.threshold:g} dB",
                "give a lower threshold, or leave it out",
            )

    def _pieces(self, intervals: list[Interval]) -> list[Piece]:
        cut = self.cut
        if cut.keep == "best" and cut.duration is None and cut.count is None and not self._to_music:
            raise self._error(
                "no-length", "keep: best does not say how much to keep",
                "add a duration, such as duration: 30s, or a count",
            )  # fmt: skip
        if cut.method == "beats":
            return self._on_beats(intervals)
        if cut.duration is not None and cut.keep != "all":
            return self._of_length(intervals)
        pieces = self._all(intervals)
        if cut.count is not None:
            least = (
                min(SHORTEST, cut.max_shot or SHORTEST) if cut.min_shot is None else cut.min_shot
            )
            pieces = [p for p in pieces if p.length >= least] or pieces
            pieces = self.scorer.most_varied(pieces, cut.count)
        self._check_length(pieces)
        return pieces

    def _all(self, intervals: list[Interval]) -> list[Piece]:
        """Every stretch as a piece, within min_shot and max_shot."""
        low, high = self.cut.min_shot or Fraction(0), self.cut.max_shot
        if self.cut.method == "highlights":
            return self._moments(intervals)
        if self.cut.method == "keyframes":
            usual = max(_AROUND_KEY, low) if high is None else min(max(_AROUND_KEY, low), high)
            return [search_intervals.around(self.scorer, interval, usual) for interval in intervals]
        if low and self.cut.method not in _BY_SOUND:
            intervals = keep_all.long_enough(self.scorer, intervals, low)
        return keep_all.pieces_of(self.scorer, intervals, low, high)

    def _moments(self, intervals: list[Interval]) -> list[Piece]:
        found = search_intervals.moments(
            self.scorer, intervals, self.cut.min_shot, self.cut.max_shot,
            everywhere=self.cut.count is not None,
        )  # fmt: skip
        if not found:
            raise self._error(
                "nothing-kept",
                f"no moment of {self._names()} stands out from what is around it",
                "say how much to keep: duration: 30s, or a count",
            )
        return found

    def _check_length(self, pieces: Sequence[Piece]) -> None:
        """``keep: all`` with a duration is a promise to be checked."""
        asked, kept = self.cut.duration, sum((p.length for p in pieces), Fraction(0))
        if asked is not None and to_frames(kept, self.rate) != to_frames(asked, self.rate):
            there, wanted = apart(kept, asked, self.rate)
            raise self._error(
                "no-fit", f"keep: all keeps {there}, and duration asks for {wanted}",
                "write keep: best, or leave the duration out",
            )  # fmt: skip

    # -- of a length ---------------------------------------------------------------------------

    def _of_length(self, intervals: list[Interval]) -> list[Piece]:
        """The best pieces that are exactly as long together as was asked."""
        assert self.cut.duration is not None
        limits = self._limits(to_frames(self.cut.duration, self.rate))
        self._check_room(intervals, limits)
        found = best(self.scorer, intervals, limits)
        if found is None:
            raise self._error(
                "no-fit",
                f"no pieces of {about(limits.low / self.rate)} to "
                f"{about(limits.high / self.rate)} make exactly {about(self.cut.duration)} "
                f"of {self._what()}",
                "give a smaller min_shot, a larger max_shot or another duration",
            )
        return found

    def _limits(self, total: int) -> Limits:
        if total < 1:
            raise self._error("too-short", "duration is less than a frame")
        least, most = self.cut.min_shot, self.cut.max_shot
        low = max(1, -(-(SHORTEST if least is None else least) * self.rate // 1))
        if most is not None:
            high = int(most * self.rate)
        elif self.cut.count is not None:
            high = total
        else:
            usual = _LONGEST_SPOKEN if self.cut.method in _BY_SOUND else LONGEST
            high = min(int(usual * self.rate), total)
        if least is None:
            low = min(low, high, total)
        if most is None:
            high = max(low, high)
        if high < max(low, 1) or low > total:
            raise self._error(
                "no-fit",
                f"pieces of {about(low / self.rate)} or more cannot be {about(high / self.rate)} "
                "or less" if high < low else
                f"duration is {about(total / self.rate)}, shorter than min_shot",
                "give a smaller min_shot",
            )  # fmt: skip
        return Limits(total, int(low), int(high), self.cut.count, strict=most is not None)

    def _check_room(self, intervals: Sequence[Interval], limits: Limits) -> None:
        """Whether there is enough to choose from: told with numbers before anything is tried."""
        high = limits.high if limits.strict else None
        lengths = [int((r.end - r.start) / self.footage[r.source].ratio) for r in intervals]
        there = sum(_room(frames, limits.low, high) for frames in lengths)
        if there < limits.total:
            within = ""
            if self.cut.min_shot is not None or limits.strict:
                within = " in pieces of the lengths allowed"
            asked, only = apart(limits.total / self.rate, there / self.rate, self.rate)
            most = about(there / self.rate, down=True)
            raise self._error(
                "too-long",
                f"asked {asked}, only {only} of {self._what()} there{within}",
                f"ask for at most {most}" if there else "give a smaller min_shot",
            )
        if limits.count is not None:
            parts = sorted((p for n in lengths for p in _parts(n, high)), reverse=True)
            longest = sum(parts[: limits.count])
            if longest < limits.total:
                asked, only = apart(limits.total / self.rate, longest / self.rate, self.rate)
                raise self._error(
                    "too-long",
                    f"asked {asked} in at most {limits.count} pieces; the longest {limits.count} "
                    f"are only {only} together",
                    "allow more pieces, or ask for less",
                )

    # -- on beats ------------------------------------------------------------------------------

    def _on_beats(self, intervals: list[Interval]) -> list[Piece]:
        from vedc.decide.choose.methods import beat_sync

        found = beat_sync.BeatSync(self.question, self.scorer, intervals, self.music)
        return found.to_music() if self._to_music else found.to_itself()

    # -- telling -------------------------------------------------------------------------------

    def _between(
        self, pieces: list[Piece]
    ) -> tuple[list[Piece], list[transition_choice.Joined | None]]:
        join = self.question.join
        if join is None:
            return pieces, [None] * len(pieces)
        if any(not footage.pictured for footage in self.footage):
            raise self._error(
                "no-video", "transitions are chosen between pictures, and a source has none",
                "leave `transition` out, and use fade_in and fade_out",
            )  # fmt: skip
        weights = joining_weights(self.question)
        free = self.cut.duration is None and not self._to_music
        shown, between = transition_handles.place_transitions(
            self.scorer, pieces, join, weights, self.rate, free=free
        )
        return shown, [None, *between]

    def _item(self, piece: Piece) -> dict[str, Any]:
        source = self.footage[piece.source].source
        video, frames = source.media.video, piece.length * self.rate
        item = {"clip": source.id, "in": source_time(piece.begin, source.media)}
        between = video is not None and (piece.end * video.rate).denominator != 1
        if between and frames.denominator == 1:  # rates differ: it ends on a frame of the film
            return {**item, "duration": f"{frames}f"}
        return {**item, "out": source_time(piece.end, source.media)}

    def _until(self, piece: Piece) -> str:
        return source_time(piece.end, self.footage[piece.source].source.media)

    def _instead(self, intervals: Sequence[Interval], pieces: Sequence[Piece]) -> tuple[str, ...]:
        told = []
        for piece in unused(self.scorer, intervals, pieces, _ALTERNATIVES):
            item = self._item(piece)
            named = f"{item['clip']} " if len(self.footage) > 1 else ""
            score = self.scorer.score(piece)
            told.append(f"{named}{item['in']}-{self._until(piece)}, score {score:.2f}")
        return tuple(told)

    def _names(self) -> str:
        return ", ".join(dict.fromkeys(f.source.id for f in self.footage))

    def _what(self) -> str:
        if isinstance(self.cut.keep, Condition):
            return f"{self._names()} that meets the condition of `keep`"
        return {"speech": "speech", "silence": "sound"}.get(self.cut.method, self._names())

    def _error(self, code: str, message: str, hint: str | None = None) -> SpecError:
        return SpecError.one(code, message, self.question.location, hint)


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
