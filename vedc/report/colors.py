"""How the colours of a film are managed, by the names in its OpenColorIO config."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from vedc.color import Transform
from vedc.edit.contents import Clip, Image
from vedc.edit.media_info import shown_name
from vedc.edit.model import Composition, Edit


def described_colors(edit: Edit) -> dict[str, Any] | None:
    """A JSON object; None if OpenColorIO is not used."""
    sources = dict(_sources(edit))
    managed = edit.profile.management
    if managed is None and not sources:
        return None
    transforms = list(sources.values())
    found: dict[str, Any] = {}
    if managed is not None:
        found = {
            "config": managed.config,
            "working": managed.working,
            "display": managed.display,
            "view": managed.view,
            "look": managed.look,
        }
        transforms += [managed.back, *([managed.out] if managed.out is not None else [])]
    return {
        **found,
        "sources": {name: transform.title for name, transform in sources.items()},
        "approximated": [note for each in transforms for note in _notes(each)],
    }


def _sources(edit: Edit) -> Iterator[tuple[str, Transform]]:
    """The files that have a colour space, with the transform from it."""
    for item in (item for track in edit.tracks for item in track.items):
        content = item.content
        if isinstance(content, Composition):
            yield from _sources(content.edit)
        elif isinstance(content, Clip) and content.space is not None:
            yield shown_name(content.media.path), content.space
        elif isinstance(content, Image) and content.space is not None:
            yield shown_name(content.path), content.space


def _notes(transform: Transform) -> Iterator[str]:
    """Transforms that are not computed by a formula."""
    from vedc.looks.transforms import transform as compiled

    made = compiled(transform.id)
    for _, chain in made.chains if made is not None else ():
        yield from (f"{transform.title}: {note}" for note in chain.notes)
