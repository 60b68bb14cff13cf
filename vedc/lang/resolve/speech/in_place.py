"""Captions with the words that they are made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from fractions import Fraction

from vedc.captions.lines import MAX_CHARS, MAX_SPEED, caption_cues
from vedc.captions.spoken import SpokenWord
from vedc.captions.spoken_text import read_words
from vedc.edit.captions import Cue
from vedc.edit.time_map import TimeMap
from vedc.lang.yaml.tree import SpecNode

#: The key of captions, once they are answered, that holds the lines of the lock. No spec has it.
SPOKEN = "words: answered"

Place = tuple[int, int, int]


def with_words(root: SpecNode, answers: Mapping[Place, SpecNode]) -> SpecNode:
    """The spec with lines of words in the captions at these places."""
    if not answers:
        return root
    timeline = root["timeline"]
    tracks = []
    for number, track in enumerate(timeline["tracks"]):
        clips = []
        for index, item in enumerate(track["clips"]):
            held = item.get("captions") if not item.broken else None
            if held is not None:
                made = [
                    each.with_value({**each.entries, SPOKEN: answers[number, index, place]})
                    if (number, index, place) in answers
                    else each
                    for place, each in enumerate(held)
                ]
                item = item.with_value({**item.entries, "captions": held.with_value(made)})
            clips.append(item)
        tracks.append(
            track.with_value({**track.entries, "clips": track["clips"].with_value(clips)})
        )
    held = timeline["tracks"].with_value(list[SpecNode](tracks))
    changed = timeline.with_value({**timeline.entries, "tracks": held})
    return root.with_value({**root.entries, "timeline": changed})


def spoken_cues(node: SpecNode, time_map: TimeMap, length: Fraction) -> tuple[Cue, ...]:
    """The cues of answered captions, in time of the file, for a clip that shows it by this map.

    Only words whose middle is shown are in them, so that captions follow when the clip is cut.
    """
    words = list(_words(node[SPOKEN]))
    longest = int(node["max_chars"].number) if "max_chars" in node else MAX_CHARS
    found: list[Cue] = []
    seen: set[tuple[Fraction, Fraction]] = set()
    for part in time_map.parts(0, length):
        if part.end is None or not part.slope:
            continue
        ends = part.source, part.source + (part.end - part.begin) * part.slope
        low, high = min(ends), max(ends)
        if (low, high) in seen:  # a loop
            continue
        seen.add((low, high))
        shown = [
            replace(word, start=max(word.start, low), end=min(word.end, high))
            for word in words
            if low <= (word.start + word.end) / 2 < high
        ]
        speed = MAX_SPEED / abs(part.slope)
        found += caption_cues(shown, longest, max_speed=float(speed), until=high)
    return tuple(sorted(found, key=lambda cue: cue.start))


def _words(lines: Iterable[SpecNode]) -> Iterable[SpokenWord]:
    for line in lines:
        who = line["who"].text if "who" in line else ""
        yield from read_words(line["say"].text, line["times"].text, who)
