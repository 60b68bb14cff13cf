"""The forms of reports on media files: probe, shots, pauses, beats, noise, alignment."""

from __future__ import annotations

from typing import Final

from vedc.report.forms.shape import (
    choice,
    count,
    flag,
    integer,
    listing,
    maybe,
    number,
    record,
    share,
    step,
    text,
)

_BOUNDARY: Final = choice("How it begins.", "start", "cut", "dissolve", "fade", "wipe", "slide")
_FRAMES: Final = listing(count(), "The range in frames: [first, end].", least=2, most=2)
_RANGE: Final = {
    "start": number("Seconds.", 0),
    "end": number("Seconds: the first moment after the range.", 0),
    "frames": _FRAMES,
}
_RATE: Final = text("Frames per second, a fraction in text.")

SHOT: Final = record(
    {
        **_RANGE,
        "frame": count("The key frame, which represents the shot."),
        "type": _BOUNDARY,
        "transition": maybe(record(_RANGE, "The frames that show both shots; null without any.")),
        "score": share("How sure the detector is of this boundary."),
    }
)
SHOTS: Final = record(
    {
        "version": integer("Of this format.", 1, 1),
        "file": text("As it was named."),
        "frame_rate": _RATE,
        "frames": count("Length of the picture."),
        "duration": number("Length in seconds.", 0),
        "detector": record(
            {"name": choice("", "network", "classical", "transnet")},
            "What the shots depend on.",
            optional={"weights": text("SHA-256."), "package": text("Name and version.")},
        ),
        "shots": listing(SHOT, "In order; together they hold every frame exactly once."),
    }
)
KEYFRAMES: Final = listing(
    record(
        {
            "time": number("Seconds.", 0),
            "frame": count(),
            "shot": integer("Number of its shot, from 1.", 1),
            "covers": share("Share of the film that it represents."),
            "score": share("Quality of the frame: sharp, still, well exposed."),
        }
    )
)
NOISE: Final = record(
    {
        "version": integer("Of this format.", 1, 1),
        "file": text("As it was named."),
        "frame_rate": _RATE,
        "shots": listing(
            record(
                {
                    **_RANGE,
                    "noise": maybe(number("Standard deviation, where white is 1.", 0)),
                    "still": maybe(share("Share of the picture that holds still.")),
                    "effect": maybe(step("What takes it out, as a spec writes it.")),
                }
            )
        ),
    }
)
PAUSE: Final = record(
    {
        "start": _RANGE["start"],
        "end": _RANGE["end"],
        "type": choice("A pause, or what is kept.", "silence", "sound", "speech"),
        "level": maybe(number("Mean level of a silence in dB of full scale.")),
    }
)
SILENCE: Final = listing(PAUSE, "Ranges that cover the file from its start to its end.")
BEATS: Final = record(
    {
        "version": integer("Of this format.", 1, 1),
        "file": text("As it was named."),
        "tempo": maybe(number("Beats a minute; null with fewer than two beats.", 0)),
        "beats": listing(record({"time": number("Seconds.", 0), "strength": share()})),
    }
)
_SPOKEN: Final = {
    "text": text(),
    "start": number("Seconds of the file."),
    "end": number("Seconds of the file."),
}
_SPEAKER: Final = maybe(text("Who speaks, where a script names them."))
_WORDS: Final = listing(
    record(
        {
            **_SPOKEN,
            "probability": share("How probable it is that this was said there."),
            "speaker": _SPEAKER,
        }
    )
)
WORDS: Final = record(
    {
        "version": integer("Of this format.", 1, 1),
        "file": text("As it was named."),
        "engine": text("The engine that recognised the words, with its version."),
        "language": text("ISO 639-1."),
        "words": _WORDS,
        "phrases": listing(record({**_SPOKEN, "speaker": _SPEAKER})),
    }
)
STRIP: Final = record(
    {
        "version": integer("Of this format.", 1, 1),
        "file": text("The file or the spec, as it was named."),
        "start": number("Seconds.", 0),
        "end": number("Seconds.", 0),
        "words": _WORDS,
        "unheard": maybe(text("Why no words were looked for.")),
        "shots": listing(
            record(
                {
                    "start": number("Seconds.", 0),
                    "end": number("Seconds.", 0),
                    "label": text("How the shot begins and, in a film, what it shows."),
                }
            )
        ),
        "cuts": listing(
            record(
                {
                    "time": number("Seconds.", 0),
                    "score": share("How good a place to cut it is."),
                    "why": choice("", "pause", "shot"),
                }
            )
        ),
    }
)
SAID: Final = record(
    {
        "version": integer("Of this format.", 1, 1),
        "text": text("What was looked for."),
        "hits": listing(
            record(
                {
                    "file": text("As it was named."),
                    **_SPOKEN,
                    "score": share("How like the text it is."),
                    "phrase": text("The phrases that it is in."),
                }
            )
        ),
    }
)
ALIGNMENT: Final = listing(
    record(
        {
            "start": _RANGE["start"],
            "end": _RANGE["end"],
            "origin": choice("", "raw", "black", "still", "foreign"),
            "file": maybe(text("The raw file.")),
            "in": maybe(number("Where the range begins in the raw file, in seconds.")),
            "speed": maybe(number("Seconds of the raw file per second of the film.")),
            "type": _BOUNDARY,
            "score": share("How sure the match is."),
        }
    )
)

_COLOR: Final = record(
    {
        "primaries": text(),
        "transfer": text(),
        "matrix": text(),
        "range": choice("", "limited", "full"),
    }
)
_VIDEO: Final = record(
    {
        "width": count("As stored."),
        "height": count("As stored."),
        "sar": text("Shape of a pixel, a fraction in text."),
        "rotation": {"type": "integer", "enum": [0, 90, 180, 270]},
        "pix_fmt": text("As stored."),
        "format": text("As the reader delivers it."),
        "rate": _RATE,
        "color": _COLOR,
        "tagged": flag("Whether the colour is tagged, not guessed."),
        "codec": text(),
        "time_base": text("A fraction in text."),
        "frames": maybe(count("If the container says.")),
        "stream": count("Index among the video streams."),
        "length": maybe(number("Seconds to the end of the last frame.", 0)),
        "mirrored": flag(),
        "peak": maybe(number("Largest light in cd/m2, of HDR.", 0)),
        "scan": choice("", "progressive", "top-first", "bottom-first"),
        "scan_by": choice("How that is known.", "frames", "file", "pictures"),
        "pulldown": choice("", "none", "soft", "hard"),
        "hidden": maybe(listing(count(), "Left, right, top, bottom.", least=4, most=4)),
        "display_size": listing(count(), "[width, height] as shown.", least=2, most=2),
    }
)
_AUDIO: Final = record(
    {
        "rate": count("Samples a second."),
        "channels": count(),
        "layout": text(),
        "codec": text(),
        "start": number("Seconds from the file's zero to the first sample."),
        "duration": maybe(number("Seconds.", 0)),
        "stream": count("Index among the audio streams."),
    }
)
_NOTE: Final = record(
    {
        "code": text(),
        "message": text("What was guessed, repaired or lost."),
        "hint": maybe(text()),
        "part": choice("", "file", "picture", "sound"),
    }
)
_STREAM: Final = record(
    {
        "kind": choice("", "video", "audio", "subtitle", "other"),
        "index": count("Among the streams of its kind: what `stream` takes."),
        "codec": text(),
        "language": maybe(text()),
        "title": maybe(text()),
        "default": flag(),
        "cover": flag("Cover art: never used as a clip."),
        "channels": maybe(count()),
    }
)
_MADE_BY: Final = record(
    {
        "version": text("Of vedc."),
        "spec": text("File name of the spec."),
        "spec_digest": text(),
        "plan_digest": text(),
        "content_digest": text(),
    }
)
PROBE: Final = record(
    {
        "path": text(),
        "size": count("Bytes."),
        "mtime_ns": integer(),
        "kind": choice("", "video", "audio", "image"),
        "container": text(),
        "duration": maybe(number("Seconds.", 0)),
        "video": maybe(_VIDEO),
        "audio": maybe(_AUDIO),
        "ctime_ns": integer(),
        "inode": integer(),
        "notes": listing(_NOTE),
        "no_picture": maybe(_NOTE),
        "no_sound": maybe(_NOTE),
        "joins": listing(
            record({"position": count("Bytes."), "offset": number(), "time": number()}),
            "Where further parts of a joined file begin.",
        ),
        "streams": listing(_STREAM),
        "made_by": maybe(_MADE_BY),
    }
)
_LEVELS: Final = record(
    {
        **{name: number() for name in ("min", "p5", "median", "p95", "max", "mean")},
        "below": share("Share of the pixels below 0."),
        "above": share("Share of the pixels above 1."),
        "histogram": listing(share(), least=64, most=64),
    }
)
_TARGET: Final = record({"cb": number(), "cr": number()})
SCOPES: Final = record(
    {
        "file": text(),
        "time": maybe(number("Seconds; null for a still.", 0)),
        "width": count(),
        "height": count(),
        "bits": count(),
        "matrix": text(),
        "transfer": maybe(text()),
        "range": choice("", "limited", "full"),
        "codes": record({"black": number(), "white": number()}),
        "levels": record(dict.fromkeys(("luma", "red", "green", "blue"), _LEVELS)),
        "chroma": record({name: number() for name in ("cb", "cr", "angle", "saturation", "most")}),
        "targets": record(dict.fromkeys(("R", "Mg", "B", "Cy", "G", "Yl"), _TARGET)),
    }
)
