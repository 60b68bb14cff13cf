"""The functions that ``${{ }}`` may call, one row each.

The kind of each parameter is part of the row, so that a wrong argument is reported at its
place and functions see only valid ones.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final, Literal

from vedc.lang.yaml.scalars import to_number
from vedc.support.lazy_dataclass import dataclass

MAX_TEXT: Final = 100_000
"""The most characters of a text that an expression produces."""
MAX_ITEMS: Final = 10_000

FunctionKind = Literal["number", "whole", "text", "list", "many", "any"]
"""What an argument must be; ``many`` is a text or a list, ``whole`` an integer."""


class Refused(Exception):
    """A function rejects an argument; ``argument`` is its index."""

    def __init__(self, argument: int, message: str) -> None:
        super().__init__(message)
        self.argument, self.message = argument, message


@dataclass(frozen=True, slots=True)
class ExprFunction:
    call: Callable[..., Any]
    takes: tuple[FunctionKind, ...]
    summary: str
    example: str
    """A call, an arrow and its value as an expression: ``abs(-2.5) -> 2.5``."""
    optional: int = 0
    """Number of trailing parameters that may be left out."""
    repeats: bool = False
    """Whether the last parameter may be repeated."""

    def accepts(self, count: int) -> bool:
        least = len(self.takes) - self.optional
        return count >= least and (self.repeats or count <= len(self.takes))

    def kind(self, index: int) -> FunctionKind:
        return self.takes[min(index, len(self.takes) - 1)]

    def arity(self) -> str:
        """``2``, ``1 or 2`` or ``1 or more``, then ``argument(s)``."""
        least, most = len(self.takes) - self.optional, len(self.takes)
        if self.repeats:
            return f"{least} or more arguments"
        if least != most:
            return f"{least} or {most} arguments"
        return f"{most} argument{'s' if most != 1 else ''}"


def as_text(value: Any) -> str:
    """A value as part of a text: ``3``, ``2.5``, ``true``. Whole floats lose their ``.0``.

    Raises ``TypeError`` for null, lists and mappings.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Fraction):
        value = float(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e16:
        return str(int(value))
    if isinstance(value, (str, int, float)):
        return str(value)
    raise TypeError


def exact(value: float | Fraction) -> Fraction:
    """A number as written."""
    return Fraction(Decimal(repr(value))) if isinstance(value, float) else Fraction(value)


def _round(value: float, digits: int = 0) -> float:
    """Round half up, like every rounding in vedc, the number as written."""
    if not 0 <= digits <= 15:
        raise Refused(1, f"{digits} digits; 0 to 15 are possible")
    scale = 10**digits
    rounded = Fraction(math.floor(exact(value) * scale + Fraction(1, 2)), scale)
    return float(rounded) if digits else int(rounded)


def _sqrt(value: float) -> float:
    if value < 0:
        raise Refused(0, "a negative number has no square root")
    return math.sqrt(value)


def _clamp(value: float, low: float, high: float) -> float:
    if low > high:
        raise Refused(1, f"the low bound {as_text(low)} is above the high bound {as_text(high)}")
    return min(max(value, low), high)


def _title(text: str) -> str:
    """The first letter of every word in upper case; the others stay."""
    return re.sub(r"\S+", lambda word: word[0][:1].upper() + word[0][1:], text)


def _slug(text: str) -> str:
    """Letters, digits and hyphens, in lower case. Accents of Latin, Greek and Cyrillic letters are
    removed; the marks of other scripts make other letters, and stay."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    bare = unicodedata.normalize("NFC", re.sub("[\u0300-\u036f]", "", plain))
    kept = "".join(c if unicodedata.category(c)[0] in "LMN" else " " for c in bare)
    return "-".join(kept.split())


def _replace(text: str, old: str, new: str) -> str:
    if not old:
        raise Refused(1, "an empty text cannot be replaced")
    if len(text) + text.count(old) * (len(new) - len(old)) > MAX_TEXT:
        raise Refused(0, f"the result would be longer than {MAX_TEXT} characters")
    return text.replace(old, new)


def _join(items: list[Any], separator: str = "") -> str:
    try:
        texts = [as_text(item) for item in items]
    except TypeError:
        raise Refused(0, "only texts, numbers and true or false can be joined") from None
    if sum(map(len, texts)) + len(separator) * len(texts) > MAX_TEXT:
        raise Refused(0, f"the result would be longer than {MAX_TEXT} characters")
    return separator.join(texts)


def _split(text: str, separator: str) -> list[str]:
    if not separator:
        raise Refused(1, "the separator is empty")
    if text.count(separator) >= MAX_ITEMS:
        raise Refused(0, f"the result would have more than {MAX_ITEMS} parts")
    return text.split(separator)


def _contains(whole: str | list[Any], part: Any) -> bool:
    if isinstance(whole, str):
        if not isinstance(part, str):
            raise Refused(1, "a text contains texts only")
        return part in whole
    return any(equal(item, part) for item in whole)


def equal(a: Any, b: Any) -> bool:
    """``==`` of the language: true and 1 differ, 1 and 1.0 do not."""
    return isinstance(a, bool) == isinstance(b, bool) and bool(a == b)


def _str(value: Any) -> str:
    try:
        return "null" if value is None else as_text(value)
    except TypeError:
        raise Refused(0, "a list or mapping is not a text; use join") from None


def _num(value: Any) -> float:
    if isinstance(value, str):
        try:
            number = to_number(value.strip())
        except ValueError as error:
            raise Refused(0, str(error)) from None
        if number is not None and math.isfinite(number):
            return number
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    raise Refused(0, f"{value!r} is not a number")


def _default(value: Any, otherwise: Any) -> Any:
    return otherwise if value is None or value == "" else value


_FIELD: Final = re.compile(
    r"\{\{|\}\}|\{(?P<index>[0-9]{0,3})(?::(?P<spec>[^{}]*))?\}|(?P<bad>\{[^{}]*\})|[{}]"
)
_SPEC: Final = re.compile(
    r"(?:.?[<>=^])?[-+ ]?#?0?(?P<width>[0-9]{0,5})[,_]?(?:\.(?P<precision>[0-9]{1,4}))?"
    r"(?P<type>[bcdeEfFgGnosxX%]?)"
)


def _format(template: str, *args: Any) -> str:
    """Replacement fields ``{}``, ``{0}``, ``{:.2f}``; nothing is looked up in the values."""
    parts: list[str] = []
    here = automatic = 0
    for found in _FIELD.finditer(template):
        parts.append(template[here : found.start()])
        here = found.end()
        if found[0] in ("{{", "}}"):
            parts.append(found[0][0])
            continue
        if found["bad"]:
            raise Refused(0, f"{found[0]} is not a field; write {{}}, {{0}} or {{:.2f}}")
        if len(found[0]) == 1:
            raise Refused(
                0, f"the {found[0]} is unmatched; write it twice for the character itself"
            )
        index = int(found["index"]) if found["index"] else automatic
        automatic += not found["index"]
        if index >= len(args):
            raise Refused(0, f"{found[0]} has no value: {len(args)} follow the template")
        parts.append(_field(args[index], found["spec"] or "", index + 1))
    text = "".join((*parts, template[here:]))
    if len(text) > MAX_TEXT:
        raise Refused(0, f"the result would be longer than {MAX_TEXT} characters")
    return text


def _field(value: Any, spec: str, argument: int) -> str:
    if not spec:
        return _str(value)
    match = _SPEC.fullmatch(spec)
    if match is None or int(match["width"] or 0) > 1000 or int(match["precision"] or 0) > 50:
        raise Refused(0, f"'{{:{spec}}}' is not a format")
    if isinstance(value, float) and match["type"] in ("d", "x", "o", "b") and value.is_integer():
        value = int(value)
    if not isinstance(value, (str, int, float)) or isinstance(value, bool):
        value = _str(value)
    try:
        return format(value, spec)
    except (ValueError, OverflowError):
        kind = "a text" if isinstance(value, str) else as_text(value)
        raise Refused(argument, f"{kind} cannot be shown as '{{:{spec}}}'") from None


def _later(name: str) -> Any:
    raise AssertionError(f"{name} is looked up when the timeline is known")


#: Functions that look at the timeline and at files; ``vedc.lang.expr.references`` explains how.
REFERENCES: Final[dict[str, ExprFunction]] = {
    "start": ExprFunction(
        _later,
        ("text",),
        "Seconds of the film at which an item, an audio item or a marker begins.",
        "start('intro')",
    ),
    "end": ExprFunction(
        _later,
        ("text",),
        "Seconds of the film at which an item, an audio item or a track ends.",
        "end('intro') + 0.5",
    ),
    "duration": ExprFunction(
        _later,
        ("text",),
        "Seconds that an item, an audio item, a track or a file lasts.",
        "duration('voice.wav')",
    ),
    "probe": ExprFunction(
        _later,
        ("text",),
        "What is known of a file: its width, height, fps, duration, channels and sample_rate; null "
        "where it has none.",
        "probe('talk.mp4').width",
    ),
}

#: By name. A variable cannot have one of these names.
FUNCTIONS: Final[dict[str, ExprFunction]] = {
    "min": ExprFunction(
        lambda *numbers: min(numbers),
        ("number",),
        "The least of its arguments.",
        "min(3, 1, 2) -> 1",
        repeats=True,
    ),
    "max": ExprFunction(
        lambda *numbers: max(numbers),
        ("number",),
        "The greatest of its arguments.",
        "max(3, 1, 2) -> 3",
        repeats=True,
    ),
    "abs": ExprFunction(abs, ("number",), "The absolute value.", "abs(-2.5) -> 2.5"),
    "round": ExprFunction(
        _round,
        ("number", "whole"),
        "The nearest integer, or the nearest number of that many decimals; halves go up.",
        "round(2.345, 2) -> 2.35",
        optional=1,
    ),
    "floor": ExprFunction(
        math.floor, ("number",), "The largest integer that is not greater.", "floor(2.9) -> 2"
    ),
    "ceil": ExprFunction(
        math.ceil, ("number",), "The smallest integer that is not less.", "ceil(2.1) -> 3"
    ),
    "sqrt": ExprFunction(_sqrt, ("number",), "The square root.", "sqrt(16) -> 4"),
    "clamp": ExprFunction(
        _clamp,
        ("number", "number", "number"),
        "x, but at least low and at most high: clamp(x, low, high).",
        "clamp(130, 0, 100) -> 100",
    ),
    "lerp": ExprFunction(
        lambda a, b, t: a + (b - a) * t,
        ("number", "number", "number"),
        "From a to b as t goes from 0 to 1: lerp(a, b, t).",
        "lerp(10, 20, 0.25) -> 12.5",
    ),
    "len": ExprFunction(len, ("many",), "The number of characters or items.", "len('Spring') -> 6"),
    "upper": ExprFunction(
        str.upper, ("text",), "The text in upper case.", "upper('spring') -> 'SPRING'"
    ),
    "lower": ExprFunction(
        str.lower, ("text",), "The text in lower case.", "lower('Spring') -> 'spring'"
    ),
    "title": ExprFunction(
        _title,
        ("text",),
        "The text with the first letter of each word capitalised.",
        "title('a day in may') -> 'A Day In May'",
    ),
    "trim": ExprFunction(
        str.strip, ("text",), "The text without space at its ends.", "trim(' Spring ') -> 'Spring'"
    ),
    "slug": ExprFunction(
        _slug,
        ("text",),
        "The text as part of a file name: lower case, without accents, hyphens between words.",
        "slug('Zoë & Söhne') -> 'zoe-sohne'",
    ),
    "replace": ExprFunction(
        _replace,
        ("text", "text", "text"),
        "The text with every old replaced: replace(text, old, new).",
        "replace('a-b-c', '-', '+') -> 'a+b+c'",
    ),
    "split": ExprFunction(
        _split,
        ("text", "text"),
        "The parts of a text between separators: split(text, separator).",
        "split('a,b', ',') -> ['a', 'b']",
    ),
    "join": ExprFunction(
        _join,
        ("list", "text"),
        "The items joined to one text: join(list, separator).",
        "join(['a', 'b'], ', ') -> 'a, b'",
        optional=1,
    ),
    "contains": ExprFunction(
        _contains,
        ("many", "any"),
        "Whether a text or a list contains something: contains(whole, part).",
        "contains(['a', 'b'], 'b') -> true",
    ),
    "starts_with": ExprFunction(
        str.startswith,
        ("text", "text"),
        "Whether a text begins with another: starts_with(text, start).",
        "starts_with('Spring', 'Sp') -> true",
    ),
    "ends_with": ExprFunction(
        str.endswith,
        ("text", "text"),
        "Whether a text ends with another: ends_with(text, end).",
        "ends_with('a.mp4', '.mp4') -> true",
    ),
    "format": ExprFunction(
        _format,
        ("text", "any"),
        "A template with its fields filled in: format('{:.2f} of {}', x, y).",
        "format('{:.2f} of {}', 2.5, 3) -> '2.50 of 3'",
        optional=1,
        repeats=True,
    ),
    "str": ExprFunction(_str, ("any",), "The value as text.", "str(2.5) -> '2.5'"),
    "num": ExprFunction(_num, ("any",), "The number that a text spells.", "num('2.5') -> 2.5"),
    "int": ExprFunction(
        lambda value: math.trunc(_num(value)),
        ("any",),
        "The number without its decimals, or the integer that a text spells.",
        "int('12') -> 12",
    ),
    "default": ExprFunction(
        _default,
        ("any", "any"),
        "The first value, or the second where the first is null or an empty text.",
        "default('', 'Spring') -> 'Spring'",
    ),
}
