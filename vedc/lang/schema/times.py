"""Values that are times, frame rates, speeds and counts of repetitions."""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from vedc.edit.times import (
    MAX_CHARACTERS,
    MAX_FRAMES,
    MAX_PERCENT,
    MAX_RATE,
    MAX_SECONDS,
    MIN_RATE,
    format_rate,
    format_time,
    parse_rate,
    parse_time,
)
from vedc.lang.schema import limits
from vedc.lang.schema.values import Json, Number, Type, or_expression
from vedc.lang.yaml.tree import Problems, SpecNode


class TimeSpan(Type):
    """A time, as ``vedc.edit.times`` reads it.

    ``percent``: whether it may be of the parent; ``from_end``: whether it may be below 0, and so
    count back from the parent's end.
    """

    def __init__(self, *, percent: bool = True, from_end: bool = False) -> None:
        self.percent, self.from_end = percent, from_end
        examples = "2.5s, 250ms, 90f, 1:02.5" + (", 50%" if percent else "")
        self.phrase = f"a time such as {examples}" + (", -0.5s" if from_end else "")

    def schema(self, shared: Json) -> Json:
        name = "moment" if self.from_end else "time" if self.percent else "absolute_time"
        pattern = f"^{'-?' * self.from_end}{time_pattern(percent=self.percent)}$"
        below = " Below 0 it counts back from the end." if self.from_end else ""
        shared[name] = or_expression(
            {
                "type": ["number", "string"],
                "minimum": -MAX_SECONDS if self.from_end else 0,
                "maximum": MAX_SECONDS,
                "maxLength": MAX_CHARACTERS,
                "pattern": pattern,
                "description": f"{self.phrase[0].upper()}{self.phrase[1:]}. "
                f"A bare number is seconds.{below}",
            },
            shared,
        )
        return {"$ref": f"#/definitions/{name}"}

    def check(self, node: SpecNode, name: str, problems: Problems) -> None:
        value = node.value
        if isinstance(value, bool) or not isinstance(value, (int, float, str)):
            self.reject(node, name, problems)
            return
        try:
            time = parse_time(value, from_end=self.from_end)
        except ValueError as error:
            problems.add("bad-time", f"{name}: {error}", node)
            return
        if not self.percent and (time.needs_parent or "%" in time.text):
            problems.add("bad-time", f"{name} has no parent to be {value} of", node)

    def canonical(self, node: SpecNode) -> SpecNode:
        time = parse_time(node.value, from_end=self.from_end)
        if time.needs_rate or time.percent or "/" in time.text:
            return node.with_value("".join(time.text.split()))
        return node.with_value(format_time(time.fixed))


def time_pattern(*, percent: bool) -> str:
    """A pattern of texts that are times, each within its limit; ratios (``1/3s``) have none."""
    hours = rf"(0*\d{{1,3}}:[0-5]?\d:[0-5]?\d|0*{MAX_SECONDS // 3600}:00?:00?)"
    label = hours.replace(":", "[:;]")
    minutes = limits.whole(MAX_SECONDS // 60 - 1)
    forms = [
        rf"{limits.decimal(MAX_SECONDS)}\s*s?",
        rf"{limits.decimal(1000 * MAX_SECONDS)}\s*ms",
        *([rf"{limits.decimal(MAX_PERCENT)}\s*%"] if percent else []),
        rf"\d+/0*[1-9]\d*\s*({'s|ms|%' if percent else 's|ms'})?",
        rf"{limits.whole(MAX_FRAMES)}\s*f",
        rf"{minutes}:[0-5]?\d(\.\d+)?|0*{MAX_SECONDS // 60}:00?(\.0+)?",
        rf"0*\d{{1,3}}:[0-5]?\d:[0-5]?\d(\.\d+)?|0*{MAX_SECONDS // 3600}:00?:00?(\.0+)?",
        rf"{label}[:;]{limits.whole(MAX_FRAMES)}",
    ]
    return f"({'|'.join(forms)})".replace(r"\d", "[0-9]")


class Speed(Number):
    """A number other than 0: the speed of a file, backwards below 0."""

    HIGHEST: Final = 100

    def __init__(self) -> None:
        super().__init__(-self.HIGHEST, self.HIGHEST)
        self.phrase += " other than 0"

    def bare_schema(self) -> Json:
        return {**super().bare_schema(), "not": {"const": 0}}

    def check(self, node: SpecNode, name: str, problems: Problems) -> None:
        value = node.value
        if isinstance(value, str) and value.strip().endswith("%"):
            share = value.strip().removesuffix("%")
            with suppress(ValueError):
                hint = f"write {name}: {float(share) / 100:g}"
                problems.add("wrong-type", f"{name} must be {self.phrase}, not {value}", node, hint)
                return
        super().check(node, name, problems)
        if value == 0 and not isinstance(value, bool):
            message = f"{name} must be {self.phrase}: at 0 nothing would move"
            problems.add("out-of-range", message, node, "for a still, write freeze: 2s")


class Rate(Type):
    phrase = "frames per second, such as 25, 29.97 or 30000/1001"

    def schema(self, shared: Json) -> Json:
        rate = {
            "type": ["number", "string"],
            "minimum": float(MIN_RATE),
            "maximum": MAX_RATE,
            "maxLength": MAX_CHARACTERS,
            "pattern": r"^(0*[1-9][0-9]*/0*[1-9][0-9]*|(?!\.|0+(\.0{4}|\.0*$|$))"
            rf"{limits.decimal(MAX_RATE)})$",
        }
        return or_expression(rate, shared)

    def check(self, node: SpecNode, name: str, problems: Problems) -> None:
        value = node.value
        if isinstance(value, bool) or not isinstance(value, (int, float, str)):
            self.reject(node, name, problems)
            return
        try:
            parse_rate(value)
        except ValueError as error:
            problems.add("bad-rate", f"{name}: {error}", node)

    def canonical(self, node: SpecNode) -> SpecNode:
        text = format_rate(parse_rate(node.value))
        return node.with_value(int(text) if text.isdecimal() else text)
