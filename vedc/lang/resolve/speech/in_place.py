"""Captions with their words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from vedc.captions.spoken import SpokenWord
from vedc.captions.spoken_text import read_words
from vedc.lang.yaml.tree import SpecNode

#: The internal key of answered captions with the lines of the lock; never in a user's spec.
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


def spoken_words(captions: SpecNode) -> Iterator[SpokenWord]:
    """The words of answered captions, in file time, without asides."""
    for line in captions[SPOKEN]:
        who = line["who"].text if "who" in line else ""
        said = read_words(line["say"].text, line["times"].text, who)
        yield from (word for word in said if not word.aside)
