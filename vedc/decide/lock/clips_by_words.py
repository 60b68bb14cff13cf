"""Clips that begin and end with words, as ranges of their files."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from vedc.captions.said import Place, Text, moment
from vedc.captions.spoken import SpokenWord
from vedc.decide.choose.methods.said_conditions import not_said
from vedc.decide.choose.methods.spoken_cuts import FADE
from vedc.decide.choose.time_text import source_time
from vedc.edit.media_info import MediaInfo
from vedc.edit.times import format_time
from vedc.lang.keys.sound.said import SAID_KEYS, WORD_SOURCE
from vedc.lang.resolve.sections.assets import Assets
from vedc.lang.resolve.speech.asking import said_in
from vedc.lang.resolve.speech.question import Said
from vedc.lang.yaml.tree import Problems, SpecNode

#: Seconds that a clip begins before its first word, and ends after its last, within the pause.
_LEAD: Final = Fraction(1, 10)
#: The most times listed for a text that is said more than once.
_SHOWN: Final = 6
_GIVEN: Final = (*SAID_KEYS, *(key.name for key in WORD_SOURCE))


def clips_by_words(root: SpecNode, said: Said, assets: Assets, problems: Problems) -> SpecNode:
    """The spec with ``in`` and ``out`` in place of ``from_words`` and ``to_words``, if the words
    are known. Errors go to ``problems``."""
    timeline = root["timeline"]
    tracks = []
    for track in timeline["tracks"]:
        clips = [
            _ranged(item, said, assets, problems)
            if not item.broken and any(key in item for key in SAID_KEYS)
            else item
            for item in track["clips"]
        ]
        held = track["clips"].with_value(list[SpecNode](clips))
        tracks.append(track.with_value({**track.entries, "clips": held}))
    held = timeline["tracks"].with_value(list[SpecNode](tracks))
    changed = timeline.with_value({**timeline.entries, "tracks": held})
    return root.with_value({**root.entries, "timeline": changed})


def _ranged(item: SpecNode, said: Said, assets: Assets, problems: Problems) -> SpecNode:
    media = assets.clip_media(item)
    words = said_in(item, item["clip"].text, media, assets, said) if media is not None else None
    if media is None or words is None:
        return item
    finder = _Finder(item["clip"].text, words, problems)
    begins = finder.place(item["from_words"], "from_words") if "from_words" in item else None
    if "from_words" in item and begins is None:
        return item
    ends = finder.place(item["to_words"], "to_words", begins) if "to_words" in item else None
    if "to_words" in item and ends is None:
        return item
    entries = {key: node for key, node in item.entries.items() if key not in _GIVEN}
    fade = {"duration": format_time(FADE), "curve": "qua"}
    for place, given, key, fades in (
        (begins, "from_words", "in", "fade_in"),
        (ends, "to_words", "out", "fade_out"),
    ):
        if place is not None:
            time = _start(words, place, media) if key == "in" else _end(words, place, media)
            at = item[given]
            entries[key] = SpecNode(source_time(time, media), at.location, at.key_location)
            entries.setdefault(fades, SpecNode.of(fade).under(at.location))
    return item.with_value(entries)


class _Finder:
    """Finds texts in the words of a file; errors go to ``problems``."""

    def __init__(self, name: str, words: Sequence[SpokenWord], problems: Problems) -> None:
        self.name, self.text, self.problems = name, Text(words), problems

    def place(self, node: SpecNode, key: str, after: Place | None = None) -> Place | None:
        """Where the text of ``node`` is said, after ``after`` if given."""
        wanted, at = node["said"].text, node["said"]
        found = self.text.places(wanted, after.first if after is not None else 0)
        if not found:
            self._missing(wanted, at, after)
            return None
        if "nth" not in node and len(found) > 1:
            where = self._listed(found)
            since = "" if after is None else " from there on"
            message = f'"{wanted}" is said {len(found)} times in {self.name}{since}: {where}'
            hint = f'say which, {key}: {{said: "{wanted}", nth: 1}}, or write more words'
            self.problems.add("said-often", message, at, hint)
            return None
        nth = int(node["nth"].number) if "nth" in node else 1
        if nth > len(found):
            times = "once" if len(found) == 1 else f"{len(found)} times"
            message = f'"{wanted}" is said only {times} in {self.name}: {self._listed(found)}'
            self.problems.add("not-said", message, node["nth"], f"give at most {len(found)}")
            return None
        return found[nth - 1]

    def _missing(self, wanted: str, at: SpecNode, after: Place | None) -> None:
        before = self.text.places(wanted) if after is not None else []
        if after is not None and before:
            message = f'"{wanted}" is not said after {self.text.quoted(after)} in {self.name}'
            hint = f"it is said before, at {self._listed(before)}: begin there, or give other words"
            self.problems.add("not-said", message, at, hint)
            return
        problem = not_said(wanted, [(self.name, self.text)], at.location)
        self.problems.add(problem.code, problem.message, at, problem.hint)

    def _listed(self, places: Sequence[Place]) -> str:
        times = [moment(self.text.words[place.first].start) for place in places]
        shown = times[:_SHOWN]
        more = f" and {len(times) - _SHOWN} more" if len(times) > _SHOWN else ""
        return ", ".join(shown) + more


def _start(words: Sequence[SpokenWord], place: Place, media: MediaInfo) -> Fraction:
    """When a clip begins: in the pause before its first word, on a frame if the pause contains
    one."""
    word = words[place.first]
    low = words[place.first - 1].end if place.first else Fraction(0)
    wanted = max(word.start - min(_LEAD, max(word.start - low, Fraction(0)) / 2), Fraction(0))
    if media.video is None:
        return wanted
    rate = media.video.rate
    last = word.start * rate // 1
    first = -(-low * rate // 1)
    return Fraction(max(min(max(round(wanted * rate), first), last), 0)) / rate


def _end(words: Sequence[SpokenWord], place: Place, media: MediaInfo) -> Fraction:
    """When a clip ends: in the pause after its last word, likewise."""
    word = words[place.end - 1]
    whole = media.clip_length
    high = words[place.end].start if place.end < len(words) else (whole or word.end + _LEAD)
    wanted = word.end + min(_LEAD, max(high - word.end, Fraction(0)) / 2)
    if media.video is None:
        return wanted if whole is None else min(wanted, whole)
    rate = media.video.rate
    first, last = -(-word.end * rate // 1), high * rate // 1
    place_ = Fraction(max(min(round(wanted * rate), last), first)) / rate
    return place_ if whole is None else min(place_, whole)
