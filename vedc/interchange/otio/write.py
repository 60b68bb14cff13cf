"""A resolved edit as an OpenTimelineIO timeline.

Every number is of whole frames of the film, or of a file at its own rate. Settings that the format
cannot express are in the metadata, which other programs ignore; the loss report says so.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

from vedc.edit.contents import Clip, Generated, Image, Solid, Text
from vedc.edit.media_info import MediaInfo
from vedc.edit.model import AudioItem, Composition, Edit, TimelineItem
from vedc.edit.tables.codecs import SOUND_ONLY
from vedc.interchange.common.losses import Losses
from vedc.interchange.cuts.from_edit import cut_track, steady_speed
from vedc.interchange.cuts.model import CutTrack, Join, Piece
from vedc.interchange.cuts.spec_items import (
    is_disabled,
    lose_keys,
    shown_nodes,
    tracks_of,
    verbatim,
)
from vedc.interchange.otio import schema
from vedc.lang.language import ITEM
from vedc.lang.yaml.load import Document
from vedc.lang.yaml.tree import SpecNode
from vedc.support.printable import to_json

#: Keys of items that the format itself can hold.
CARRIED: Final = frozenset(
    [
        "clip",
        "image",
        "text",
        "color",
        "composition",
        "in",
        "out",
        "start",
        "duration",
        "gap",
        "speed",
        "reverse",
        "freeze",
        "transition",
        "id",
        "enabled",
        "generator",
        "adjustment",
    ]
)
_UNSEEN: Final = "carried over in the metadata, which other programs do not show"


def write(edit: Edit, document: Document, target: Path, losses: Losses) -> str:
    """The timeline as JSON. ``document`` is the canonical spec of the edit, after its decisions;
    ``target`` is its future path, to which media are relative."""
    return to_json(_Writer(edit, document, target, losses).timeline()) + "\n"


class _Writer:
    def __init__(self, edit: Edit, document: Document, target: Path, losses: Losses) -> None:
        self.edit, self.document, self.losses = edit, document, losses
        self.fps = edit.profile.fps
        self.folder = target.absolute().parent

    def timeline(self) -> dict[str, Any]:
        root = self.document.root
        spec = {k: n.plain() for k, n in root.entries.items() if k not in ("timeline", "audio")}
        film = root.get("timeline")
        beside = (
            {} if film is None else {k: n.plain() for k, n in film.entries.items() if k != "tracks"}
        )
        audio = root.get("audio")
        children, markers = self._tracks(), self._markers()
        music = self._music()
        ours = {
            "version": schema.FORMAT,
            "spec": verbatim(spec),
            "film": verbatim(beside),
            "audio": verbatim([] if audio is None else audio.plain()),
            "audio_seen": [schema.fingerprint(track["children"]) for track in music],
            "markers_seen": schema.fingerprint(markers),
            "folder": os.path.relpath(self.document.folder, self.folder).replace(os.sep, "/"),
        }
        stack = schema.item("Stack.1", "tracks", None, None, (), children=[*children, *music])
        stack["markers"] = markers
        if film is not None:
            lose_keys(film, ("tracks", "markers"), self.losses, "the timeline", "note", _UNSEEN)
        self._note_film_losses()
        return {
            "OTIO_SCHEMA": "Timeline.1",
            "name": Path(self.edit.path).name.removesuffix(".yaml").removesuffix(".vedc"),
            "metadata": {schema.OURS: ours},
            "global_start_time": schema.rational_time(Fraction(0), self.fps),
            "tracks": stack,
        }

    def _note_film_losses(self) -> None:
        for key in ("master", "captions"):
            if (node := self.document.root.get(key)) is not None:
                self.losses.add("note", f"{key!r}", _UNSEEN, node.key_location)

    # Pictures

    def _tracks(self) -> list[dict[str, Any]]:
        nodes = tracks_of(self.document, self.edit)
        pictures, sounds = [], []
        for node, track in zip(nodes, self.edit.tracks, strict=True):
            cuts = cut_track(track, self.fps)
            children, after = self._children(cuts, node["clips"])
            keys = {k: n.plain() for k, n in node.entries.items() if k != "clips"}
            lose_keys(node, ("id", "clips"), self.losses, f"track {track.id}", "note", _UNSEEN)
            ours = {
                "track": verbatim(keys),
                "after": verbatim([each.plain() for each in after]),
                "seen": schema.fingerprint(children),
            }
            audio = self._sounds_of(cuts)
            ours["heard"] = 1 if audio else 0
            made = schema.item("Track.1", track.id, None, ours, (), kind="Video", children=children)
            pictures.append(made)
            if audio:
                sound = {"sound_of": track.id, "seen": schema.fingerprint(audio)}
                sounds.append(
                    schema.item("Track.1", track.id, None, sound, (), kind="Audio", children=audio)
                )
        return [*pictures, *sounds]

    def _children(
        self, cuts: CutTrack, clips: SpecNode
    ) -> tuple[list[dict[str, Any]], list[SpecNode]]:
        """The children of a track, and the items of the spec after all of them."""
        places = shown_nodes(clips)
        joins = {join.index: join for join in cuts.joins if not join.edge}
        enters = {join.index: join for join in cuts.joins if join.edge == "enter"}
        exits = {join.index: join for join in cuts.joins if join.edge == "exit"}
        out: list[dict[str, Any]] = []
        done = 0
        at = Fraction(0)
        for k, piece in enumerate(cuts.pieces):
            before = clips.items[done : places[k]]
            done = places[k] + 1
            if (join := exits.get(k)) is not None and piece.start > at:
                out.append(self._edge(join))
            if piece.start > at:
                out.append(self._gap(piece.start - at))
            if (join := enters.get(k)) is not None and (piece.start > at or not out):
                out.append(self._edge(join))
            if (join := joins.get(k)) is not None:
                assert join.transition is not None
                node = next((n for n in before if ITEM.kind_of(n) == "transition"), None)
                ours = {} if node is None else {"item": verbatim(node.plain())}
                ours["name"] = join.transition.name
                out.append(self._join(join.transition.name, join.before, join.after, ours))
                if node is not None and join.transition.name != "dissolve":
                    what = f"the transition {join.transition.name!r}"
                    self.losses.add("note", what, _UNSEEN, node.location)
            node = clips.items[places[k]]
            made = self._clip(piece, node)
            ours = made["metadata"].setdefault(schema.OURS, {})
            ours["item"] = verbatim(node.plain())
            if before:
                ours["before"] = verbatim([each.plain() for each in before])
                for each in before:
                    if is_disabled(each):
                        where = f"the item {ITEM.kind_of(each)!r}, which is disabled"
                        self.losses.add("note", where, _UNSEEN, each.location)
            out.append(made)
            at = piece.end
        if (join := exits.get(len(cuts.pieces))) is not None:
            out.append(self._edge(join))
        return out, clips.items[done:]

    def _edge(self, join: Join) -> dict[str, Any]:
        """How an item enters or exits, beside a gap."""
        assert join.transition is not None
        name = join.transition.name
        return self._join(name, join.before, join.after, {"name": name})

    def _join(
        self, name: str, before: Fraction, after: Fraction, ours: dict[str, Any]
    ) -> dict[str, Any]:
        begin, end = (schema.rational_time(side * self.fps, self.fps) for side in (before, after))
        return schema.transition(name, begin, end, ours)

    def _gap(self, length: Fraction) -> dict[str, Any]:
        return schema.item("Gap.1", "", schema.time_range(Fraction(0), self.fps, length, self.fps))

    def _clip(self, piece: Piece, node: SpecNode) -> dict[str, Any]:
        item = piece.item
        assert item is not None
        lose_keys(node, CARRIED, self.losses, item.name, "note", _UNSEEN)
        rate = piece.rate or self.fps
        shown = schema.time_range(piece.source or Fraction(0), rate, piece.length, self.fps)
        return schema.clip(item.name, shown, self._media(item), effects=self._speed(item, node))

    def _speed(self, item: TimelineItem, node: SpecNode) -> list[dict[str, Any]]:
        if not isinstance(item.content, Clip | Composition):
            return []
        speed = steady_speed(item)
        if speed is None:
            what = f"the changing speed of {item.name}"
            self.losses.add("note", what, _UNSEEN, node.location)
            return []
        return [] if speed == 1 else [schema.warp(speed)]

    def _media(self, item: TimelineItem) -> dict[str, Any]:
        content = item.content
        if isinstance(content, Clip):
            return self._file(content.media)
        if isinstance(content, Image):
            return schema.external(self._url(content.path), None)
        if isinstance(content, Text):
            return schema.generator("vedc:text", {"text": content.text})
        if isinstance(content, Solid):
            return schema.generator("SolidColor", {"color": list(content.color)})
        if isinstance(content, Generated):
            return schema.generator(f"vedc:{content.call.op}", {})
        kind = "composition" if isinstance(content, Composition) else "adjustment"
        self.losses.add("note", f"the {kind} {item.name}", _UNSEEN, item.location)
        return schema.generator(f"vedc:{kind}", {})

    def _file(self, media: MediaInfo) -> dict[str, Any]:
        video = media.video
        rate = video.rate if video is not None else Fraction(self.edit.profile.sample_rate)
        length = media.clip_length or media.duration or Fraction(0)
        return schema.external(
            self._url(media.path), schema.time_range(Fraction(0), rate, length, rate)
        )

    def _url(self, path: str) -> str:
        relative = os.path.relpath(path, self.folder).replace(os.sep, "/")
        return schema.url_of(relative)

    # Sounds

    def _sounds_of(self, cuts: CutTrack) -> list[dict[str, Any]]:
        """The sounds of a track's clips, at the same times."""
        out: list[dict[str, Any]] = []
        at = Fraction(0)
        for piece in cuts.pieces:
            item = piece.item
            assert item is not None
            content = item.content
            if item.sound is None or not isinstance(content, Clip) or content.media.audio is None:
                continue
            speed = steady_speed(item)
            if not speed or content.sound_media is not None:
                continue
            if piece.start > at:
                out.append(self._gap(piece.start - at))
            rate = piece.rate or self.fps
            shown = schema.time_range(piece.source or Fraction(0), rate, piece.length, self.fps)
            effects = [] if speed == 1 else [schema.warp(speed)]
            out.append(schema.clip(item.name, shown, self._file(content.media), effects=effects))
            at = piece.end
        return out

    def _music(self) -> list[dict[str, Any]]:
        """The audio items, on as few tracks as they fit."""
        audio = self.document.root.get("audio")
        nodes = [] if audio is None else [n for n in audio.items if not is_disabled(n)]
        rows: list[list[tuple[AudioItem, SpecNode]]] = []
        for item, node in zip(self.edit.audio, nodes, strict=True):
            carried = ("clip", "in", "out", "start", "duration", "id", "enabled")
            lose_keys(node, carried, self.losses, item.name, "note", _UNSEEN)
            row = next((r for r in rows if r[-1][0].end <= item.start), None)
            if row is None:
                rows.append(row := [])
            row.append((item, node))
        return [self._row(row) for row in rows]

    def _row(self, row: Sequence[tuple[AudioItem, SpecNode]]) -> dict[str, Any]:
        children: list[dict[str, Any]] = []
        at = 0
        for item, node in row:
            if item.start > at:
                children.append(self._gap(Fraction(item.start - at) / self.fps))
            rate = Fraction(self.edit.profile.sample_rate)
            length = Fraction(item.end - item.start) / self.fps
            begin = item.time_map.source_at(Fraction(0))
            shown = schema.time_range(begin, rate, length, self.fps)
            ours = {"audio": verbatim(node.plain())}
            children.append(schema.clip(item.name, shown, self._file(item.media), ours=ours))
            at = item.end
        return schema.item(
            "Track.1", "audio", None, {"music": True}, (), kind="Audio", children=children
        )

    def _markers(self) -> list[dict[str, Any]]:
        none = Fraction(0)
        return [
            {
                "OTIO_SCHEMA": "Marker.2",
                "name": marker.name,
                "metadata": {},
                "color": "GREEN",
                "comment": "",
                "marked_range": schema.time_range(
                    marker.frame / self.fps, self.fps, none, self.fps
                ),
            }
            for marker in self.edit.markers
        ]


def is_sound_alone(edit: Edit) -> bool:
    return edit.output.codec == SOUND_ONLY
