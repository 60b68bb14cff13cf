"""The outline of a recording: the spoken sentences of a script, and their rough times.

It is the path through all words of a script, except left-out sentences: people skip some, and
speech models write some that nobody says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import Any, Final

from vedc.captions.spoken import SpokenWord
from vedc.decide.words.alignment.path import Part, found_by
from vedc.decide.words.alignment.script import ScriptWord

#: The probability that a sentence is left out, to the power of the decoder's language weight. Of
#: 288 sentences that were said and 18 that were not, 1e-40 classified all correctly; 1e-20 left out
#: 19 that were said, and 1e-60 kept one, of three words, that was not.
_LEFT_OUT: Final = 1e-40
#: Sentences in a row that can be left out.
_IN_A_ROW: Final = 3


def sentence_ends(script: Sequence[ScriptWord], forms: Sequence[Sequence[str]]) -> list[int]:
    """The number of spoken forms before the end of each sentence. ``forms``: those of each word."""
    ends: list[int] = []
    count = 0
    for word, spoken in zip(script, forms, strict=True):
        count += len(spoken)
        if SpokenWord(word.text, Fraction(0), Fraction(0)).ends_sentence:
            ends.append(count)
    return sorted({0, *ends, count} - {0})


def follow_sentences(decoder: Any, forms: Sequence[str], ends: Sequence[int]) -> None:
    """Make a decoder follow sentences of known spoken forms.

    There is a state after each form, and one more at the beginning of each sentence, since the
    decoder does not follow two empty steps in a row.
    """
    starts = [0, *ends[:-1]]
    begins = [len(forms) + 1 + n for n in range(len(starts))] + [len(forms)]
    steps: list[tuple[int, int, float] | tuple[int, int, float, str]] = []
    for n, (start, end) in enumerate(zip(starts, ends, strict=True)):
        for left_out, begin in enumerate(begins[n : n + _IN_A_ROW + 1]):
            steps.append((start, begin, _LEFT_OUT**left_out))
        steps.append((begins[n], start + 1, 1.0, forms[start]))
        steps += [(form, form + 1, 1.0, forms[form]) for form in range(start + 1, end)]
    decoder.add_fsg("sentences", decoder.create_fsg("sentences", 0, len(forms), steps))
    decoder.activate_search("sentences")


def outline(decoder: Any, forms: Sequence[str], ends: Sequence[int]) -> list[Part] | None:
    """The path found, in order of time; None if the way was lost, or leads through less than half
    of the forms."""
    found = found_by(decoder)
    if found is None:
        return None
    words = [part.text for part in found if part.form is not None]
    places = _places(words, forms, [0, *ends])
    if places is None or 2 * len(places) < len(forms):
        return None
    placed = iter(places)
    return [part if part.form is None else replace(part, form=next(placed)) for part in found]


def _places(words: Sequence[str], forms: Sequence[str], edges: Sequence[int]) -> list[int] | None:
    """The form of each word of a path, with as few sentences left out as possible; None if there is
    no way."""
    ways: dict[int, list[tuple[int, int]]] = {0: []}  # by number of words placed: sentences
    for sentence in pairwise(edges):
        said = list(forms[slice(*sentence)])
        for at, way in sorted(ways.items(), reverse=True):
            end = at + len(said)
            if list(words[at:end]) == said and len(way) + 1 > len(ways.get(end, ())):
                ways[end] = [*way, sentence]
    found = ways.get(len(words))
    return None if found is None else [form for sentence in found for form in range(*sentence)]
