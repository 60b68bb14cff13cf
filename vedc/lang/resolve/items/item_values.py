"""From canonical nodes to typed values: the keys of items, the parameters of ops, keyframes."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, Protocol, cast

from vedc import ops
from vedc.edit import colors
from vedc.edit.contents import Fit, Placement
from vedc.edit.easing import overshoots
from vedc.edit.placement import box_of
from vedc.edit.sounds import Sound
from vedc.edit.timecode import brief
from vedc.edit.times import parse_time
from vedc.edit.values import UNLIMITED, Keyframe, Keyframes, OpCall, ParamValue
from vedc.errors import SourceLocation
from vedc.lang.keys.decided.catalogue import asked
from vedc.lang.keys.decided.effects import EFFECTS
from vedc.lang.keys.item import item_keys
from vedc.lang.keys.item.edges import Edge
from vedc.lang.keys.parts import TRANSITION_CALL
from vedc.lang.resolve.items.look_calls import settle
from vedc.lang.resolve.items.timing import TransitionTiming
from vedc.lang.schema.fallback import NONE
from vedc.lang.schema.lengths import pixels
from vedc.lang.schema.params import FILES, named_file
from vedc.lang.schema.points import flat
from vedc.lang.schema.records import Record
from vedc.lang.schema.values import trim
from vedc.lang.yaml.lines import Lines
from vedc.lang.yaml.scalar_source import ScalarSource
from vedc.lang.yaml.tree import Problems, SpecNode
from vedc.ops import Op, Param
from vedc.ops.core.lengths import scaled_params
from vedc.ops.looks.look_info import LookInfo
from vedc.support.lazy_dataclass import dataclass, field

#: Items without decisions, the reason, and alternatives to a decided grade.
NO_SHOTS: Final = {
    "text": ("a title has no shots", "leave it out, or grade by hand"),
    "color": ("a plain colour has no shots", "write the colour that you want"),
    "generator": ("a generator has no shots", "leave it out, or grade by hand"),
    "adjustment": (
        "an adjustment has no shots of its own",
        "give it to the clips, or to their track: {id: main, grade: [{auto: ...}], clips: [...]}",
    ),
    "composition": (
        "what a composition shows is known only when it is drawn",
        "render it as a film of its own, and name that with `clip`",
    ),
}

#: Alternatives to a decided effect.
NO_EFFECTS: Final = {
    **dict.fromkeys(("text", "color", "generator"), "leave it out, or name the effect itself"),
    "adjustment": "put it under the `effects` of each clip",
}


class FileFinder(Protocol):
    """Finds the files of ops."""

    def op_file(self, param: Param, named: SpecNode, call: SpecNode) -> Path | None:
        """The file of the asset that a call names; None, reported, if it does not fit the
        parameter."""

    def lacks(self, named: SpecNode) -> bool:
        """Whether the file of an asset is not there."""

    def look(self, path: Path) -> LookInfo | None:
        """The info of a colour file among them."""


def number(node: SpecNode, key: str, record: Record) -> float:
    """A plain number, or its default in the language."""
    found = node.get(key)
    default = record.keys[key].default
    assert isinstance(default, (int, float)) or found is not None
    return float(found.number if found is not None else cast(float, default))


class Values:
    """Reads the values of something that lasts ``length`` seconds (see ``ItemReader``).

    Keyframes come out in frames of ``fps``; frames in the spec count ``rate``.
    ``files`` finds the files of ops.
    Where ``length`` is not ``sure``, or the frame rate is not known, no times are compared that
    depend on it. ``lines`` are those of the spec: they locate a mistake inside a text. ``warnings``
    takes remarks. Lengths are multiplied by ``design``, the scale of the output, whose size is
    ``canvas``.
    """

    def __init__(
        self,
        fps: Fraction,
        rate: Fraction,
        length: Fraction,
        problems: Problems,
        files: FileFinder,
        sure: bool = True,
        lines: Lines | None = None,
        rate_known: bool = True,
        warnings: Problems | None = None,
        design: Fraction = Fraction(1),
        canvas: tuple[int, int] = (1, 1),
    ) -> None:
        self.fps, self.rate, self.length, self.rate_known = fps, rate, length, rate_known
        self.problems, self.files, self.sure, self.lines = problems, files, sure, lines
        self.warnings = Problems() if warnings is None else warnings
        self.design, self.canvas = design, canvas
        self.head = Fraction(0)
        """Seconds of the item before the moment that its keyframes count from."""
        self.picture: tuple[int, int] | None = None
        self.item = SpecNode({})
        self.kind = ""
        self.composed = ""
        """Describes a picture composed of several items, whose earlier frames are unknown."""

    def seconds(self, node: SpecNode | None, name: str) -> Fraction:
        """A time within the item; 0 where none is given.

        Mistakes that depend on an unknown length or rate are not reported: the cause is.
        """
        if node is None:
            return Fraction(0)
        try:
            return parse_time(node.value, from_end=True).seconds(self.rate, self.length)
        except ValueError as error:
            if self.knows(node):
                self.problems.add("bad-time", f"{name}: {error}", node)
            return Fraction(0)

    def pixels(self, node: SpecNode, whole: int) -> float:
        """A length of the design in canvas pixels; for a percentage, 100% is ``whole`` pixels."""
        length = pixels(node, whole)
        return length if isinstance(node.value, str) else float(Fraction(str(length)) * self.design)

    def knows(self, node: SpecNode) -> bool:
        """Whether a time depends on nothing that is not known."""
        time = parse_time(node.value, from_end=True)
        return (self.sure or not time.needs_parent) and (self.rate_known or not time.needs_rate)

    def moving(
        self,
        node: SpecNode,
        read: Callable[[SpecNode], float | tuple[float, ...]],
        limits: tuple[float, float] = UNLIMITED,
    ) -> float | tuple[float, ...] | Keyframes:
        """A value, or keyframes of such, which stay within ``limits``."""
        return self.keyframes(node, read, limits) if isinstance(node.value, dict) else read(node)

    def passing(self, first: tuple[float, ...], last: tuple[float, ...], easing: str) -> Keyframes:
        """From one value at the start to another at the end."""
        end = Keyframe(self.length * self.fps, last)
        return Keyframes((Keyframe(Fraction(0), first, easing), end))

    def keyframes(
        self,
        node: SpecNode,
        read: Callable[[SpecNode], float | tuple[float, ...]],
        limits: tuple[float, float],
    ) -> Keyframes:
        """Keyframes in order, inside the item; a problem where they are not."""
        points: list[Keyframe] = []
        previous: Fraction | None = None
        for point in node["keyframes"]:
            time = self.seconds(point["time"], "time")
            if not self.knows(point["time"]):
                pass
            elif previous is not None and time <= previous:
                message = f"the keyframe at {brief(time)} must be later than {brief(previous)}"
                self.problems.add("keyframe-order", message, point["time"], "sort them by time")
            elif self.sure and time > self.length:
                message = f"the keyframe at {brief(time)} is past the end at {brief(self.length)}"
                hint = f"end at {brief(self.length)} (or 100%) at the latest"
                self.problems.add("keyframe-beyond", message, point["time"], hint)
            previous = time if self.knows(point["time"]) else previous
            easing = point.get("easing")
            points.append(
                Keyframe(
                    (time + self.head) * self.fps,
                    read(point["value"]),
                    easing.text if easing else "linear",
                )
            )
        self.check_last_easing(node["keyframes"])
        beyond = any(overshoots(point.easing) for point in points)
        return Keyframes(tuple(points), limits if beyond else UNLIMITED)

    def check_last_easing(self, points: SpecNode) -> None:
        """Warn about an easing without effect: it is meant for the keyframe before."""
        easing = points.items[-1].get("easing")
        if easing is None or easing.text == "linear":
            return
        message = "the easing of the last keyframe has no effect: an easing leads to the next one"
        hint = f"move easing: {easing.text} to the keyframe before"
        self.warnings.warn("idle-easing", message, easing, hint)

    def calls(self, nodes: SpecNode | None) -> tuple[OpCall, ...]:
        """Ops with every parameter filled in, without those whose file is missing and undecided
        steps."""
        steps = [node for node in nodes or () if not self._is_open(node)]
        for node in steps:
            name = node["op"].text
            if self.composed and ops.get(name).temporal:
                message = f"{name} reads earlier frames, which {self.composed} does not have"
                hint = f"put {name} under the `effects` of each item"
                self.problems.add("no-earlier-frames", message, node["op"], hint)
        calls = (self.call(node) for node in steps)
        return tuple(call for call in calls if call is not None)

    def shared_calls(self, nodes: SpecNode | None) -> tuple[OpCall, ...]:
        """The calls of a shared grade: open steps are asked for where they can be."""
        kept = [node for node in nodes or () if "auto" not in node]
        return self.calls(SpecNode([*kept])) if kept else ()

    def _is_open(self, step: SpecNode) -> bool:
        """Whether a step is undecided; reports if it cannot be decided."""
        if "auto" not in step:
            return False
        found = asked(step)
        kind = found[0] if found is not None else None
        by_effect = kind is not None and kind.name in EFFECTS
        what, hint = NO_SHOTS.get(self.kind, ("", ""))
        if by_effect:
            hint = NO_EFFECTS.get(self.kind, hint)
        if self.kind == "image" and kind is not None and not kind.stills:
            what, hint = (
                f"{kind.name} is decided for films, and this is a still",
                NO_EFFECTS["text"],
            )
        if what:
            message = f"{what}: there is nothing to decide"
            self.problems.add("no-shots", message, step["auto"].key_location or step, hint)
        return True

    def call(self, node: SpecNode | None) -> OpCall | None:
        """An op with every parameter; None without an op or if a file is missing."""
        if node is None:
            return None
        op = ops.get(node["op"].text)
        if "fallback" in node and (missing := self._missing(op, node)) is not None:
            return self._fallback(op, node, missing)
        params, mask = self.params(op, node), self.call(node.get("mask"))
        return None if params is None else OpCall(op.name, params, mask, node.location)

    def _missing(self, op: Op, node: SpecNode) -> SpecNode | None:
        """The weights that a call names, if the file is missing."""
        named = [
            node.get("asset" if p.name == named_file(op) else p.name)
            for p in op.params
            if p.kind == "weights"
        ]
        return next((each for each in named if each is not None and self.files.lacks(each)), None)

    def _fallback(self, op: Op, node: SpecNode, missing: SpecNode) -> OpCall | None:
        """The fallback of an op whose weights are missing; without its own mask, it uses the
        op's."""
        instead = node["fallback"]
        plain = instead.value == NONE
        drawn = "nothing is done" if plain else f"{instead['op'].text} is drawn"
        message = f"the weights {missing.text!r} of {op.name} are missing: {drawn} in its place"
        hint = "put the file back to have the op itself"
        self.warnings.warn("fallback-used", message, missing, hint)
        if plain:
            return None
        made = self.call(instead)
        if made is None or made.mask is not None:
            return made
        return replace(made, mask=self.call(node.get("mask")))

    def params(self, op: Op, node: SpecNode) -> tuple[tuple[str, ParamValue], ...] | None:
        """The parameters of a call; None where a file is missing."""
        values: dict[str, ParamValue] = {}
        look: tuple[LookInfo, SpecNode] | None = None
        complete = True
        for param in op.params:
            if param.kind in FILES:
                named = node.get("asset" if param.name == named_file(op) else param.name)
                if named is None and not param.required:
                    values[param.name] = ""
                    continue
                assert named is not None
                path = self.files.op_file(param, named, node)
                complete &= path is not None
                values[param.name] = str(path) if path is not None else ""
                held = self.files.look(path) if path is not None else None
                if held is not None:
                    look = held, named
            else:
                values[param.name] = self.value(param, node.get(param.name))
        if look is not None:
            settle(op, values, look[0], node, look[1], self.problems, self.warnings)
        return scaled_params(op, [*values.items()], self.design) if complete else None

    def value(self, param: Param, node: SpecNode | None) -> ParamValue:
        """The value of a parameter, or its default."""
        if node is None:
            return _default(param)
        if isinstance(node.value, dict):
            return self.keyframes(node, lambda value: _moving(param, value), _limits(param))
        match param.kind:
            case "enum" | "boolean":
                return cast("str | bool", node.value)
            case "integer":
                return int(node.number)
            case "curve" | "points":
                return self._points(param, node)
            case "text":
                return self._text(param, node)
        return _moving(param, node)

    def _points(self, param: Param, node: SpecNode) -> tuple[float, ...]:
        points = node.items
        for before, after in itertools.pairwise(points if param.kind == "curve" else ()):
            x, following = (point.items[0].number for point in (before, after))
            if following <= x:
                message = (
                    f"the points of {param.name} must go from left to right, and x = "
                    f"{trim(following)} does not follow {trim(x)}"
                )
                self.problems.add("curve-order", message, after, "sort them by x, each x once")
        found = flat(node)
        first, last = found[:2], found[-2:]
        if param.periodic and first[0] == 0.0 and last[0] == 1.0 and first[1] != last[1]:
            from vedc.ops.shared import curve

            message = f"{param.name}: {curve.problem((*first, *last), periodic=True)}"
            self.problems.add("curve-order", message, points[-1])
        return found

    def _text(self, param: Param, node: SpecNode) -> str:
        if param.name == "expression":
            from vedc.ops.shared import formula  # takes long to load, and few specs have one

            try:
                formula.check(node.text)
            except formula.FormulaError as error:
                message = f"{param.name}: {error}"
                hint = "`vedc explain custom` lists what a formula may hold"
                self.problems.add("bad-formula", message, self._inside(node, error.column), hint)
        return node.text

    def _inside(self, node: SpecNode, column: int) -> SourceLocation | None:
        """The location of a character of a text, or of the text if it is not written literally."""
        if self.lines is None or node.location is None or node.location.file != self.lines.file:
            return node.location
        source = ScalarSource(self.lines, node.location, node.text)
        at = min(column, len(node.text)) - 1
        return source.location(at, at + 1) if at >= 0 else node.location


def _limits(param: Param) -> tuple[float, float]:
    if param.kind == "color":
        return 0.0, 1.0
    low, high = param.low, param.high
    return -math.inf if low is None else low, math.inf if high is None else high


def _moving(param: Param, node: SpecNode) -> float | tuple[float, ...]:
    if param.kind == "color":
        return colors.rgba(node.text)[:3]
    if param.kind in ("rgb", "pair"):
        return tuple(float(element.number) for element in node)
    return float(node.number)


def _default(param: Param) -> ParamValue:
    """A parameter's default, typed like a value in a spec."""
    default = param.default
    assert default is not None
    if isinstance(default, tuple):
        return tuple(map(float, default))
    if isinstance(default, (str, bool)):
        return default
    return int(default) if param.kind == "integer" else float(default)


@dataclass(frozen=True, slots=True)
class KeyValues:
    """The values of an item's keys, by the part of the edit that they belong to and its field."""

    placement: dict[str, Any] = field(default_factory=dict)
    item: dict[str, Any] = field(default_factory=dict)
    sound: dict[str, Any] = field(default_factory=dict)
    edge: dict[str, Edge] = field(default_factory=dict)
    """``enter`` and ``exit``."""
    params: list[tuple[str, str, ParamValue]] = field(default_factory=list)
    """Of IR ops: (op, parameter, value)."""


#: The picture that ops are applied to, if composed of several items.
_COMPOSED: Final = {
    "track": "a track",
    "timeline": "the timeline",
    "adjustment": "what lies below an adjustment",
}
#: How an item without ``fit`` fills the canvas.
_FITS: Final[dict[str, Fit]] = {"text": "none", "color": "stretch", "generator": "stretch"}


def read(kind: str, node: SpecNode, values: Values, *, sound: bool = False) -> KeyValues:
    """The keys that an item gives: those of its picture, or those of its sound."""
    found = KeyValues()
    values.item, values.kind = node, kind
    values.composed = _COMPOSED.get(kind, "")
    for key in item_keys():
        part, name = key.lowers
        given = key.given(node)
        if given is None or kind not in key.items or (part == "sound") != sound:
            continue
        value = key.value(given, values)
        if value is None:
            continue
        for field_name, implied in key.implies.items():
            found.placement.setdefault(field_name, implied)
        if part in ("placement", "item", "sound", "edge"):
            getattr(found, part)[name] = value
        else:
            found.params.append((part, name, value))
    return found


def placement(kind: str, keys: KeyValues, values: Values) -> Placement:
    """The placement and opacity of an item."""
    fields: dict[str, Any] = {"fit": _FITS[kind]} if kind in _FITS else {}
    fields |= keys.placement
    sides = fields.pop("width", None), fields.pop("height", None)
    frame = Placement(**fields, params=tuple(keys.params))
    if sides == (None, None):
        return frame
    crop = frame.of("source").get("crop")
    own = (crop[2], crop[3]) if isinstance(crop, tuple) else values.picture
    return replace(frame, box=box_of(*sides, own, values.canvas))


def sound(kind: str, node: SpecNode, values: Values) -> Sound:
    """How an item of this length is heard."""
    return Sound(**read(kind, node, values, sound=True).sound)


def picture_keys() -> list[str]:
    """The keys of a clip that need a picture."""
    return [k.name for k in item_keys() if "clip" in k.items and k.lowers[0] != "sound"]


def transition_params(
    joint: TransitionTiming, values: Values
) -> tuple[tuple[str, ParamValue], ...] | None:
    """The parameters of a transition, every default filled in; None where a file is missing."""
    node = joint.node["transition"]
    return values.params(TRANSITION_CALL.op_of(node), node)
