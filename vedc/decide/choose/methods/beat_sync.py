"""``method: beats``: from a question about beats to the pieces that answer it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from vedc.decide.analyses.results import Events
from vedc.decide.choose.methods import beat_slots
from vedc.decide.choose.methods.candidates import Candidates, Limits, varied
from vedc.decide.choose.methods.keep_all import pieces_of
from vedc.decide.choose.methods.music_beats import every_of, music_beats
from vedc.decide.choose.methods.variety import Shares, varied_pieces
from vedc.decide.choose.pieces import Interval, Piece, PieceScorer
from vedc.decide.choose.reasons import Question
from vedc.decide.choose.time_text import short_time
from vedc.edit.times import to_frames
from vedc.errors import SpecError


def music_length(question: Question) -> Fraction | None:
    """Seconds of music heard from the beginning of the item; None: to the end of the film.

    Raises SpecError ``too-long`` if the item should be longer, ``no-music`` if there is none.
    """
    followed, wanted = question.followed, question.cut.duration
    names = ", ".join(dict.fromkeys(part.source.id for part in followed))
    ends = [part.end for part in followed if part.end is not None]
    there = max(ends, default=Fraction(0)) if len(ends) == len(followed) else None
    length = there or Fraction(0)
    if not question.music_played and wanted is not None and wanted > length:
        raise SpecError.one(
            "too-long",
            f"the target is {short_time(wanted)}, but {names} is only {short_time(length)} long",
            hint=f"ask for at most {short_time(length)}",
        )
    if there is not None and there <= 0:
        raise SpecError.one(
            "no-music",
            f"{names} ends before this item begins",
            hint="end the music later, or name music that is heard here",
        )
    return there


class BeatSync:
    """A question about beats. ``found``: the beats of each piece of music, by its path."""

    def __init__(
        self,
        question: Question,
        scorer: PieceScorer,
        intervals: list[Interval],
        found: Mapping[str, Events],
    ) -> None:
        self.cut, self.rate = question.cut, question.rate
        self.scorer, self.intervals = scorer, intervals
        self.question, self.found = question, found
        least = self.cut.min_shot
        if least is None:
            least = min(beat_slots.USUAL, self.cut.max_shot or beat_slots.USUAL)
            least = min(least, self.cut.duration or least)
        self.low = max(1, int(-(-least * self.rate // 1)))
        self.least = least

    # -- to music ------------------------------------------------------------------------------

    def to_music(self) -> list[Piece]:
        """A piece for every few beats of the music, of their length to the frame."""
        cut, followed = self.cut, self.question.followed
        names = ", ".join(dict.fromkeys(part.source.id for part in followed))
        if all(len(events.events) < 2 for events in self.found.values()):
            raise SpecError.one(
                "no-beats", f"there are no beats in {names}",
                hint="name other music, or another method",
            )  # fmt: skip
        there = music_length(self.question)
        length = cut.duration or there or self._pictures()
        beats = music_beats(followed, self.found, length, cut.every, self.least)
        if beats is None or not beats.marks:
            raise SpecError.one(
                "no-music",
                f"no beat of {names} is heard in the {short_time(length)} of this item",
                hint="start the music earlier or the item later, or name music that is heard",
            )
        low = 1 if cut.every is not None and cut.min_shot is None else self.low
        total = to_frames(length, self.rate)
        sizes = beat_slots.sizes(beats.places(self.rate, length), total, low)
        if cut.duration is None:
            return self._as_long_as_it_goes(sizes)
        self._check(sizes)
        found = self._fill(sizes)
        if found is None:
            raise self._too_little(sizes)
        return found

    def _pictures(self) -> Fraction:
        """Total seconds of the sources."""
        return sum(
            (
                Fraction(r.end - r.start) / self.scorer.footage[r.source].rate
                for r in self.intervals
            ),
            Fraction(0),
        )

    def _as_long_as_it_goes(self, sizes: list[int]) -> list[Piece]:
        """Pieces for as many beats as the music has and the sources can fill."""
        if self.cut.count is not None:
            sizes = sizes[: self.cut.count]
        self._check(sizes)
        fits, fails = 0, len(sizes) + 1
        found: list[Piece] | None = None
        while fails - fits > 1:  # if more slots fit, fewer do too
            middle = fails - 1 if fits == 0 and fails == len(sizes) + 1 else (fits + fails) // 2
            made = self._fill(sizes[:middle])
            if made is None:
                fails = middle
            else:
                fits, found = middle, made
        if found is None:
            raise self._too_little(sizes[:1])
        return found

    def _fill(self, sizes: Sequence[int]) -> list[Piece] | None:
        return beat_slots.fill(
            self.scorer,
            self.intervals,
            sizes,
            ordered=self.cut.order == "source",
            spread=self.cut.spread,
        )

    def _check(self, sizes: Sequence[int]) -> None:
        most, count = self.cut.max_shot, self.cut.count
        longest = Fraction(max(sizes)) / self.rate
        if most is not None and longest > most:
            raise SpecError.one(
                "no-fit",
                f"the beats are {short_time(longest)} apart somewhere, "
                f"and max_shot is {short_time(most)}",
                hint="give a smaller `every` or a larger max_shot",
            )
        if count is not None and len(sizes) > count:
            raise SpecError.one(
                "no-fit",
                f"the beats make {len(sizes)} pieces, and count allows {count}",
                hint="give a larger `every` or a shorter duration",
            )

    def _too_little(self, sizes: Sequence[int]) -> SpecError:
        there = self._pictures()
        longest, total = (short_time(frames / self.rate) for frames in (max(sizes), sum(sizes)))
        return SpecError.one(
            "too-long",
            f"the beats ask for {len(sizes)} pieces of up to {longest}, {total} together; "
            f"the shots, {short_time(there)} together, have no room for them",
            hint="ask for less, cut more often with a smaller `every`, or name more sources",
        )

    # -- to its own sound ----------------------------------------------------------------------

    def to_itself(self) -> list[Piece]:
        """Pieces that begin and end on the beats of their own sound."""
        marks: dict[int, list[int]] = {}
        every = 1
        for i, footage in enumerate(self.scorer.footage):
            found = footage.found.get("beats")
            begin, end = footage.source.begin, footage.source.end
            beats = [e for e in found.events if begin <= e.time <= end] if isinstance(
                found, Events) else []  # fmt: skip
            if len(beats) < 2:
                raise SpecError.one(
                    "no-beats", f"there are no beats in {footage.source.id}",
                    hint="name `music` to follow, or another method",
                )  # fmt: skip
            every = every_of(beats, self.cut.every, self.least)
            kept = Events(tuple(beats))
            origin = begin - 1 / footage.rate
            places = beat_slots.on_beats(kept, origin, footage.rate, every)
            marks[i] = sorted({min(max(p - 1, 0), footage.count) for p in places})
        if self.cut.duration is not None and self.cut.keep != "all":
            return self._of_length(marks, every)
        parts: list[Interval] = []
        for interval in self.intervals:
            footage = self.scorer.footage[interval.source]
            least = 1 if self.cut.every is not None and self.cut.min_shot is None else int(
                -(-self.least * footage.rate // 1))  # fmt: skip
            parts += beat_slots.cut_at(interval, marks[interval.source], least)
        pieces = pieces_of(self.scorer, parts, Fraction(0), self.cut.max_shot)
        if self.cut.count is not None:
            pieces = varied_pieces(self.scorer, pieces, self.cut.count, spread=self.cut.spread)
        return pieces

    def _of_length(self, marks: dict[int, list[int]], every: int) -> list[Piece]:
        assert self.cut.duration is not None
        total = to_frames(self.cut.duration, self.rate)
        high = total if self.cut.max_shot is None else int(self.cut.max_shot * self.rate)
        low = min(self.low, total)
        high = max(low, min(high, int(8 * self.rate) if self.cut.max_shot is None else high))
        blocks = [
            beat_slots.own_blocks(self.scorer, interval, marks[interval.source], low, high)
            for interval in self.intervals
        ]
        limits = Limits(total, low, high, self.cut.count, strict=True)
        candidates = Candidates(self.scorer, blocks, total, 1, Fraction(0))
        seconds = float(self.cut.duration)
        shares = None
        if self.cut.spread:
            shares = Shares.of_seconds(self.scorer.footage, self.intervals, seconds)
        found = varied(candidates, limits, shares)
        if found is None:
            raise SpecError.one(
                "no-fit",
                f"no pieces from beat to beat make {short_time(self.cut.duration)}",
                hint="ask for less, or give a smaller min_shot or `every`"
                + ("" if self.cut.max_shot is None else ", or a larger max_shot"),
            )
        return found
