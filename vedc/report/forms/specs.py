"""The forms of reports on specs: checks, plans, renders, decisions."""

from __future__ import annotations

from typing import Final

from vedc.report.forms.problems import WARNINGS
from vedc.report.forms.shape import (
    anything,
    choice,
    count,
    either,
    flag,
    integer,
    listing,
    maybe,
    named,
    number,
    record,
    text,
)

CHECKED: Final = record(
    {
        "output": text("Path of the file."),
        "frames": maybe(count("Pictures that it shows; null while decisions are open.")),
        "width": count(),
        "height": count(),
        "fps": text("A fraction in text."),
        "undecided": listing(text(), "Decisions that a render would make."),
        "warnings": WARNINGS,
    }
)
VALIDATE: Final = listing(CHECKED, "One for each output.")

_LOUDNESS: Final = record(
    {"integrated": number("LUFS."), "range": number("LU."), "true_peak": number("dBTP.")}
)
RENDERED: Final = record(
    {
        "target": text("Path of the file."),
        "frames": count(),
        "segments": count(),
        "rendered_segments": count("The others came from the store, or were copied."),
        "rendered_frames": count(),
        "composed_frames": count("Frames of compositions that were drawn."),
        "decoded_frames": count("Frames of sources."),
        "copied_frames": count("Frames whose packets were copied from their source."),
        "copied_seconds": number("Their length.", 0),
        "rendered_sound": flag(),
        "seconds": maybe(number("Length of an output of sound alone.", 0)),
        "rendition": maybe(text("Size of a rendition of a stream, such as 1280x720.")),
        "pages": maybe(listing(text(), "Files of a contact sheet.")),
        "loudness": maybe(named(anything(), "What was done to reach the loudness asked for.")),
        "warnings": WARNINGS,
    }
)
RENDER: Final = listing(RENDERED, "One for each output.")

_STEP: Final = record(
    {"size": text("Width x height."), "reason": text("Why it is a step of its own.")},
    "A kernel, a filter or a network.",
    optional={
        "kernel": text("Digest."),
        "ops": listing(text()),
        "remembered_colours": count(),
        "operations": named(count(), "Operations per pixel, by stage of the optimiser."),
        "uniforms": count(),
        "tables": count(),
        "planes": text(
            "Of a filter: the format whose planes it is given as they are decoded. Of a kernel: "
            "its own format, where each plane is made of that of the inputs. Else empty."
        ),
        "filter": text(),
        "network": text(),
        "op": text(),
        "window": listing(integer(), "Frames before and after.", least=2, most=2),
        "weights": text(),
        "arguments": named(anything()),
        "gmac": number(),
        "backend": text(),
        "frames_per_second": number("Of the network alone.", 0),
        "tiles": count(),
        "memory": count("Bytes; 0 where it is not known."),
    },
)
_PIECE: Final = record(
    {
        "start": count("Frame."),
        "frames": count(),
        "steps": listing(_STEP),
        "ops": listing(text(), "`copy` alone: nothing is computed."),
        "inputs": listing(record({"input": text(), "reason": text("Why it is not fused.")})),
    }
)
_SEGMENT: Final = record(
    {
        "index": count(),
        "start": count("Frame."),
        "frames": count(),
        "key": text("Names its content."),
        "stored": flag("Whether a render takes it from the store."),
        "copied": maybe(
            record(
                {
                    "source": text("Name of a file."),
                    "digest": text(),
                    "frame": count("The first one, of the source."),
                },
                "What its packets are copied from, if it is not encoded.",
            )
        ),
        "pieces": listing(_PIECE),
    }
)
_SOUND: Final = record(
    {
        "key": text(),
        "stored": flag(),
        "codec": text(),
        "rate": count(),
        "channels": count(),
        "samples": count(),
        "pieces": count(),
    }
)
PLANNED: Final = record(
    {
        "target": text("Path of the file."),
        "digest": text(),
        "form": choice("", "film", "sound", "picture", "sequence", "animation", "stream", "sheet"),
        "seconds": number("", 0),
        "frames": count(),
        "chapters": listing(
            record({"start": count("Frame."), "seconds": number(), "name": text()})
        ),
        "captions": listing(record({"codec": text(), "language": maybe(text()), "cues": count()})),
        "compositions": listing(named(anything())),
        "looks": listing(record({"path": text(), "digest": text(), "holds": listing(text())})),
        "segments": listing(_SEGMENT),
        "sound": maybe(_SOUND),
        "device": text(),
        "fallbacks": listing(text(), "What is drawn in place of ops without their weights."),
    },
    optional={
        "width": count(),
        "height": count(),
        "fps": text("A fraction in text."),
        "codec": text(),
        "encoder": text(),
        "pix_fmt": text(),
        "options": named(anything(), "Of the encoder."),
        "passes": count(),
        "copied_frames": count("Frames whose packets are copied from their source."),
        "uncopied": listing(
            record({"source": text("Name of a file."), "reason": text()}),
            "Sources that are shown as they are, but have to be encoded.",
        ),
        "color": named(anything(), "How colours are managed, where a config does."),
        "listing": text("With --full."),
        "trace": listing(anything(), "With --trace."),
    },
)
PLAN: Final = listing(PLANNED, "One for each output.")

CONFIG: Final = record(
    {"version": integer("Of the language.", 1)}, "The canonical spec: see `vedc schema`."
)
LOCK: Final = listing(
    record(
        {
            "name": text(),
            "decided": flag("Whether it was made now."),
            "edited": flag("Whether somebody changed it."),
            "media": named(text(), "Digests by file."),
            "by": named(text(), "What made it, with versions."),
            "items": listing(
                record(
                    {
                        "item": anything("As a spec writes it."),
                        "score": maybe(number()),
                        "for": listing(text()),
                        "against": listing(text()),
                        "instead": listing(text(), "Alternatives."),
                        "removed": listing(text(), "What was taken out before it."),
                        "edited": flag(),
                    },
                    optional={"clip": text(), "shot": text()},
                )
            ),
        }
    )
)
DECISIONS: Final = record(
    {
        "spec": text(),
        "time": number("Seconds.", 0),
        "decisions": listing(
            record(
                {
                    "asked_by": text(),
                    "item": named(anything()),
                    "begin": number("Seconds."),
                    "end": number("Seconds."),
                    "score": maybe(number()),
                    "reasons": listing(
                        record({"name": text(), "points": number(), "value": text()})
                    ),
                    "instead": listing(text(), "Alternatives."),
                    "removed": listing(text(), "What was taken out before it."),
                    "edited": flag(),
                    "by": named(text()),
                },
                optional={"change": number("Of a grade: mean CIEDE2000 on the frame.", 0)},
            )
        ),
        "picks": listing(
            record(
                {
                    "transition": text(),
                    "begin": number(),
                    "end": number(),
                    "seed": either(integer(), text()),
                    "candidates": anything(),
                }
            )
        ),
        "words": listing(
            record(
                {
                    "asked_by": text(),
                    "file": text("The id of the clip's file."),
                    "line": text("The phrase that is said at that time."),
                    "speaker": maybe(text("Who says it, where a script names them.")),
                    "start": number("Seconds of the file."),
                    "end": number("Seconds of the file."),
                    "word": maybe(text("The word of it; null between two.")),
                    "certain": flag("Whether that word is probable."),
                    "edited": flag(),
                    "by": named(text()),
                }
            ),
            "What captions made of speech show.",
        ),
    }
)
