"""Remarks about an output that can be made."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from vedc.edit.tables.containers import container_for_extension, extension
from vedc.edit.times import format_rate
from vedc.lang.yaml.tree import Problems, SpecNode

#: Frames per second of a GIF above which browsers slow it down.
_FASTEST_GIF: Final = 50


def remark(output: SpecNode, timeline: SpecNode, rate: Fraction | None, warnings: Problems) -> None:
    """Add the warnings about an output; ``rate`` is None if unknown."""
    ending = extension(output["path"].text)
    container = container_for_extension(ending)
    if "markers" in timeline and container is not None and not container.chapters:
        message = f"{ending} holds no chapters: the markers of the timeline are left out of it"
        hint = "write .m4a, .mp3, .opus or .mka to keep them"
        if container.video:
            hint = "write .mp4, .mov or .mkv to keep them"
        warnings.warn("no-chapters", message, output["path"], hint)
    codec = output.get("codec")
    if codec is not None and codec.value == "gif" and rate is not None and rate > _FASTEST_GIF:
        message = f"browsers show a GIF of {format_rate(rate)} frames a second at 10"
        hint = "give the output fps: 25 or 50, or write .webp or .apng"
        warnings.warn("gif-too-fast", message, output["path"], hint)
