"""Checks of an output's picture settings against codec, container and canvas."""

from __future__ import annotations

from typing import Final

from vedc.color import FORMATS, HDR_TRANSFERS
from vedc.edit.model import Profile
from vedc.edit.tables.codecs import (
    AUDIO_CODECS,
    COPIED_CODECS,
    IMAGE_CODECS,
    SOUND_ONLY,
    VIDEO_CODECS,
    ImageCodec,
    VideoCodec,
    pix_fmts,
    preset_suits,
    takes_two_passes,
    with_alpha,
)
from vedc.edit.tables.containers import (
    STREAM,
    Container,
    container_for_extension,
    extensions_for_codec,
    known_extensions,
)
from vedc.lang.resolve.sections.output_sound import (
    PICTURE_FILE_KEYS,
    SOUND_KEYS,
    check_sound,
    refuse,
)
from vedc.lang.schema.values import one_of, trim
from vedc.lang.yaml.tree import Problems, SpecNode
from vedc.support.file_patterns import is_numbered
from vedc.support.numbered_names import NumberedName
from vedc.support.suggest import did_you_mean

#: Keys for adaptive streams only.
LADDER_KEYS: Final = ("ladder", "segment")

_OF_A_PALETTE: Final = ("floyd_steinberg", "sierra")


def unknown_extension(node: SpecNode, ending: str, problems: Problems) -> None:
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


def suits_target(node: SpecNode, ending: str, problems: Problems) -> bool:
    """Whether a file can hold its target's codec; reports if not."""
    named, codec = node.get("target"), node.get("codec")
    if named is None or codec is None or codec.location != named.location:
        return True
    container = container_for_extension(ending)
    if container is not None and codec.text in container.video:
        return True
    message = f"target {named.text} is {codec.text}, which {ending} does not hold"
    hint = f"use {one_of(extensions_for_codec(codec.text))}, or give the output a codec"
    problems.add("wrong-container", message, node["path"], hint)
    return False


def check_image(
    node: SpecNode, codec: str, ending: str, at: int | None, problems: Problems
) -> None:
    if ending not in IMAGE_CODECS[codec].extensions:
        allowed = one_of(extensions_for_codec(codec))
        problems.add(
            "wrong-container",
            f"{codec} cannot be stored in {ending}",
            node["codec"],
            f"use {allowed}",
        )
    path = node["path"]
    if is_numbered(path.text):
        try:
            NumberedName(path.text)
        except ValueError as error:
            hint = f"write one such as frames/%05d{ending}"
            problems.add("bad-path", f"{path.text!r}: {error}", path, hint)
        if "at" in node:
            message = "'at' selects one frame, and this output is all of them, numbered"
            hint = "remove it, or write to a path without %"
            problems.add("not-for-codec", message, node["at"].key_location, hint)
    elif "start_number" in node:
        message = "'start_number' counts files, and this output is one"
        hint = f"write to a path with a number's place, such as frames/%05d{ending}"
        problems.add("not-for-codec", message, node["start_number"].key_location, hint)
    _check_picture_file(node, IMAGE_CODECS[codec], ending, problems)
    of_films = ("crf", "bitrate", "passes", "preset", "copy", "metadata", "hdr")
    no_effect = (*of_films, *SOUND_KEYS, *LADDER_KEYS)
    refuse(node, no_effect, f"on a {codec} image", problems)


def _check_picture_file(node: SpecNode, codec: ImageCodec, ending: str, problems: Problems) -> None:
    """One picture, numbered ones or an animation, and the knobs of each."""
    numbered = is_numbered(node["path"].text)
    if not codec.still and (numbered or "at" in node):
        message = f"{codec.title} is an animation of the whole film"
        place = node["at"].key_location if "at" in node else node["path"].location
        problems.add("not-for-codec", message, place, "write .png, .webp or .jpg")
    moves = codec.moves and not numbered and "at" not in node
    quality = node.get("quality")
    if quality is not None and codec.quality is None:
        message = f"{codec.title} has no quality: it keeps every pixel"
        if codec.name == "gif":
            message = "GIF has no quality"
        hint = "use colors and dither" if codec.name == "gif" else "remove it"
        problems.add("not-for-codec", message, quality.key_location, hint)
    elif (
        quality is not None
        and codec.quality is not None
        and not codec.quality.accepts(float(quality.number))
    ):
        kind = "an integer" if codec.quality.integer else "a number"
        span = f"{trim(codec.quality.low)} to {trim(codec.quality.high)}"
        message = f"quality of {codec.name} must be {kind} from {span}"
        problems.add("out-of-range", f"{message}, not {trim(quality.number)}", quality)
    if codec.name != "webp":
        refuse(node, ["lossless"], f"on {ending}", problems)
    if not moves:
        refuse(node, ["loop"], "on a file that does not move", problems)
    if codec.name != "gif":
        refuse(node, ["colors"], f"on {ending}", problems)
    _check_dither(node, codec.name, problems)


def _check_dither(node: SpecNode, codec: str, problems: Problems) -> None:
    if "dither" in node and codec != "gif" and node["dither"].text in _OF_A_PALETTE:
        message = f"dither: {node['dither'].text} is a way to mix the colours of a GIF"
        problems.add("not-for-codec", message, node["dither"], "use ordered, or none")


def check_alpha(node: SpecNode, codec: str, pix_fmt: str, ending: str, problems: Problems) -> None:
    """Transparency must be possible in the codec and the file, and agree with pix_fmt."""
    known = pix_fmt in FORMATS and pix_fmt in pix_fmts(codec)
    holds = known and FORMATS[pix_fmt].alpha
    wanted = node.get("alpha")
    cure = (
        "use .webm or .mkv (vp9), .mov (prores with preset 4444), .webp, .apng, .gif, or pictures "
        "such as frames/%05d.png"
    )
    if holds and codec == "vp9" and ending not in (".webm", ".mkv"):
        message = f"{ending} does not keep the transparency of vp9"
        problems.add("no-alpha", message, wanted or node["pix_fmt"], "use .webm or .mkv")
    elif wanted is not None and wanted.value is True and not with_alpha(codec):
        problems.add("no-alpha", f"{codec} holds no transparency", wanted, cure)
    elif wanted is not None and known and holds != (wanted.value is True):
        clear = "has" if holds else "has no"
        message = f"pix_fmt {pix_fmt} {clear} transparency, and alpha says otherwise"
        problems.add("conflict", message, wanted, "leave one of them out")


def check_film(
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
    refuse(node, ["start_number", *PICTURE_FILE_KEYS[1:]], "on a film", problems)
    if container is not STREAM:
        refuse(node, LADDER_KEYS, f"on {ending}, which is one file", problems)
    if "quality" in node:
        message = "'quality' is that of pictures, and this output is a film"
        problems.add("not-for-codec", message, node["quality"].key_location, "use crf")
    _check_dither(node, codec.name, problems)
    if container is not None and container.tagged == "nothing":
        refuse(node, ["metadata"], f"on {ending}, which has no tags", problems)
    if "at" in node:
        message = "'at' selects the frame of an image, but this output is a film"
        problems.add(
            "not-for-codec", message, node["at"].key_location, "remove it, or write .png or .jpg"
        )
    _check_quality(node, codec, problems)
    _check_copy(node, codec.name, container, problems)
    sound = node.get("audio_codec")
    if sound is None or sound.value == "none":
        if "audio_codec" not in node.lost:
            refuse(node, SOUND_KEYS[1:], "without sound", problems)
        return
    check_sound(node, AUDIO_CODECS[sound.text], container, ending, profile, problems)


def _check_copy(
    node: SpecNode, codec: str, container: Container | None, problems: Problems
) -> None:
    """``copy: always`` must be possible."""
    copy = node.get("copy")
    if copy is None or copy.value != "always":
        return
    if container is STREAM:
        message = "the segments of a stream begin at times of their own, so nothing is copied"
        problems.add("not-for-codec", message, copy, "remove it")
    elif codec not in COPIED_CODECS:
        message = f"nothing is copied to {codec}"
        hint = f"use {one_of(tuple(COPIED_CODECS))}, or remove it"
        problems.add("not-for-codec", message, copy, hint)


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
    passes = node.get("passes")
    if passes is not None and "bitrate" not in node:
        message = "'passes' has no effect without a bit rate to meet"
        problems.add("not-for-codec", message, passes.key_location, "remove it, or give bitrate")
    elif (
        passes is not None
        and passes.number == 2
        and "pix_fmt" in node
        and not takes_two_passes(node["pix_fmt"].text)
    ):
        message = f"{node['pix_fmt'].text} takes one pass only"
        problems.add("not-for-codec", message, passes, "remove it, or give another pix_fmt")
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


def check_pix_fmt(
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
    film = VIDEO_CODECS.get(codec)
    least = (max(film.min_width, film.min_size), film.min_size) if film else (1, 1)
    if profile.width < least[0] or profile.height < least[1]:
        message = f"{codec} takes films from {least[0]}x{least[1]} up, and this one has "
        message += f"{profile.width}x{profile.height}"
        hint = "use h264, or make the film larger"
        problems.add("small-size", message, node.get("codec") or node, hint)
        return
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
