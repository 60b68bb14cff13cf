"""Values with their own notation: colours, positions, gains, bitrates."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Final

from vedc.edit import colors
from vedc.edit.times import MAX_CHARACTERS
from vedc.lang.schema import limits
from vedc.lang.schema.values import (
    Json,
    Number,
    Type,
    is_number,
    is_whole,
    one_of,
    or_expression,
    show,
    trim,
    unknown_word,
)
from vedc.lang.yaml.tree import Problems, SpecNode
from vedc.support.suggest import did_you_mean

#: CSS's rgb() and rgba(), with commas or spaces.
_RGB_CALL: Final = re.compile(
    r"rgba?\(\s*(\d{1,3})[\s,]+(\d{1,3})[\s,]+(\d{1,3})"
    r"(?:\s*[,/]\s*(\d{1,3}|\d{0,3}\.\d{1,9})(%?))?\s*\)",
    re.ASCII | re.IGNORECASE,
)


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

    def check(self, node: SpecNode, name: str, problems: Problems) -> None:
        value = node.value
        if not isinstance(value, str):
            hint = "YAML reads # as a comment: put the colour in quotes" if value is None else None
            self.reject(node, name, problems, hint)
        elif colors.canonical(value) is None:
            near = did_you_mean(value, colors.NAMES)
            hint = f"did you mean {near}?" if near else self._notation(value)
            if set(value) <= set("0123456789abcdefABCDEF") and len(value) in (3, 6, 8):
                hint = f'write "#{value}"'
            problems.add(
                "bad-color", f"{name} must be {self.phrase}, not {show(value)}", node, hint
            )
        elif not self.alpha and (value == "transparent" or (len(value) in (5, 9) and "#" in value)):
            problems.add("bad-color", f"{name} takes a colour without alpha, not {value}", node)

    def _notation(self, value: str) -> str | None:
        """The colour that CSS's rgb() or FFmpeg's 0xRRGGBB names."""
        digits = ""
        if found := _RGB_CALL.fullmatch(value.strip()):
            channels = [min(255, int(found[i])) for i in (1, 2, 3)]
            if found[4] and self.alpha:
                share = float(found[4]) / (100 if found[5] else 1)
                channels.append(int(min(share, 1) * 255 + 0.5))
            digits = bytes(channels).hex()
        elif found := re.fullmatch(r"0x([0-9a-fA-F]{6}(?:[0-9a-fA-F]{2})?)", value):
            digits = found[1] if self.alpha else found[1][:6]
        return f'write "#{digits}"' if digits else None

    def canonical(self, node: SpecNode) -> SpecNode:
        return node.with_value(colors.canonical(node.text))


class Pair(Type):
    """``[x, y]``, each within inclusive limits."""

    def __init__(self, phrase: str, low: float | None = None, high: float | None = None) -> None:
        self.phrase = phrase
        self.number = Number(low, high)

    def schema(self, shared: Json) -> Json:
        return or_expression(self.list_schema(shared), shared)

    def list_schema(self, shared: Json) -> Json:
        item = self.number.schema(shared)
        return {"type": "array", "items": item, "minItems": 2, "maxItems": 2}

    def check(self, node: SpecNode, name: str, problems: Problems) -> None:
        if not isinstance(node.value, list) or len(node.value) != 2:
            self.reject(node, name, problems)
            return
        for axis, element in zip("xy", node.value, strict=True):
            self.number.check(element, f"{axis} of {name}", problems)


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


#: A place with both fractions from here on is one in pixels. One of them may be as far: a line of
#: text that is nearly as wide as the canvas has little room, of which a position is a fraction.
PIXELS: Final = 10


class Position(Pair):
    """A named place, or fractions ``[x, y]``: 0 is left and top, 1 is right and bottom."""

    def __init__(self) -> None:
        phrase = f"{one_of(tuple(POSITIONS))}, or [x, y] in fractions"
        super().__init__(phrase)

    def list_schema(self, shared: Json) -> Json:
        far = {"type": "number", "anyOf": [{"minimum": PIXELS}, {"maximum": -PIXELS}]}
        return {**super().list_schema(shared), "not": {"items": far}}

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

    def check(self, node: SpecNode, name: str, problems: Problems) -> None:
        if isinstance(node.value, str):
            if node.value not in POSITIONS:
                unknown_word(node, name, tuple(POSITIONS), problems, _place(node.text))
        elif isinstance(node.value, dict) and node.value.keys() == {"x", "y"}:
            x, y = (node[axis].plain() for axis in "xy")
            self.reject(node, name, problems, f"write [{x}, {y}]")
        elif isinstance(node.value, list) and (place := _place_of(node.value)) is not None:
            self.reject(node, name, problems, f"write {name}: {place}")
        elif isinstance(node.value, list) and len(node.value) == 2 and all(map(_far, node.value)):
            message = f"x and y of {name} must be fractions, not {node.plain()}"
            cure = "for pixels, write position: top-left, offset: [40, 20]"
            problems.add(
                "out-of-range", message, node, f"0 is left or top, 1 is right or bottom; {cure}"
            )
        else:
            super().check(node, name, problems)


def _far(element: SpecNode) -> bool:
    value = element.value
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return False
    return abs(value) >= PIXELS


def _place_of(words: list[SpecNode]) -> str | None:
    """The place that others write as two words: [center, bottom]."""
    given = [node.value for node in words]
    return _place(" ".join(map(str, given))) if all(isinstance(w, str) for w in given) else None


def _place(text: str) -> str | None:
    """The place that others call bottom-center, center-left or upper right."""
    words = {"upper": "top", "lower": "bottom", "middle": "center", "centre": "center"}
    parts = [words.get(part, part) for part in re.split(r"[-_\s]+", text.lower())]
    sides = [part for part in parts if part != "center"] or ["center"]
    return next((place for place in POSITIONS if sorted(place.split("-")) == sorted(sides)), None)


class Volume(Type):
    """Gain in decibels, or in percent of the amplitude.

    A bare number is refused: tools disagree whether it is decibels or a factor.
    """

    phrase = "a gain such as -6dB or 50%"
    _PATTERN = re.compile(
        r"([-+]?\d{1,9}(?:\.\d{1,9})?)\s*dB|(\d{1,9}(?:\.\d{1,9})?)\s*%", re.ASCII
    )
    low = None
    high = 60.0
    """Decibels; more is a typing error."""

    def schema(self, shared: Json) -> Json:
        number = r"[0-9]{1,9}(\.[0-9]{1,9})?"
        pattern = rf"^([-+]?{number}\s*dB|{number}\s*%)$"
        return or_expression({"type": "string", "pattern": pattern}, shared)

    def check(self, node: SpecNode, name: str, problems: Problems) -> None:
        value = node.value
        if is_number(value):
            self.reject(node, name, problems, self._cure(node.number))
        elif not isinstance(value, str) or not self._PATTERN.fullmatch(value):
            self.reject(node, name, problems)

    @classmethod
    def _cure(cls, number: float) -> str | None:
        """The likely meaning of a number without a unit."""

        def plain(value: float) -> str:
            return f"{value:.4f}".rstrip("0").rstrip(".")

        if number == 0:
            return "write 0% for silence, or 0dB for the level of the file"
        if not abs(number) <= 1000:
            return None
        if number < 0:
            return f"write {plain(number)}dB"
        if number <= 2:
            return f"write {plain(number * 100)}% for a factor of {plain(number)}"
        decibels = f", or {plain(number)}dB for a gain" if number <= cls.high else ""
        return f"write {plain(number)}% of the level of the file{decibels}"

    def canonical(self, node: SpecNode) -> SpecNode:
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
    """Bits per second: ``5M``, ``800k`` or an integer."""

    phrase = "bits per second, such as 5M or 800k"
    _PATTERN = re.compile(r"(\d+(?:\.\d+)?)([kM])", re.ASCII)
    LOWEST, HIGHEST = 1_000, 10_000_000_000

    def schema(self, shared: Json) -> Json:
        kilo, mega = (limits.decimal(self.HIGHEST // factor) for factor in (1_000, 1_000_000))
        small = r"\.|0*(\.[0-9]*)?k|0*(\.(000[0-9]*|0{0,2}))?M"
        return or_expression(
            {
                "type": ["integer", "string"],
                "minimum": self.LOWEST,
                "maximum": self.HIGHEST,
                "maxLength": MAX_CHARACTERS,
                "pattern": rf"^(?!{small})({kilo}k|{mega}M)$",
            },
            shared,
        )

    def check(self, node: SpecNode, name: str, problems: Problems) -> None:
        value = node.value
        short = isinstance(value, str) and len(value) <= MAX_CHARACTERS
        if short and self._PATTERN.fullmatch(node.text):
            bits = self._bits(node.text)
        elif is_whole(value):
            bits = Fraction(node.number)
        else:
            self.reject(node, name, problems)
            return
        if not self.LOWEST <= bits <= self.HIGHEST:
            span = f"from {self.LOWEST // 1000}k to {self.HIGHEST // 10**6}M bits per second"
            message = f"{name} must be {span}, not {show(value)}"
            problems.add("out-of-range", message, node)

    def _bits(self, text: str) -> Fraction:
        found = self._PATTERN.fullmatch(text)
        assert found is not None
        return Fraction(found[1]) * (1_000 if found[2] == "k" else 1_000_000)

    def canonical(self, node: SpecNode) -> SpecNode:
        if isinstance(node.value, str):
            return node.with_value(int(self._bits(node.value)))
        return node.with_value(int(node.number))


class Preset(Type):
    """The encoder's own word; some encoders' words are digits."""

    phrase = "the encoder's word for it, such as medium"

    def schema(self, shared: Json) -> Json:
        return {"type": ["string", "integer"], "minLength": 1}

    def check(self, node: SpecNode, name: str, problems: Problems) -> None:
        value = node.value
        if not is_whole(value) and not (isinstance(value, str) and value):
            self.reject(node, name, problems)

    def canonical(self, node: SpecNode) -> SpecNode:
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

    def check(self, node: SpecNode, name: str, problems: Problems) -> None:
        if isinstance(node.value, list) and len(node.value) == 3:
            for channel, element in zip(("red", "green", "blue"), node.value, strict=True):
                self.number.check(element, f"{channel} of {name}", problems)
        elif is_number(node.value):
            self.number.check(node, name, problems)
        else:
            self.reject(node, name, problems)

    def canonical(self, node: SpecNode) -> SpecNode:
        if isinstance(node.value, list):
            return node
        return node.with_value([SpecNode(node.value, node.location) for _ in range(3)])
