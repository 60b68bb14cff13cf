"""Lowering of what pictures start from: decoded clips, stills, titles and plain colours."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields

from vedc.color import SDR_VIDEO_TRANSFERS
from vedc.edit.model import Clip, Image, Placement, Profile, Text
from vedc.ir.graph import Node, node
from vedc.ir.image import Param
from vedc.ir.lower_turn import Area

Size = tuple[int, int]

#: Display encodings that are shown alike: taken for one another without conversion, as
#: every player does (an sRGB still in a BT.709 film keeps its code values).
DISPLAY_TRANSFERS = SDR_VIDEO_TRANSFERS | {
    "bt470bg",
    "bt470m",
    "gamma22",
    "iec61966-2-1",
    "iec61966-2-4",
}


class SourceLowering:
    """Pictures in the canvas's own colour. ``digest`` names files by content."""

    def __init__(self, profile: Profile, digest: Callable[[str], str]) -> None:
        self.fps, self.color, self.digest = profile.fps, profile.color, digest
        self.canvas = Area(0, 0, profile.width, profile.height)

    def picture(
        self, content: Clip | Image, size: Size, offset: int, extra: Mapping[str, Param]
    ) -> Node:
        """A clip or a still at ``size``; with ``blur``, covering that size and blurred."""
        if isinstance(content, Image):
            return self._drawn("still", size, {"digest": self.digest(content.path)}, extra)
        return self._clip(content, size, offset, extra)

    def solid(self, color: tuple[float, float, float, float], size: Size | None = None) -> Node:
        size = size or (self.canvas.width, self.canvas.height)
        return self._drawn("solid", size, {"color": color})

    def title(self, text: Text, frame: Placement, area: Area) -> Node:
        position, offset = frame.position, frame.offset
        if area != self.canvas:
            canvas = (self.canvas.width, self.canvas.height)
            x, y = (position[i] * canvas[i] + offset[i] for i in range(2))
            position, offset = (0.0, 0.0), (x - area.x, y - area.y)
        params: dict[str, Param] = {
            f"text_{f.name}": getattr(text, f.name) for f in fields(text) if f.name != "font"
        }
        params |= {
            "digest": self.digest(text.font),
            "scale": frame.scale,
            "position": position,
            "anchor": frame.anchor,
            "offset": offset,
        }
        return self._drawn("title", (area.width, area.height), params)

    def _drawn(
        self,
        op: str,
        size: Size,
        params: dict[str, Param],
        extra: Mapping[str, Param] | None = None,
    ) -> Node:
        """A picture that is made in the canvas's colour."""
        width, height = size
        labels = {"primaries": self.color.primaries, "transfer": self.color.transfer}
        return node(
            op, (), params | {"width": width, "height": height} | labels | dict(extra or {})
        )

    def _clip(self, clip: Clip, size: Size, offset: int, extra: Mapping[str, Param]) -> Node:
        video = clip.media.video
        assert video is not None
        start, step = clip.time_map.per_frame(self.fps, offset)
        params: dict[str, Param] = {
            "digest": self.digest(clip.media.path),
            "start": start,
            "step": step,
            "width": size[0],
            "height": size[1],
            "format": video.format,
            "primaries": clip.color.primaries,
            "transfer": clip.color.transfer,
            "matrix": clip.color.matrix,
            "range": clip.color.range,
        }
        if video.stream:
            params["stream"] = video.stream
        picture = node("decode", (node("source", (), params | dict(extra)),))
        # Primaries that were only guessed are taken for the canvas's: a guess is not worth
        # a change of every colour.
        known = video.tagged or clip.color.primaries != video.color.primaries
        return self._to_canvas(picture, known)

    def _to_canvas(self, picture: Node, known: bool) -> Node:
        """From the source's colour to the canvas's; ``known``: whether its primaries are."""
        source, canvas = picture.type, self.color
        other_primaries = known and source.primaries != canvas.primaries
        if source.transfer not in DISPLAY_TRANSFERS or other_primaries:
            picture = node("to_linear", (picture,))
            if other_primaries:
                picture = node("primaries", (picture,), {"to": canvas.primaries})
            picture = node("to_display", (picture,), {"transfer": canvas.transfer})
        labels = {"primaries": canvas.primaries, "transfer": canvas.transfer}
        if (picture.type.primaries, picture.type.transfer) == tuple(labels.values()):
            return picture
        return node("relabel", (picture,), labels)
