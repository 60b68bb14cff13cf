"""Cutting a talk: ``method: silence`` cuts out pauses, ``method: speech`` keeps speech.

1. stretches with sound (or speech), joined over pauses shorter than ``min_silence``
2. of those, only what also meets ``keep``, if that is a condition
3. lengthened by ``margin``
4. short pieces grown to ``min_shot``
5. rounded outward to frames
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Final

from vedc.decide.analyses.analysis import AnalysisRequest, Param
from vedc.decide.analyses.level import MIN_SILENCE
from vedc.decide.analyses.results import Result, Span, Spans, merged
from vedc.decide.choose.conditions import (
    both,
    close_gaps,
    intervals_meeting,
    inverse,
    needs,
    on_frames,
    with_margin,
)
from vedc.decide.choose.reasons import Source
from vedc.edit.media_info import MediaInfo
from vedc.errors import InternalError
from vedc.lang.keys.auto import Cut
from vedc.lang.keys.conditions import Condition, Margin

MARGIN: Final = Margin(Fraction(1, 5), Fraction(1, 5))
"""Seconds: the remainder of a pause then sounds like a breath, not a mistake. The shortest pause
that is cut becomes 0.4 s."""

LEAST_CUT: Final = Fraction(1, 10)
"""Seconds: less is never cut out, since cutting two or three frames only makes the picture jump."""


def requests(cut: Cut, media: MediaInfo) -> tuple[AnalysisRequest, ...]:
    """The analyses that :func:`kept_by_sound` needs, by name."""
    least = str(MIN_SILENCE if cut.min_silence is None else cut.min_silence)
    params: dict[str, Param] = {}
    if cut.method == "silence":
        params["min_silence"] = least
        if cut.threshold is not None:
            params["threshold"] = cut.threshold
    names = needs(cut.keep) if isinstance(cut.keep, Condition) else frozenset()
    others = [AnalysisRequest.of(name, media) for name in sorted(names - {cut.method, "words"})]
    return (AnalysisRequest.of(cut.method, media, **params), *others)


def kept_by_sound(
    source: Source, cut: Cut, results: Mapping[str, Result], rate: Fraction | None = None
) -> Spans:
    """The pieces of a source that ``method: silence`` or ``speech`` keeps, in order.

    Edges are on the source's frames, or, without a picture, on those of ``rate``. A piece shorter
    than ``cut.min_shot`` grows, since dropping it would lose a word. ``cut.duration``, ``count``
    and ``max_shot`` have no effect. The score rates the pauses around it, or its speech.
    """
    begin, end = source.begin, source.end
    video = source.media.video
    rate = video.rate if video is not None else rate
    found = results.get(cut.method)
    if not isinstance(found, Spans):
        raise InternalError(f"no {cut.method} was given")
    if cut.method == "silence":
        kept = inverse(found, begin, end)
    else:
        least = MIN_SILENCE if cut.min_silence is None else cut.min_silence
        kept = both(close_gaps(found, least), Spans((Span(begin, end),)), begin, end)
    if isinstance(cut.keep, Condition):
        kept = both(kept, intervals_meeting(cut.keep, begin, end, results), begin, end)
    kept = with_margin(kept, MARGIN if cut.margin is None else cut.margin, begin, end)
    kept = close_gaps(kept, LEAST_CUT)
    if cut.min_shot is not None:
        kept = lengthened(kept, cut.min_shot, begin, end)
    if rate is not None:
        kept = on_frames(kept, begin, end, rate)
    return Spans(tuple(Span(s.start, s.end, _score(s, found, cut)) for s in kept.spans))


def lengthened(spans: Spans, least: Fraction, begin: Fraction, end: Fraction) -> Spans:
    """Spans of at least ``least`` seconds, grown at both ends within ``begin`` to ``end``."""
    out = []
    for span in spans.spans:
        lack = max(least - (span.end - span.start), Fraction(0))
        start = min(max(span.start - lack / 2, begin), max(end - least, begin))
        out.append(Span(min(start, span.start), min(max(span.end, start + least), end), span.score))
    return merged(out)


def _score(piece: Span, found: Spans, cut: Cut) -> float:
    beside = [s for s in found.spans if s.end > piece.start and s.start < piece.end]
    weights = [Fraction(1)] * len(beside)
    if cut.method == "speech":
        weights = [min(s.end, piece.end) - max(s.start, piece.start) for s in beside]
    if not beside:
        return 1.0
    total = sum(float(w) * s.score for w, s in zip(weights, beside, strict=True))
    return round(total / float(sum(weights)), 3)
