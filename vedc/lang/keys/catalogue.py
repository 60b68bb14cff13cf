"""Every op and preset by its name in a spec, with an example of its call."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from vedc import ops
from vedc.lang.keys.vocabulary import blend_modes, transition_name, transition_presets
from vedc.lang.schema.fallback import FALLBACK, needs_weights
from vedc.lang.schema.params import plain_default, plain_value, value_type
from vedc.lang.schema.records import ABSENT, Key
from vedc.lang.yaml.dump import Dumper
from vedc.ops import Op, OpKind, Param
from vedc.support.suggest import did_you_mean


@dataclass(frozen=True)
class CatalogueEntry:
    """An op, or a preset of one with ``given`` parameters."""

    name: str
    op: Op
    given: Mapping[str, Any]

    @property
    def preset(self) -> bool:
        return self.name != self.op.name

    @property
    def word(self) -> str:
        """The word in a spec: a blend mode has its own."""
        if self.op.kind == "blend":
            return next((w for w, op in blend_modes().items() if op == self.op.name), self.name)
        return self.name

    def default(self, param: Param) -> object:
        """The value of a parameter that a call does not give, as a spec writes it; or ABSENT."""
        if param.name in self.given:
            return plain_value(param, self.given[param.name])
        return plain_default(param)

    def required(self, param: Param) -> bool:
        """Whether a call must give it, as a file or as an asset."""
        return param.name not in self.given and (param.required or param.foreign)

    def default_text(self, param: Param, written: Callable[[object], str]) -> str:
        """The default as text, by ``written`` where a spec can write it; or "required"."""
        default = self.default(param)
        if self.required(param):
            return "required"
        if default is ABSENT:  # a file that may be left out
            return "those of vedc" if param.kind == "weights" else "none"
        return written(default)

    @property
    def keys(self) -> tuple[Key, ...]:
        """What a call takes besides its parameters."""
        return (FALLBACK,) if needs_weights(self.op) else ()

    def animatable(self, param: Param) -> bool:
        return param.animatable and self.op.kind != "transition"

    def phrase(self, param: Param) -> str:
        """The values of a parameter, in words."""
        return value_type(param, animated=self.animatable(param)).phrase

    @property
    def text(self) -> str:
        """The text to search, in lower case."""
        op = self.op
        parts = [self.name, self.word, op.name, op.kind, op.summary, op.use]
        for param in op.params:
            parts += [param.name, param.summary, *param.choices]
        return " ".join(parts).lower()


def entries() -> list[CatalogueEntry]:
    """Every op in the order of declaration, its presets after it."""
    presets: dict[str, list[CatalogueEntry]] = {}
    for name, (target, given) in transition_presets().items():
        presets.setdefault(target, []).append(CatalogueEntry(name, ops.get(target), given))
    found = []
    for name in ops.names():
        found += [CatalogueEntry(name, ops.get(name), {}), *presets.get(name, ())]
    return found


def search(words: str, kind: OpKind | None = None) -> list[CatalogueEntry]:
    """The entries in which each word begins a word; those whose name has one come first."""
    wanted = [re.compile(rf"(?<![a-z0-9]){re.escape(word)}") for word in words.lower().split()]

    def rank(entry: CatalogueEntry) -> int:
        if words.lower() in (entry.name, entry.word):
            return 0
        return 1 if any(word.search(entry.name) for word in wanted) else 2

    found = [
        entry
        for entry in entries()
        if kind in (None, entry.op.kind) and all(word.search(entry.text) for word in wanted)
    ]
    return sorted(found, key=rank)


def lookup(name: str) -> CatalogueEntry | str | None:
    """The entry of that name or word; else the nearest name, or None where none is near."""
    known = entries()
    by_name = {entry.word: entry for entry in known} | {entry.name: entry for entry in known}
    return by_name.get(name) or by_name.get(transition_name(name)) or did_you_mean(name, by_name)


def example(entry: CatalogueEntry) -> str:
    """A few lines of a spec that call the op."""
    op, word = entry.op, entry.word
    named = "name" if op.kind == "transition" else "op"
    call = _flow({named: word, **_values(entry)})
    match op.kind:
        case "grade":
            return f"- clip: beach.mp4\n  grade:\n    - {call}\n"
        case "key" | "geometry" | "stencil":
            return f"- clip: beach.mp4\n  effects:\n    - {call}\n"
        case "mask":
            return f"- clip: beach.mp4\n  mask: {call}\n"
        case "blend":
            return f"- clip: beach.mp4\n  blend_mode: {word}\n"
        case "transition":
            return f"- clip: beach.mp4\n- transition: {call}\n- clip: city.mp4\n"
        case "generator":
            return f"- generator: {call}\n  duration: 3s\n"


def _flow(value: Any) -> str:
    text: str = yaml.dump(
        value, Dumper=Dumper, default_flow_style=True, sort_keys=False, width=1 << 20
    )
    return text.strip()


#: Kinds of optional parameters that an example gives anyway.
_SHOWN = ("number", "rgb", "enum", "color")


def _values(entry: CatalogueEntry) -> dict[str, object]:
    """Parameters of an example: the required ones, else the first two."""
    if entry.preset:
        return {p.name: sample(p) for p in entry.op.params if entry.default(p) is ABSENT}
    given = [p for p in entry.op.params if p.required or p.foreign]
    free = [p for p in entry.op.params if p not in given and p.kind in _SHOWN]
    shown = {p.name for p in (*given, *free[: max(0, 2 - len(given))])}
    return {p.name: sample(p) for p in entry.op.params if p.name in shown}


def sample(param: Param) -> object:
    """A value for an example: one that is not the default, where there is a sensible one."""
    if param.shown is not None:
        return plain_value(param, param.shown)
    default = param.default
    match param.kind:
        case "number" | "integer":
            value = _moved(default if isinstance(default, (int, float)) else None, param)
            return round(value) if param.kind == "integer" else plain_value(param, value)
        case "enum":
            return next((c for c in reversed(param.choices) if c != default), param.choices[0])
        case "boolean":
            return not default
        case "color":
            return "#ffb000"
        case "table":
            return "looks/teal.cube"
        case "correction":
            return "grades/shots.ccc"
        case "weights":
            return "models/mine.onnx" if param.foreign else "models/mine.safetensors"
        case "picture":
            return "clouds.png"
        case "palette":
            return "paintings/wave.jpg"
        case "text":
            return "smoothstep(p - 0.1, p + 0.1, x)" if param.name == "expression" else "Spring"
    if param.kind == "rgb" and isinstance(default, tuple) and len(set(default)) == 1:
        return plain_value(param, (_moved(default[0], param),) * 3)
    if default is not None:
        return plain_value(param, default)
    low, high = param.low or 0.0, param.high if param.high is not None else 1.0
    near, far = low + 0.25 * (high - low), low + 0.75 * (high - low)
    shapes: dict[str, object] = {
        "rgb": [far, near, near],
        "pair": [near, near],
        "curve": [[low, low], [high, high]],
        "points": [[near, far], [far, far], [near, near]],
    }
    return shapes[param.kind]


def _moved(default: float | None, param: Param) -> float:
    """A number away from the default, towards the wider side of its range, of two digits."""
    low, high = param.low, param.high
    if default is None:
        start = low if low is not None else 0.0
        end = high if high is not None else start + 1.0
        return float(f"{(start + end) / 2:.2g}")
    scale = abs(default) / 2 or 0.25
    up = min(scale, (high - default) / 2) if high is not None else scale
    down = min(scale, (default - low) / 2) if low is not None else scale
    value = float(f"{default + up:.2g}" if up >= down else f"{default - down:.2g}")
    inside = (low is None or value >= low) and (high is None or value <= high)
    return value if inside else default
