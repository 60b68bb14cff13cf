"""What `vedc explain` says of a preset of text animations, as text and as data."""

from __future__ import annotations

from typing import Any, Final

from vedc.edit.text_motion import PRESETS, Preset
from vedc.report.ops.explain import wrapped

#: Prefix for an animation whose name an op also has.
PREFIX: Final = "animate:"


def find_animation(name: str) -> str | None:
    """The preset that a name means, if there is one."""
    word = name.removeprefix(PREFIX)
    return word if word in PRESETS else None


def animation_data(name: str) -> dict[str, Any]:
    """All facts about a preset, as JSON."""
    preset = PRESETS[name]
    return {
        "name": name,
        "kind": "text animation",
        "summary": preset.doc,
        "by": preset.by,
        "duration": preset.duration,
        "easing": preset.easing,
        "stagger": preset.stagger,
        "example": _example(name),
    }


def animation_text(name: str) -> str:
    """The explanation for a terminal."""
    preset = PRESETS[name]
    lines = [f"{name}: text animation", "", *wrapped(f"The text {preset.doc}."), ""]
    for title, text in (
        ("Moves", _unit(preset)),
        ("Duration", f"{preset.duration:g} s for the whole text, but at most half of the item"),
        ("Easing", preset.easing),
        ("Stagger", f"{preset.stagger:g} of its time a unit waits for the one before"),
    ):
        lines += wrapped(text, f"  {title + ':':14}")
    lines += ["", "Example", "", f"  {_example(name)}"]
    return "\n".join(lines) + "\n"


def _unit(preset: Preset) -> str:
    return "all of the text" if preset.by == "all" else f"by {preset.by}"


def _example(name: str) -> str:
    return f"{{text: Spring in the valley, duration: 3s, animate: {{in: {name}, out: {name}}}}}"
