"""What ``vedc explain target:NAME`` says: every setting of a target, with its reason."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Final

from vedc.edit.timecode import brief
from vedc.errors import UsageError
from vedc.lang.keys.targets import TARGETS, Target
from vedc.report.ops.explain import wrapped
from vedc.support.suggest import did_you_mean

PREFIX: Final = "target:"


def find_target(name: str) -> Target:
    """The target of a name such as ``target:youtube``. Raises UsageError ``unknown-target``."""
    wanted = name.removeprefix(PREFIX)
    if wanted not in TARGETS:
        near = did_you_mean(wanted, TARGETS)
        message = f"vedc has no target {wanted!r}" + (f"; did you mean {near!r}?" if near else "")
        hint = f"there are {', '.join(TARGETS)}"
        raise UsageError.one("unknown-target", message, hint=hint)
    return TARGETS[wanted]


def _limits(target: Target) -> list[str]:
    limits = []
    if target.rates is not None:
        low, high = (f"{float(rate):.5g}" for rate in target.rates)
        limits.append(f"It takes {low} to {high} frames a second.")
    if target.seconds is not None:
        low, high = (brief(Fraction(seconds)) for seconds in target.seconds)
        limits.append(f"It takes films of {low} to {high}.")
    return limits


def target_data(target: Target) -> dict[str, Any]:
    """All facts about a target, as JSON."""
    return {
        "name": target.name,
        "kind": "target",
        "summary": target.summary,
        "settings": [
            {"key": each.key, "value": each.value, "reason": each.reason}
            for each in target.settings
        ],
        "notes": [*target.notes, *_limits(target)],
    }


def target_text(target: Target) -> str:
    """The explanation for a terminal."""
    lines = [f"{PREFIX}{target.name}", "", *wrapped(target.summary), ""]
    for each in target.settings:
        lines += wrapped(each.reason, f"  {f'{each.key}: {each.value}':24}  ")
    lines.append("")
    for note in [*target.notes, *_limits(target)]:
        lines += wrapped(note)
    keys = f"outputs: [{{path: film.mp4, target: {target.name}, crf: 20}}]"
    if "prores" in [each.value for each in target.settings]:
        keys = f"outputs: [{{path: film.mov, target: {target.name}, preset: standard}}]"
    lines += [
        "",
        *wrapped("A setting that the output gives itself takes the place of the target's:"),
    ]
    lines.append(f"  {keys}")
    return "\n".join(lines) + "\n"
