"""The media of clips: files, image sequences, generators."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from vedc.interchange.common.draft import is_image
from vedc.interchange.common.files import ForeignFiles, is_url
from vedc.interchange.foreign.node import Node
from vedc.interchange.otio import schema
from vedc.interchange.otio.reading import kind_of, metadata_of
from vedc.interchange.otio.times import Range, read_range


class Media:
    """Reads the media of clips."""

    def __init__(self, files: ForeignFiles) -> None:
        self.files = files

    def shown(self, node: Node, name: str) -> tuple[dict[str, Any], Range | None]:
        """The keys of an item for the media of a clip, and its range."""
        media = node.mapping("media_reference")
        several = node.mapping("media_references")
        if several is not None:
            key = node.text("active_media_reference_key") or "DEFAULT_MEDIA"
            media = several.mapping(key)
            for other in several.keys:
                if other != key:
                    several.drop(other, "is another version of the media")
        else:
            node.take("active_media_reference_key")
        if media is None:
            node.note_loss(
                f"the media of {name!r}, which is not named", "a gap of its length", "lost"
            )
            return {"gap": True}, None
        kind = kind_of(media)
        media.take("name")
        metadata_of(media)
        available = read_range(media.mapping("available_range"))
        if (bounds := media.take("available_image_bounds")) is not None:
            bounds.lose("places the picture", "left out: it fills the canvas")
        if kind == "ExternalReference":
            return self._file(media, media.text("target_url"), name), available
        if kind == "ImageSequenceReference":
            return self._sequence(media), available
        if kind == "GeneratorReference":
            return self._generator(media), available
        media.note_loss(f"the media of {name!r}, which is missing", "a gap of its length", "lost")
        return {"gap": True}, available

    def _file(self, media: Node, url: str | None, name: str) -> dict[str, Any]:
        if not url:
            media.note_loss(
                f"the media of {name!r}, which has no address", "a gap of its length", "lost"
            )
            return {"gap": True}
        path = self.files.path(schema.path_of(url))
        if is_url(path):
            media.note_loss(f"{path}", "fetched by the render, with --allow-network only", "note")
        return {"image": path} if is_image(path) else {"clip": path}

    def _sequence(self, media: Node) -> dict[str, Any]:
        base = media.text("target_url_base") or ""
        prefix, suffix = media.text("name_prefix") or "", media.text("name_suffix") or ""
        digits = media.number("frame_zero_padding") or Fraction(0)
        first, step = media.number("start_frame"), media.number("frame_step")
        rate, missing = media.number("rate"), media.text("missing_frame_policy")
        number = f"%0{int(digits)}d" if 0 < digits < 20 else "%d"
        slash = "" if not base or base.endswith("/") else "/"
        path = self.files.path(schema.path_of(f"{base}{slash}") + f"{prefix}{number}{suffix}")
        if first:
            media.note_loss(
                f"that the sequence begins with number {int(first)}",
                "the lowest that there is",
                "guessed",
            )
        if step not in (None, 1):
            media.note_loss("a step between the pictures of a sequence", "every picture is shown")
        if missing not in (None, "error", "hold"):
            media.note_loss(
                f"what is shown for missing pictures, {missing!r}", "the picture before"
            )
        keys: dict[str, Any] = {"clip": path}
        if rate:
            keys["rate"] = float(rate) if rate.denominator > 1 else int(rate)
        return keys

    def _generator(self, media: Node) -> dict[str, Any]:
        kind = media.text("generator_kind") or ""
        parameters = media.mapping("parameters")
        if kind == "SolidColor" and parameters is not None:
            color = parameters.take("color")
            if color is not None and (text := _color(color.keep().plain())) is not None:
                return {"color": text}
        if kind == "vedc:text" and parameters is not None:
            return {"text": parameters.text("text") or " "}
        if kind.startswith("vedc:"):
            media.keep()
            return (
                {"gap": True}
                if kind in ("vedc:composition", "vedc:adjustment")
                else {"generator": kind[5:]}
            )
        if kind.lower() in ("black", "blackvideo"):
            return {"color": "black"}
        if kind.lower() in ("bars", "smptebars", "colorbars"):
            return {"generator": "color_bars"}
        media.lose(f"{kind!r} draws a picture that vedc does not know", "black")
        return {"color": "black"}


def _color(value: Any) -> str | None:
    """A colour of numbers from 0 to 1, or its text."""
    if isinstance(value, str):
        return value
    if not isinstance(value, list) or len(value) not in (3, 4):
        return None
    if not all(isinstance(each, int | float) and 0 <= each <= 1 for each in value):
        return None
    parts = value if len(value) == 3 or value[3] < 1 else value[:3]
    return "#" + "".join(f"{round(each * 255):02x}" for each in parts)
