"""The forms of the other commands' output: grades, effects, batches, templates, networks."""

from __future__ import annotations

from typing import Final

from vedc.report.forms.problems import PROBLEM, WARNINGS
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
    share,
    step,
    text,
)
from vedc.report.forms.specs import RENDERED

_STEP: Final = step()
_SHARED: Final = record({"step": _STEP, "share": number("Of the difference that it explains.")})
_DOUBTS: Final = listing(text(), "What to know before using it, in sentences.")

GRADE_FIT: Final = record(
    {
        "raw": text(),
        "graded": text(),
        "steps": listing(_SHARED),
        "difference": record(
            {name: number("CIEDE2000.", 0) for name in ("untouched", "steps", "table")}
        ),
        "followed": share("Of the picture, that follows the grade."),
        "warnings": _DOUBTS,
    }
)
_SHARED_OR_NOT: Final = record({"step": _STEP, "share": maybe(number())})
GRADE_MATCH: Final = record(
    {
        "clip": text(),
        "to": text(),
        "shots": listing(
            record(
                {
                    "source": text("The stretch of the file; empty for a still."),
                    "steps": listing(_SHARED_OR_NOT),
                    "score": maybe(number()),
                    "reasons": listing(
                        record({"name": text(), "points": number(), "value": text()})
                    ),
                    "instead": listing(text()),
                }
            )
        ),
        "warnings": _DOUBTS,
    }
)
GRADE_LEARN: Final = record(
    {
        "folder": text(),
        "kind": choice("", "constant", "statistics"),
        "gain": number("Share of the difference that it takes away."),
        "difference": record(
            {"untouched": number(), "constant": number(), "statistics": maybe(number())}
        ),
        "checked": flag("Whether there was anything to leave out."),
        "shots": count(),
        "sources": count(),
        "statistics": listing(record({"name": text(), "change": number()})),
        "pairs": listing(record({"name": text(), "shots": count()})),
        "left_over": listing(record({"name": text(), "why": text()})),
        "warnings": _DOUBTS,
    }
)
EFFECTS_FIT: Final = record(
    {
        "raw": text(),
        "edit": text(),
        "effects": listing(record({"step": _STEP, "share": number(), "evidence": text()})),
        "grade": listing(_SHARED),
        "difference": record({name: number("", 0) for name in ("untouched", "grade", "all")}),
        "correlations": record(
            {
                "parameters": listing(text()),
                "matrix": listing(listing(number())),
                "grade": listing(number()),
            }
        ),
        "bars": listing(count(), "Rows and columns that were left out."),
        "warnings": _DOUBTS,
    }
)

_INTERVAL: Final = listing(number(), "A mean, and its 95 % interval.", least=3, most=3)
LEARNED: Final = record(
    {
        "style": text("Its file."),
        "card": text(),
        "digest": text(),
        "films": listing(
            record(
                {
                    "name": text(),
                    "spec": text("The spec that rebuilds it."),
                    "frames": count(),
                    "shots": count(),
                    "explained": number("Share of its frames that come from raw files.", 0, 1),
                    "psnr": maybe(number("Decibels between the rebuilt film and it.")),
                    "worst": maybe(number("Of the frame that is farthest.")),
                    "between": maybe(number("Decibels in transitions.")),
                    "difference": maybe(number("Mean CIEDE2000.", 0)),
                    "effects": listing(text()),
                }
            )
        ),
        "left_over": listing(record({"name": text(), "why": text()})),
        "parts": named(record({"kept": choice("", "learned", "default"), "why": text()})),
        "judged": named(
            record(
                {
                    "rows": count(),
                    "films": count(),
                    "likelihood": named(number(), "Mean log-likelihood of a row, by model."),
                    "gain": named(_INTERVAL, "Of the learned one over each rival."),
                    "measures": named(named(_INTERVAL)),
                }
            ),
            "On films left out, by what was learned.",
        ),
        "look": maybe(record({"skill": _INTERVAL, "difference": named(_INTERVAL)})),
        "habits": anything("What else was seen; not used."),
        "warnings": _DOUBTS,
    }
)

_STATUSES: Final = ("made", "unchanged", "checked", "refused", "failed", "left")
BATCH: Final = record(
    {
        "template": text(),
        "data": text(),
        "counts": record({status: count() for status in _STATUSES}),
        "seconds": number("Wall time of rendering.", 0),
        "rows": listing(
            record(
                {
                    "row": count("Its line, or the row of the sheet."),
                    "status": choice("", *_STATUSES),
                    "outputs": listing(
                        record({"path": text(), "duration": maybe(number("Seconds.", 0))})
                    ),
                    "films": listing(RENDERED),
                    "seconds": number("", 0),
                    "notes": listing(text()),
                    "problems": listing(PROBLEM),
                }
            )
        ),
    }
)
TEMPLATE: Final = record(
    {
        "template": text(),
        "summary": text(),
        "variables": named(named(anything()), "Their declarations, as in the spec."),
    }
)
TEMPLATES: Final = listing(TEMPLATE)
TRIED: Final = record({"template": text(), "tried": listing(text()), "warnings": WARNINGS})

_FILE: Final = {
    "name": text(),
    "file": text(),
    "bytes": count(),
    "digest": text(),
    "parameters": count(),
    "licence": text(),
    "notes": named(text()),
}
_SIDES: Final = listing(anything(), "Name, and the sides of the tensor.")
MODEL: Final = either(
    record(
        {
            **_FILE,
            "kind": choice("", "weights"),
            "arch": text(),
            "version": count(),
            "window": listing(count(), "Frames before and after.", least=2, most=2),
            "multiple": count("What sides are rounded up to."),
            "takes": listing(text()),
            "reach": count("Pixels."),
            "gmac_720p": number("", 0),
            "card": maybe(text()),
        }
    ),
    record(
        {
            **_FILE,
            "kind": choice("", "onnx"),
            "opset": count(),
            "producer": text(),
            "inputs": listing(_SIDES),
            "outputs": listing(_SIDES),
            "ops": named(count()),
        }
    ),
)
MODELS: Final = listing(MODEL)
VERIFIED: Final = listing(
    record({"name": text(), "checks": listing(text()), "problems": listing(text())})
)
STORED: Final = listing(
    record(
        {
            "key": text(),
            "kind": text(),
            "bytes": count(),
            "used": number("Seconds since 1970."),
            "meta": named(anything()),
        }
    )
)
DOCTOR: Final = named(text(), "By topic.")
LOSSES: Final = record(
    {
        "version": integer("Of this format.", 1, 1),
        "file": text(),
        "format": text(),
        "written": text(),
        "counts": named(count(), "Losses by severity."),
        "losses": listing(
            record(
                {
                    "severity": text(),
                    "path": maybe(text("Where it is in the spec.")),
                    "line": maybe(integer("", 1)),
                    "column": maybe(integer("", 1)),
                    "what": text("What is lost."),
                    "instead": text("What stands in its place."),
                },
            )
        ),
    }
)
