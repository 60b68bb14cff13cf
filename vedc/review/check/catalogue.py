"""The table of checks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from vedc.edit.times import parse_time
from vedc.errors import UsageError
from vedc.review.check.captions.contrast import CONTRAST
from vedc.review.check.captions.places import SAFE_AREA
from vedc.review.check.captions.timing import OVERLAP, READING
from vedc.review.check.core.check import Check, Limit
from vedc.review.check.file.damage import DAMAGE
from vedc.review.check.file.format import CODEC, CONTAINER, DURATION, SIZE
from vedc.review.check.picture.black import BLACK
from vedc.review.check.picture.flashes import FLASHES
from vedc.review.check.picture.levels import GAMUT, RANGE
from vedc.review.check.picture.stillness import FREEZE, REPEATS
from vedc.review.check.sound.clipping import CLIPPING
from vedc.review.check.sound.loudness import LOUDNESS, TRUE_PEAK
from vedc.review.check.sound.silence import SILENCE
from vedc.support.suggest import did_you_mean

#: In the order of the documentation.
CHECKS: Final = (
    BLACK,
    FREEZE,
    REPEATS,
    FLASHES,
    RANGE,
    GAMUT,
    SILENCE,
    CLIPPING,
    LOUDNESS,
    TRUE_PEAK,
    READING,
    OVERLAP,
    SAFE_AREA,
    CONTRAST,
    DURATION,
    CODEC,
    CONTAINER,
    SIZE,
    DAMAGE,
)
BY_ID: Final[Mapping[str, Check]] = {check.id: check for check in CHECKS}
LIMITS: Final[Mapping[str, Limit]] = {
    f"{check.id}.{limit.name}": limit for check in CHECKS for limit in check.limits
}


def chosen(only: Iterable[str] = (), skip: Iterable[str] = ()) -> tuple[Check, ...]:
    """The checks to make. Raises UsageError ``unknown-check``."""
    wanted, left = list(only), list(skip)
    for name in (*wanted, *left):
        if name not in BY_ID:
            near = did_you_mean(name, BY_ID)
            message = f"there is no check {name!r}" + (f"; did you mean {near!r}?" if near else "")
            raise UsageError.one("unknown-check", message, hint=f"there are {', '.join(BY_ID)}")
    made = tuple(
        check for check in CHECKS if check.id not in left and (not wanted or check.id in wanted)
    )
    if not made:
        message = "--check and --skip leave no check to run"
        raise UsageError.one("bad-option", message, hint="leave one of them out")
    return made


def limits(given: Iterable[str] = ()) -> dict[str, float | None]:
    """The values of all limits: their defaults, except those set by ``CHECK.NAME=VALUE``.

    Raises UsageError ``unknown-limit`` and ``bad-limit``.
    """
    values = {name: limit.default for name, limit in LIMITS.items()}
    for text in given:
        name, equals, value = (part.strip() for part in text.partition("="))
        if name not in LIMITS:
            near = did_you_mean(name, LIMITS)
            message = f"there is no limit {name!r}" + (f"; did you mean {near!r}?" if near else "")
            check = BY_ID.get(name.partition(".")[0])
            own = [f"{check.id}.{each.name}" for each in check.limits] if check else []
            hint = f"there are {', '.join(own or LIMITS)}"
            raise UsageError.one("unknown-limit", message, hint=hint)
        unit = LIMITS[name].unit
        try:
            if not equals:
                raise ValueError
            values[name] = _number(value, unit)
        except ValueError:
            example = {"s": "2s", "%": "5%", "dB": "-50dB"}.get(unit, "12")
            message = f"--limit {text}: {value!r} is not a number of {unit}"
            hint = f"write --limit {name}={example}"
            raise UsageError.one("bad-limit", message, hint=hint) from None
    return values


def _number(value: str, unit: str) -> float:
    if unit == "s":
        time = parse_time(value)
        if time.needs_rate or time.needs_parent:
            raise ValueError
        return float(time.fixed)
    number = value.removesuffix(unit).strip() if unit and value.endswith(unit) else value
    found = float(number)
    if found != found or abs(found) == float("inf"):
        raise ValueError
    return found
