"""OpenTimelineIO timelines as specs.

Tracks become tracks, audio tracks become audio items, nested stacks become compositions. Unchanged
parts that vedc wrote itself are read back verbatim.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from typing import Any, Final

from vedc.edit.times import parse_rate
from vedc.interchange.common.draft import Draft, noted, seconds, span, tidy
from vedc.interchange.common.files import ForeignFiles
from vedc.interchange.common.words import exact_rate, rate_value
from vedc.interchange.cuts.to_items import items_of
from vedc.interchange.foreign.node import Node, wrong_file
from vedc.interchange.otio import schema
from vedc.interchange.otio.reading import is_unchanged, kind_of, metadata_of, noted_by_us
from vedc.interchange.otio.sounds import Row, Sounds
from vedc.interchange.otio.times import read_time

_DEFAULT_RATE: Final = Fraction(25)


def read(root: Node, files: ForeignFiles) -> Draft:
    """A draft of the timeline. Omissions are in the losses of ``root``. Raises SpecError for JSON
    that is not a timeline."""
    reader = _Reader(root, files)
    draft = reader.draft()
    root.finish()
    return draft


class _Reader(Sounds):
    def __init__(self, root: Node, files: ForeignFiles) -> None:
        super().__init__(root, files)
        self.ids: set[str] = set()

    def draft(self) -> Draft:
        timeline = self._timeline(self.root)
        stack = timeline
        if kind_of(timeline) == "Timeline":
            found = timeline.mapping("tracks")
            if found is None:
                raise wrong_file(timeline, "the timeline has no tracks", "export it again")
            stack = found
        self._spec(timeline)
        self.fps = self._rate(timeline, stack)
        self._global_start(timeline)
        tracks = [stack] if kind_of(stack) in ("Track", "Clip") else stack.sequence("children")
        self.beside_children(stack)
        listed = [track for track in tracks if track.is_map]
        sounds = [t for t in listed if t.peek("kind") == "Audio" and kind_of(t) == "Track"]
        rows = [self._row(t, k, sounds) for k, t in enumerate(t for t in listed if t not in sounds)]
        repeated = {id(t) for row in rows for t in row.repeated}
        music = [t for t in sounds if noted_by_us(t).get("music")]
        self.audio(rows, music, [t for t in sounds if id(t) not in repeated and t not in music])
        for row in rows:
            clips = row.clips
            if clips is None:
                name = str(row.keys["id"])
                clips = items_of(row.pieces, row.joins, self.fps, self.losses, name)
            self.made.tracks.append({**row.keys, "clips": clips})
        self._finish_markers(timeline)
        return self.made

    def _timeline(self, root: Node) -> Node:
        kind = kind_of(root)
        if kind in ("Timeline", "Stack", "Track"):
            return root
        if kind == "SerializableCollection":
            found = [each for each in root.sequence("children") if each.is_map]
            films = [each for each in found if each.peek("OTIO_SCHEMA") is not None]
            chosen = next(
                (e for e in films if str(e.peek("OTIO_SCHEMA")).startswith("Timeline")), None
            )
            if chosen is not None:
                for other in found:
                    if other is not chosen:
                        other.lose("is a further part of the collection")
                return chosen
        hint = "name a file of OpenTimelineIO, such as edit.otio"
        raise wrong_file(root, "this is not an OpenTimelineIO timeline", hint)

    def _spec(self, timeline: Node) -> None:
        """vedc's own notes about the spec, without its timeline."""
        ours = noted_by_us(timeline)
        if ours and ours.get("version") != schema.FORMAT:
            timeline.note_loss("the notes of another version of vedc", "ignored", "lost")
            ours = {}
        self.ours = ours
        spec = ours.get("spec")
        self.was = os.path.normpath(self.files.folder / str(ours.get("folder", ".")))
        if isinstance(spec, dict):
            self.made.parts.update(self.own(spec))
        film = ours.get("film")
        if isinstance(film, dict):
            self.made.film.update(self.own(film))
        name, metadata = timeline.text("name"), metadata_of(timeline)
        if name and not ours:
            self.made.head.append(f"{name}, imported from {os.path.basename(self.losses.file)}")
        if metadata and not ours:
            self.made.parts["metadata"] = {"otio": metadata}

    def _rate(self, timeline: Node, stack: Node) -> Fraction:
        profile = self.made.parts.get("profile")
        start = timeline.peek("global_start_time")
        rates: Counter[Fraction] = Counter()
        if isinstance(start, dict):
            rate = start.get("rate")
            if isinstance(rate, int | float) and 0 < rate < 1000:
                rates[Fraction(str(float(rate)))] += 1000
        for each in _durations(stack):
            rates[each] += 1
        if isinstance(profile, dict) and "fps" in profile:
            value = profile["fps"]
            return parse_rate(str(value) if isinstance(value, str) else value)
        for rate, _ in rates.most_common():
            if (exact := exact_rate(rate)) is not None:
                break
        else:
            exact = _DEFAULT_RATE
            self.root.note_loss("the frame rate of the film", "taken as 25", "guessed")
        if not self.ours:
            self.made.parts["profile"] = {"fps": rate_value(exact)}
            self.losses.add(
                "guessed",
                "the size of the canvas, which OpenTimelineIO does not know",
                "that of the first clip",
            )
        return exact

    def _global_start(self, timeline: Node) -> None:
        start = (
            read_time(timeline.mapping("global_start_time"))
            if "global_start_time" in timeline
            else None
        )
        if start is not None and start[0]:
            timeline.note_loss(
                f"the film's timecode, which begins at {tidy(start[0])} s",
                "the film begins at 0; the number is kept in `metadata`",
            )
            self.made.parts.setdefault("metadata", {})["starts_at"] = seconds(start[0])

    def _finish_markers(self, timeline: Node) -> None:
        if self.ours:
            stack = timeline.peek("tracks")
            seen = stack.get("markers") if isinstance(stack, dict) else []
            if schema.fingerprint(seen or []) == self.ours.get("markers_seen"):
                return
        if self.markers:
            self.made.film["markers"] = [
                {"time": span(time, self.fps), "name": name}
                for time, name in sorted(self.markers.items())
            ]

    def _row(self, track: Node, number: int, sounds: list[Node]) -> Row:
        ours = noted_by_us(track)
        own = self.own(ours.get("track", {}))
        repeats = [t for t in sounds if noted_by_us(t).get("sound_of") == own.get("id", "")]
        if (
            is_unchanged(track)
            and len(repeats) == ours.get("heard")
            and all(map(is_unchanged, repeats))
        ):
            for each in (track, *repeats):
                each.keep()
            clips = [noted(each) for each in self._word_for_word(track, ours)]
            return Row(own, clips, repeated=repeats)
        if kind_of(track) in ("Stack", "Clip"):
            return Row({"id": f"track-{number + 1}"}, None, *self.pieces([track], 0))
        track.text("kind")
        keys = {"id": track.text("name") or f"track-{number + 1}", **own}
        keys["id"] = self._free_id(str(keys["id"]))
        self.ids.add(keys["id"])
        shown = track.flag("enabled")
        pieces, joins = self.trimmed(track)
        if shown is False:
            for piece in pieces:
                piece.keys["enabled"] = False
        return Row(keys, None, pieces, joins)

    def _free_id(self, name: str) -> str:
        plain = "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "-" for c in name)
        plain = plain.strip("-_") or "track"
        plain = plain if plain[0].isalpha() else f"track-{plain}"
        return next(
            each
            for k in range(1, 10**6)
            if (each := plain if k == 1 else f"{plain}-{k}") not in self.ids
        )

    def _word_for_word(self, track: Node, ours: dict[str, Any]) -> Iterator[Any]:
        for child in track.sequence("children"):
            noted_ = noted_by_us(child)
            yield from self.own(noted_.get("before", []))
            if str(child.peek("OTIO_SCHEMA")).startswith(("Clip", "Stack")):
                yield self.own(noted_.get("item"))
        yield from self.own(ours.get("after", []))


def _durations(node: Node) -> Iterator[Fraction]:
    """The rates that lengths of clips are counted at."""
    plain = node.plain()
    stack = [plain]
    while stack:
        each = stack.pop()
        if isinstance(each, dict):
            shown = each.get("source_range")
            length = shown.get("duration") if isinstance(shown, dict) else None
            rate = length.get("rate") if isinstance(length, dict) else None
            if isinstance(rate, int | float) and 0 < rate < 1000:
                yield Fraction(str(float(rate)))
            stack += each.values()
        elif isinstance(each, list):
            stack += each
