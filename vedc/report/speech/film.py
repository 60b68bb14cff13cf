"""The captions of a film as a file of them."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise

from vedc.captions.spoken import SpokenWord
from vedc.captions.write import Format, write_captions
from vedc.edit.captions import Cue, Word
from vedc.edit.contents import Caption
from vedc.edit.model import Edit


def film_words(film: Edit) -> tuple[SpokenWord, ...]:
    """The words of the captions of a film; for a caption without word times, its lines."""
    found: list[SpokenWord] = []
    for cue in _all(film):
        marks = cue.words or (Word(0, cue.start),)
        for mark, after in pairwise([*marks, None]):
            assert mark is not None
            text = cue.text[mark.offset : None if after is None else after.offset]
            end = cue.end if after is None else after.time
            found.append(SpokenWord(" ".join(text.split()), mark.time, max(end, mark.time)))
    return tuple(found)


def film_captions(film: Edit, form: Format) -> str:
    """The captions of a film by time, those that are burned in and those of streams."""
    return write_captions(_all(film), form)


def _all(film: Edit) -> list[Cue]:
    fps = film.profile.fps
    burned = [film.captions, *(track.captions for track in film.tracks)]
    cues = [_cue(caption, fps) for held in burned for caption in held]
    cues += [cue for stream in film.caption_streams for cue in stream.cues]
    return list(_apart(sorted(cues, key=lambda cue: cue.start)))


def _cue(caption: Caption, fps: Fraction) -> Cue:
    start = caption.start / fps
    words = tuple(Word(at, start + frame / fps) for frame, at in caption.words)
    return Cue(start, caption.end / fps, caption.text.text, words=words)


def _apart(cues: list[Cue]) -> Iterator[Cue]:
    """Cues once each: two streams may hold the same."""
    seen: set[tuple[object, ...]] = set()
    for cue in cues:
        key = cue.start, cue.end, cue.text
        if key not in seen:
            seen.add(key)
            yield cue
