"""Items that name many files by a pattern become one item for each file.

``{image: "photos/*.jpg", duration: 3s, between: dissolve}`` is a slideshow. Files are in natural
order, so the same files always make the same film.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Final

from vedc.lang.files import Files
from vedc.lang.language import ITEM
from vedc.lang.yaml.tree import SpecNode
from vedc.support.file_patterns import is_numbered

MOST: Final = 10_000
"""The most files that one item may stand for."""

#: Picture files, of which a clip makes an image sequence.
_PICTURES: Final = frozenset({
    ".png", ".jpg", ".jpeg", ".jpe", ".bmp", ".tif", ".tiff", ".exr", ".dpx", ".tga", ".hdr",
    ".pfm", ".pam", ".ppm", ".pgm", ".pnm", ".pbm", ".webp", ".avif", ".heic", ".heif", ".jp2",
    ".j2k", ".jpx", ".psd", ".qoi", ".dds", ".sgi", ".pcx", ".svg", ".svgz", ".ras", ".ico",
})  # fmt: skip


class ManyFiles:
    """Expands patterns into items. Mistakes are reported where the pattern is written."""

    def __init__(self, assets: SpecNode | None, files: Files) -> None:
        self._ids = assets.entries.keys() if assets is not None else ()
        self._files, self._problems = files, files.problems

    def timeline(self, node: SpecNode) -> SpecNode:
        """A timeline in canonical form with every pattern expanded."""
        tracks = [
            track.with_value({**track.entries, "clips": self._clips(track["clips"])})
            if "clips" in track
            else track
            for track in node["tracks"]
        ]
        return node.with_value({**node.entries, "tracks": node["tracks"].with_value(tracks)})

    def refuse_sounds(self, audio: SpecNode) -> None:
        """Refused, because audio items all start at 0 unless they say otherwise."""
        for item in audio:
            named = item.get("clip")
            if named is not None and not named.broken and self._is_pattern(named):
                message = f"{named.text!r} stands for many files, and one audio item is one file"
                hint = 'put them on a track, where each follows the last: {clip: "songs/*.mp3"}'
                self._problems.add("many-files", message, named, hint)

    def _clips(self, clips: SpecNode) -> SpecNode:
        return clips.with_value([each for item in clips for each in self._items(item)])

    def _items(self, item: SpecNode) -> Iterator[SpecNode]:
        kind = ITEM.kind_of(item)
        if item.broken or kind not in ("clip", "image", "auto"):
            yield item
            return
        if kind == "auto":
            yield self._sources(item)
            return
        named, between = item[kind], item.get("between")
        found = self._spread(named, item if kind == "clip" else None)
        if found is None:
            if between is not None:
                message = f"between stands between the files of a pattern; {named.text!r} is one"
                hint = "write {transition: dissolve} between two items"
                self._problems.add("one-file", message, between.key_location, hint)
                item = item.with_value(_without(item))
            yield item
            return
        if not found:  # which has been reported
            yield SpecNode(item.value, item.location, item.key_location, broken=True)
        for number, name in enumerate(found):
            if number and between is not None:
                yield SpecNode({"transition": between}, between.key_location or item.location)
            entries = {**_without(item), kind: named.with_value(name)}
            if "id" in item and len(found) > 1:  # as the clips of an `auto` item are named
                entries["id"] = item["id"].with_value(f"{item['id'].text}[{number + 1}]")
            if number:  # each follows the last
                entries.pop("start", None)
            yield item.with_value(entries)

    def _sources(self, item: SpecNode) -> SpecNode:
        """An ``auto`` item with each of its sources."""
        auto = item["auto"]
        if auto.broken or "from" not in auto:
            return item
        sources: list[SpecNode] = []
        for named in auto["from"]:
            found = self._spread(named, None)
            sources += [named] if not found else [named.with_value(name) for name in found]
        listed = auto["from"].with_value(sources)
        return item.with_value(
            {**item.entries, "auto": auto.with_value({**auto.entries, "from": listed})}
        )

    def _is_pattern(self, named: SpecNode) -> bool:
        return named.text not in self._ids and self._files.is_sequence(named)

    def _spread(self, named: SpecNode, clip: SpecNode | None) -> list[str] | None:
        """The files that a name stands for, as a spec names them; None if it is one source.

        ``clip`` is the clip with that name: pictures that form its sequence are one source.
        """
        if named.broken or not self._is_pattern(named):
            return None
        if clip is not None and ("rate" in clip or is_numbered(named.text)):
            return None
        path = self._files.inside(named)
        found = self._files.matching(named, path) if path is not None else ()
        endings = {os.path.splitext(file)[1].lower() for file in found}
        if clip is not None and found and endings <= _PICTURES:
            return None
        if len(found) > MOST:
            message = f"{named.text!r} stands for {len(found)} files, and at most {MOST} can follow"
            self._problems.add("too-many-files", message, named, "name a part of them")
            return []
        absolute = os.path.isabs(os.path.expanduser(named.text))
        return [file if absolute else os.path.relpath(file, self._files.root) for file in found]


def _without(item: SpecNode) -> dict[str, SpecNode]:
    return {key: value for key, value in item.entries.items() if key != "between"}
