"""How the colours of sources become those of the canvas.

Film of standard range is alike on every display: its code values stay, and only a matrix or
primaries that differ are converted. PQ and HLG say how light a display is, while the curve of a
BT.709 canvas is a camera's. To look alike their light is encoded for the display that will show
the film: by the inverse of BT.1886, as players do. The same holds the other way round.
"""

from __future__ import annotations

from dataclasses import dataclass

from vedc.color import HDR_TRANSFERS, NOMINAL_PEAK, SDR_VIDEO_TRANSFERS, Color
from vedc.edit.model import Clip
from vedc.ir.graph import Node, node
from vedc.ir.image import Param

#: Display encodings that are shown alike: taken for one another without conversion, as
#: every player does (an sRGB still in a BT.709 film keeps its code values).
DISPLAY_TRANSFERS = SDR_VIDEO_TRANSFERS | {
    "bt470bg",
    "bt470m",
    "gamma22",
    "iec61966-2-1",
    "iec61966-2-4",
}


@dataclass(frozen=True, slots=True)
class ColorLowering:
    """Brings pictures into the colour of a canvas."""

    canvas: Color

    @property
    def hdr(self) -> bool:
        """Whether the canvas is of high dynamic range."""
        return self.canvas.transfer in HDR_TRANSFERS

    @property
    def graphics(self) -> dict[str, Param]:
        """The colour of what vedc itself draws, and of stills: the canvas's, or sRGB for HDR."""
        if self.hdr:
            return {"primaries": "bt709", "transfer": "iec61966-2-1"}
        return self._labels

    def drawn(self, picture: Node) -> Node:
        """A picture of the colour ``graphics``; its white becomes reference white."""
        return self._from_display(picture, True) if self.hdr else picture

    def clip(self, picture: Node, clip: Clip, tone_map: str) -> Node:
        """A decoded clip. ``tone_map`` is a method of the op of that name, or ``none``."""
        video = clip.media.video
        assert video is not None
        # Primaries that were only guessed are taken for the canvas's: a guess is not worth
        # a change of every colour.
        known = video.tagged or clip.color.primaries != video.color.primaries
        light = clip.color.transfer in HDR_TRANSFERS
        if self.hdr and not light:
            return self._from_display(picture, known)
        if light and not self.hdr and tone_map != "none":
            told = video.peak if clip.color.transfer == "smpte2084" else None
            return self._on_sdr(picture, tone_map, told or NOMINAL_PEAK)
        return self._converted(picture, known)

    @property
    def _labels(self) -> dict[str, Param]:
        return {"primaries": self.canvas.primaries, "transfer": self.canvas.transfer}

    def _on_sdr(self, picture: Node, method: str, peak: float) -> Node:
        """HDR as it looks on a display that shows an SDR canvas."""
        lit = node("to_linear", (picture,))
        lit = node("to_sdr", (lit,), {"method": method, "peak": peak, "to": self.canvas.primaries})
        curve = _display_curve(self.canvas.transfer)
        shown = node("to_display", (lit,), {"transfer": curve})
        return shown if curve == self.canvas.transfer else node("relabel", (shown,), self._labels)

    def _from_display(self, picture: Node, known: bool) -> Node:
        """Film of standard range, as it looks on its display, on an HDR canvas."""
        primaries, transfer = picture.type.primaries, picture.type.transfer
        if transfer in DISPLAY_TRANSFERS and transfer != _display_curve(transfer):
            labels = {"primaries": primaries, "transfer": _display_curve(transfer)}
            picture = node("relabel", (picture,), labels)
        lit = node("to_linear", (picture,))
        if known and primaries != self.canvas.primaries:
            lit = node("primaries", (lit,), {"to": self.canvas.primaries})
        shown = node("to_display", (lit,), {"transfer": self.canvas.transfer})
        return self._relabelled(shown)

    def _converted(self, picture: Node, known: bool) -> Node:
        source = picture.type
        other_primaries = known and source.primaries != self.canvas.primaries
        alike = source.transfer in DISPLAY_TRANSFERS or source.transfer == self.canvas.transfer
        if not alike or other_primaries:
            picture = node("to_linear", (picture,))
            if other_primaries:
                picture = node("primaries", (picture,), {"to": self.canvas.primaries})
            picture = node("to_display", (picture,), {"transfer": self.canvas.transfer})
        return self._relabelled(picture)

    def _relabelled(self, picture: Node) -> Node:
        if (picture.type.primaries, picture.type.transfer) == tuple(self._labels.values()):
            return picture
        return node("relabel", (picture,), self._labels)


def _display_curve(transfer: str) -> str:
    """The curve of the display that shows film with a transfer of standard range."""
    return "iec61966-2-1" if transfer == "iec61966-2-1" else "bt1886"
