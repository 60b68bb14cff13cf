"""File functions of expressions: ``duration('voice.wav')``, ``probe('talk.mp4').width``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from vedc.edit.media_info import MediaInfo
from vedc.lang.expr.references import Reference
from vedc.lang.expr.syntax import ExpressionError
from vedc.lang.resolve.items.context import CheckContext
from vedc.lang.yaml.tree import Problems, SpecNode


class FileFacts:
    """Answers file functions of expressions; names of items in the spec stay open."""

    def __init__(self, root: SpecNode, context: CheckContext) -> None:
        self._root, self._files = root, replace(context, problems=Problems()).files
        self._ids = set(_ids(root))

    def knows(self, reference: Reference) -> bool:
        """Whether it depends only on a file."""
        file = reference.function == "duration" and reference.name not in self._ids
        return reference.function == "probe" or file

    def value(self, reference: Reference) -> Any:
        """Raises ExpressionError where there is no such file."""
        return _fact(reference, self._media(reference))

    def _media(self, reference: Reference) -> MediaInfo | None:
        assets = self._root.get("assets") if isinstance(self._root.value, dict) else None
        found = assets.get(reference.name) if assets and isinstance(assets.value, dict) else None
        if found is not None and isinstance(found.value, dict):
            found = found.get("src")
        path = reference.name if found is None or not isinstance(found.value, str) else found.text
        return self._files.media(SpecNode(path))


def _fact(reference: Reference, media: MediaInfo | None) -> Any:
    name = reference.name
    if media is None:
        message = f"there is no item, and no file, named {name!r}"
        hint = "give the item an id: {clip: a.mp4, id: intro}; or name a file as the spec does"
        if reference.function == "probe":
            message, hint = f"there is no file {name!r}", "name it as the spec does"
        raise ExpressionError("unknown-id", message, reference.span, hint)
    video, audio = media.video, media.audio
    length = media.clip_length if video is not None else media.sound_length
    if reference.function == "duration":
        if length is None or media.kind == "image":
            message = f"{name!r} has no duration"
            raise ExpressionError("no-length", message, reference.span, "give seconds")
        return length
    width, height = video.display_size if video is not None else (None, None)
    return {
        "width": width,
        "height": height,
        "fps": video.rate if video is not None and media.kind != "image" else None,
        "duration": length if media.kind != "image" else None,
        "channels": audio.channels if audio is not None else None,
        "sample_rate": audio.rate if audio is not None else None,
    }


def _ids(root: SpecNode) -> Iterator[str]:
    """The names of items, tracks and audio items of a spec, well formed or not."""
    if isinstance(root.value, dict):
        named = root.get("id")
        if named is not None and isinstance(named.value, str):
            yield named.value
            if named.value.endswith("]"):  # one of the items that one became
                yield named.value.rpartition("[")[0]
        for key, child in root.value.items():
            if key not in ("variables", "assets", "outputs", "metadata"):
                yield from _ids(child)
    elif isinstance(root.value, list):
        for child in root.value:
            yield from _ids(child)
