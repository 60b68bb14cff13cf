"""The files to write."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Final, Literal

from vedc.edit.model import Output, Profile
from vedc.edit.tables.codecs import IMAGE_CODECS, SOUND_ONLY, VIDEO_CODECS
from vedc.edit.tables.containers import extension, known_extensions
from vedc.lang.keys.sound.loudness import target_of
from vedc.lang.resolve.sections.output_checks import (
    check_alpha,
    check_film,
    check_image,
    check_pix_fmt,
    suits_target,
    unknown_extension,
)
from vedc.lang.resolve.sections.output_extras import hdr_of
from vedc.lang.resolve.sections.output_sound import check_sound_file
from vedc.lang.schema.plays import times
from vedc.lang.yaml.tree import Problems, SpecNode

Copy = Literal["auto", "always", "never"]
Dither = Literal["auto", "none", "ordered"]
Mixed = Literal["none", "bayer", "floyd_steinberg", "sierra2_4a"]

#: FFmpeg's words for how a GIF mixes its colours.
_MIXED: Final[dict[str, Mixed]] = {
    "none": "none",
    "ordered": "bayer",
    "floyd_steinberg": "floyd_steinberg",
}


def resolve_output(
    node: SpecNode,
    path: Path,
    profile: Profile,
    at: int | None,
    problems: Problems,
    canvas: SpecNode | None = None,
    segment: Fraction | None = None,
) -> Output:
    """The typed output; every wrong setting is reported.

    ``canvas`` is the spec's ``profile``, if it has one: for the location of a wrong size.
    ``segment``: seconds of a segment of an adaptive stream.

    If the codec is unknown, the result only serves further checks.
    """
    codec = node["codec"].text if "codec" in node else ""
    ending = extension(node["path"].text)
    if ending not in known_extensions():
        unknown_extension(node, ending, problems)
    elif not suits_target(node, ending, problems):
        pass
    elif codec == SOUND_ONLY:
        check_sound_file(node, ending, profile, problems)
    elif codec in IMAGE_CODECS:
        check_image(node, codec, ending, at, problems)
    elif codec:
        check_film(node, VIDEO_CODECS[codec], ending, profile, problems)
    pix_fmt = node["pix_fmt"].text if "pix_fmt" in node else "yuv420p"
    pictured = codec in VIDEO_CODECS or codec in IMAGE_CODECS
    if pictured:
        check_alpha(node, codec, pix_fmt, ending, problems)
    if pictured and not node.lost & {"pix_fmt", "preset"}:
        check_pix_fmt(node, codec, pix_fmt, profile, problems, canvas)
    crf, bitrate, preset = node.get("crf"), node.get("bitrate"), node.get("preset")
    sound = node.get("audio_codec")
    rate, depth = node.get("audio_bitrate"), node.get("audio_depth")
    return Output(
        path=str(path),
        codec=codec,
        pix_fmt=pix_fmt,
        crf=float(crf.number) if crf is not None else None,
        bitrate=int(bitrate.number) if bitrate is not None else None,
        passes=int(node["passes"].number) if "passes" in node else None,
        preset=preset.text if preset is not None else None,
        audio_codec=sound.text if sound is not None and sound.value != "none" else None,
        audio_bitrate=int(rate.number) if rate is not None else None,
        audio_depth=int(depth.number) if depth is not None else None,
        loudness=target_of(node["loudness"]) if "loudness" in node else None,
        at=at if codec in IMAGE_CODECS else None,
        first_number=int(node["start_number"].number) if "start_number" in node else 1,
        segment=segment,
        plays=times(node.get("loop")),
        colors=int(node["colors"].number) if "colors" in node else 256,
        mixed=_MIXED.get(_dither(node.get("dither")), "sierra2_4a"),
        quality=float(node["quality"].number) if "quality" in node else None,
        lossless="lossless" in node and node["lossless"].value is True,
        metadata=_metadata(node.get("metadata")),
        hdr=hdr_of(node, profile, problems),
        # A GIF is dithered once, when its colours are known.
        dither="none" if codec == "gif" else _ordered(_dither(node.get("dither"))),
        copy=_copy(node.get("copy")),
        location=node.location,
    )


def _copy(node: SpecNode | None) -> Copy:
    word = "auto" if node is None else node.text
    if word == "always":
        return "always"
    return "never" if word == "never" else "auto"


def _dither(node: SpecNode | None) -> str:
    return node.text if node is not None else "auto"


def _ordered(word: str) -> Dither:
    """The dither word for samples, which support no other pattern."""
    if word == "none":
        return "none"
    return "ordered" if word == "ordered" else "auto"


def _metadata(node: SpecNode | None) -> tuple[tuple[str, str], ...]:
    entries = node.entries.items() if node is not None else ()
    return tuple((name, value.text) for name, value in entries if name != "cover")
