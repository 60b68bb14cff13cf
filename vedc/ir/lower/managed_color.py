"""Conversion of source colours to those of a film whose colour is managed by a config."""

from __future__ import annotations

from vedc.color import Color, Management, Transform
from vedc.edit.contents import Clip
from vedc.edit.media_info import COMPOSITION
from vedc.ir.graph import Node, node
from vedc.ir.image import Param
from vedc.ir.lower.color import ColorLowering, transformed
from vedc.ops.shared import camera_log
from vedc.support.lazy_dataclass import dataclass

#: The curve in whose code values scene light is composited (Academy S-2016-001).
WORKING = "acescct"

#: Scene-referred transfers.
_SCENE = frozenset({*camera_log.CURVES, "linear"})


@dataclass(frozen=True, slots=True)
class ManagedColors(ColorLowering):
    """Brings pictures into scene light, in the code values of ACEScct, and the film to its view.

    ``canvas`` is the colour of the view's display. A picture without a given space is finished: it
    is converted to that colour as in any film, and from there backwards through the view, so that
    it comes out unchanged. A camera's curve named in the spec is used as scene light directly.
    """

    management: Management

    def drawn(self, picture: Node) -> Node:
        # Slots recreate a class, which a bare super() does not know.
        return self._lit(ColorLowering.drawn(self, picture))

    def picture(self, picture: Node, known: bool, tone_map: str, peak: float | None) -> Node:
        from_aces = self.management.from_aces
        if picture.type.transfer not in _SCENE or from_aces is None:
            return self._lit(ColorLowering.picture(self, picture, known, tone_map, peak))
        lit = node("to_linear", (picture,))
        if picture.type.primaries != "ap0":
            lit = node("primaries", (lit,), {"to": "ap0"})
        return self._working(transformed(lit, from_aces, self.management.primaries))

    def composition(self, picture: Node, tone_map: str) -> Node:
        return picture

    def clip(self, picture: Node, clip: Clip, tone_map: str) -> Node:
        if clip.media.container == COMPOSITION:  # kept as it was composited
            return node("relabel", (picture,), self._working_labels)
        return ColorLowering.clip(self, picture, clip, tone_map)

    def shown(self, picture: Node, color: Color) -> Node:
        out = self.management.out
        if out is None:
            return picture
        params: dict[str, Param] = {
            "id": out.id,
            "primaries": self.canvas.primaries,
            "transfer": self.canvas.transfer,
        }
        seen = node("by_config", (node("to_linear", (picture,)),), params)
        if color == self.canvas:
            return seen
        return ColorLowering(color).picture(seen, True, "bt2390", None)

    def _from_space(self, picture: Node, space: Transform) -> Node:
        return self._working(transformed(picture, space, self.management.primaries))

    def _lit(self, picture: Node) -> Node:
        back = self.management.back
        return self._working(transformed(picture, back, self.management.primaries))

    @staticmethod
    def _working(picture: Node) -> Node:
        return node("to_display", (picture,), {"transfer": WORKING})

    @property
    def _working_labels(self) -> dict[str, Param]:
        return {"primaries": self.management.primaries, "transfer": WORKING}
