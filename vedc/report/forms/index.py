"""The form of each command's JSON, by the command."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from vedc.errors import UsageError
from vedc.report.forms import media, review, specs, tools, words
from vedc.report.forms.problems import FAILURE
from vedc.report.forms.shape import Form
from vedc.support.suggest import did_you_mean

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

#: What ``vedc COMMAND --json`` prints, by the command; ``failure`` is what any prints that fails.
FORMS: Final[Mapping[str, Form]] = {
    "render": specs.RENDER,
    "still": specs.RENDERED,
    "validate": specs.VALIDATE,
    "config": specs.CONFIG,
    "plan": specs.PLAN,
    "lock": specs.LOCK,
    "explain": words.EXPLAINED,
    "explain --at": specs.DECISIONS,
    "ops": words.OPS,
    "probe": media.PROBE,
    "shots": media.SHOTS,
    "keyframes": media.KEYFRAMES,
    "noise": media.NOISE,
    "silence": media.SILENCE,
    "beats": media.BEATS,
    "words": media.WORDS,
    "find": media.SAID,
    "strip": media.STRIP,
    "align": media.ALIGNMENT,
    "scopes": media.SCOPES,
    "check": review.CHECK,
    "check --list": review.CHECK_LIST,
    "diff": review.DIFF,
    "storyboard": review.STORYBOARD,
    "test": review.TESTED,
    "migrate": review.MIGRATED,
    "preview": review.PREVIEW,
    "batch": tools.BATCH,
    "template ls": tools.TEMPLATES,
    "template check": tools.TRIED,
    "template docs": tools.TEMPLATE,
    "import": tools.LOSSES,
    "export": tools.LOSSES,
    "grade fit": tools.GRADE_FIT,
    "grade match": tools.GRADE_MATCH,
    "grade learn": tools.GRADE_LEARN,
    "effects fit": tools.EFFECTS_FIT,
    "learn": tools.LEARNED,
    "model ls": tools.MODELS,
    "model info": tools.MODEL,
    "model verify": tools.VERIFIED,
    "cache ls": tools.STORED,
    "doctor": tools.DOCTOR,
    "failure": FAILURE,
}


def schema_of(command: str) -> Form:
    """The JSON Schema of a command's output. Raises UsageError ``unknown-command``."""
    name = " ".join(command.split()).removeprefix("vedc ")
    if name not in FORMS:
        near = did_you_mean(name, FORMS)
        message = f"no JSON of a command {command!r} is known" + (
            f"; did you mean {near!r}?" if near else ""
        )
        raise UsageError.one("unknown-command", message, hint=f"there are {', '.join(FORMS)}")
    return {"$schema": DIALECT, "title": f"vedc {name} --json", **FORMS[name]}


def schemas() -> dict[str, Form]:
    """All of them, by command."""
    return {name: schema_of(name) for name in FORMS}
