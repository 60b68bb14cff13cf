"""Lowering of sources: decoded clips, stills, titles and plain colours."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from fractions import Fraction

from vedc.edit.contents import Animation, Caption, Clip, Image, Placement, Text
from vedc.edit.media_info import Fields, VideoInfo
from vedc.edit.model import Composition, Profile
from vedc.edit.placement import still
from vedc.ir.caption_text import encoded, encoded_spans
from vedc.ir.graph import Node, node
from vedc.ir.image import Param
from vedc.ir.lower.color import ColorLowering
from vedc.ir.lower.turn import Area
from vedc.support.lazy_dataclass import dataclass

Size = tuple[int, int]

_HAIR = Fraction(1, 1_000_000)
"""Seconds before a source time, shorter than any frame: for the frame that played up to that
time."""

_SHORTER = Fraction(999, 1000)
"""Share of a source frame below which a film frame counts as shorter: 30 and 30000/1001 frames a
second are the same rate to the eye."""


@dataclass(frozen=True, slots=True)
class Shown:
    """The frames of an item that a piece shows: ``start <= n < end``, of ``item`` frames."""

    start: int
    end: int
    item: int

    def animations(self, text: Text) -> dict[str, Animation]:
        """A title's animations, ``in`` and ``out``, that move it in one of these frames."""
        found = {}
        if text.animate_in is not None and self.start < text.animate_in.frames:
            found["in"] = text.animate_in
        if text.animate_out is not None and self.end > self.item - text.animate_out.frames:
            found["out"] = text.animate_out
        return found


class SourceLowering:
    """Pictures in the canvas's own colour. ``digest`` names files by content; ``composed`` gives
    the picture of a composition at an offset in frames from the start of its item, in its own
    colour."""

    def __init__(
        self,
        profile: Profile,
        digest: Callable[[str], str],
        composed: Callable[[Composition, int], Node],
    ) -> None:
        self.fps, self.digest, self._composed = profile.fps, digest, composed
        self.colors = _color_lowering(profile)
        self.canvas = Area(0, 0, profile.width, profile.height)

    def picture(
        self,
        content: Clip | Image,
        size: Size,
        offset: int,
        extra: Mapping[str, Param],
        tone_map: str = "none",
    ) -> Node:
        """A clip or a still at ``size``; with ``blur``, covering that size and blurred.

        ``tone_map`` converts HDR for an SDR canvas: a method of the op ``tone_map``, or ``none``.
        """
        if isinstance(content, Image):
            return self._still(content, size, extra, tone_map)
        return self._clip(content, size, offset, extra, tone_map)

    def composition(self, content: Composition, offset: int, tone_map: str) -> Node:
        """A composition, as large as the canvas; ``tone_map`` as for ``picture``."""
        return self.colors.composition(self._composed(content, offset), tone_map)

    def solid(self, color: tuple[float, float, float, float], size: Size | None = None) -> Node:
        size = size or (self.canvas.width, self.canvas.height)
        return self._drawn("solid", size, {"color": color})

    def generated(self, draw: Callable[[Node], Node], size: Size) -> Node:
        """The picture of a generator on a clear picture of a size, in the colour of graphics."""
        return self.colors.drawn(
            draw(self._graphics("solid", size, {"color": (0.0, 0.0, 0.0, 0.0)}))
        )

    def title(self, text: Text, frame: Placement, area: Area, shown: Shown) -> Node:
        """A title whose placement does not move, as far as it is seen in an area.

        It has its animations if they are seen.
        """
        position, offset = still(frame.position), still(frame.offset)
        if area != self.canvas:
            canvas = (self.canvas.width, self.canvas.height)
            x, y = (position[i] * canvas[i] + offset[i] for i in range(2))
            position, offset = (0.0, 0.0), (x - area.x, y - area.y)
        params: dict[str, Param] = {
            f"text_{f.name}": getattr(text, f.name)
            for f in fields(text)
            if f.name not in ("fonts", "animate_in", "animate_out", "spans", "chain")
        }
        if text.spans:
            params |= {"text_spans": encoded_spans(text.spans), "text_chain": text.chain}
        params |= {
            "fonts": " ".join(self.digest(font) for font in text.fonts),
            "scale": still(frame.scale)[0],
            "position": position,
            "anchor": still(frame.anchor),
            "offset": offset,
        }
        moving = shown.animations(text)
        for way, animation in moving.items():
            params |= {f"{way}_{f.name}": getattr(animation, f.name) for f in fields(animation)}
        if moving:
            params |= {"clock": shown.start, "frames": shown.item}
        return self._drawn("title", (area.width, area.height), params)

    def captions(self, captions: Sequence[Caption], first: int) -> Node:
        """Captions of a span that begins at frame ``first`` of the film."""
        params: dict[str, Param] = {"captions": encoded(captions, first, self.digest), "clock": 0}
        return self._drawn("captions", (self.canvas.width, self.canvas.height), params)

    def _still(self, image: Image, size: Size, extra: Mapping[str, Param], tone_map: str) -> Node:
        params: dict[str, Param] = {"digest": self.digest(image.path)}
        if image.format == "rgba" and image.opaque:
            params["opaque"] = True
        if image.format == "rgba" and image.space is None:
            return self._drawn("still", size, params, extra)
        if image.format == "rgba":
            made = self._graphics("still", size, params, extra)
            return self.colors.image(made, image, tone_map)
        color = image.color
        params |= {
            "width": size[0],
            "height": size[1],
            "format": image.format,
            "primaries": color.primaries,
            "transfer": color.transfer,
            "matrix": color.matrix,
            "range": color.range,
        }
        picture = node("decode", (node("still", (), params | dict(extra)),))
        return self.colors.image(picture, image, tone_map)

    def _drawn(
        self,
        op: str,
        size: Size,
        params: dict[str, Param],
        extra: Mapping[str, Param] | None = None,
    ) -> Node:
        """A picture made in the colour of graphics, in the canvas's colour."""
        return self.colors.drawn(self._graphics(op, size, params, extra))

    def _graphics(
        self,
        op: str,
        size: Size,
        params: dict[str, Param],
        extra: Mapping[str, Param] | None = None,
    ) -> Node:
        width, height = size
        labels = self.colors.graphics
        return node(
            op, (), params | {"width": width, "height": height} | labels | dict(extra or {})
        )

    def _clip(
        self, clip: Clip, size: Size, offset: int, extra: Mapping[str, Param], tone_map: str
    ) -> Node:
        video = clip.media.video
        assert video is not None
        start, step = clip.time_map.per_frame(self.fps, offset)
        if step < 0:  # a clip that plays backwards from its end begins with its last frame
            start -= _HAIR
        params: dict[str, Param] = {
            "digest": self.digest(clip.media.locator),
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
        if clip.depth is not None:
            params["depth"] = clip.depth
        if video.stream:
            params["stream"] = video.stream
        if video.scan != "progressive":
            params["fields"] = self._fields(video, step)
        picture = node("decode", (node("source", (), params | dict(extra)),))
        return self.colors.clip(picture, clip, tone_map)

    @staticmethod
    def _fields(video: VideoInfo, step: Fraction) -> Fields:
        """Both fields of a frame if the film has time to show them, else the first."""
        shown = video.pulldown == "none" and 0 < abs(step) * video.rate < _SHORTER
        return "fields" if shown else "frames"


def _color_lowering(profile: Profile) -> ColorLowering:
    """The lowering of pictures into the colour of a film."""
    if profile.management is None:
        return ColorLowering(profile.color)
    from vedc.ir.lower.managed_color import ManagedColors  # few films are

    return ManagedColors(profile.management.color, profile.management)
