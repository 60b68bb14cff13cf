"""The captions of a film as a file of them."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from vedc.captions.write import Format, write_captions
from vedc.edit.captions import Cue, Word
from vedc.edit.contents import Caption
from vedc.edit.model import Edit


def film_captions(film: Edit, form: Format) -> str:
    """The captions of a film by time, those that are burned in and those of streams."""
    fps = film.profile.fps
    burned = [film.captions, *(track.captions for track in film.tracks)]
    cues = [_cue(caption, fps) for held in burned for caption in held]
    cues += [cue for stream in film.caption_streams for cue in stream.cues]
    return write_captions(list(_apart(sorted(cues, key=lambda cue: cue.start))), form)


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
