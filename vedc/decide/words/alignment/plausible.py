"""Correction of words of a path with implausible lengths.

A hesitation sounds like a short word: where one is mistaken for the other, the word beside it is
too short to have been said, or lasts through a pause.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from vedc.decide.arrays import Float, true_runs
from vedc.decide.words.alignment.path import Part

#: Shares of the usual length of a word: below the first it is too short, from the second too long;
#: and the least excess in frames.
_SHORT, _LONG, _EXCESS = 0.6, 2.0, 20
#: Frames of a pause beyond which the following part does not belong to a word.
_NEAR: Final = 8
#: The fewest frames of a pause within a word, and of the sound before or after it; decibels by
#: which the pause is softer than the word. Stops of consonants are shorter or less soft.
_PAUSE, _ISLAND, _SOFTER = 5, 8, 15.0


def usual_lengths(found: Sequence[Part], sounds: Sequence[int]) -> list[float]:
    """The frames that this speaker usually takes for each spoken form, by its number of
    ``sounds``."""
    paces = [p.frames / sounds[p.form] for p in found if p.form is not None and sounds[p.form]]
    pace = statistics.median(paces) if paces else 0.0
    return [pace * count for count in sounds]


def too_short(word: Part, usual: Sequence[float]) -> bool:
    """Whether a part is a word, but shorter than anybody says it."""
    return word.form is not None and word.frames < _SHORT * usual[word.form]


def given_back(found: Sequence[Part], usual: Sequence[float]) -> list[Part]:
    """The path with hesitations merged into the word beside them, if they are its missing part."""
    made = list(found)
    n = 0
    while n < len(made):
        part = made[n]
        if part.form is None and part.text:
            for step in (1, -1):
                beside = _word_beside(made, n, step)
                if beside is None:
                    continue
                word = made[beside]
                if too_short(word, usual):
                    low, high = sorted((n, beside))
                    whole = replace(
                        word, first=made[low].first, end=made[high].end, far=word.far + part.far
                    )
                    made[low : high + 1] = [whole]
                    n = low
                    break
        n += 1
    return made


def _word_beside(found: Sequence[Part], n: int, step: int) -> int | None:
    """The word next to a part, on the side of ``step``; None if something else is there."""
    at = n + step
    if 0 <= at < len(found) and found[at].form is None and not found[at].text:
        if found[at].frames > _NEAR:
            return None
        at += step
    return at if 0 <= at < len(found) and found[at].form is not None else None


def exchanged(found: Sequence[Part], usual: Sequence[float]) -> list[Part]:
    """The path with overlong words exchanged for hesitations next to them, beyond a pause, of the
    word's usual length."""
    made = list(found)
    for n, part in enumerate(made):
        if part.form is not None or not part.text:
            continue
        for step in (1, -1):
            at = n + step
            if not (0 <= at + step < len(made)) or made[at].form is not None or made[at].text:
                continue
            word = made[at + step]
            if word.form is None or not _too_long(word, usual[word.form]):
                continue
            if _SHORT <= part.frames / usual[word.form] <= _LONG:
                made[n] = replace(word, first=part.first, end=part.end, far=part.far)
                made[at + step] = replace(part, first=word.first, end=word.end, far=word.far)
                break
    return made


def _too_long(word: Part, usual: float) -> bool:
    return word.frames >= _LONG * usual and word.frames >= usual + _EXCESS


def parted(found: Sequence[Part], usual: Sequence[float], powers: Float) -> list[Part]:
    """The path with words that last through a pause split there: the part closest to the word's
    usual length stays, and the rest becomes a hesitation."""
    made: list[Part] = []
    for part in found:
        made += [part] if part.form is None else _parted(part, usual[part.form], powers)
    return made


def _parted(word: Part, usual: float, powers: Float) -> list[Part]:
    if not _too_long(word, usual):
        return [word]
    inside = powers[word.first : word.end]
    soft = inside < np.median(inside) / 10 ** (_SOFTER / 10)
    best: tuple[float, list[Part]] | None = None
    for begin, end in true_runs(soft):
        left, right = begin, len(inside) - end
        if end - begin < _PAUSE or min(left, right) < _ISLAND:
            continue
        far = word.far / word.frames
        before = replace(word, end=word.first + begin, far=far * left)
        pause = Part(word.first + begin, word.first + end, 0.0, None, "")
        after = replace(word, first=word.first + end, far=far * right)
        for stays, goes in ((before, after), (after, before)):
            off = abs(stays.frames - usual)
            other = replace(goes, form=None, text="um")
            if best is None or off < best[0]:
                order = [stays, pause, other] if stays is before else [other, pause, stays]
                best = off, order
    return [word] if best is None else best[1]
