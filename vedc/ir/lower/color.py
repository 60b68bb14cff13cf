"""Conversion of source colours to the canvas's.

SDR film looks the same on every display: its code values stay, and only a different matrix or
primaries are converted. PQ and HLG define display light, while the curve of a BT.709 canvas is a
camera's. To look alike, their light is encoded for the display that will show the film: by the
inverse of BT.1886, the way players decode it. The reverse conversion is the same.
"""

from __future__ import annotations

from vedc.color import (
    HDR_TRANSFERS,
    NOMINAL_PEAK,
    SDR_VIDEO_TRANSFERS,
    Color,
    Transform,
)
from vedc.edit.contents import Clip, Image
from vedc.ir.graph import Node, node
from vedc.ir.image import Param
from vedc.ops.shared.hdr import WHITE
from vedc.support.lazy_dataclass import dataclass

#: Display encodings that are shown alike and not converted, as in every player (an sRGB
#: still in a BT.709 film keeps its code values).
DISPLAY_TRANSFERS = SDR_VIDEO_TRANSFERS | {
    "bt1361e",
    "bt470bg",
    "bt470m",
    "gamma22",
    "iec61966-2-1",
    "iec61966-2-4",
    "smpte240m",
}

#: Encodings whose own curve defines their light. The others are tags for another curve than the one
#: with which their film is made and shown.
_OWN_CURVES = SDR_VIDEO_TRANSFERS | {"iec61966-2-1"}


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
        """The colour of vedc's own graphics, and of stills: the canvas's, or sRGB for HDR."""
        if self.hdr:
            return {"primaries": "bt709", "transfer": "iec61966-2-1"}
        return self._labels

    def drawn(self, picture: Node) -> Node:
        """A picture of the colour ``graphics``; its white becomes reference white."""
        return self._from_display(picture, True) if self.hdr else picture

    def clip(self, picture: Node, clip: Clip, tone_map: str) -> Node:
        """A decoded clip; ``tone_map`` as in :meth:`picture`."""
        video = clip.media.video
        assert video is not None
        if clip.space is not None:
            return self._from_space(picture, clip.space)
        # Guessed primaries are treated as the canvas's: a guess does not justify changing
        # every colour.
        known = video.tagged or clip.color.primaries != video.color.primaries
        peak = video.peak if clip.color.transfer in ("smpte2084", "linear") else None
        return self.picture(picture, known, tone_map, peak)

    def image(self, picture: Node, image: Image, tone_map: str) -> Node:
        """A decoded still; ``tone_map`` as in :meth:`picture`."""
        if image.space is not None:
            return self._from_space(picture, image.space)
        known = image.color.transfer != "iec61966-2-1"  # sRGB is shown like a still of 8 bits
        return self.picture(picture, known, tone_map, image.peak)

    def composition(self, picture: Node, tone_map: str) -> Node:
        """A composition in its own colour."""
        return self.picture(picture, True, tone_map, None)

    def shown(self, picture: Node, color: Color) -> Node:
        """The finished film, in the colour of the output."""
        return picture

    def _from_space(self, picture: Node, space: Transform) -> Node:
        """Code values of a colour space, by their light in ACES2065-1."""
        lit = transformed(picture, space, "ap0")
        if self.canvas.primaries != "ap0":
            lit = node("primaries", (lit,), {"to": self.canvas.primaries})
        return node("to_display", (lit,), {"transfer": self.canvas.transfer})

    def picture(self, picture: Node, known: bool, tone_map: str, peak: float | None) -> Node:
        """A decoded picture in the canvas's colour.

        ``known``: whether its primaries are known. ``tone_map`` is a method of the op of that name,
        or ``none``, for a picture brighter than the canvas can be; ``peak`` its largest light in
        cd/m2, if known. Linear light is display light, with 1.0 as its white.
        """
        transfer = picture.type.transfer
        light = transfer in HDR_TRANSFERS
        if self.hdr and not light:
            return self._from_display(picture, known)
        if self.hdr or not (light or transfer == "linear"):
            return self._converted(picture, known)
        if light and tone_map != "none":
            return self._on_sdr(picture, tone_map, peak or NOMINAL_PEAK)
        if light:
            return self._converted(picture, known)
        bright = peak is not None and peak > WHITE and tone_map != "none"
        return self._on_sdr(picture, tone_map if bright else None, peak or WHITE)

    @property
    def _labels(self) -> dict[str, Param]:
        return {"primaries": self.canvas.primaries, "transfer": self.canvas.transfer}

    def _on_sdr(self, picture: Node, method: str | None, peak: float) -> Node:
        """Light encoded for the display of an SDR canvas."""
        primaries = self.canvas.primaries
        linear = picture.type.transfer == "linear"
        lit = node("to_linear", (picture,))
        if method is not None:
            lit = node("to_sdr", (lit,), {"method": method, "peak": peak, "to": primaries})
        elif lit.type.primaries != primaries:
            lit = node("primaries", (lit,), {"to": primaries})
        # Stills of linear light are made and viewed with sRGB.
        curve = "iec61966-2-1" if linear else _display_curve(self.canvas.transfer)
        shown = node("to_display", (lit,), {"transfer": curve})
        return shown if curve == self.canvas.transfer else node("relabel", (shown,), self._labels)

    def _from_display(self, picture: Node, known: bool) -> Node:
        """SDR film on an HDR canvas, as it looks on its own display."""
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
        primaries, transfer = picture.type.primaries, picture.type.transfer
        other_primaries = known and primaries != self.canvas.primaries
        curve = self.canvas.transfer
        if transfer in DISPLAY_TRANSFERS:
            # Tones stay: light is used only to convert primaries.
            curve = transfer if transfer in _OWN_CURVES else curve
            if other_primaries and transfer != curve:
                labels: dict[str, Param] = {"primaries": primaries, "transfer": curve}
                picture = node("relabel", (picture,), labels)
        if other_primaries or not (transfer in DISPLAY_TRANSFERS or transfer == curve):
            picture = node("to_linear", (picture,))
            if other_primaries:
                picture = node("primaries", (picture,), {"to": self.canvas.primaries})
            picture = node("to_display", (picture,), {"transfer": curve})
        return self._relabelled(picture)

    def _relabelled(self, picture: Node) -> Node:
        if (picture.type.primaries, picture.type.transfer) == tuple(self._labels.values()):
            return picture
        return node("relabel", (picture,), self._labels)


def _display_curve(transfer: str) -> str:
    """The display curve for film with an SDR transfer."""
    return "iec61966-2-1" if transfer == "iec61966-2-1" else "bt1886"


def transformed(picture: Node, transform: Transform, primaries: str) -> Node:
    """A picture's light by a transform."""
    return node("by_config", (picture,), {"id": transform.id, "primaries": primaries})
