"""The files to write: what the codec, its container and the canvas allow."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final, Literal, cast

from vedc.color import FORMATS, HDR_TRANSFERS
from vedc.edit.codecs import (
    AUDIO_CODECS,
    IMAGE_CODECS,
    SOUND_ONLY,
    VIDEO_CODECS,
    AudioCodec,
    VideoCodec,
    preset_suits,
)
from vedc.edit.containers import (
    CONTAINERS,
    Container,
    container_for_extension,
    extension,
    extensions_for_codec,
    known_extensions,
)
from vedc.edit.model import Output, Profile
from vedc.lang.files import Files
from vedc.lang.schema.values import one_of, trim
from vedc.lang.yaml.tree import Problems, SpecNode
from vedc.support.suggest import did_you_mean

Dither = Literal["auto", "none", "ordered"]


def check_paths(
    outputs: Iterable[SpecNode], files: Files, inputs: Iterable[Path], problems: Problems
) -> None:
    """No output may be an input, a folder or another output."""
    sources = {_one_name(os.path.realpath(path)) for path in inputs}
    seen: dict[str, SpecNode] = {}
    for output in outputs:
        if output.broken:
            continue
        node = output["path"]
        path = files.inside(node, written=True)
        if path is None:
            continue
        real = _one_name(os.path.realpath(path))
        if os.path.isdir(path):
            message = f"{node.text!r} is a folder, not a file to write"
            problems.add("is-a-folder", message, node, "choose another name, or remove the folder")
        elif os.path.exists(path) and not os.path.isfile(path):
            message = f"{node.text!r} is a pipe or a device, which vedc does not replace by a file"
            problems.add("not-a-file", message, node, "choose another name; -o - writes to a pipe")
        if real in sources:
            message = f"{node.text!r} is also an input, which writing would destroy"
            hint = f"choose another name: outputs: [{{path: new-{path.name}}}], or -o"
            problems.add("output-is-input", message, node, hint)
        if real in seen:
            first = seen[real].location
            where = f" in line {first.line}" if first else ""
            message = f"{node.text!r} is already written by the output{where}"
            problems.add("same-output", message, node, "choose another name")
        seen.setdefault(real, node)


def _one_name(path: str) -> str:
    """A path as its disk tells files apart: macOS and Windows take A.mp4 and a.mp4 for one."""
    folder = os.path.dirname(path)
    while not os.path.exists(folder) and folder != os.path.dirname(folder):
        folder = os.path.dirname(folder)
    return path.casefold() if _folds_case(folder) else path


def _folds_case(folder: str) -> bool:
    above, name = os.path.split(folder)
    if name == name.swapcase():
        return False
    try:
        one, other = (os.lstat(os.path.join(above, n)) for n in (name, name.swapcase()))
    except OSError:
        return False
    return (one.st_dev, one.st_ino) == (other.st_dev, other.st_ino)


def resolve_output(
    node: SpecNode,
    path: Path,
    profile: Profile,
    at: int | None,
    problems: Problems,
    canvas: SpecNode | None = None,
) -> Output:
    """The typed output; every wrong setting is reported.

    ``canvas`` is the spec's ``profile``, if it has one: where a wrong size was written.

    If the codec is unknown, the result only serves further checks.
    """
    codec = node["codec"].text if "codec" in node else ""
    ending = extension(node["path"].text)
    if ending not in known_extensions():
        _unknown_extension(node, ending, problems)
    elif codec == SOUND_ONLY:
        _check_sound_file(node, ending, profile, problems)
    elif codec in IMAGE_CODECS:
        _check_image(node, codec, ending, problems)
    elif codec:
        _check_film(node, VIDEO_CODECS[codec], ending, profile, problems)
    pix_fmt = node["pix_fmt"].text if "pix_fmt" in node else "yuv420p"
    pictured = codec in VIDEO_CODECS or codec in IMAGE_CODECS
    if pictured and not node.lost & {"pix_fmt", "preset"}:
        _check_pix_fmt(node, codec, pix_fmt, profile, problems, canvas)
    crf, bitrate, preset = node.get("crf"), node.get("bitrate"), node.get("preset")
    sound = node.get("audio_codec")
    rate, depth = node.get("audio_bitrate"), node.get("audio_depth")
    return Output(
        path=str(path),
        codec=codec,
        pix_fmt=pix_fmt,
        crf=float(crf.number) if crf is not None else None,
        bitrate=int(bitrate.number) if bitrate is not None else None,
        preset=preset.text if preset is not None else None,
        audio_codec=sound.text if sound is not None and sound.value != "none" else None,
        audio_bitrate=int(rate.number) if rate is not None else None,
        audio_depth=int(depth.number) if depth is not None else None,
        at=at if codec in IMAGE_CODECS else None,
        metadata=_metadata(node.get("metadata")),
        dither=_dither(node.get("dither")),
        location=node.location,
    )


def _dither(node: SpecNode | None) -> Dither:
    return cast(Dither, node.text) if node is not None else "auto"


def _metadata(node: SpecNode | None) -> tuple[tuple[str, str], ...]:
    return tuple((name, value.text) for name, value in node.entries.items()) if node else ()


def _unknown_extension(node: SpecNode, ending: str, problems: Problems) -> None:
    known = known_extensions()
    near = did_you_mean(ending, known) if ending else None
    name = node["path"].text
    what = (
        f"vedc writes no file type with the extension {ending!r}"
        if ending
        else "it has no extension"
    )
    hint = f"did you mean {near}?" if near else f"use {one_of(known)}"
    problems.add("unknown-extension", f"{name!r}: {what}", node["path"], hint)


def _check_image(node: SpecNode, codec: str, ending: str, problems: Problems) -> None:
    if ending not in IMAGE_CODECS[codec].extensions:
        allowed = one_of(extensions_for_codec(codec))
        problems.add(
            "wrong-container",
            f"{codec} cannot be stored in {ending}",
            node["codec"],
            f"use {allowed}",
        )
    no_effect = ("crf", "bitrate", "preset", *_SOUND_KEYS, "metadata")
    _refuse(node, no_effect, f"on a {codec} image", problems)


#: Keys that only concern sound, and only pictures.
_SOUND_KEYS: Final = ("audio_codec", "audio_bitrate", "audio_depth", "sample_rate", "channels")
_PICTURE_KEYS: Final = ("crf", "preset", "pix_fmt", "dither", "width", "height", "fps", "at")


def _refuse(node: SpecNode, keys: Iterable[str], where: str, problems: Problems) -> None:
    for key in keys:
        if key in node:
            message = f"{key!r} has no effect {where}"
            place = node[key].key_location or node[key].location
            problems.add("not-for-codec", message, place, "remove it")


def _check_sound_file(node: SpecNode, ending: str, profile: Profile, problems: Problems) -> None:
    """A file of sound alone."""
    _refuse(node, _PICTURE_KEYS, "on sound alone", problems)
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
        _check_sound(node, AUDIO_CODECS[sound.text], container, ending, profile, problems)


def _check_film(
    node: SpecNode, codec: VideoCodec, ending: str, profile: Profile, problems: Problems
) -> None:
    container = container_for_extension(ending)
    if container is None or codec.name not in container.video:
        allowed = one_of(extensions_for_codec(codec.name))
        also = "" if container is None else f", or {one_of((*container.video, SOUND_ONLY))}"
        problems.add(
            "wrong-container",
            f"{codec.name} cannot be stored in {ending}",
            node["codec"],
            f"use {allowed}{also}",
        )
    if "at" in node:
        message = "'at' selects the frame of an image, but this output is a film"
        problems.add(
            "not-for-codec", message, node["at"].key_location, "remove it, or write .png or .jpg"
        )
    _check_quality(node, codec, problems)
    sound = node.get("audio_codec")
    if sound is None or sound.value == "none":
        if "audio_codec" not in node.lost:
            _refuse(node, _SOUND_KEYS[1:], "without sound", problems)
        return
    _check_sound(node, AUDIO_CODECS[sound.text], container, ending, profile, problems)


def _check_quality(node: SpecNode, codec: VideoCodec, problems: Problems) -> None:
    crf, preset = node.get("crf"), node.get("preset")
    quality = codec.quality
    if crf is not None and quality is None:
        problems.add("not-for-codec", f"{codec.name} has no crf", crf.key_location, "remove it")
    elif crf is not None and quality is not None and not quality.accepts(float(crf.number)):
        kind = "an integer" if quality.integer else "a number"
        problems.add(
            "out-of-range",
            f"crf of {codec.name} must be {kind} from {trim(quality.low)} to "
            f"{trim(quality.high)}, not {trim(crf.number)}",
            crf,
        )
    if "bitrate" in node and not codec.bitrate:
        message = f"{codec.name} takes no bitrate"
        problems.add("not-for-codec", message, node["bitrate"].key_location, "remove it")
    if preset is None:
        return
    if codec.presets is None:
        problems.add(
            "not-for-codec", f"{codec.name} has no presets", preset.key_location, "remove it"
        )
    elif preset.text not in codec.presets.values:
        near = did_you_mean(preset.text, codec.presets.values)
        tail = f"; did you mean {near!r}?" if near else ""
        message = (
            f"preset of {codec.name} must be {one_of(codec.presets.values)}, not {preset.text!r}"
        )
        problems.add("unknown-value", message + tail, preset)
    elif (
        "pix_fmt" in node
        and node["pix_fmt"].value in codec.pix_fmts
        and not preset_suits(codec.name, preset.text, node["pix_fmt"].text)
    ):
        message = f"preset {preset.text} of {codec.name} cannot hold {node['pix_fmt'].text}"
        problems.add("wrong-pix-fmt", message, preset, "leave preset or pix_fmt out")


def _check_sound(
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


def _check_pix_fmt(
    node: SpecNode,
    codec: str,
    pix_fmt: str,
    profile: Profile,
    problems: Problems,
    canvas: SpecNode | None,
) -> None:
    allowed = (VIDEO_CODECS.get(codec) or IMAGE_CODECS[codec]).pix_fmts
    at = node.get("pix_fmt") or node
    if pix_fmt not in allowed:
        near = did_you_mean(pix_fmt, allowed)
        tail = f"; did you mean {near!r}?" if near else ""
        problems.add(
            "wrong-pix-fmt", f"{codec} cannot hold {pix_fmt!r}{tail}", at, f"use {one_of(allowed)}"
        )
        return
    layout = FORMATS[pix_fmt]
    if profile.color.transfer in HDR_TRANSFERS and layout.depth < 10:
        deep = tuple(name for name in allowed if FORMATS[name].depth >= 10)
        problems.add(
            "hdr-needs-10-bits",
            f"the canvas is of high dynamic range, which shows steps in the 8 bits of {pix_fmt}",
            at,
            f"use {one_of(deep)}"
            if deep
            else "use hevc, av1, h264, prores or ffv1, or an SDR canvas: profile: {color: bt709}",
        )
    for key, size, shift in (
        ("width", profile.width, layout.sub_x),
        ("height", profile.height, layout.sub_y),
    ):
        if size % (1 << shift):
            location = node.get(key) or (canvas and canvas.get(key)) or node
            problems.add(
                "odd-size",
                f"{pix_fmt} needs an even {key}, and the canvas has {size}",
                location,
                f"set {key} to {size + 1}, or pix_fmt to one with 444",
            )
