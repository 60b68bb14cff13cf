"""The canvas of an edit: from the output, else the profile, else the first clip."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Final, NamedTuple

from vedc.color import (
    CANVAS_COLORS,
    HDR_TRANSFERS,
    MATRICES,
    PRIMARIES,
    SDR_VIDEO_TRANSFERS,
    SPECIAL_MATRICES,
    Color,
)
from vedc.edit.lengths import ratio
from vedc.edit.model import Profile
from vedc.edit.times import parse_rate, round_half_up
from vedc.lang.keys.settings import PROFILE, TRANSFERS
from vedc.lang.yaml.tree import ANY, Problems, SpecNode
from vedc.support.lazy_dataclass import dataclass

#: The canvas if neither the spec nor a clip sets one.
FALLBACK_SIZE: Final = (1920, 1080)
FALLBACK_RATE: Final = Fraction(30)
_CANVAS_TRANSFERS: Final = frozenset({*SDR_VIDEO_TRANSFERS, "iec61966-2-1"})


class Picture(NamedTuple):
    """A picture that may set the canvas."""

    size: tuple[int, int]
    """Width and height as shown."""
    rate: Fraction
    color: Color
    """What its samples mean."""


@dataclass(frozen=True, slots=True)
class Canvas:
    """The canvas for which a timeline is resolved."""

    profile: Profile
    designed: Profile
    """The canvas of the spec, whose pixels and frames are the units of lengths and times."""
    size_known: bool = True
    """False if a reported error hides it."""
    rate_known: bool = True

    @property
    def rate(self) -> Fraction:
        """Frames a second of the times that the spec gives in frames."""
        return self.designed.fps

    @property
    def design(self) -> Fraction:
        """The scale of the design relative to the spec."""
        sizes = ((p.width, p.height) for p in (self.profile, self.designed))
        return ratio(*sizes)

    def managed_as(self, film: Canvas) -> Canvas:
        """The same canvas with the film's colour management."""
        if self.profile.management == film.profile.management:
            return self
        managed = film.profile.management
        profile = replace(self.profile, management=managed)
        if managed is not None:
            profile = replace(profile, color=managed.color)
        return replace(self, profile=profile)

    def within(self, own: SpecNode | None) -> Canvas:
        """The canvas of a composition in this one, which fills in what its profile does not set.

        A composition with its own size has it in every output, as a file has.
        """
        if own is None:
            return self
        profile, designed = self.profile, self.designed
        if "fps" in own:
            rate = parse_rate(own["fps"].value)
            profile, designed = replace(profile, fps=rate), replace(designed, fps=rate)
        if "color" in own:
            color = CANVAS_COLORS[own["color"].text]
            profile, designed = replace(profile, color=color), replace(designed, color=color)
        if "width" in own or "height" in own:
            width, height = _sized(own, designed.width, designed.height)
            profile = replace(profile, width=width, height=height)
            designed = replace(designed, width=width, height=height)
        return Canvas(
            profile,
            designed,
            all(is_known([own], key, self.size_known) for key in ("width", "height")),
            is_known([own], "fps", self.rate_known),
        )


def canvas(profile: SpecNode | None, output: SpecNode, first: Picture | None) -> Profile:
    """``first`` is the first clip's.

    A width without a height (or the reverse) keeps the proportions of what it overrides.
    """
    width, height = _made_even(first.size) if first else FALLBACK_SIZE
    rate = first.rate if first else FALLBACK_RATE
    color = first.color if first and _shows(first.color) else CANVAS_COLORS["bt709"]
    layers = (profile or SpecNode({}), output)
    profile = layers[0]
    for layer in layers:
        width, height = _sized(layer, width, height)
        if (fps := layer.get("fps")) is not None:
            rate = parse_rate(fps.value)
    if (name := profile.get("color")) is not None:
        color = CANVAS_COLORS[name.text]
    return Profile(
        width=width,
        height=height,
        fps=rate,
        color=color,
        sample_rate=_integer(layers, "sample_rate"),
        channels=_integer(layers, "channels"),
    )


def drafted(profile: Profile, scale: Fraction) -> Profile:
    """A canvas of another size, rounded to even."""
    if scale == 1:
        return profile
    sides = profile.width, profile.height
    width, height = (max(2, 2 * round_half_up(side * scale / 2)) for side in sides)
    return replace(profile, width=width, height=height)


def is_known(layers: Sequence[SpecNode], key: str, certain: bool) -> bool:
    """Whether a key of the canvas is known: given, or taken from a first clip that is ``certain``.

    It is not if it was removed from the ``profile`` or the output as wrong.
    """
    for layer in reversed(layers):
        if key in layer:
            return True
        if layer.lost & {key, ANY, "profile"}:
            return False
    return certain


def _shows(color: Color) -> bool:
    """Whether a canvas can have a source's colour: a display's, not a camera's or HDR."""
    return (
        color_problem(color) is None
        and color.transfer in _CANVAS_TRANSFERS
        and color.matrix not in SPECIAL_MATRICES
    )


def _integer(layers: Sequence[SpecNode], key: str) -> int:
    found = next((layer[key] for layer in reversed(layers) if key in layer), None)
    value = found.value if found is not None else PROFILE.keys[key].default
    assert isinstance(value, int)
    return value


def _made_even(size: tuple[int, int]) -> tuple[int, int]:
    """Rounded up to even, so that no pixel is lost: a size that 4:2:0 can hold."""
    width, height = size
    return width + width % 2, height + height % 2


def _sized(layer: SpecNode, width: int, height: int) -> tuple[int, int]:
    given_width, given_height = layer.get("width"), layer.get("height")
    if given_width is not None and given_height is not None:
        return int(given_width.number), int(given_height.number)
    if given_width is not None:
        wide = int(given_width.number)
        return wide, max(2, 2 * round_half_up(Fraction(wide * height, width * 2)))
    if given_height is not None:
        high = int(given_height.number)
        return max(2, 2 * round_half_up(Fraction(high * width, height * 2))), high
    return width, height


def source_color(tagged: Color, overrides: SpecNode | None) -> Color:
    """The meaning of a file's samples: its tags, with overrides of the spec."""
    if overrides is None:
        return tagged
    given = {key: node.text for key, node in overrides.entries.items()}
    if given.pop("space", None) is not None:  # in place of its tags for these
        given |= {"primaries": "bt709", "transfer": "bt709"}
    return tagged.with_(**given)


def color_problem(color: Color) -> tuple[str, str] | None:
    """Code and reason why a source's colour cannot be read yet; None where it can."""
    if color.transfer not in TRANSFERS:
        return "unknown-color", f"its transfer {color.transfer!r} is not known"
    if color.primaries not in PRIMARIES:
        return "unknown-color", f"its primaries {color.primaries!r} are not known"
    ictcp_of = color.matrix != "ictcp" or color.transfer in HDR_TRANSFERS
    if color.matrix not in {*MATRICES, *SPECIAL_MATRICES, "rgb"} or not ictcp_of:
        return "unknown-color", f"its matrix {color.matrix!r} is not known"
    return None


def check_color(color: Color, name: str, at: SpecNode, problems: Problems) -> None:
    """Report a source whose colour cannot be read."""
    problem = color_problem(color)
    if problem is None:
        return
    code, reason = problem
    hint = "if its tags are wrong, say so: assets: {name: {src: ..., color: {transfer: bt709}}}"
    problems.add(code, f"{name!r} cannot be used: {reason}", at, hint)
