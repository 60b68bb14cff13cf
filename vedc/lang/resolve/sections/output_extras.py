"""What an output carries besides pictures and sound: cover art, and the light of an HDR film."""

from __future__ import annotations

from typing import Final

from vedc.color import HdrMetadata
from vedc.edit.model import Profile
from vedc.edit.tables.codecs import VIDEO_CODECS
from vedc.edit.tables.containers import CONTAINERS, COVERS, container_for_extension, extension
from vedc.lang.files import Files
from vedc.lang.schema.values import one_of, trim
from vedc.lang.yaml.tree import Problems, SpecNode

#: Primaries of mastering displays, by the words of specs.
DISPLAYS: Final = {"p3-d65": "smpte432", "bt2020": "bt2020", "bt709": "bt709"}


def cover_of(node: SpecNode, files: Files) -> str | None:
    """The path of an output's cover art; None if it has none, or (reported) none that is
    usable."""
    named = node["metadata"].get("cover") if "metadata" in node else None
    if named is None:
        return None
    ending = extension(node["path"].text)
    container = container_for_extension(ending)
    if container is None or not container.cover:
        takes = tuple(ext for c in CONTAINERS if c.cover for ext in c.extensions)
        message = f"{ending} has no place for cover art that players look at"
        files.problems.add("no-cover", message, named.key_location, f"use {one_of(takes)}")
        return None
    path = files.existing(named)
    if path is None:
        return None
    with open(path, "rb") as file:
        known = file.read(8).startswith(tuple(COVERS))
    if not known:
        message = f"{named.text!r} is neither JPEG nor PNG, which cover art has to be"
        files.problems.add("not-a-cover", message, named, "convert it to .jpg or .png")
        return None
    return str(path)


def hdr_of(node: SpecNode, profile: Profile, problems: Problems) -> HdrMetadata | None:
    """The HDR metadata of an output; every wrong value is reported."""
    given = node.get("hdr")
    if given is None:
        return None
    codec = node["codec"].text if "codec" in node else ""
    if codec not in VIDEO_CODECS or not VIDEO_CODECS[codec].hdr_metadata:
        takes = tuple(c.name for c in VIDEO_CODECS.values() if c.hdr_metadata)
        message = f"{codec} does not carry the light of an HDR film"
        problems.add("no-hdr-metadata", message, given.key_location, f"use {one_of(takes)}")
    elif profile.color.transfer != "smpte2084":
        hlg = profile.color.transfer == "arib-std-b67"
        message = (
            "HLG is relative to each display, and has no mastering display or peak"
            if hlg
            else "the canvas is not of high dynamic range"
        )
        hint = "remove it" if hlg else "profile: {color: bt2100-pq}, or remove it"
        problems.add("no-hdr-metadata", message, given.key_location, hint)
    display, cll, fall = given.get("mastering_display"), given.get("max_cll"), given.get("max_fall")
    if cll is not None and fall is not None and fall.number > cll.number:
        message = (
            f"max_fall is {trim(fall.number)}, and no frame is on average brighter than the "
            f"brightest pixel, {trim(cll.number)}"
        )
        problems.add("out-of-range", message, fall, "exchange them, or correct one")
    if (cll is None) != (fall is None):
        missing = "max_fall" if fall is None else "max_cll"
        message = f"max_cll and max_fall are one entry of the file: {missing} is missing"
        problems.add("missing-key", message, given, f"give {missing}, 0 if it is not known")
    if display is None:
        return HdrMetadata(max_cll=_whole(cll), max_fall=_whole(fall))
    return HdrMetadata(
        DISPLAYS[display["primaries"].text if "primaries" in display else "p3-d65"],
        float(display["min"].number) if "min" in display else 0.005,
        float(display["max"].number) if "max" in display else 1000.0,
        _whole(cll),
        _whole(fall),
    )


def _whole(node: SpecNode | None) -> int | None:
    return int(node.number) if node is not None else None
