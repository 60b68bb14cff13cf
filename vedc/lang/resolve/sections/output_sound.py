"""Checks of an output's sound, and of files of sound alone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from vedc.edit.model import Profile
from vedc.edit.tables.codecs import AUDIO_CODECS, AudioCodec
from vedc.edit.tables.containers import CONTAINERS, Container, container_for_extension
from vedc.lang.schema.values import one_of, trim
from vedc.lang.yaml.tree import Problems, SpecNode

#: Keys for sound only, and for pictures only.
SOUND_KEYS: Final = (
    *("audio_codec", "audio_bitrate", "audio_depth", "sample_rate", "channels", "loudness"),
)
PICTURE_FILE_KEYS: Final = ("quality", "lossless", "loop", "colors")
PICTURE_KEYS: Final = (
    *("crf", "passes", "preset", "pix_fmt", "alpha", "dither", "width", "height", "fps", "at"),
    *("copy", "start_number", "hdr", *PICTURE_FILE_KEYS),
)


def refuse(node: SpecNode, keys: Iterable[str], where: str, problems: Problems) -> None:
    for key in keys:
        if key in node:
            message = f"{key!r} has no effect {where}"
            place = node[key].key_location or node[key].location
            problems.add("not-for-codec", message, place, "remove it")


def check_sound_file(node: SpecNode, ending: str, profile: Profile, problems: Problems) -> None:
    """A file of sound alone."""
    refuse(node, PICTURE_KEYS, "on sound alone", problems)
    if "bitrate" in node:
        message = "'bitrate' is that of the picture, and this output is sound alone"
        problems.add("not-for-codec", message, node["bitrate"].key_location, "use audio_bitrate")
    container, sound = container_for_extension(ending), node.get("audio_codec")
    if container is None:
        message = f"sound cannot be stored in {ending}"
        files = tuple(ext for c in CONTAINERS if not c.video for ext in c.extensions)
        problems.add("wrong-container", message, node.get("codec") or node, f"use {one_of(files)}")
    elif sound is not None and sound.value == "none":
        message = "with neither picture nor sound there is nothing to write"
        problems.add("nothing-to-write", message, sound, "leave audio_codec out")
    elif sound is not None:
        check_sound(node, AUDIO_CODECS[sound.text], container, ending, profile, problems)


def check_sound(
    node: SpecNode,
    audio: AudioCodec,
    container: Container | None,
    ending: str,
    profile: Profile,
    problems: Problems,
) -> None:
    at = node["audio_codec"]
    if container is not None and audio.name not in container.audio:
        problems.add(
            "wrong-container",
            f"{audio.name} cannot be stored in {ending}",
            at,
            f"use {one_of(container.audio)}",
        )
    depth = node.get("audio_depth")
    if depth is not None and depth.number not in audio.depths:
        bits = " or ".join(map(str, audio.depths))
        message = f"{audio.name} is lossy and has no sample depth"
        if bits:
            message = f"{audio.name} has no samples of {trim(depth.number)} bits, only of {bits}"
        hint = "leave audio_codec out, or choose another" if bits else "use audio_bitrate"
        problems.add("not-for-codec", message, depth, hint)
    if "audio_bitrate" in node and audio.bitrate is None:
        message = f"{audio.name} is lossless and takes no bitrate"
        problems.add("not-for-codec", message, node["audio_bitrate"].key_location, "remove it")
    if audio.rates is not None and profile.sample_rate not in audio.rates:
        rates = one_of(tuple(map(str, audio.rates)))
        message = f"{audio.name} does not support a sample rate of {profile.sample_rate} Hz"
        where = "" if "sample_rate" in node else " of the output or the profile"
        problems.add("bad-sample-rate", message, at, f"set sample_rate{where} to {rates}")
