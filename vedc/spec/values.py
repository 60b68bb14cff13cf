"""What a single value of the language may be: numbers, words, times, colours, places.

Each type states its rule once, as a check in the user's words, as JSON Schema for editors
and as the phrase that both the messages and the reference use. ``canonical`` gives the one
long form that expansion prints; it is only called on values that ``check`` passed.

A test holds ``check`` and the schema to the same verdict, but for the size of numbers inside
texts (``100001%``), which a pattern cannot tell. ``check`` is ours, not a
library's, for two reasons: its messages speak of the edit (a validator of JSON Schema can
only quote the schema), and a spec is checked without loading jsonschema, which costs more
time than everything else that validating does.
"""

from __future__ import annotations

import math
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from vedc.spec import colors
from vedc.spec.suggest import did_you_mean
from vedc.spec.times import (
    MAX_CHARACTERS,
    MAX_RATE,
    MAX_SECONDS,
    format_rate,
    format_time,
    parse_rate,
    parse_time,
)
from vedc.spec.tree import Node, Report

Json = dict[str, Any]

EXPRESSION: Json = {
    "type": "string",
    "pattern": r"\$\{\{",
    "description": "An expression, such as ${{ headline }}.",
}


class Type(ABC):
    """A rule for values. ``phrase`` continues "... must be"."""

    phrase: str

    @abstractmethod
    def schema(self, shared: Json) -> Json:
        """Draft-07 JSON Schema. Parts used more than once are put into ``shared``."""

    @abstractmethod
    def check(self, node: Node, name: str, report: Report) -> None:
        """Report everything that is wrong with a value that goes by ``name``."""

    def canonical(self, node: Node) -> Node:
        """The one long form of a value that ``check`` passed."""
        return node

    def reject(self, node: Node, name: str, report: Report, hint: str | None = None) -> None:
        """Report a value of the wrong type."""
        if isinstance(node.value, dict) and "keyframes" in node.value:
            report.add("not-animated", f"{name} cannot move over time", node, hint)
        else:
            report.add(
                "wrong-type", f"{name} must be {self.phrase}, not {show(node.value)}", node, hint
            )


def or_expression(schema: Json, shared: Json) -> Json:
    """Editors see the spec before ``${{ }}`` is replaced: allow it in a value's place."""
    shared["expression"] = EXPRESSION
    return {"anyOf": [schema, {"$ref": "#/definitions/expression"}]}


def show(value: object) -> str:
    """A value as a message quotes it."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "true" if value else "false"
        case str() if not value:
            return "empty text"
        case str():
            return repr(value) if len(value) <= 40 else repr(f"{value[:37]}...")
        case list():
            return f"a list of {len(value)}" if value else "an empty list"
        case dict():
            return "a mapping"
        case float() | int():
            return trim(value)
    return repr(value)


def trim(number: float) -> str:
    """``1.0`` as ``1``."""
    if math.isfinite(number) and number == int(number) and abs(number) < 1e15:
        return str(int(number))
    return str(number)


def is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


class Anything(Type):
    """Whatever YAML holds; kept, never read."""

    phrase = "anything"

    def schema(self, shared: Json) -> Json:
        return {}

    def check(self, node: Node, name: str, report: Report) -> None:
        pass


class Boolean(Type):
    phrase = "true or false"

    def schema(self, shared: Json) -> Json:
        return or_expression({"type": "boolean"}, shared)

    def check(self, node: Node, name: str, report: Report) -> None:
        if isinstance(node.value, bool):
            return
        word = str(node.value).lower()
        meant = {"yes": "true", "on": "true", "no": "false", "off": "false"}.get(word)
        hint = f"YAML 1.2 has no {word}: write {meant}" if meant else None
        self.reject(node, name, report, hint)


class Number(Type):
    """A finite number; ``low`` and ``high`` are inclusive, ``above`` is not."""

    def __init__(
        self,
        low: float | None = None,
        high: float | None = None,
        *,
        above: float | None = None,
        integer: bool = False,
        unit: str = "",
    ) -> None:
        self.low, self.high, self.above, self.integer = low, high, above, integer
        kind = "a whole number" if integer else "a number"
        if unit:
            kind += f" ({unit})"
        match low, high, above:
            case float() | int(), float() | int(), _:
                self.phrase = f"{kind} from {trim(low)} to {trim(high)}"
            case float() | int(), None, _:
                self.phrase = f"{kind} of at least {trim(low)}"
            case None, float() | int(), None:
                self.phrase = f"{kind} of at most {trim(high)}"
            case _, float() | int(), float() | int():
                self.phrase = f"{kind} above {trim(above)} and at most {trim(high)}"
            case _, _, float() | int():
                self.phrase = f"{kind} above {trim(above)}"
            case _:
                self.phrase = kind

    def schema(self, shared: Json) -> Json:
        return or_expression(self.bare_schema(), shared)

    def bare_schema(self) -> Json:
        limits = {"minimum": self.low, "maximum": self.high, "exclusiveMinimum": self.above}
        return {
            "type": "integer" if self.integer else "number",
            **{key: value for key, value in limits.items() if value is not None},
        }

    def check(self, node: Node, name: str, report: Report) -> None:
        value = node.value
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            quoted = isinstance(value, str) and re.fullmatch(r"[-+]?\d+(\.\d+)?", value.strip())
            hint = f"remove the quotes: {value.strip()}" if quoted else None  # type: ignore[union-attr]  # quoted implies str
            self.reject(node, name, report, hint)
        elif not math.isfinite(value) or (self.integer and value != int(value)):
            self.reject(node, name, report)
        elif (
            (self.low is not None and value < self.low)
            or (self.high is not None and value > self.high)
            or (self.above is not None and value <= self.above)
        ):
            report.add("out-of-range", f"{name} must be {self.phrase}, not {trim(value)}", node)

    def canonical(self, node: Node) -> Node:
        value = node.number
        return node.with_value(int(value)) if isinstance(value, float) and self.integer else node


class Text(Type):
    """Text of at least one character."""

    def __init__(self, phrase: str = "text", *, like: str = "") -> None:
        self.phrase = f"{phrase} such as {like}" if like else phrase

    def schema(self, shared: Json) -> Json:
        return {"type": "string", "minLength": 1}

    def check(self, node: Node, name: str, report: Report) -> None:
        value = node.value
        if isinstance(value, str) and value:
            return
        scalar = isinstance(value, (int, float))
        self.reject(node, name, report, f'put it in quotes: "{show(value)}"' if scalar else None)


class Word(Type):
    """One of a few words. ``later`` are words that a later version brings."""

    def __init__(self, words: tuple[str, ...], *, later: tuple[str, ...] = ()) -> None:
        self.words, self.later = words, later
        self.phrase = one_of(words)

    def schema(self, shared: Json) -> Json:
        return or_expression({"type": "string", "enum": list(self.words)}, shared)

    def check(self, node: Node, name: str, report: Report) -> None:
        value = node.value
        if isinstance(value, str) and value in self.words:
            return
        if not isinstance(value, str):
            self.reject(node, name, report)
        elif value in self.later:
            report.add(
                "not-yet",
                f"{name}: {value} is a word of the language that this version cannot do yet",
                node,
                f"it can do {self.phrase.removeprefix('one of ')}",
            )
        else:
            unknown_word(node, name, self.words, report)


def unknown_word(node: Node, name: str, words: tuple[str, ...], report: Report) -> None:
    """Report a word that is not among ``words``, with the nearest one."""
    near = did_you_mean(node.text, words)
    tail = f"; did you mean {near!r}?" if near else ""
    report.add(
        "unknown-value",
        f"{name} must be {one_of(words)}, not {show(node.value)}{tail}",
        node,
    )


def one_of(words: tuple[str, ...]) -> str:
    return words[0] if len(words) == 1 else "one of " + ", ".join(words)


class TimeSpan(Type):
    """A time, as ``vedc.spec.times`` reads it; ``percent`` where it may be of the parent."""

    def __init__(self, *, percent: bool = True) -> None:
        self.percent = percent
        examples = "2.5s, 250ms, 90f, 1:02.5" + (", 50%" if percent else "")
        self.phrase = f"a time such as {examples}"

    def schema(self, shared: Json) -> Json:
        name = "time" if self.percent else "absolute_time"
        units = "s|ms|%" if self.percent else "s|ms"
        decimal = r"(\d+(\.\d+)?|\.\d+)"
        pattern = (
            rf"^(({decimal}|\d+/0*[1-9]\d*)\s*({units})?|\d+\s*f"
            r"|(\d+:[0-5]?\d|\d+):[0-5]?\d(\.\d+)?|\d+:[0-5]?\d:[0-5]?\d:\d+)$"
        )
        shared[name] = or_expression(
            {
                "type": ["number", "string"],
                "minimum": 0,
                "maximum": MAX_SECONDS,
                "maxLength": MAX_CHARACTERS,
                "pattern": pattern,
                "description": f"{self.phrase[0].upper()}{self.phrase[1:]}. "
                "A bare number is seconds.",
            },
            shared,
        )
        return {"$ref": f"#/definitions/{name}"}

    def check(self, node: Node, name: str, report: Report) -> None:
        value = node.value
        if isinstance(value, bool) or not isinstance(value, (int, float, str)):
            self.reject(node, name, report)
            return
        try:
            time = parse_time(value)
        except ValueError as error:
            report.add("bad-time", f"{name}: {error}", node)
            return
        if time.needs_parent and not self.percent:
            report.add("bad-time", f"{name} has no parent to be {value} of", node)

    def canonical(self, node: Node) -> Node:
        time = parse_time(node.value)
        if time.needs_rate or time.needs_parent:
            return node.with_value("".join(time.text.split()))
        return node.with_value(format_time(time.fixed))


class Rate(Type):
    phrase = "frames a second, such as 25, 29.97 or 30000/1001"

    def schema(self, shared: Json) -> Json:
        rate = {
            "type": ["number", "string"],
            "exclusiveMinimum": 0,
            "maximum": MAX_RATE,
            "pattern": r"^(0*[1-9]\d*(\.\d+|/0*[1-9]\d*)?|0+\.\d*[1-9]\d*)$",
        }
        return or_expression(rate, shared)

    def check(self, node: Node, name: str, report: Report) -> None:
        value = node.value
        if isinstance(value, bool) or not isinstance(value, (int, float, str)):
            self.reject(node, name, report)
            return
        try:
            parse_rate(value)
        except ValueError as error:
            report.add("bad-rate", f"{name}: {error}", node)

    def canonical(self, node: Node) -> Node:
        text = format_rate(parse_rate(node.value))
        return node.with_value(int(text) if text.isdecimal() else text)


class ColorValue(Type):
    """A colour; canonical as ``#rrggbb``, or ``#rrggbbaa`` where it is not opaque."""

    def __init__(self, *, alpha: bool = True) -> None:
        self.alpha = alpha
        self.phrase = 'a colour such as "#ffb000" or gold' + (
            ', or "#ffb000cc" with alpha' if alpha else ""
        )

    def schema(self, shared: Json) -> Json:
        name = "color_value" if self.alpha else "opaque_color_value"
        lengths = "3,4}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8" if self.alpha else "3}|[0-9a-fA-F]{6"
        names = [n for n in colors.NAMES if self.alpha or n != "transparent"]
        shared[name] = {
            "anyOf": [
                {"type": "string", "pattern": f"^#([0-9a-fA-F]{{{lengths}}})$"},
                {"type": "string", "enum": names},
                {"$ref": "#/definitions/expression"},
            ],
        }
        or_expression({}, shared)
        return {"$ref": f"#/definitions/{name}"}

    def check(self, node: Node, name: str, report: Report) -> None:
        value = node.value
        if not isinstance(value, str):
            hint = "YAML reads # as a comment: put the colour in quotes" if value is None else None
            self.reject(node, name, report, hint)
        elif colors.canonical(value) is None:
            near = did_you_mean(value, colors.NAMES)
            hint = f"did you mean {near}?" if near else None
            if set(value) <= set("0123456789abcdefABCDEF") and len(value) in (3, 6, 8):
                hint = f'write "#{value}"'
            report.add("bad-color", f"{name} must be {self.phrase}, not {show(value)}", node, hint)
        elif not self.alpha and (value == "transparent" or (len(value) in (5, 9) and "#" in value)):
            report.add("bad-color", f"{name} takes a colour without alpha, not {value}", node)

    def canonical(self, node: Node) -> Node:
        return node.with_value(colors.canonical(node.text))


class Pair(Type):
    """``[x, y]``."""

    def __init__(self, phrase: str) -> None:
        self.phrase = phrase
        self.number = Number()

    def schema(self, shared: Json) -> Json:
        return or_expression(self.list_schema(shared), shared)

    def list_schema(self, shared: Json) -> Json:
        item = self.number.schema(shared)
        return {"type": "array", "items": item, "minItems": 2, "maxItems": 2}

    def check(self, node: Node, name: str, report: Report) -> None:
        if not isinstance(node.value, list) or len(node.value) != 2:
            self.reject(node, name, report)
            return
        for axis, element in zip("xy", node.value, strict=True):
            self.number.check(element, f"{axis} of {name}", report)


#: The nine named places of CSS and of every title tool, as fractions of the width and height.
POSITIONS: Mapping[str, tuple[float, float]] = {
    "top-left": (0, 0),
    "top": (0.5, 0),
    "top-right": (1, 0),
    "left": (0, 0.5),
    "center": (0.5, 0.5),
    "right": (1, 0.5),
    "bottom-left": (0, 1),
    "bottom": (0.5, 1),
    "bottom-right": (1, 1),
}


class Position(Pair):
    """A named place, or fractions ``[x, y]``: 0 is left and top, 1 is right and bottom."""

    def __init__(self) -> None:
        super().__init__(f"{one_of(tuple(POSITIONS))}, or [x, y] in fractions")

    def schema(self, shared: Json) -> Json:
        shared["position"] = {
            "anyOf": [
                {"type": "string", "enum": list(POSITIONS)},
                self.list_schema(shared),
                {"$ref": "#/definitions/expression"},
            ]
        }
        or_expression({}, shared)
        return {"$ref": "#/definitions/position"}

    def check(self, node: Node, name: str, report: Report) -> None:
        if not isinstance(node.value, str):
            super().check(node, name, report)
        elif node.value not in POSITIONS:
            unknown_word(node, name, tuple(POSITIONS), report)

    def canonical(self, node: Node) -> Node:
        if isinstance(node.value, str):
            return node.with_value([Node(n, node.place) for n in POSITIONS[node.value]])
        return node


class Volume(Type):
    """Gain in decibels, or in percent of the amplitude.

    A bare number is refused: half of all tools take it as decibels, half as a factor.
    """

    phrase = "a gain such as -6dB or 50%"
    _PATTERN = re.compile(r"([-+]?\d+(?:\.\d+)?)\s*dB|(\d+(?:\.\d+)?)\s*%", re.ASCII)
    HIGHEST = 60.0
    """Decibels; more is a typing error."""

    def schema(self, shared: Json) -> Json:
        pattern = r"^([-+]?\d+(\.\d+)?\s*dB|\d+(\.\d+)?\s*%)$"
        return or_expression({"type": "string", "pattern": pattern}, shared)

    def check(self, node: Node, name: str, report: Report) -> None:
        value = node.value
        if is_number(value):
            self.reject(node, name, report, f"give the unit: {trim(node.number)}dB")
        elif not isinstance(value, str) or not self._PATTERN.fullmatch(value):
            self.reject(node, name, report)

    def canonical(self, node: Node) -> Node:
        return node.with_value("".join(node.text.split()).removeprefix("+"))

    @classmethod
    def decibels(cls, text: str) -> float:
        """The gain; ``-inf`` for 0%."""
        found = cls._PATTERN.fullmatch(text)
        if found is None or found[1]:
            return float(found[1]) if found else 0.0
        percent = float(found[2])
        return 20 * math.log10(percent / 100) if percent else -math.inf


class Bitrate(Type):
    """Bits a second: ``5M``, ``800k`` or a whole number."""

    phrase = "bits a second, such as 5M or 800k"
    _PATTERN = re.compile(r"(\d+(?:\.\d+)?)([kM])", re.ASCII)

    def schema(self, shared: Json) -> Json:
        return or_expression(
            {"type": ["integer", "string"], "minimum": 1, "pattern": r"^\d+(\.\d+)?[kM]$"}, shared
        )

    def check(self, node: Node, name: str, report: Report) -> None:
        value = node.value
        if isinstance(value, str) and self._PATTERN.fullmatch(value):
            return
        if not is_number(value) or node.number != int(node.number):
            self.reject(node, name, report)
        elif node.number < 1:
            report.add(
                "out-of-range", f"{name} must be {self.phrase}, not {trim(node.number)}", node
            )

    def canonical(self, node: Node) -> Node:
        if not isinstance(node.value, str):
            return node.with_value(int(node.number))
        found = self._PATTERN.fullmatch(node.value)
        factor = {"k": 1000, "M": 1_000_000}[found[2]] if found else 0
        return node.with_value(int(Fraction(found[1]) * factor) if found else 0)


class Preset(Type):
    """The encoder's own word; some encoders' words are digits."""

    phrase = "the encoder's word for it, such as medium"

    def schema(self, shared: Json) -> Json:
        return {"type": ["string", "integer"], "minLength": 1}

    def check(self, node: Node, name: str, report: Report) -> None:
        value = node.value
        whole = is_number(value) and node.number == int(node.number)
        if not whole and not (isinstance(value, str) and value):
            self.reject(node, name, report)

    def canonical(self, node: Node) -> Node:
        return node.with_value(
            trim(node.value) if isinstance(node.value, (int, float)) else node.value
        )


class Rgb(Type):
    """A number for each of red, green and blue, or one for all."""

    def __init__(self, low: float | None, high: float | None) -> None:
        self.number = Number(low, high)
        self.phrase = f"{self.number.phrase}, or a list of three"

    def schema(self, shared: Json) -> Json:
        number = self.number.schema(shared)
        three = {"type": "array", "items": number, "minItems": 3, "maxItems": 3}
        expression = {"$ref": "#/definitions/expression"}
        return {"anyOf": [self.number.bare_schema(), three, expression]}

    def check(self, node: Node, name: str, report: Report) -> None:
        if isinstance(node.value, list) and len(node.value) == 3:
            for channel, element in zip(("red", "green", "blue"), node.value, strict=True):
                self.number.check(element, f"{channel} of {name}", report)
        elif is_number(node.value):
            self.number.check(node, name, report)
        else:
            self.reject(node, name, report)

    def canonical(self, node: Node) -> Node:
        if isinstance(node.value, list):
            return node
        return node.with_value([Node(node.value, node.place) for _ in range(3)])
