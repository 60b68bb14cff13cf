"""The forms of reports on finished films: checks before delivery, and comparisons."""

from __future__ import annotations

from typing import Final

from vedc.report.forms.problems import PROBLEM
from vedc.report.forms.shape import (
    anything,
    choice,
    count,
    flag,
    integer,
    listing,
    maybe,
    named,
    number,
    record,
    text,
)

_FRAMES: Final = listing(count(), "[first, end].", least=2, most=2)

FINDING: Final = record(
    {
        "check": text("Its name, as --check takes it."),
        "severity": choice("", "error", "warning", "note"),
        "message": text("What was found."),
        "start": maybe(number("Seconds.")),
        "end": maybe(number("Seconds.")),
        "frames": maybe(_FRAMES),
        "measured": maybe(number()),
        "limit": maybe(number("What it is held against.")),
        "unit": maybe(text()),
        "cure": maybe(text("What to do about it.")),
        "explained": maybe(text("Why the spec wants it so; it is then a note.")),
        "file": maybe(text("The spec, where it says so.")),
        "line": maybe(integer("", 1)),
        "column": maybe(integer("", 1)),
    }
)
_WHY: Final = record({"check": text(), "why": text()})
CHECK: Final = record(
    {
        "version": integer("Of this format.", 1, 1),
        "file": text("As it was named."),
        "passed": flag(),
        "errors": count(),
        "warnings": count(),
        "films": listing(
            record(
                {
                    "path": text(),
                    "target": maybe(text()),
                    "duration": maybe(number("Seconds.", 0)),
                    "frame_rate": maybe(text("A fraction in text.")),
                    "measured": named(maybe(number()), "What was measured, by name."),
                    "checks": listing(text(), "The checks that were made."),
                    "not_made": listing(_WHY),
                    "findings": listing(FINDING, "In order of time."),
                }
            )
        ),
        "not_checked": listing(
            record({"path": text(), "why": text()}), "Outputs that were left out."
        ),
    }
)
CHECK_LIST: Final = listing(
    record(
        {
            "check": text(),
            "summary": text(),
            "needs": text(),
            "how": text(),
            "source": text(),
            "limits": listing(
                record(
                    {
                        "name": text(),
                        "default": maybe(number()),
                        "unit": text(),
                        "doc": text(),
                    }
                )
            ),
        }
    )
)

_PLACE: Final = maybe(record({"file": text(), "line": integer("", 1), "column": integer("", 1)}))
_CHANGE: Final = record(
    {
        "kind": choice("", "added", "removed", "changed", "moved"),
        "path": text("Where it is in the spec."),
        "old_path": maybe(text()),
        "before": anything(),
        "after": anything(),
        "before_at": _PLACE,
        "after_at": _PLACE,
    }
)
_SETTING: Final = record({"name": text(), "before": maybe(text()), "after": maybe(text())})
STRETCH: Final = record(
    {
        "kind": choice("", "changed", "inserted", "removed"),
        "before": _FRAMES,
        "after": _FRAMES,
        "start": number("Seconds."),
        "length": number("Seconds.", 0),
    },
    optional={
        "psnr": maybe(number("dB; null where frames are equal.")),
        "ssim": number(),
        "largest": number("The largest difference, in code values."),
        "bits": count(),
        "worst": count("The frame that differs most."),
        "worst_psnr": maybe(number("dB.")),
    },
)
_CANVAS: Final = maybe(
    record({"width": count(), "height": count(), "fps": text(), "pix_fmt": text()})
)
_TIMES: Final = listing(number(), "[start, end] in seconds.", least=2, most=2)
DIFF: Final = record(
    {
        "version": integer("Of this format.", 1, 1),
        "before": text(),
        "after": text(),
        "same": flag(),
        "spec": listing(_CHANGE, "What changed in the spec."),
        "settings": listing(_SETTING, "What changed about the film as a whole."),
        "outputs": listing(_SETTING),
        "frame_rate": text("A fraction in text."),
        "frames": record({"before": count(), "after": count()}),
        "canvas": record({"before": _CANVAS, "after": _CANVAS}),
        "compared": flag("Whether frames were drawn and measured."),
        "scaled": flag("Whether pictures were brought to one form to be compared."),
        "min_psnr": maybe(number("Frames this close count as the same; null: only equal ones.")),
        "drawn": count("Frames that were drawn."),
        "can_differ": listing(STRETCH, "What can differ by the plans."),
        "stretches": listing(STRETCH, "What differs."),
        "moved": listing(record({"before": _FRAMES, "after": _FRAMES})),
        "sound": listing(
            record(
                {
                    "before": _TIMES,
                    "after": _TIMES,
                    "level_before": maybe(number("dB of full scale.")),
                    "level_after": maybe(number("dB of full scale.")),
                    "level_difference": maybe(number("dB of full scale.")),
                }
            )
        ),
        "sound_compared": flag(),
        "captions": listing(
            record(
                {
                    "kind": choice("", "added", "removed", "changed"),
                    "language": maybe(text()),
                    "start": number(),
                    "end": number(),
                    "before": maybe(text()),
                    "after": maybe(text()),
                }
            )
        ),
    }
)

STORYBOARD: Final = record(
    {
        "version": integer("Of this format.", 1, 1),
        "output": text("The file whose film is described."),
        "frame_rate": text("A fraction in text."),
        "frames": count("Of the film."),
        "shots": listing(
            record(
                {
                    "start": number("Seconds.", 0),
                    "end": number("Seconds.", 0),
                    "frames": _FRAMES,
                    "frame": count("The frame that stands for it."),
                    "track": text(),
                    "name": text("Its file, or what is in place of one."),
                    "source": maybe(_TIMES),
                    "transition": text("What leads to it; `start` after a gap."),
                    "transition_length": number("Seconds.", 0),
                    "titles": listing(text(), "Texts that are seen while it is."),
                    "grade": listing(text()),
                    "effects": listing(text()),
                }
            ),
            "In the order in which they begin.",
        ),
    }
)
TESTED: Final = record(
    {
        "version": integer("Of this format.", 1, 1),
        "passed": flag(),
        "cases": listing(
            record(
                {
                    "spec": text(),
                    "case": maybe(text()),
                    "status": choice("", "passed", "failed", "error", "missing", "updated"),
                    "seconds": number("Wall time.", 0),
                    "checks": listing(
                        record({"name": text(), "passed": flag(), "failure": maybe(text())})
                    ),
                    "problems": listing(PROBLEM),
                    "picture": maybe(text("Expected, actual and difference.")),
                    "written": listing(text()),
                }
            )
        ),
    }
)
MIGRATED: Final = record(
    {
        "version": integer("Of this format.", 1, 1),
        "specs": listing(
            record(
                {
                    "spec": text(),
                    "version": maybe(integer("Of the language that it had.")),
                    "changed": flag(),
                    "notes": listing(text(), "What was rewritten."),
                }
            )
        ),
    }
)
PREVIEW: Final = record({"address": text("With its token."), "port": count()})
