"""Search terms under other names, and the ops and item keys that provide them.

``vedc ops`` uses them too. A note explains in one line what neither an op nor a key does; text in
backquotes is an item that a test validates.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Meaning(NamedTuple):
    phrases: tuple[str, ...]
    ops: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    note: str = ""


MEANINGS: Final = (
    Meaning(
        ("ken burns", "pan and zoom", "pan"),
        ("zoom", "transform"), ("ken_burns", "crop"),
        "Write `{image: a.png, duration: 4s, ken_burns: {to: {x: 40%, y: 30%, width: 50%, height: "
        "50%}}}`",
    ),
    Meaning(
        ("slow motion", "slow mo", "slowmo", "timelapse", "speed", "speed ramp", "fast forward",
         "reverse", "freeze frame"),
        note="Give the clip a speed: `{clip: a.mp4, speed: 0.5}`. It may also be reversed, frozen, "
        "looped, or follow a ramp: `{clip: a.mp4, time_map: {keyframes: [{time: 0s, value: 0s}, "
        "{time: 2s, value: 1s, easing: ease-in}, {time: 4s, value: 6s}]}}`",
    ),
    Meaning(
        ("picture in picture", "pip"),
        ("transform",), ("width", "height", "position", "margin", "radius", "border", "shadow"),
        "Put the small picture on a later track: `{clip: a.mp4, width: 30%, position: top-right, "
        "margin: 40}`",
    ),
    Meaning(
        ("split screen", "side by side"),
        ("rectangle", "transform"), ("position", "scale", "crop"),
    ),
    Meaning(
        ("border", "frame around", "outline"),
        ("rectangle",), ("border", "mask"),
        "Write `{image: a.png, duration: 3s, border: {width: 6, color: white}}`; titles have "
        "`{text: Hi, duration: 3s, stroke_width: 3}`",
    ),
    Meaning(
        ("rounded corners", "border radius", "round corners"), ("rectangle",), ("radius", "mask"),
        "Write `{image: a.png, duration: 3s, radius: 24}`, or radius: 50% for a circle",
    ),
    Meaning(
        ("drop shadow", "box shadow", "shadow"), (), ("shadow",),
        "Write `{image: a.png, duration: 3s, shadow: {offset: [0, 8], blur: 30}}`",
    ),
    Meaning(
        ("caption", "captions", "subtitle", "subtitles", "title", "lower third", "srt"),
        note="Titles are items: `{text: Spring, duration: 3s, position: bottom}`; caption files "
        "are named beside the timeline: captions: talk.srt",
    ),
    Meaning(
        ("black and white", "blackwhite", "greyscale", "grayscale", "desaturate", "bw", "noir"),
        ("monochrome", "saturation"),
    ),
    Meaning(
        ("vintage", "old film", "retro", "film look", "8mm"),
        ("sepia", "film_grain", "vignette", "split_tone", "scan_lines"),
    ),
    Meaning(("vhs", "crt", "analog tv"), ("scan_lines", "rgb_shift", "glitch")),
    Meaning(
        ("blurry", "blur", "out of focus", "bokeh", "defocus", "soft focus"),
        ("gaussian_blur", "lens_blur", "box_blur", "directional_blur"),
    ),
    Meaning(
        ("motion blur", "shutter angle"), ("directional_blur", "motion_trail"), ("motion_blur",),
        "An item that its keyframes move: `{image: a.png, duration: 2s, motion_blur: 180}`",
    ),
    Meaning(
        ("blurred background", "blurred bars", "fill vertical"),
        keys=("fit",),
        note="Write `{clip: a.mp4, fit: contain-blur}`",
    ),
    Meaning(("letterbox", "black bars", "pillarbox"), ("crop",), ("fit",)),
    Meaning(
        ("green screen", "blue screen", "chromakey", "remove background", "keying"),
        ("chroma_key", "despill", "color_key", "luma_key"),
    ),
    Meaning(("censor", "pixelated"), ("pixelate",), ("mask",)),
    Meaning(("stabilize", "stabilise", "deshake"), note="Shaky clips cannot be stabilised yet."),
    Meaning(("camera shake", "handheld", "earthquake"), ("shake",)),
    Meaning(("flip", "hflip", "vflip", "mirrored"), ("flip", "mirror")),
    Meaning(("rotate", "rotation", "turn"), ("transform",), ("rotation",)),
    Meaning(("opacity", "transparency", "alpha", "fade in", "fade out"), keys=("opacity",)),
    Meaning(("resize", "size", "zoom out", "shrink"), ("transform", "zoom"), ("scale", "fit")),
    Meaning(("interlaced", "deinterlacing", "yadif", "bwdif", "combing"), keys=("deinterlace",)),
    Meaning(("trim", "cut off", "cropping"), ("crop",), ("crop",)),
    Meaning(("crossfade", "cross dissolve", "cross fade"), ("dissolve",)),
    Meaning(("fade to black", "fade to white", "fade through black"), ("dip",)),
    Meaning(("glow", "bloom", "dreamy look"), ("glow", "halo")),
    Meaning(("noise reduction", "grain removal", "degrain"), ("denoise", "clean", "median")),
    Meaning(("color correction", "colour correction", "color grading", "colour grading", "wheels"),
            ("lift_gamma_gain", "cdl", "white_balance", "curves")),
    Meaning(("temperature", "tint", "warm", "warmer", "cool", "cooler"), ("white_balance",)),
    Meaning(("teal and orange", "duotone"), ("split_tone", "color_balance")),
    Meaning(("cube file", "3d lut", "color lookup"), ("lut",)),
    Meaning(("test pattern", "test card", "smpte bars"), ("color_bars", "zone_plate")),
    Meaning(("louder", "quieter", "volume", "gain"), keys=("volume",)),
    Meaning(("lens correction", "distortion", "gopro", "barrel"), ("lens", "fisheye")),
    Meaning(("spotlight", "dark corners"), ("vignette", "ellipse")),
)  # fmt: skip


def meaning(words: str) -> Meaning | None:
    """The meaning of a phrase; case, hyphens and underscores do not count."""
    phrase = " ".join(words.lower().replace("-", " ").replace("_", " ").split())
    return next((entry for entry in MEANINGS if phrase in entry.phrases), None)
