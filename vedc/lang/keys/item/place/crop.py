"""``crop``: the part of a file's picture that an item shows."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from typing import Final

from vedc.edit.times import round_half_up
from vedc.lang.keys.item_key import PICTURES, ItemKey, ItemReader
from vedc.lang.keys.parts import FACES
from vedc.lang.schema.animated import Animated
from vedc.lang.schema.records import Key, Record
from vedc.lang.schema.values import Json, Type, Word, is_number, or_expression, trim
from vedc.lang.yaml.tree import Problems, SpecNode

_AMOUNT = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)\s*(px|%)", re.ASCII)
Number = int | Fraction
_SIDES = ("left", "top", "right", "bottom")


class Extent(Type):
    """A part of the width or height: a fraction, a percentage, or pixels of the file."""

    phrase = "a fraction from 0 to 1, or 10% or 120px"

    def schema(self, shared: Json) -> Json:
        number = {"type": "number", "minimum": 0, "maximum": 1}
        text = {"type": "string", "pattern": r"^[0-9]{1,9}(\.[0-9]{1,9})?\s*(px|%)$"}
        return or_expression({"anyOf": [number, text]}, shared)

    def check(self, node: SpecNode, name: str, problems: Problems) -> None:
        value = node.value
        if is_number(value):
            if not 0 <= node.number <= 1:
                hint = f"write {trim(node.number)}px for pixels" if node.number > 1 else None
                message = f"{name} must be {self.phrase}, not {trim(node.number)}"
                problems.add("out-of-range", message, node, hint)
        elif not isinstance(value, str) or not _AMOUNT.fullmatch(value):
            self.reject(node, name, problems)

    def canonical(self, node: SpecNode) -> SpecNode:
        text = isinstance(node.value, str)
        return node.with_value("".join(node.text.split())) if text else node

    @staticmethod
    def pixels(node: SpecNode, whole: int) -> Fraction:
        """An extent of a picture that is ``whole`` pixels wide or high."""
        found = _AMOUNT.fullmatch(node.text) if isinstance(node.value, str) else None
        if found is None:
            return Fraction(str(node.number)) * whole
        return Fraction(found[1]) * (1 if found[2] == "px" else Fraction(whole, 100))


#: The decisions that a crop may leave to vedc.
ASKED: Final = Record(
    "decided crop",
    "The part of the picture is decided for each shot and becomes an ordinary crop in vedc.lock.",
    (
        Key(
            "auto",
            Word(("reframe",)),
            "`reframe` follows what each shot is about, in the shape of the item's box.",
            required=True,
            example="auto: reframe",
        ),
        FACES,
    ),
    inline=True,
)


def is_asked(node: SpecNode | None) -> bool:
    """Whether a crop is left to be decided."""
    return node is not None and isinstance(node.value, dict) and "auto" in node


class Crop(Type):
    """How much is cut off each side, or the rectangle that remains; with ``decided``, or a decision
    left to vedc."""

    phrase = "[left, top, right, bottom] cut off, or {x, y, width, height} that remain"
    extent = Extent()
    takes_mappings = True
    rectangle = Record(
        "crop",
        "The part of the picture to keep.",
        (
            Key("x", extent, "Left edge.", 0),
            Key("y", extent, "Top edge.", 0),
            Key("width", extent, "Width.", required=True, example="width: 50%"),
            Key("height", extent, "Height.", required=True, example="height: 50%"),
        ),
    )

    def schema(self, shared: Json) -> Json:
        extent = self.extent.schema(shared)
        sides = {"type": "array", "items": extent, "minItems": 4, "maxItems": 4}
        rest = self.rectangle.schema(shared)
        return {"if": {"type": "object"}, "then": rest, "else": or_expression(sides, shared)}

    def check(self, node: SpecNode, name: str, problems: Problems) -> None:
        if is_asked(node):
            message = f"{name} cannot be decided here"
            hint = "write {auto: reframe} as the whole `crop` of an item, not in keyframes"
            problems.add("no-decision", message, node["auto"].key_location or node, hint)
        elif isinstance(node.value, dict):
            self.rectangle.check_keys(node, problems)
        elif isinstance(node.value, list) and len(node.value) == 4:
            for side, extent in zip(_SIDES, node, strict=True):
                self.extent.check(extent, f"{side} of {name}", problems)
        else:
            self.reject(node, name, problems)

    def canonical(self, node: SpecNode) -> SpecNode:
        if isinstance(node.value, list):
            return node.with_value([self.extent.canonical(extent) for extent in node])
        entries = {key: SpecNode(0, node.location) for key in ("x", "y")} | node.entries
        return self.rectangle.canonical(node.with_value(entries))


def _ranges(
    node: SpecNode,
    picture: tuple[int, int],
    problems: Problems,
    rounded: Callable[[Fraction], Number],
) -> list[tuple[Number, Number]]:
    """First and last remaining pixel, across and down; a problem where none remains."""
    ranges = []
    for axis, whole in enumerate(picture):
        if isinstance(node.value, list):
            sides = node.items
            begin, end = (Extent.pixels(sides[axis + side], whole) for side in (0, 2))
            first, last = rounded(begin), whole - rounded(end)
        else:
            begin = Extent.pixels(node["xy"[axis]], whole)
            end = begin + Extent.pixels(node[("width", "height")[axis]], whole)
            first, last = rounded(begin), rounded(end)
        along = ("wide", "high")[axis]
        if last > whole:
            message = f"crop reaches to {float(last):g} px, and the picture is {whole} px {along}"
            problems.add("out-of-range", message, node, f"end at {whole}px at the latest")
        elif last <= first:
            message = f"crop leaves nothing of a picture that is {whole} px {along}"
            problems.add("empty-crop", message, node, "cut off less")
        ranges.append((first, last))
    return ranges


def _rectangle(node: SpecNode, item: ItemReader) -> tuple[float, ...] | None:
    """x, y, width, height of the remaining part, in whole pixels of the picture; None for all of
    it, and where it is undecided."""
    if item.picture is None or is_asked(node):
        return None
    (left, right), (top, bottom) = _ranges(node, item.picture, item.problems, round_half_up)
    if (left, top, right, bottom) == (0, 0, *item.picture):
        return None
    return tuple(map(float, (left, top, max(1, right - left), max(1, bottom - top))))


def window(node: SpecNode, item: ItemReader) -> tuple[float, ...]:
    """The same for a moving crop: not rounded, and also for the whole picture."""
    return kept_part(node, item.picture or (1, 1), item.problems)


def kept_part(node: SpecNode, picture: tuple[int, int], problems: Problems) -> tuple[float, ...]:
    """x, y, width and height of what a crop leaves of a picture (width, height), in its pixels."""
    (left, right), (top, bottom) = _ranges(node, picture, problems, Fraction)
    return tuple(map(float, (left, top, right - left, bottom - top)))


class DecidedCrop(Animated):
    """A crop, keyframes of such, or ``{auto: reframe}``."""

    def __init__(self) -> None:
        super().__init__(Crop())
        self.phrase = f"{self.phrase}, or {{auto: reframe}}"

    def schema(self, shared: Json) -> Json:
        asked = {"type": "object", "required": ["auto"]}
        return {"if": asked, "then": ASKED.schema(shared), "else": super().schema(shared)}

    def check(self, node: SpecNode, name: str, problems: Problems) -> None:
        if is_asked(node):
            ASKED.check_keys(node, problems)
        else:
            super().check(node, name, problems)

    def canonical(self, node: SpecNode) -> SpecNode:
        return ASKED.canonical(node) if is_asked(node) else super().canonical(node)


CROP = ItemKey(
    "crop",
    DecidedCrop(),
    "The part of the picture to show, applied before `fit`: how much to cut off each side, or the "
    "rectangle to keep. Pixels are those of the file as displayed. A crop that moves is not "
    "rounded to pixels; with `fit: cover` it fills the canvas and is cut to its proportions, and "
    "behind `fit: contain-blur` the first rectangle is seen. `{auto: reframe}` leaves it to vedc, "
    "shot by shot, with `fit: cover`; [docs/reframe.md](../docs/reframe.md) shows how.",
    animated=True,
    items=PICTURES,
    lowers=("source", "crop"),
    read=_rectangle,
    read_point=window,
    order=90,
)
