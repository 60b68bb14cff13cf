"""Effects of an output's target on the film, and limits exceeded: one line each."""

from __future__ import annotations

from fractions import Fraction

from vedc.edit.model import Profile
from vedc.edit.timecode import brief
from vedc.lang.keys.targets import TARGETS
from vedc.lang.yaml.tree import Problems, SpecNode


def check_target(
    output: SpecNode, design: Profile, profile: Profile, film: Fraction, warnings: Problems
) -> None:
    """Warn if a film of that length does not suit its target.

    ``design`` is the canvas of the spec, ``profile`` the output's.
    """
    named = output.get("target")
    if named is None:
        return
    target = TARGETS[named.text]
    # A size given by the output is intended; the target's has the target's location.
    of_target = output["width"].location == named.location if "width" in output else False
    if of_target and design.width * profile.height != design.height * profile.width:
        warnings.warn(
            "refit",
            f"{target.name} is {profile.width}x{profile.height} and the canvas "
            f"{design.width}x{design.height}: each item is fitted anew, with bars unless its fit "
            "is cover",
            named,
            "write fit: cover on the items to fill the picture, or width and height on the output "
            "for another size",
        )
    if target.rates is not None and not target.rates[0] <= profile.fps <= target.rates[1]:
        low, high = (f"{float(rate):.5g}" for rate in target.rates)
        warnings.warn(
            "not-for-target",
            f"{target.name} takes {low} to {high} frames a second, and this output has "
            f"{float(profile.fps):.5g}",
            output.get("fps") or named,
            "set fps of the output, such as fps: 30",
        )
    if target.seconds is not None and not target.seconds[0] <= film <= target.seconds[1]:
        low, high = (brief(Fraction(seconds)) for seconds in target.seconds)
        warnings.warn(
            "not-for-target",
            f"{target.name} takes films of {low} to {high}, and this one lasts {brief(film)}",
            named,
            "make the film longer or shorter, or leave the target out",
        )
