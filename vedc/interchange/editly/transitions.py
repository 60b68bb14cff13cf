"""editly's transitions: those of gl-transitions by name, with their own parameters."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Final

from vedc import ops
from vedc.interchange.common.words import transition
from vedc.interchange.editly.merging import Merged
from vedc.interchange.foreign.node import Node
from vedc.ops.core.index import MODULES

_DURATION: Final = Fraction(1, 2)
_EASINGS: Final = {
    "easeOutExpo": "ease-out-expo", "easeInOutCubic": "ease-in-out-cubic", "linear": "linear",
}  # fmt: skip
#: Names that stand for `Directional` with a direction, and an easing.
_WAYS: Final = {
    "directional-left": [1, 0], "directional-right": [-1, 0],
    "directional-down": [0, 1], "directional-up": [0, -1],
}  # fmt: skip


def read_transition(said: Merged, clip: Node) -> tuple[dict[str, Any], Fraction] | None:
    """A transition without its duration, and that; None for none."""
    if not said.nodes:
        clip.note_loss(
            "the transition, which editly picks at random", "vedc picks one too", "guessed"
        )
        return {"name": "random"}, _DURATION
    duration = said.number("duration", low=0, high=3600) if "duration" in said else _DURATION
    name = said.text("name") or "random"
    easing, curves = said.text("easing"), [said.text(f"audio{side}Curve") for side in ("Out", "In")]
    params = said.mapping("params")
    if not duration:
        if params is not None:
            params.keep()
        return None
    keys: dict[str, Any]
    if name == "random":
        clip.note_loss(
            "a random transition", "vedc picks one too, of fewer; `from` names others", "guessed"
        )
        keys = {"name": "random"}
    elif name == "dummy":
        keys = {"name": "dissolve", "easing": "steps(2, jump-none)"}
    elif name in _WAYS:
        keys = {"name": "gl:Directional", "direction": _WAYS[name], "easing": "ease-out-expo"}
        easing = None
    else:
        found = transition(f"gl:{name}")
        if found is None:
            found = transition(name)
            what = f"the transition {name!r}"
            if found is None:
                said.note_loss(what, "a dissolve of the same length")
            else:
                said.note_loss(what, f"vedc's own transition of that name, {found!r}", "note")
        keys = {"name": found or "dissolve"}
    if easing is not None:
        if easing not in _EASINGS:
            said.note_loss(f"the easing {easing!r}", "linear, as in editly", "note")
        elif easing != "linear":
            keys["easing"] = _EASINGS[easing]
    if params is not None:
        _params(params, keys)
    keys["audio"] = {"name": "crossfade", "curve": _curves(curves, said)}
    return keys, duration


def _curves(names: list[str | None], said: Merged) -> str | list[str]:
    from vedc.edit.tables.sound_words import CURVES

    known = []
    for name in names:
        if name is not None and name not in CURVES:
            said.note_loss(f"the curve {name!r} of the sound", "'tri'")
        known.append(name if name is not None and name in CURVES else "tri")
    return known[0] if known[0] == known[1] else known


def _params(params: Node, keys: dict[str, Any]) -> None:
    """Parameters of a transition, by the names that gl-transitions has for them."""
    from vedc.ops.transition import presets

    name, _ = presets.PRESETS.get(keys["name"], (keys["name"], {}))
    op = ops.get(name) if name in MODULES else None
    known = {} if op is None else {param.name.lower(): param.name for param in op.params}
    for key in params.keys:
        value = params.take(key)
        own = known.get(key.lower().replace("_", "")) or known.get(key.lower())
        if value is None:
            continue
        if own is None or not _plain(value):
            value.lose(f"is no parameter of vedc's {keys['name']}")
            continue
        keys[own] = value.keep().plain()


def _plain(value: Node) -> bool:
    if value.is_list:
        return all(each.is_number for each in value)
    return value.is_number or isinstance(value.value, bool)
