"""The beats of the music that the film plays, for transitions that follow it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any, Final

from vedc.decide.analyses.analysis import AnalysisRequest
from vedc.decide.analyses.results import Events
from vedc.decide.choose.methods.music_beats import music_beats
from vedc.edit.times import to_frames
from vedc.lang.resolve.played_music import PlayedMusic

_SPOKEN: Final = Fraction(1, 2)
"""The least share of speech for a file to count as speech: a narrator has no beat to follow."""


def film_beats(
    played: Sequence[PlayedMusic],
    runner: Callable[..., list[Any]],
    length: Fraction,
    rate: Fraction,
) -> tuple[tuple[int, ...], str]:
    """The frames nearest to the beats heard within ``length`` seconds of an item, and the names of
    the music; none if only speech is heard."""
    files = {part.source.media.path: part.source.media for part in played}
    asks = [AnalysisRequest.of(name, m) for m in files.values() for name in ("beats", "speech")]
    found = iter(runner(*asks)) if asks else iter(())
    music: dict[str, Events] = {}
    for path, media in files.items():
        beats, spoken = next(found), next(found)
        said = sum((span.end - span.start for span in spoken), Fraction(0))
        if said < _SPOKEN * (media.sound_length or said):
            music[path] = beats
    return beat_frames(played, music, length, rate)


def beat_frames(
    played: Sequence[PlayedMusic], found: Mapping[str, Events], length: Fraction, rate: Fraction
) -> tuple[tuple[int, ...], str]:
    """As ``film_beats``; ``found`` holds the beats of each file that is music, by its path."""
    followed = [part for part in played if part.source.media.path in found]
    music = music_beats(followed, found, length, 1, Fraction(0)) if followed else None
    if music is None:
        return (), ""
    names = ", ".join(dict.fromkeys(part.source.id for part in followed))
    return tuple(sorted({to_frames(mark, rate) for mark in music.marks})), names
