"""Answers to ``auto``: which pieces of the sources become clips, by each of the methods.

A method names the intervals that pieces may come from (``search_intervals``). If everything stays,
they become clips as they are (``keep_all``); otherwise the best film of the target length, or the
best pieces in the requested number, are chosen within them (``candidates``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any, Final

from vedc.captions.spoken import Words
from vedc.decide.analyses.analysis import AnalysisRequest
from vedc.decide.analyses.results import Beside, Events
from vedc.decide.choose import conditions, transition_handles
from vedc.decide.choose.analyzed_source import AnalyzedSource
from vedc.decide.choose.methods import exact_length, keep_all, pauses, search_intervals
from vedc.decide.choose.methods.answer_weights import (
    cutting_weights,
    join_of,
    joining_weights,
    pace_of,
    rates_of,
)
from vedc.decide.choose.methods.beat_sync import BeatSync
from vedc.decide.choose.methods.candidates import best, unused
from vedc.decide.choose.methods.film_beats import beat_frames, film_beats
from vedc.decide.choose.methods.said_conditions import check_said
from vedc.decide.choose.methods.spoken_cuts import FADE, Gap
from vedc.decide.choose.methods.transition_answer import Runner, looked_at, transition_item
from vedc.decide.choose.methods.variety import varied_pieces, with_missed
from vedc.decide.choose.pieces import Interval, Piece, PieceScorer
from vedc.decide.choose.reasons import Choice, Question, Source
from vedc.decide.choose.time_text import distinct_times, short_time, source_time
from vedc.decide.choose.transition_choice import TransitionChoice
from vedc.decide.kept_files import BESIDE_SPEC, KeptFiles
from vedc.edit.times import format_time, to_frames
from vedc.errors import SpecError
from vedc.lang.keys.conditions import Condition

_AROUND_KEY: Final = Fraction(2)
"""Seconds around a key frame."""
_ALTERNATIVES: Final = 2

_BY_SOUND: Final = ("silence", "speech", "words")
#: Features that are meaningless under a method.
_UNUSED: Final[Mapping[str, tuple[str, ...]]] = {
    "shots": ("peak", "central"),
    "silence": ("peak", "central", "whole", "alike", "length"),
    "speech": ("peak", "central", "whole", "alike", "length"),
    "words": ("peak", "central", "whole", "alike", "length"),
    "beats": ("peak", "central", "length", "whole"),
    "highlights": ("whole", "central"),
    "keyframes": ("peak", "whole"),
}


def answer(
    question: Question, runner: Runner, files: KeptFiles = BESIDE_SPEC
) -> tuple[Choice, ...]:
    """The clips, and the transitions between them, that answer a question; mattes become files.

    Raises SpecError, with the numbers, if the request cannot be met; and what analyses raise.
    """
    try:
        return _Answer(question, runner, files).choices()
    except SpecError as error:
        raise error.at(question.location) from None


def requests(question: Question, source: Source) -> list[AnalysisRequest]:
    """The analyses of a source that its answer needs, for one call of the runner.

    Pauses need the sound alone: an hour of a talk is answered without decoding pictures.
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
        if question.join is not None and media.video is not None:
            names["onsets"] = {}
        if cut.method == "beats" and not question.followed:
            names["beats"] = {}
    if cut.method == "words":
        names = {"level": {}, **(names if question.join is not None else {})}
        needed = conditions.needs(cut.keep) if isinstance(cut.keep, Condition) else frozenset()
        more = tuple(AnalysisRequest.of(name, media) for name in sorted(needed - {"words"}))
    elif cut.method in _BY_SOUND:
        more = pauses.requests(cut, media)
    else:
        needed = conditions.needs(cut.keep) if isinstance(cut.keep, Condition) else frozenset()
        more = tuple(AnalysisRequest.of(name, media) for name in sorted(needed - {"words"}))
    names |= {r.name: dict(r.params) for r in more if r.name not in names or r.params}
    return [AnalysisRequest.of(name, media, **params) for name, params in names.items()]


class _Answer:
    def __init__(self, question: Question, runner: Runner, files: KeptFiles) -> None:
        self._runner, self._files = runner, files
        weights, self._rates = cutting_weights(question), rates_of(question)
        question = replace(question, join=join_of(question))
        self.question, self.cut, self.rate = question, question.cut, question.rate
        wanted = [requests(question, source) for source in question.sources]
        flat = [request for each in wanted for request in each]
        followed = question.followed if self.cut.method == "beats" else ()
        music = list({part.source.media.path: part.source.media for part in followed}.values())
        flat += [AnalysisRequest.of("beats", media) for media in music]
        results = iter(runner(*flat))
        self.footage = [
            AnalyzedSource(source, self.rate, {request.name: next(results) for request in each})
            for source, each in zip(question.sources, wanted, strict=True)
        ]
        if question.said:
            self._take_words()
        self.music: dict[str, Events] = {media.path: next(results) for media in music}
        unused_ = _UNUSED[self.cut.method]
        self._taken: dict[int, list[Gap]] = {}
        """The gaps that ``method: words`` takes out, by source."""
        self._remark: tuple[str, ...] = ()
        """Requests that cannot be met."""
        active = {n: w for n, w in weights.values.items() if n not in unused_}
        pace = pace_of(question)
        self.scorer = PieceScorer(self.footage, replace(weights, values=active), pace)

    def _take_words(self) -> None:
        """Give each source its spoken words. Raises SpecError for a text that nobody says."""
        said = [Words(words) for words in self.question.said]
        for footage, words in zip(self.footage, said, strict=True):
            footage.found = {**footage.found, "words": words}
        ranges = [
            (footage.source, words) for footage, words in zip(self.footage, said, strict=True)
        ]
        if isinstance(self.cut.keep, Condition):
            check_said(self.cut.keep, [(s.id, s.begin, s.end, words) for s, words in ranges])

    def choices(self) -> tuple[Choice, ...]:
        intervals = self._intervals()
        pieces = self._pieces(intervals)
        everything = self.cut.keep == "all" and self.cut.count is None and not self._to_music
        others = [] if everything else unused(self.scorer, intervals, pieces, _ALTERNATIVES)
        if self.cut.spread:
            pieces = with_missed(self.scorer, pieces, others)
        scored = [(piece, *self.scorer.explain(piece)) for piece in pieces]
        if self.cut.order == "best" and not self._to_music:
            scored.sort(key=lambda row: row[0].spread - row[1])
        instead = (*self._remark, *self._alternatives(others))
        shown, transitions = self._with_transitions([piece for piece, _, _ in scored])
        out: list[Choice] = []
        for piece, transition, (_, score, reasons) in zip(shown, transitions, scored, strict=True):
            if transition is not None:
                out.append(transition_item(transition, self._files))
            removed = self._removed(piece, piece is shown[-1])
            if self.cut.method == "words" and self.question.join is None:
                score, reasons, instead = self._sureness(piece), (), ()
            out.append(Choice(self._item(piece), score, reasons, instead, removed=removed))
        return tuple(out)

    def _removed(self, piece: Piece, last: bool) -> tuple[str, ...]:
        """Text that ``method: words`` took out before a piece, and after the last one."""
        start, end = self.scorer.places(piece)
        count = self.footage[piece.source].count
        taken = self._taken.get(piece.source, [])
        before = [why for gap in taken if gap.end == start for why in gap.reasons]
        ends = [gap for gap in taken if gap.end == count and gap.start == end]
        return (*before, *(f"{why}, after it" for gap in ends for why in gap.reasons))

    def _sureness(self, piece: Piece) -> float:
        """The mean confidence of a piece's words."""
        words = self.footage[piece.source].found["words"]
        assert isinstance(words, Words)
        sure = [w.sure for w in words if piece.begin <= (w.start + w.end) / 2 < piece.end]
        return round(sum(sure) / len(sure), 2) if sure else 1.0

    @property
    def _to_music(self) -> bool:
        return self.cut.method == "beats" and bool(self.question.followed)

    # -- intervals and pieces ------------------------------------------------------------------

    def _intervals(self) -> list[Interval]:
        """The intervals that pieces may come from, by source and time."""
        method, keep = self.cut.method, self.cut.keep
        match method:
            case "words":
                found, self._taken = search_intervals.spoken(self.footage, self.cut)
            case "silence" | "speech":
                found = search_intervals.by_sound(self.footage, self.cut)
            case "highlights":
                found = search_intervals.sources(self.footage)
            case "keyframes":
                found = search_intervals.around_keys(self.footage)
            case _:
                everything = keep == "all" and not self._to_music
                found = search_intervals.shots(self.footage, clear=not everything)
        if not found and method in ("silence", "speech"):
            self._check_sound()
        if not found:
            what = {"speech": "speech", "silence": "sound", "keyframes": "key frame"}
            what["words"] = "word left"
            raise _nothing_kept(
                f"there is no {what.get(method, 'picture')} in {self._names()}",
                "name another method",
            )
        if isinstance(keep, Condition) and method not in ("silence", "speech"):
            found = search_intervals.meeting(self.footage, found, keep, self.cut.margin)
            if not found:
                raise _nothing_kept(
                    f"no moment of {self._names()} meets the condition of `keep`",
                    "ask for less, or for the most of it: keep: best and a duration",
                )
        return found

    def _check_sound(self) -> None:
        """Raise if there is sound and yet nothing stays."""
        what = {"speech": "speech", "silence": "sound"}[self.cut.method]
        if search_intervals.by_sound(self.footage, replace(self.cut, keep="all", margin=None)):
            raise _nothing_kept(
                f"there is {what} in {self._names()}, but none of it is kept",
                "ask for less in `keep`, or give a larger margin",
            )
        if self.cut.threshold is not None:
            raise _nothing_kept(
                f"nothing in {self._names()} is louder than {self.cut.threshold:g} dB",
                "give a lower threshold, or leave it out",
            )

    def _pieces(self, intervals: list[Interval]) -> list[Piece]:
        cut = self.cut
        if cut.keep == "best" and cut.duration is None and cut.count is None and not self._to_music:
            raise SpecError.one(
                "no-length",
                "keep: best needs to know how much to keep",
                hint="add a duration, such as duration: 30s, or a count",
            )
        if cut.method == "beats":
            beats = BeatSync(self.question, self.scorer, intervals, self.music)
            return beats.to_music() if self._to_music else beats.to_itself()
        if cut.duration is not None and cut.keep != "all":
            return self._of_length(intervals, to_frames(cut.duration, self.rate))
        pieces = self._all(intervals)
        if cut.count is not None:
            least = cut.min_shot
            if least is None:
                least = min(exact_length.SHORTEST, cut.max_shot or exact_length.SHORTEST)
            pieces = [p for p in pieces if p.length >= least] or pieces
            pieces = varied_pieces(self.scorer, pieces, cut.count, spread=cut.spread)
        self._check_length(pieces)
        return pieces

    def _all(self, intervals: list[Interval]) -> list[Piece]:
        """Every interval as a piece, within min_shot and max_shot."""
        low, high = self.cut.min_shot or Fraction(0), self.cut.max_shot
        if self.cut.method == "highlights":
            return self._moments(intervals)
        if self.cut.method == "keyframes":
            usual = max(_AROUND_KEY, low) if high is None else min(max(_AROUND_KEY, low), high)
            return [search_intervals.around(self.scorer, each, usual) for each in intervals]
        if low and self.cut.method not in _BY_SOUND:
            intervals = keep_all.long_enough(self.scorer, intervals, low)
        return keep_all.pieces_of(self.scorer, intervals, low, high)

    def _moments(self, intervals: list[Interval]) -> list[Piece]:
        low, high, count = self.cut.min_shot, self.cut.max_shot, self.cut.count

        def moments(*, whole_words: bool) -> list[Piece]:
            return search_intervals.moments(
                self.scorer, intervals, low, high,
                everywhere=count is not None, whole_words=whole_words,
            )  # fmt: skip

        found = moments(whole_words=not self.question.muted)
        if not found or (count is not None and len(found) < count):
            broken = moments(whole_words=False)
            if found and len(broken) > len(found):
                self._remark = (
                    f"{len(found)} of {count}: other moments would begin or end in a word",
                )
            found = found or broken  # better than nothing; the reasons say so
        if not found:
            raise _nothing_kept(
                f"no moment of {self._names()} stands out from its surroundings",
                "say how much to keep: duration: 30s, or a count",
            )
        return found

    def _check_length(self, pieces: Sequence[Piece]) -> None:
        """With ``keep: all``, a duration must equal the sum of all pieces."""
        target, total = self.cut.duration, sum((p.length for p in pieces), Fraction(0))
        if target is not None and to_frames(total, self.rate) != to_frames(target, self.rate):
            there, wanted = distinct_times(total, target, self.rate)
            raise SpecError.one(
                "no-fit",
                f"keep: all keeps {there}, but duration asks for {wanted}",
                hint="write keep: best, or leave the duration out",
            )

    def _of_length(self, intervals: list[Interval], total: int) -> list[Piece]:
        """The best pieces that add up to exactly ``total`` frames."""
        cut, rate = self.cut, self.rate
        by_sound = cut.method in _BY_SOUND
        longest = exact_length.LONGEST_SPOKEN if by_sound else exact_length.LONGEST
        usual = None if self.scorer.pace is None else exact_length.usual(self.scorer.pace)
        limits = exact_length.limits_of(cut, total, rate, longest, usual)
        lengths = [int((r.end - r.start) / self.footage[r.source].ratio) for r in intervals]
        bounded = cut.min_shot is not None or limits.strict
        exact_length.check_room(limits, lengths, self._what(), rate, bounded=bounded)
        audible = not self.question.muted
        found = best(self.scorer, intervals, limits, spread=cut.spread, whole_words=audible)
        if found is None:
            assert cut.duration is not None
            low, high = short_time(limits.low / rate), short_time(limits.high / rate)
            raise SpecError.one(
                "no-fit",
                f"no pieces of {low} to {high} make exactly {short_time(cut.duration)} "
                f"of {self._what()}",
                hint="give a smaller min_shot, a larger max_shot or another duration",
            )
        if audible and any(map(self.scorer.breaks_word, found)):
            self._remark = ("a film of this length with every cut in a pause of speech",)
        return found

    # -- items ---------------------------------------------------------------------------------

    def _with_transitions(
        self, pieces: list[Piece]
    ) -> tuple[list[Piece], list[TransitionChoice | None]]:
        """The pieces as shown, and the transition before each."""
        join = self.question.join
        if join is None:
            return pieces, [None] * len(pieces)
        if any(not footage.pictured for footage in self.footage):
            raise SpecError.one(
                "no-video",
                "transitions are chosen between pictures, and a source has none",
                hint="leave `transition` out, and use fade_in and fade_out",
            )
        weights = joining_weights(self.question)
        free = self.cut.duration is None and not self._to_music
        shown, between = transition_handles.place_transitions(
            self.scorer, pieces, join, weights, self.rate, self._seen(pieces), free=free,
            rates=self._rates, beats=self._beats(pieces),
        )  # fmt: skip
        return shown, [None, *between]

    def _beats(self, pieces: Sequence[Piece]) -> tuple[tuple[int, ...], str]:
        """The beats heard while the pieces are shown, in frames, and the names of the music."""
        length = sum((piece.length for piece in pieces), Fraction(0))
        if self._to_music:
            return beat_frames(self.question.followed, self.music, length, self.rate)
        return film_beats(self.question.played, self._runner, length, self.rate)

    def _seen(self, pieces: Sequence[Piece]) -> list[tuple[Beside, Beside]]:
        """The pictures at the beginning and the end of each piece."""
        asks = [
            looked_at(self.footage[piece.source].source, at, last=last)
            for piece in pieces
            for at, last in ((piece.begin, False), (piece.end, True))
        ]
        found = self._runner(*asks)
        return list(zip(found[::2], found[1::2], strict=True))

    def _item(self, piece: Piece) -> dict[str, Any]:
        source = self.footage[piece.source].source
        length = piece.length / self.question.speed
        video, frames = source.media.video, length * self.rate
        item = {"clip": source.id, "in": source_time(piece.begin, source.media)}
        item |= self._fades(piece)
        between = video is not None and (piece.end * video.rate).denominator != 1
        if between and frames.denominator == 1:  # the rates differ: it ends on a frame of the film
            return {**item, "duration": f"{frames}f"}
        if between and self.question.speed != 1:
            return {**item, "duration": format_time(length)}
        return {**item, "out": source_time(piece.end, source.media)}

    def _fades(self, piece: Piece) -> dict[str, Any]:
        """The fades of a piece cut by words, at the ends where it is cut out of its file."""
        if not self.cut.asks_words or self.question.join is not None or self.question.muted:
            return {}
        source, (opens, closes) = self.footage[piece.source].source, self.question.fades
        length = min(FADE, piece.length / self.question.speed / 2)
        fade = {"duration": format_time(length), "curve": "qua"}
        cut = (
            piece.begin > source.begin,
            piece.end < self.footage[piece.source].time(self.footage[piece.source].count),
        )
        return {
            **({"fade_in": fade} if cut[0] and not opens else {}),
            **({"fade_out": fade} if cut[1] and not closes else {}),
        }

    def _alternatives(self, others: Sequence[Piece]) -> tuple[str, ...]:
        out = []
        for piece in others:
            source = self.footage[piece.source].source
            named = f"{source.id} " if len(self.footage) > 1 else ""
            begin, end = (source_time(t, source.media) for t in (piece.begin, piece.end))
            out.append(f"{named}{begin}-{end}, score {self.scorer.score(piece):.2f}")
        return tuple(out)

    def _names(self) -> str:
        return ", ".join(dict.fromkeys(f.source.id for f in self.footage))

    def _what(self) -> str:
        if isinstance(self.cut.keep, Condition):
            return f"{self._names()} that meets the condition of `keep`"
        return {"speech": "speech", "silence": "sound"}.get(self.cut.method, self._names())


def _nothing_kept(message: str, hint: str) -> SpecError:
    return SpecError.one("nothing-kept", message, hint=hint)
