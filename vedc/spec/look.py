"""From canonical nodes to the typed values of an item: look, ops, keyframes, sound."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import cast

from vedc import ops
from vedc.ops import Op, Param
from vedc.spec import colors
from vedc.spec.language import CLIP, IMAGE, TEXT, TRANSITION_CALL
from vedc.spec.model import Fit, Frame, Keyframe, Keyframes, Number, OpCall, Sound, Value
from vedc.spec.quantities import Volume
from vedc.spec.records import Record
from vedc.spec.timeline import Joint, show
from vedc.spec.times import parse_time
from vedc.spec.tree import Node, Report

TableFinder = Callable[[Node], Path | None]
"""The file of the asset that a node names; None, reported, where there is none."""


def number(node: Node, key: str, record: Record) -> float:
    """A plain number, or its default in the language."""
    found = node.get(key)
    default = record.keys[key].default
    assert isinstance(default, (int, float)) or found is not None
    return float(found.number if found is not None else cast(float, default))


def pair(node: Node | None, default: tuple[float, float]) -> tuple[float, float]:
    if node is None:
        return default
    x, y = (float(element.number) for element in node)
    return x, y


class Values:
    """Reads values that may move, within something that lasts ``length`` seconds.

    Keyframes come out in frames of ``fps``; what the spec gives in frames counts ``rate``.
    Where ``length`` is not ``sure``, nothing is held to lie beyond it.
    """

    def __init__(
        self, fps: Fraction, rate: Fraction, length: Fraction, report: Report, *, sure: bool = True
    ) -> None:
        self.fps, self.rate, self.length = fps, rate, length
        self.report, self.sure = report, sure

    def seconds(self, node: Node | None, name: str) -> Fraction:
        """A time within the item; 0 where none is given."""
        if node is None:
            return Fraction(0)
        try:
            return parse_time(node.value).seconds(self.rate, self.length)
        except ValueError as error:
            self.report.add("bad-time", f"{name}: {error}", node)
            return Fraction(0)

    def opacity(self, node: Node) -> Number:
        found = node.get("opacity")
        if found is None:
            return 1.0
        if isinstance(found.value, dict):
            return self.keyframes(found, lambda value: float(value.number))
        return float(found.number)

    def keyframes(self, node: Node, read: Callable[[Node], float | tuple[float, ...]]) -> Keyframes:
        """Keyframes in order, inside the item; a problem where they are not."""
        points: list[Keyframe] = []
        previous: Fraction | None = None
        for point in node["keyframes"]:
            time = self.seconds(point["time"], "time")
            if previous is not None and time <= previous:
                message = f"the keyframe at {show(time)} does not come after {show(previous)}"
                self.report.add("keyframe-order", message, point["time"], "sort them by time")
            elif self.sure and time > self.length:
                message = f"the keyframe at {show(time)} lies beyond the end at {show(self.length)}"
                hint = f"end at {show(self.length)} (or 100%) at the latest"
                self.report.add("keyframe-beyond", message, point["time"], hint)
            previous = time
            easing = point.get("easing")
            points.append(
                Keyframe(time * self.fps, read(point["value"]), easing.text if easing else "linear")
            )
        return Keyframes(tuple(points))

    def calls(self, nodes: Node | None, table: TableFinder) -> tuple[OpCall, ...]:
        """Ops with every parameter filled in; one whose file is missing is left out."""
        calls = []
        for node in nodes or ():
            params = self._params(ops.get(node["op"].text), node, table)
            if params is not None:
                calls.append(OpCall(node["op"].text, params, place=node.place))
        return tuple(calls)

    def _params(
        self, op: Op, node: Node, table: TableFinder
    ) -> tuple[tuple[str, Value], ...] | None:
        params: list[tuple[str, Value]] = []
        for param in op.params:
            if param.kind == "table":
                path = table(node["asset"])
                if path is None:
                    return None
                params.append((param.name, str(path)))
            else:
                params.append((param.name, self.value(param, node.get(param.name))))
        return tuple(params)

    def value(self, param: Param, node: Node | None) -> Value:
        """The value of a parameter, or its default."""
        if node is None:
            assert param.default is not None
            return param.default
        if isinstance(node.value, dict):
            return self.keyframes(node, lambda value: _moving(param, value))
        if param.kind in ("enum", "boolean"):
            return cast("str | bool", node.value)
        return _moving(param, node)

    def sound(self, node: Node) -> Sound:
        """How an item of this length is heard."""
        volume = node.get("volume")
        decibels = Volume.decibels(volume.text) if volume is not None else 0.0
        if volume is not None and decibels > Volume.HIGHEST:
            message = f"volume must be at most {Volume.HIGHEST:g}dB, not {volume.text}"
            self.report.add("out-of-range", message, volume)
        times = []
        for key in ("fade_in", "fade_out"):
            fade = node.get(key)
            seconds = self.seconds(fade, key)
            if fade is not None and seconds > self.length:
                heard = show(self.length)
                message = f"{key} takes {show(seconds)}, but it is heard only for {heard}"
                hint = f"make it at most {heard}"
                self.report.add("fade-too-long", message, fade, hint)
            times.append(seconds)
        return Sound(decibels, times[0], times[1])


def _moving(param: Param, node: Node) -> float | tuple[float, ...]:
    if param.kind == "color":
        return colors.rgba(node.text)[:3]
    if param.kind == "rgb":
        return tuple(float(element.number) for element in node)
    return float(node.number)


def frame(kind: str, node: Node, values: Values) -> Frame:
    """Where and how strongly an item is shown."""
    opacity = values.opacity(node)
    if kind == "color":
        return Frame(fit="stretch", opacity=opacity)
    record = {"clip": CLIP, "image": IMAGE, "text": TEXT}[kind]
    fit: Fit = "none"
    if kind != "text":
        found = node.get("fit")
        fit = cast(Fit, found.value if found else record.keys["fit"].default)
    position = pair(node.get("position"), (0.5, 0.5))
    return Frame(
        fit=fit,
        position=position,
        anchor=pair(node.get("anchor"), position),
        offset=pair(node.get("offset"), (0.0, 0.0)),
        scale=number(node, "scale", record),
        opacity=opacity,
    )


def transition_params(joint: Joint, values: Values) -> tuple[tuple[str, Value], ...]:
    """The parameters of a transition, every default filled in."""
    node = joint.node["transition"]
    op = TRANSITION_CALL.ops[node["name"].text]
    return tuple((p.name, values.value(p, node.get(p.name))) for p in op.params)
