"""Times and rates as written in a spec, read exactly.

A time is written as ``3s``, ``2.5s``, ``1001/30000s``, ``250ms``, ``90f`` (frames),
``1:02.5`` or ``00:01:02.5`` (clock), ``00:01:02:15`` (timecode), ``00:01:02;15`` (drop-frame
timecode), ``50%`` (of the parent) or as a bare number of seconds. With a ``-`` before it, it counts
back from the end of the parent. No binary float takes part: 2.1 is 21/10.

Timecode is that of SMPTE ST 12-1. With a colon before the frames it counts at the nominal rate,
so ``00:01:00:00`` is frame 1800 both at 30 and at 30000/1001 frames a second. With a semicolon it
is drop-frame: labels are skipped to stay in step with the clock, so ``01:00:00;00`` is frame
107892 at 30000/1001. Rounding to frames is half up, everywhere in vedc: :func:`round_half_up`.
"""

from __future__ import annotations

import math
import re
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Final

from vedc.errors import shorten
from vedc.support.lazy_dataclass import dataclass, field

#: Longest time that a spec may name, in seconds: 1000 hours.
MAX_SECONDS: Final = 3_600_000
#: The longest film, in seconds, unless a longer one is allowed: 24 hours.
MAX_FILM: Final = Fraction(86_400)
MAX_FRAMES: Final = 10**9
MAX_PERCENT: Final = 10_000
MAX_RATE: Final = 1000
MIN_RATE: Final = Fraction(1, 10_000)
MAX_CHARACTERS: Final = 48
#: Decimals of seconds that are kept; a frame takes at least a thousandth of one.
_DECIMALS: Final = 15

#: Rates that have drop-frame timecode (SMPTE ST 12-1), in frames a second.
DROP_FRAME_RATES: Final = (Fraction(30000, 1001), Fraction(60000, 1001))

#: Rates that NTSC slows by 1000/1001.
_NTSC_NOMINALS: Final = (24, 30, 48, 60, 120)

_FORMS: Final = "write 2.5s, 250ms, 90f, 1:02.5, 00:01:02:15 or 50%"
_DECIMAL: Final = r"\d+(?:\.\d+)?|\.\d+"
_AMOUNT: Final = re.compile(rf"(?P<number>{_DECIMAL}|\d+/\d+)\s*(?P<unit>[a-zA-Z%µ]*)", re.ASCII)
_CLOCK: Final = re.compile(r"(?:(?P<h>\d+):)?(?P<m>\d+):(?P<s>\d+(?:\.\d+)?)", re.ASCII)
_TIMECODE: Final = re.compile(
    r"(?P<h>\d+)[:;](?P<m>\d+)[:;](?P<s>\d+)(?P<mark>[:;])(?P<f>\d+)", re.ASCII
)

#: Common units that the language does not have, and what to write instead.
_UNIT_CURES: Final = {
    "sec": "s", "secs": "s", "second": "s", "seconds": "s", "S": "s",
    "msec": "ms", "millis": "ms", "milliseconds": "ms", "MS": "ms",
    "frame": "f", "frames": "f", "fr": "f", "F": "f",
    "percent": "%",
}  # fmt: skip
_CLOCK_CURES: Final = {
    "m": "1:30 is a minute and a half",
    "min": "1:30 is a minute and a half",
    "mins": "1:30 is a minute and a half",
    "minutes": "1:30 is a minute and a half",
    "h": "1:00:00 is one hour",
    "hours": "1:00:00 is one hour",
}


class ExactSeconds(float):
    """An exact number of seconds: times use the fraction, everything else the float."""

    exact: Fraction

    def __new__(cls, exact: Fraction) -> ExactSeconds:
        made = super().__new__(cls, exact)
        made.exact = exact
        return made


@dataclass(frozen=True, slots=True)
class Time:
    """The exact value of a time expression: the sum of its four parts.

    It becomes seconds only where the frame rate and the parent's length are known.
    """

    fixed: Fraction = Fraction(0)
    """Constant seconds."""
    frames: int = 0
    label: int | None = None
    """Whole seconds of a timecode, each of as many frames as the nominal rate has."""
    drop: bool = False
    """Whether the timecode is drop-frame."""
    percent: Fraction = Fraction(0)
    """Hundredths of the parent."""
    from_end: bool = False
    """Whether it counts from the parent's end: then the other parts are at most 0."""
    text: str = field(default="", compare=False)
    """As written, for messages."""

    @property
    def needs_rate(self) -> bool:
        return bool(self.frames) or self.label is not None

    @property
    def needs_parent(self) -> bool:
        return bool(self.percent) or self.from_end

    def seconds(self, rate: Fraction, parent: Fraction | None = None) -> Fraction:
        """Seconds, where frames are counted at ``rate`` and ``parent`` seconds are 100 %.

        Raises ``ValueError``, worded for the user, for a percentage or a time from the end
        without a parent, for one before the parent's start, and for a timecode that the rate
        cannot have.
        """
        total = self.fixed
        if self.needs_rate:
            total += Fraction(self.frames + self._label_frames(rate)) / rate
        if self.percent:
            if parent is None:
                raise ValueError(f"{self.text} is a percentage, but nothing here has a length yet")
            total += self.percent / 100 * parent
        if self.from_end:
            if parent is None:
                raise ValueError(
                    f"{self.text} counts from the end, but nothing here has a length yet"
                )
            if parent + total < 0:
                raise ValueError(
                    f"{self.text} from the end is before the start: the whole lasts "
                    f"{format_time(parent)}"
                )
            total += parent
        return total

    def _label_frames(self, rate: Fraction) -> int:
        if self.label is None:
            return 0
        nominal = nominal_rate(rate)
        if nominal is None:
            raise ValueError(
                f"{self.text} is a timecode, but {format_rate(rate)} frames a second have none; "
                "write it in seconds or in frames, such as 2.5s or 90f"
            )
        if abs(self.frames) >= nominal:
            raise ValueError(
                f"{self.text} names frame {abs(self.frames)} of a second that has only {nominal} "
                f"(0 to {nominal - 1}) at {format_rate(rate)} frames a second"
            )
        return self.label * nominal - (self._dropped_labels(rate, nominal) if self.drop else 0)

    def _dropped_labels(self, rate: Fraction, nominal: int) -> int:
        """How many labels drop-frame timecode skips before this one; signed like ``label``."""
        if rate not in DROP_FRAME_RATES:
            raise ValueError(
                f"{self.text} is drop-frame timecode, which exists at 29.97 and 59.94 frames a "
                f"second only, not at {format_rate(rate)}; write a colon before the frames"
            )
        skipped = nominal // 15
        minutes, second = divmod(abs(self.label or 0), 60)
        if minutes % 10 and second == 0 and abs(self.frames) < skipped:
            raise ValueError(
                f"{self.text} does not exist: drop-frame timecode skips frames 0 to {skipped - 1} "
                f"of this minute; its first frame is {self.text.rpartition(';')[0]};{skipped:02d}"
            )
        dropped = skipped * (minutes - minutes // 10)
        return -dropped if (self.label or 0) < 0 else dropped


def parse_time(value: object, *, negative: bool = False, from_end: bool = False) -> Time:
    """Read a time from a spec's value: a string as above, or a number of seconds.

    A leading ``-`` is read only where ``negative`` or ``from_end`` is true: the time is below 0, or
    counts back from the end of the parent. Raises ``ValueError`` with a message for the user that
    begins with the value.
    """
    if isinstance(value, ExactSeconds) and len(text := format_time(value.exact)) <= MAX_CHARACTERS:
        value = text
    read = _parse_string if type(value) is str else _parsed
    return read(value, negative, from_end)


def _parsed(value: object, negative: bool, from_end: bool) -> Time:
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal, Fraction, str)):
        raise ValueError(f"{_shown(value)} is not a time; {_FORMS}")
    text = value if isinstance(value, str) else _number_text(value)
    sign, body = (-1, text[1:]) if text.startswith("-") else (1, text)
    if len(text) > MAX_CHARACTERS:
        raise ValueError(f"{_shown(text)} is too long for a time; {_FORMS}")
    if isinstance(value, str):
        time = _parse_text(body, text, sign)
    else:
        exact = value if isinstance(value, Fraction) else _rounded(Fraction(Decimal(text)))
        time = Time(fixed=exact)
    if sign < 0 and not (negative or from_end):
        raise ValueError(f"{text} is negative; a time here must be 0 or more")
    _check_size(time, text)
    return Time(
        time.fixed, time.frames, time.label, time.drop, time.percent, from_end and sign < 0, text
    )


#: Every stage of a check reads the same texts again.
_parse_string = lru_cache(maxsize=4096)(_parsed)


def _number_text(value: int | float | Decimal | Fraction) -> str:
    """The shortest decimal that reads back as ``value``: 2.1, not 2.100000000000000088."""
    if isinstance(value, (float, Decimal)) and not math.isfinite(value):
        raise ValueError(f"{value} is not a time; {_FORMS}")
    if isinstance(value, int) and abs(value) > MAX_SECONDS:
        raise ValueError(f"this many seconds are beyond {MAX_SECONDS // 3600} hours")
    return repr(value + 0.0) if isinstance(value, float) else str(value)  # -0.0 is 0.0


def _shown(value: object) -> str:
    text = repr(value) if not isinstance(value, (dict, list)) else f"a {type(value).__name__}"
    text = {"None": "null", "True": "true", "False": "false", "a dict": "a mapping"}.get(text, text)
    return shorten(text, 40)


def _parse_text(body: str, text: str, sign: int) -> Time:
    if found := _AMOUNT.fullmatch(body):
        return _parse_amount(found["number"], found["unit"], text, sign)
    if found := _TIMECODE.fullmatch(body):
        whole = _clock(found["h"], found["m"], found["s"], text)
        drop = found["mark"] == ";"
        return Time(frames=sign * int(found["f"]), label=sign * int(whole), drop=drop)
    if found := _CLOCK.fullmatch(body):
        return Time(fixed=sign * _clock(found["h"], found["m"], found["s"], text))
    if "," in body and body.count(",") == 1:
        raise ValueError(f"{text!r} is not a time; write {text.replace(',', '.')!r}")
    raise ValueError(f"{_shown(text)} is not a time; {_FORMS}")


def _parse_amount(number: str, unit: str, text: str, sign: int) -> Time:
    try:
        amount = sign * (Fraction(number) if "/" in number else _rounded(Fraction(number)))
    except ZeroDivisionError:
        raise ValueError(f"{text} divides by zero") from None
    match unit:
        case "s" | "":
            return Time(fixed=amount)
        case "ms":
            return Time(fixed=amount / 1000)
        case "%":
            return Time(percent=amount)
        case "f" if number.isdecimal():
            return Time(frames=int(amount))
        case "f":
            raise ValueError(f"{text} is not a whole number of frames")
    if unit in _CLOCK_CURES:
        raise ValueError(f"{text}: {unit!r} is not a unit of time; {_CLOCK_CURES[unit]}")
    if unit in _UNIT_CURES:
        raise ValueError(f"{text}: {unit!r} is not a unit; write {number}{_UNIT_CURES[unit]}")
    raise ValueError(f"{text}: {unit!r} is not a unit of time; {_FORMS}")


def _clock(hours: str | None, minutes: str, seconds: str, text: str) -> Fraction:
    """Seconds of a clock; only the first part may pass 59."""
    if hours is not None and int(minutes) > 59:
        raise ValueError(f"{text} has {minutes} minutes in an hour; at most 59 fit")
    if Fraction(seconds) >= 60:
        raise ValueError(f"{text} has {seconds} seconds in a minute; they must be below 60")
    return 3600 * int(hours or 0) + 60 * int(minutes) + _rounded(Fraction(seconds))


def _rounded(seconds: Fraction) -> Fraction:
    """Without decimals too fine for any film and any text of a time."""
    return round(seconds, _DECIMALS)


def _check_size(time: Time, text: str) -> None:
    if abs(time.fixed) > MAX_SECONDS or abs(time.label or 0) > MAX_SECONDS:
        raise ValueError(f"{text} is beyond {MAX_SECONDS // 3600} hours")
    if abs(time.frames) > MAX_FRAMES:
        raise ValueError(f"{text} is beyond {MAX_FRAMES} frames")
    if abs(time.percent) > MAX_PERCENT:
        raise ValueError(f"{text} is beyond {MAX_PERCENT}%")


def round_half_up(value: Fraction) -> int:
    """The nearest integer; of two equally near ones the greater: 0.5 -> 1, -0.5 -> 0."""
    return (2 * value.numerator + value.denominator) // (2 * value.denominator)


def to_frames(seconds: Fraction, fps: Fraction) -> int:
    """Seconds on the grid of ``fps`` frames a second, rounded half up."""
    # Rounds the product, which need not be reduced first.
    above = seconds.numerator * fps.numerator
    below = seconds.denominator * fps.denominator
    return (2 * above + below) // (2 * below)


def format_time(seconds: Fraction) -> str:
    """Exact text that :func:`parse_time` reads back: ``2s``, ``2.5s``, ``1001/30000s``.

    Decimal where nine decimal places are enough, else a ratio.
    """
    scaled = seconds * 10**9
    if scaled.denominator != 1:
        return f"{seconds.numerator}/{seconds.denominator}s"
    return f"{_decimal(seconds)}s"


def _decimal(value: Fraction) -> str:
    """A fraction of at most nine decimal places, without trailing zeros."""
    whole, rest = divmod(abs(value.numerator) * 10**9 // value.denominator, 10**9)
    digits = f"{whole}.{rest:09d}".rstrip("0").rstrip(".")
    return f"-{digits}" if value < 0 else digits


def nominal_rate(rate: Fraction) -> int | None:
    """Frames in a second of timecode: 30 for 30 and for 30000/1001; None where undefined."""
    nominal = math.ceil(rate)
    if rate == nominal or (nominal in _NTSC_NOMINALS and rate == Fraction(nominal * 1000, 1001)):
        return nominal
    return None


def parse_rate(value: object) -> Fraction:
    """Read frames a second: ``25``, ``12.5``, ``"30000/1001"``, ``29.97``, ``"23.976"``.

    A decimal of two or more places that is an NTSC rate rounded (23.976, 23.98, 29.97,
    47.952, 59.94, 119.88) means that rate exactly. Raises ``ValueError`` with a message for
    the user.
    """
    forms = 'write 25, 29.97 or "30000/1001"'
    if isinstance(value, Fraction):
        text = f"{value.numerator}/{value.denominator}"
    elif isinstance(value, (int, float, str)) and not isinstance(value, bool):
        text = repr(value) if isinstance(value, float) else str(value)
    else:
        raise ValueError(f"{_shown(value)} is not a frame rate; {forms}")
    if len(text) > MAX_CHARACTERS or not re.fullmatch(r"\d+(\.\d+)?|\d+/\d+", text, re.ASCII):
        raise ValueError(f"{_shown(text)} is not a frame rate; {forms}")
    try:
        rate = Fraction(text)
    except ZeroDivisionError:
        raise ValueError(f"{text} divides by zero") from None
    places = len(text.partition(".")[2])
    if places >= 2:
        for nominal in _NTSC_NOMINALS:
            exact = Fraction(nominal * 1000, 1001)
            if round_half_up(exact * 10**places) == rate * 10**places:
                return exact
    if not MIN_RATE <= rate <= MAX_RATE:
        raise ValueError(
            f"{text} is not a frame rate; it must be from {float(MIN_RATE)} to {MAX_RATE}"
        )
    return rate


def format_rate(rate: Fraction) -> str:
    """``25``, ``12.5`` or ``30000/1001``: text that :func:`parse_rate` reads back exactly."""
    if rate.denominator == 1:
        return str(rate.numerator)
    if rate.denominator in (2, 4, 5, 8, 10):
        text = _decimal(rate)
        if parse_rate(text) == rate:
            return text
    return f"{rate.numerator}/{rate.denominator}"
