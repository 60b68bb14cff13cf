"""The graph's text form: one node a line, printed and parsed without loss.

    %0 = source(path="a.mp4", width=1280, ..., start=7/2, step=1/30) : 1280x720 yuv420p ...
    %1 = decode(%0) : 1280x720 display bt709/bt709
    %2 = exposure(%1, stops=0.5) : ...

Values: ``none``, ``true``, ``false``, integers, floats (with a point or an exponent),
fractions ``n/d``, JSON strings, ``(a, b)`` tuples of floats, and keyframes
``[frame: value easing, ...]``, perhaps with their limits, ``in (low, high)``. The type after the
colon is checked on parsing: it must be what inference gives.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from fractions import Fraction
from functools import cache
from typing import cast

from vedc.edit.values import UNLIMITED, Keyframe, Keyframes
from vedc.errors import InternalError
from vedc.ir.graph import Node, node, walk
from vedc.ir.image import Param


def print_graph(root: Node) -> str:
    """The listing of a graph; equal graphs have equal listings."""
    names: dict[int, str] = {}
    lines = []
    for index, current in enumerate(walk(root)):
        names[id(current)] = name = f"%{index}"
        arguments = [names[id(n)] for n in current.inputs]
        arguments += [f"{key}={print_value(value)}" for key, value in current.params]
        lines.append(f"{name} = {current.op}({', '.join(arguments)}) : {current.type}\n")
    return "".join(lines)


def print_value(value: Param) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Fraction):
        return f"{value.numerator}/{value.denominator}"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, tuple):
        return f"({', '.join(print_value(float(v)) for v in value)})"
    if isinstance(value, Keyframes):
        points = (
            f"{print_value(p.frame)}: {_print_plain(p.value)} {_print_easing(p.easing)}"
            for p in value.points
        )
        within = "" if value.limits == UNLIMITED else f" in {print_value(value.limits)}"
        return f"[{', '.join(points)}]{within}"
    return repr(value)


def _print_easing(easing: str) -> str:
    return json.dumps(easing) if "(" in easing else easing


def _print_plain(value: float | tuple[float, ...]) -> str:
    return print_value(value if isinstance(value, tuple) else float(value))


@cache
def _token() -> re.Pattern[str]:
    return re.compile(
        r"""\s*(?:
            (?P<ref>%\d+)
          | (?P<text>"(?:[^"\\]|\\.)*")
          | (?P<fraction>-?\d+/\d+)
          | (?P<float>-?(?:\d+\.\d*(?:e[+-]?\d+)?|\d+e[+-]?\d+|inf)|nan)
          | (?P<integer>-?\d+)
          | (?P<word>[A-Za-z_][A-Za-z0-9_.-]*)
          | (?P<mark>[=():,\[\]])
        )""",
        re.VERBOSE,
    )


class _Line:
    """The tokens of one line, read from left to right."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0

    def next(self) -> tuple[str, str]:
        match = _token().match(self.text, self.at)
        if match is None or match.lastgroup is None:
            raise InternalError(f"graph text: cannot read {self.text[self.at :]!r}")
        self.at = match.end()
        return match.lastgroup, match.group(match.lastgroup)

    def peek(self) -> tuple[str, str]:
        at = self.at
        token = self.next()
        self.at = at
        return token

    def expect(self, text: str) -> None:
        found = self.next()[1]
        if found != text:
            raise InternalError(f"graph text: expected {text!r}, found {found!r} in {self.text!r}")

    def sequence(self, close: str, item: Callable[[], None]) -> None:
        """Items separated by commas up to ``close``."""
        if self.peek()[1] == close:
            self.next()
            return
        while True:
            item()
            found = self.next()[1]
            if found == close:
                return
            if found != ",":
                raise InternalError(f"graph text: expected ',' or {close!r} in {self.text!r}")

    def value(self) -> Param:
        kind, text = self.next()
        if kind == "integer":
            return int(text)
        if kind == "float":
            return float(text)
        if kind == "fraction":
            return Fraction(text)
        if kind == "text":
            return str(json.loads(text))
        if kind == "word" and text in ("none", "true", "false"):
            return {"none": None, "true": True, "false": False}[text]
        if text == "(":
            numbers: list[float] = []
            self.sequence(")", lambda: numbers.append(self.number()))
            return tuple(numbers)
        if text == "[":
            points: list[Keyframe] = []
            self.sequence("]", lambda: points.append(self.keyframe()))
            if self.at == len(self.text) or self.peek()[1] != "in":
                return Keyframes(tuple(points))
            self.next()
            low, high = cast("tuple[float, float]", self.value())
            return Keyframes(tuple(points), (low, high))
        raise InternalError(f"graph text: unexpected {text!r} in {self.text!r}")

    def number(self) -> float:
        value = self.value()
        if not isinstance(value, float):
            raise InternalError(f"graph text: expected a float in {self.text!r}")
        return value

    def keyframe(self) -> Keyframe:
        frame = self.value()
        self.expect(":")
        value = self.value()
        kind, easing = self.next()
        if kind == "text":
            easing = str(json.loads(easing))
        if not isinstance(frame, Fraction) or not isinstance(value, (float, tuple)):
            raise InternalError(f"graph text: bad keyframe in {self.text!r}")
        return Keyframe(frame, value, easing)


def parse_graph(text: str) -> Node:
    """The graph of a listing; raises InternalError if it is not one."""
    nodes: dict[str, Node] = {}
    last: Node | None = None
    for raw in text.split("\n"):  # texts may contain other line break characters of splitlines
        if not raw.strip():
            continue
        line = _Line(raw)
        name = line.next()[1]
        line.expect("=")
        op = line.next()[1]
        line.expect("(")
        inputs: list[Node] = []
        params: dict[str, Param] = {}

        def argument(
            line: _Line = line, inputs: list[Node] = inputs, params: dict[str, Param] = params
        ) -> None:
            kind, token = line.next()
            if kind == "ref":
                inputs.append(nodes[token])
                return
            line.expect("=")
            params[token] = line.value()

        line.sequence(")", argument)
        line.expect(":")
        last = nodes[name] = node(op, inputs, params)
        declared = raw[line.at :].strip()
        if declared != str(last.type):
            raise InternalError(f"graph text: {name} is {last.type}, not {declared}")
    if last is None:
        raise InternalError("graph text: empty")
    return last
