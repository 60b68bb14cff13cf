"""The renditions of an adaptive stream: each is an output with its own size and settings."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Final

from vedc.edit.model import Profile
from vedc.edit.times import round_half_up
from vedc.lang.keys.settings import RENDITION_SIZES
from vedc.lang.yaml.tree import Problems, SpecNode

#: Seconds that a segment of a stream may last.
SHORTEST: Final = Fraction(1)
LONGEST: Final = Fraction(60)


def renditions(output: SpecNode) -> list[SpecNode | None]:
    """The entries of an output's ladder; a single None for an output without one."""
    ladder = output.get("ladder")
    if ladder is None:
        return [None]
    return [rung for rung in ladder if not rung.broken] or [None]


def with_rendition(output: SpecNode, rung: SpecNode | None) -> SpecNode:
    """An output with the settings of one of its renditions in place of its own."""
    if rung is None:
        return output
    own = {key: value for key, value in rung.entries.items() if key != "size"}
    entries = dict(output.entries)
    if {"crf", "bitrate"} & own.keys():
        entries.pop("crf", None)
        entries.pop("bitrate", None)
    return output.with_value({**entries, **own})


def sized(profile: Profile, rung: SpecNode | None) -> Profile:
    """The canvas of a rendition: the output's, scaled to the named shorter side."""
    if rung is None:
        return profile
    side = RENDITION_SIZES[rung["size"].text]
    ratio = Fraction(side, min(profile.width, profile.height))
    width, height = (
        side if length * ratio == side else max(2, 2 * round_half_up(length * ratio / 2))
        for length in (profile.width, profile.height)
    )
    return replace(profile, width=width, height=height)


def check_segment(node: SpecNode, seconds: Fraction, problems: Problems) -> Fraction:
    """The length of segments; reported if players do not accept it."""
    if not SHORTEST <= seconds <= LONGEST:
        message = f"segments last {SHORTEST} to {LONGEST} s, not {float(seconds):g} s"
        problems.add("out-of-range", message, node, "write segment: 4s")
    return seconds


def check_ladder(
    output: SpecNode, profile: Profile | None, problems: Problems, warnings: Problems
) -> None:
    """Report renditions of equal size, and warn about those larger than the output.

    ``profile`` is the output's canvas; None for a draft.
    """
    seen: set[str] = set()
    for rung in renditions(output):
        if rung is None:
            continue
        size = rung["size"]
        if size.text in seen:
            message = f"the ladder has two renditions of {size.text}"
            problems.add("same-rendition", message, size, "leave one of them out")
        seen.add(size.text)
        own = min(profile.width, profile.height) if profile is not None else 0
        if 0 < own < RENDITION_SIZES[size.text]:
            message = f"{size.text} is larger than the film, which is {own}p, and shows no more"
            hint = "leave it out, or make the profile larger"
            warnings.warn("larger-than-film", message, size, hint)
