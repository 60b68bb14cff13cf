"""Shared by all exports to editing programs: pieces of files, and the report of the rest."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from urllib.parse import quote

from vedc.edit.contents import Clip, Image, Solid
from vedc.edit.model import Edit, TimelineItem
from vedc.edit.times import round_half_up
from vedc.interchange.common.losses import Losses
from vedc.interchange.cuts.from_edit import cut_track, steady_speed
from vedc.interchange.cuts.model import CutTrack, Piece
from vedc.interchange.cuts.spec_items import is_disabled, lose_keys, shown_nodes, tracks_of
from vedc.lang.language import ITEM
from vedc.lang.yaml.load import Document
from vedc.lang.yaml.tree import SpecNode

TIMES = frozenset(
    [
        "clip",
        "image",
        "color",
        "in",
        "out",
        "start",
        "duration",
        "gap",
        "speed",
        "reverse",
        "transition",
        "id",
        "metadata",
    ]
)
"""Keys of items that editing programs can express."""


@dataclass
class Placed:
    """A piece of a file in whole frames of the film."""

    piece: Piece
    item: TimelineItem
    path: str
    """Absolute; empty for a colour."""
    color: tuple[float, ...] | None
    start: int
    end: int
    first: int
    """Of the source, in frames of the film."""
    exact: Fraction
    """The same, unrounded."""
    speed: Fraction
    sounds: bool


class Out:
    """An edit being exported."""

    def __init__(
        self,
        edit: Edit,
        document: Document,
        target: Path,
        losses: Losses,
        carried: Collection[str] = (),
        paced: bool = True,
    ) -> None:
        """``paced``: whether the format counts the frames of a clip at the clip's own speed."""
        self.edit, self.document, self.losses = edit, document, losses
        self.fps = edit.profile.fps
        self.folder = target.absolute().parent
        self.name = Path(edit.path).name.removesuffix(".yaml").removesuffix(".vedc")
        self.carried, self.paced = TIMES | set(carried), paced
        self._note_film_losses()

    def _note_film_losses(self) -> None:
        kept = (
            "version", "profile", "timeline", "assets", "audio", "outputs", "variables", "defaults",
            "metadata", "compositions", "plugins",
        )  # fmt: skip
        lose_keys(self.document.root, kept, self.losses, "the spec")
        film = self.document.root.get("timeline")
        if film is not None:
            lose_keys(film, ("tracks",), self.losses, "the timeline")

    def tracks(self) -> Iterator[tuple[CutTrack, list[Placed | None], SpecNode]]:
        """The tracks, bottom first; None stands for what the format cannot show."""
        for node, track in zip(tracks_of(self.document, self.edit), self.edit.tracks, strict=True):
            lose_keys(node, ("id", "clips"), self.losses, f"track {track.id}")
            cuts = cut_track(track, self.fps)
            places = shown_nodes(node["clips"])
            items = node["clips"].items
            placed = [self._placed(p, items[k]) for p, k in zip(cuts.pieces, places, strict=True)]
            for each in items:
                if ITEM.kind_of(each) not in ("gap", "transition") and is_disabled(each):
                    self.losses.add("lost", "a disabled item", "a gap", each.location)
                if ITEM.kind_of(each) == "transition":
                    name = each["transition"]["name"].value
                    if name != "dissolve":
                        what = f"the transition {name!r}"
                        self.losses.add(
                            "changed", what, "a dissolve of the same length", each.location
                        )
            yield cuts, placed, node

    def _placed(self, piece: Piece, node: SpecNode) -> Placed | None:
        item = piece.item
        assert item is not None
        content = item.content
        lose_keys(node, self.carried, self.losses, item.name)
        start, end = int(piece.start * self.fps), int(piece.end * self.fps)
        if isinstance(content, Solid):
            return Placed(
                piece, item, "", content.color, start, end, 0, Fraction(0), Fraction(1), False
            )
        if isinstance(content, Image):
            return Placed(
                piece, item, content.path, None, start, end, 0, Fraction(0), Fraction(1), False
            )
        if not isinstance(content, Clip):
            self.losses.add("lost", f"{item.name}, which is no file", "a gap", node.location)
            return None
        speed = steady_speed(item)
        if speed is None:
            self.losses.add(
                "changed", f"the changing speed of {item.name}", "its first speed", node.location
            )
            speed = content.time_map.ramps[-1].slope or Fraction(1)
        exact = (piece.source or Fraction(0)) * self.fps
        first = round_half_up(exact)
        counted = exact / abs(speed) if self.paced and speed else exact
        if (
            counted.denominator != 1
            and content.media.video is not None
            and content.media.video.rate == self.fps
        ):
            what = f"the beginning of {item.name} within a frame of its file"
            self.losses.add("changed", what, "the nearest frame", node.location)
        sounds = (
            item.sound is not None
            and content.media.audio is not None
            and content.sound_media is None
        )
        return Placed(
            piece, item, content.media.path, None, start, end, first, exact, speed, sounds
        )

    def music(self) -> Iterator[Placed]:
        """The audio items."""
        audio = self.document.root.get("audio")
        nodes = [] if audio is None else [n for n in audio.items if not is_disabled(n)]
        for item, node in zip(self.edit.audio, nodes, strict=True):
            carried = ("clip", "in", "out", "start", "duration", "id", "enabled", "metadata")
            lose_keys(node, carried, self.losses, item.name)
            begin = item.time_map.source_at(Fraction(0))
            piece = Piece(item.start / self.fps, item.end / self.fps, {}, begin)
            shown = TimelineItem(item.name, item.start, item.end, Solid((0, 0, 0, 1)))
            exact = begin * self.fps
            first = round_half_up(exact)
            one = Fraction(1)
            yield Placed(
                piece, shown, item.media.path, None, item.start, item.end, first, exact, one, True
            )

    def url(self, path: str) -> str:
        """An absolute URL of a file."""
        return f"file://{quote(path)}"

    def relative(self, path: str) -> str:
        return os.path.relpath(path, self.folder).replace(os.sep, "/")


def overlaps(cuts: CutTrack, fps: Fraction) -> dict[int, tuple[int, int]]:
    """The frames before and after the cut at the start of each piece that a join covers."""
    return {
        join.index: (int(join.before * fps), int(join.after * fps))
        for join in cuts.joins
        if not join.edge
    }
