"""Shared by all parts of the OpenTimelineIO reader: the draft, and vedc's own notes."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from vedc.interchange.common.draft import Draft
from vedc.interchange.common.files import ForeignFiles
from vedc.interchange.cuts.spec_items import from_verbatim
from vedc.interchange.foreign.node import Node
from vedc.interchange.otio import schema
from vedc.interchange.otio.rebase import rebased
from vedc.interchange.otio.times import read_range


def kind_of(node: Node) -> str:
    """``Clip`` of ``Clip.2``."""
    found = node.take("OTIO_SCHEMA")
    return found.value.partition(".")[0] if found is not None and found.is_text else ""


def noted_by_us(node: Node) -> dict[str, Any]:
    """vedc's notes in the metadata of an object."""
    metadata = node.peek("metadata")
    found = metadata.get(schema.OURS) if isinstance(metadata, dict) else None
    return found if isinstance(found, dict) else {}


def metadata_of(node: Node) -> dict[str, Any]:
    """Other programs' notes, for the metadata of the spec."""
    found = node.mapping("metadata")
    if found is None:
        return {}
    return {k: v for k, v in found.keep().plain().items() if k != schema.OURS}


def is_unchanged(track: Node) -> bool:
    """Whether a track is unchanged since vedc wrote it."""
    seen, children = noted_by_us(track).get("seen"), track.peek("children")
    return isinstance(children, list) and schema.fingerprint(children) == seen


class Reading:
    """A timeline that is being read into a draft."""

    def __init__(self, root: Node, files: ForeignFiles) -> None:
        self.root, self.files, self.losses = root, files, root.losses
        self.made = Draft()
        self.fps = Fraction(25)
        self.markers: dict[Fraction, str] = {}
        self.ours: dict[str, Any] = {}
        """The notes of the timeline."""
        self.was = ""
        """The folder of the spec that vedc wrote it from."""

    def own(self, value: Any) -> Any:
        """A noted part of the spec, with paths relative to its present folder."""
        return rebased(from_verbatim(value), self.was, str(self.files.target))

    def read_markers(self, node: Node, origin: Fraction, speed: Fraction) -> None:
        """``origin``: the film time of time 0 of the markers' owner."""
        for marker in node.sequence("markers"):
            kind_of(marker)
            name = marker.text("name")
            found = read_range(marker.mapping("marked_range"))
            color, comment = marker.text("color"), marker.text("comment")
            metadata_of(marker)
            if found is None:
                marker.lose("is no marker")
                continue
            time = origin + found.start / speed
            if time < 0 or time in self.markers:
                marker.lose("is a marker outside the film, or a second one at its frame")
                continue
            self.markers[time] = name or comment or color or "marker"
            if found.length > 0:
                marker.note_loss("the length of a marker", "it marks its first frame")
            if comment and name:
                marker.note_loss(f"the comment of the marker {name!r}", "left out", "lost")

    def beside_children(self, node: Node) -> None:
        """Properties of a stack or track besides its children."""
        node.take("name")
        node.take("enabled")
        metadata_of(node)
        node.take("color")
        for effect in node.sequence("effects"):
            effect.lose("is an effect that vedc does not know")
        self.read_markers(node, Fraction(0), Fraction(1))
        if node is not self.root and kind_of(node) == "Stack" and "source_range" in node:
            node.drop("source_range", "trims the whole film", "left out: use --from and --to")
