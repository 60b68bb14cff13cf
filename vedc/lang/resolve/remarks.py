"""Warnings of one output: remarks about a film that can still be made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from vedc.color import HDR_TRANSFERS, NOMINAL_PEAK
from vedc.edit.contents import Clip, Image
from vedc.edit.media_info import Note
from vedc.edit.model import Composition, Content, Profile, TimelineItem
from vedc.edit.placement import tone_map_of
from vedc.lang.yaml.tree import Problems, SpecNode
from vedc.ops.shared.hdr import TONE_CURVES, WHITE


class Remarks:
    """Collects warnings. A probe's notes on a file are reported once, where the file is first used.

    ``warnings`` takes other warnings, too: ``remarks.warnings.warn(code, message, node, hint)``.
    """

    def __init__(self) -> None:
        self.warnings = Problems()
        self._reported: set[tuple[str, Note]] = set()

    def report(self, path: str, notes: Iterable[Note], at: SpecNode, *used: str) -> None:
        """Report the notes on those parts of a file that the item at ``at`` uses."""
        for note in notes:
            if (path, note) not in self._reported and note.part in ("file", *used):
                self._reported.add((path, note))
                self.warnings.warn(note.code, note.message, at, note.hint)


#: Common names of HDR transfers.
_HDR_NAMES: Final = {"smpte2084": "PQ", "arib-std-b67": "HLG"}


def _light(content: Content) -> tuple[str, float | None] | None:
    """Transfer and largest light of a picture that is brighter than white."""
    if isinstance(content, (Clip, Composition)) and content.media.video is not None:
        peak = content.media.video.peak
    elif isinstance(content, Image):
        peak = content.peak
    else:
        return None
    transfer = content.color.transfer
    bright = transfer == "linear" and (peak or 0.0) > WHITE
    return (transfer, peak) if bright or transfer in HDR_TRANSFERS else None


def tone_mapped(item: TimelineItem, name: str, profile: Profile) -> Iterator[Note]:
    """The note on an HDR picture that is tone-mapped by default, or on a picture that is not
    although a curve is given."""
    found, canvas = _light(item.content), profile.color
    if profile.management is not None and found is not None and found[0] == "linear":
        return  # scene light, for the view
    method = item.frame.of("to_sdr").get("method", "auto")
    if found is None or canvas.transfer in HDR_TRANSFERS:
        if method in TONE_CURVES:
            why = f"{name!r} has no HDR" if found is None else "the canvas has HDR, too"
            message = f"'tone_map: {method}' has no effect: {why}"
            yield Note("no-effect", message, "leave it out", "picture")
        return
    transfer, peak = found
    if method != "auto" or tone_map_of(item.frame, (*item.grade, *item.effects)) == "none":
        return
    if transfer == "linear":
        yield Note(
            "tone-mapped",
            f"{name!r} has light up to {(peak or 0) / WHITE:.3g} times white, and the canvas"
            " has no HDR: it is tone-mapped by BT.2390",
            "write tone_map: bt2390 to agree, or tone_map: none to cut it off at white",
            "picture",
        )
        return
    kind = _HDR_NAMES[transfer]
    light = f"{kind} of up to {peak or NOMINAL_PEAK:.0f} cd/m2"
    if kind == "HLG":
        light = "HLG"
    elif peak is None:
        light += " (assumed: the file does not say)"
    yield Note(
        "tone-mapped",
        f"{name!r} is {light}, and the canvas has no HDR: it is tone-mapped by BT.2390",
        "write tone_map: bt2390 to agree, or profile: {color: bt2100-pq} to make an HDR film",
        "picture",
    )
