"""The settings of an output that the spec does not give."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Final

from vedc.color import CANVAS_COLORS, FORMATS, HDR_TRANSFERS
from vedc.edit.model import Sheet
from vedc.edit.tables.codecs import (
    IMAGE_CODECS,
    SOUND_ONLY,
    VIDEO_CODECS,
    pix_fmts,
    preset_suits,
    with_alpha,
)
from vedc.edit.tables.containers import STREAM, audio_for_extension, codec_for_extension, extension
from vedc.edit.times import round_half_up
from vedc.lang.form.named_assets import ordered
from vedc.lang.keys.settings import OUTPUT, SHEET
from vedc.lang.keys.targets import TARGETS, Target
from vedc.lang.yaml.tree import SpecNode
from vedc.support.file_patterns import is_numbered


def default_output(root: SpecNode, path: Path | None) -> SpecNode:
    stem = path.name if path else "film"
    for suffix in (".yaml", ".yml", ".json", ".vedc"):
        stem = stem.removesuffix(suffix)
    return SpecNode({"path": SpecNode(f"{stem or 'film'}.mp4", root.location)}, root.location)


#: Words in the names of HDR displays. An SDR display with such a name gets more bits than it needs;
#: an HDR display without one is reported, with the settings that it needs.
_HDR_WORDS: Final = ("hdr", "pq", "hlg", "2084", "2100")


def is_hdr(profile: SpecNode | None, output: SpecNode) -> bool:
    """Whether a film is of high dynamic range. It is only if the spec says so."""
    managed = profile is not None and "ocio" in profile
    display = output.get("display") if managed else None
    if managed and display is None and profile is not None:
        display = profile.get("display")
    if display is not None and any(word in str(display.value).lower() for word in _HDR_WORDS):
        return True
    named = profile.get("color") if profile is not None else None
    color = CANVAS_COLORS.get(str(named.value)) if named is not None else None
    return color is not None and color.transfer in HDR_TRANSFERS


def _pix_fmt(codec: str, preset: SpecNode | None, hdr: bool, alpha: bool) -> str:
    """The codec's usual format among those that the preset supports; for HDR one with 10 bits or
    more, with alpha where the codec has it."""
    clear = with_alpha(codec)
    allowed = tuple(f for f in pix_fmts(codec) if (f in clear) == alpha) or pix_fmts(codec)
    if hdr:
        allowed = tuple(f for f in allowed if FORMATS[f].depth >= 10) or allowed
    suiting = [f for f in allowed if preset is None or preset_suits(codec, preset.text, f)]
    return (*suiting, *allowed)[0]


#: Settings of an output that depend on one of its codecs.
_OF_CODEC: Final = {"codec": ("crf", "preset", "pix_fmt"), "audio_codec": ("audio_bitrate",)}


def _even(length: Fraction) -> int:
    return max(2, 2 * round_half_up(length / 2))


def target_size(output: SpecNode) -> dict[str, SpecNode]:
    """The width and height that an output gets from its target; the output may be malformed."""
    named, own = output.get("target"), [output.get(side) for side in ("width", "height")]
    target = TARGETS.get(named.text) if named is not None and type(named.value) is str else None
    if named is None or target is None or any(side and type(side.value) is not int for side in own):
        return {}
    sizes = _sizes(output, target)
    return {
        side: SpecNode(size, named.location) for side, size in sizes.items() if side not in output
    }


def _sizes(output: SpecNode, target: Target) -> dict[str, int]:
    """A target's width and height; if the output gives one of them, the other keeps the shape."""
    if target.size is None:
        return {}
    width, height = target.size
    if "width" in output:
        height = _even(Fraction(output["width"].number) * height / width)
    elif "height" in output:
        width = _even(Fraction(output["height"].number) * width / height)
    return {"width": width, "height": height}


def _of_target(node: SpecNode, hdr: bool) -> dict[str, SpecNode]:
    """The settings of an output's target that the output does not give, at the place of the
    target."""
    named = node.get("target")
    target = TARGETS.get(named.text) if named is not None else None
    if named is None or target is None:
        return {}
    taken = {*node.entries, *node.lost}
    taken |= {key for rule in OUTPUT.either if taken & {*rule.group} for key in rule.group}
    values = {setting.key: setting.value for setting in target.settings}
    for codec, settings in _OF_CODEC.items():
        if codec in node and node[codec].value != values.get(codec):
            taken.update(settings)  # they suit the target's codec
    if "audio_codec" in node and node["audio_codec"].value == "none":
        taken.add("loudness")
    if hdr:
        taken.add("pix_fmt")  # the codec's usual one with more bits
    values |= _sizes(node, target)
    return {
        key: OUTPUT.keys[key].type.canonical(SpecNode(value, named.location))
        for key, value in values.items()
        if key not in taken
    }


def _whole_sheet(node: SpecNode) -> SpecNode:
    if {"count", "every"} & {*node.entries, *node.lost}:
        return node
    count = SpecNode(Sheet().count, node.location)
    return ordered(node, {**node.entries, "count": count}, SHEET)


def complete_output(node: SpecNode, profile: SpecNode | None) -> SpecNode:
    """An output with its codecs; unknown ones are left to the checks."""
    if node.broken:
        return node
    if "sheet" in node:
        return ordered(node, {**node.entries, "sheet": _whole_sheet(node["sheet"])}, OUTPUT)
    hdr = is_hdr(profile, node)
    entries = {**node.entries, **_of_target(node, hdr)}

    def default(key: str, value: str | None) -> None:
        if value is not None and key not in node.lost:
            entries.setdefault(key, SpecNode(value, entries["path"].location))

    ending = extension(entries["path"].text)
    default("codec", codec_for_extension(ending))
    codec = entries["codec"].value if "codec" in entries else None
    if codec in VIDEO_CODECS or codec in IMAGE_CODECS:
        alpha = "alpha" in entries and entries["alpha"].value is True
        default("pix_fmt", _pix_fmt(str(codec), entries.get("preset"), hdr, alpha))
    if codec in VIDEO_CODECS or codec == SOUND_ONLY:
        depth = entries.get("audio_depth")
        bits = int(depth.number) if depth is not None else None
        default("audio_codec", audio_for_extension(ending, str(codec), bits))
    elif codec in IMAGE_CODECS and not IMAGE_CODECS[str(codec)].moves:
        default("at", None if is_numbered(entries["path"].text) else "0s")
    if ending in STREAM.extensions:
        default("segment", str(OUTPUT.keys["segment"].default))
    return ordered(node, entries, OUTPUT)
