"""Captions of speech on timelines with clips that are cut, retimed, reversed and crossfaded."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from itertools import pairwise
from random import Random

import pytest

from vedc.captions.lines import letters, too_fast, too_fast_message
from vedc.captions.spoken import SpokenWord
from vedc.edit.captions import Cue
from vedc.edit.time_map import TimeMap
from vedc.lang.resolve.speech.film_cues import Stretch, film_cues, stretches

FPS = 25
TALK = (
    "Good morning, everyone. The new laboratory will open in the next quarter, and the machines "
    "for it have been ordered. We fixed the problem that Dr. Smith found, because it came back."
)


def said(text: str, speed: float = 14) -> list[SpokenWord]:
    """Consecutive words, starting at 1 s."""
    at, made = Fraction(1), []
    for word in text.split():
        length = Fraction(round(len(word) / speed * 100) + 2, 100)
        made.append(SpokenWord(word, at, at + length))
        at += length + Fraction(40 if word[-1] in ".!?" else 3, 100)
    return made


def shown(
    clips: list[tuple[Fraction, TimeMap]], words: list[SpokenWord], most: int = 42
) -> list[Stretch]:
    made = []
    for start, time_map in clips:
        assert time_map.length is not None
        made += stretches(words, time_map, start, time_map.length, "talk", most)
    return made


def cues_of(
    clips: list[tuple[Fraction, TimeMap]],
    words: list[SpokenWord],
    film: Fraction | None = None,
    most: int = 42,
) -> list[Cue]:
    return [cue for _, cue in film_cues(shown(clips, words, most), film)]


WORDS = [
    SpokenWord(f"{word}{number}", word_.start, word_.end)
    for number, word_ in enumerate(said(TALK))
    for word in [word_.text.strip(".,")]
]


def random_map(random: Random) -> TimeMap:
    """A clip's part of the talk: a trim at some speed, forwards or backwards, or a ramp."""
    begin, length = Fraction(random.randint(0, 300), 25), Fraction(random.randint(5, 150), 25)
    kind = random.choice(["plain", "fast", "slow", "back", "ramp", "freeze"])
    if kind == "ramp":
        end = begin + length * Fraction(random.randint(6, 20), 10)
        return TimeMap.curve([(Fraction(0), begin, "ease"), (length, end, "linear")], length)
    if kind == "freeze":
        half = length / 2
        points = [(Fraction(0), begin), (half, begin + half), (half * 3 / 2, begin + half)]
        points.append((length, begin + length))
        return TimeMap.curve([(*point, "linear") for point in points], length)
    speed = {"plain": Fraction(1), "fast": Fraction(5, 4), "slow": Fraction(4, 5)}.get(kind)
    if speed is None:
        return TimeMap.linear(begin + length, -1, length)
    return TimeMap.linear(begin, speed, length)


@pytest.mark.parametrize("seed", range(40))
def test_any_timeline_has_captions_that_keep_the_rules(seed: int) -> None:
    """Clips overlap as in transitions, abut, or leave gaps."""
    random = Random(seed)
    most = random.randint(12, 42)
    placed = [(random_map(random), random.randint(-12, 12)) for _ in range(random.randint(1, 5))]
    clips: list[tuple[Fraction, TimeMap]] = []
    at = Fraction(0)
    for time_map, gap in placed:
        at = max(at + Fraction(gap, 25), Fraction(0))
        clips.append((at, time_map))
        assert time_map.length is not None
        at += time_map.length
    film = max(start + (m.length or 0) for start, m in clips)
    found = cues_of(clips, WORDS, film, most)
    expected: Counter[str] = Counter()
    times: dict[str, list[Fraction]] = {}
    for start, time_map in clips:
        for part in time_map.parts():
            assert part.end is not None
            ends = sorted([part.source, part.source + (part.end - part.begin) * part.slope])
            for word in WORDS:
                if part.slope and ends[0] <= (word.start + word.end) / 2 < ends[1]:
                    expected[word.text] += 1
        for word in WORDS:
            begun = [start + time for time, _ in time_map.film_at(word.start)]
            times.setdefault(word.text, []).extend(begun)
    assert Counter(word for cue in found for word in cue.text.split()) == expected
    edges = {each.begin for each in shown(clips, WORDS)}  # where words begin that are cut into
    for cue in found:
        assert 0 <= cue.start < cue.end <= film
        assert all(len(line) <= most for line in cue.text.split("\n"))
        assert cue.text.count("\n") <= 1
        for mark in cue.words:
            text = cue.text[mark.offset :].split()[0]
            assert cue.start <= mark.time < cue.end
            near = min((abs(mark.time - time) for time in times[text]), default=Fraction(1))
            assert near < Fraction(1, FPS) or mark.time in edges, text
    forward = sorted((cue for cue in found if cue.words), key=lambda cue: cue.start)
    for cue, after in pairwise(forward):
        # Two may be shown together only while two people speak at once.
        assert cue.end <= after.start or cue.words[-1].time < cue.end
        if too_fast(cue) and cue.end < film:
            assert any(cue.start < other.start <= cue.end for other in found) or cue.end in edges


def test_a_sentence_goes_on_over_a_cut_that_takes_a_hesitation() -> None:
    words = said("We fixed um the problem today.")
    um = words[2]
    cut = [
        (Fraction(0), TimeMap.linear(0, 1, um.start)),
        (um.start, TimeMap.linear(um.end, 1, Fraction(3))),
    ]
    (cue,) = cues_of(cut, words)
    assert cue.text == "We fixed the problem today."
    assert cue.words[2].time == words[3].start - (um.end - um.start)
    far = [cut[0], (um.start, TimeMap.linear(um.end + 3, 1, Fraction(3)))]
    later = [SpokenWord("Elsewhere.", um.end + 4, um.end + 5)]
    assert [cue.text for cue in cues_of(far, words + later)] == ["We fixed", "Elsewhere."]


def test_an_eased_ramp_parts_no_phrase() -> None:
    whole = cues_of([(Fraction(0), TimeMap.linear(0, 1, Fraction(18)))], WORDS)
    ramp = TimeMap.curve(
        [(Fraction(0), Fraction(0), "ease"), (Fraction(18), Fraction(18), "linear")], Fraction(18)
    )
    assert len([*ramp.parts()]) > 20
    assert [cue.text.split() for cue in cues_of([(Fraction(0), ramp)], WORDS)] == [
        cue.text.split() for cue in whole
    ]


def test_fast_speech_takes_the_time_that_follows_it_or_is_told() -> None:
    """A clip at three times its speed: 42 letters a second."""
    words = said("We fixed the problem that came back every week.", 14)
    clip = (Fraction(0), TimeMap.linear(0, 3, words[-1].end / 3))
    (cue,) = cues_of([clip], words)
    assert letters(cue.text) == 46 and not too_fast(cue) and not too_fast_message([cue])
    assert cue.end - cue.start == Fraction(46, 20)
    after = (clip[1].length or Fraction(0), TimeMap.linear(30, 1, Fraction(2)))
    more = [*words, SpokenWord("Another", Fraction(30), Fraction(31))]
    first, other = cues_of([clip, after], more)
    assert first.end == other.start and too_fast(first)
    told = "at 0.333s is said at 43 letters a second, and 20 can be read"
    assert too_fast_message([first, other]).endswith(told)
    assert too_fast(cues_of([clip], words, clip[1].length)[0])


def test_long_words_are_broken() -> None:
    words = said("Donaudampfschifffahrtsgesellschaft fährt")
    found = cues_of([(Fraction(0), TimeMap.linear(0, 1, Fraction(9)))], words, None, 20)
    lines = [line for cue in found for line in cue.text.split("\n")]
    assert lines == ["Donaudampfschifffah-", "rtsgesellschaft", "fährt"]
