"""``enter`` and ``exit``: transitions of an item from and to nothing."""

from __future__ import annotations

from fractions import Fraction

from vedc.edit.model import JoinSound
from vedc.edit.values import ParamValue
from vedc.lang.keys.item_key import SEEN, ItemKey, ItemReader
from vedc.lang.keys.parts import EDGE_CALL, TRANSITION_DURATION, TRANSITION_SOUND
from vedc.lang.keys.random_pick import EDGE
from vedc.lang.yaml.tree import SpecNode
from vedc.support.lazy_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Edge:
    """A transition at an end of an item, as the spec gives it."""

    node: SpecNode
    op: str
    params: tuple[tuple[str, ParamValue], ...]
    duration: Fraction
    """Seconds."""
    easing: str
    sound: JoinSound | None
    curves: tuple[str, str] | None


def duration_of(node: SpecNode) -> SpecNode:
    """The duration of a transition, or the default at the transition's place."""
    return node.get("duration") or SpecNode(str(TRANSITION_DURATION.default), node.location)


def sound_of(node: SpecNode) -> tuple[JoinSound | None, tuple[str, str] | None]:
    """The effect of a transition on the sound and its curves, as far as the spec gives them."""
    given = node.get("audio")
    name = TRANSITION_SOUND.part(given, "name") if given is not None else None
    curve = TRANSITION_SOUND.part(given, "curve") if given is not None else None
    curves = (curve.items[0].text, curve.items[-1].text) if curve is not None else None
    match name.value if name is not None else None:
        case "crossfade" | "dip" | "cut" as sound:
            return sound, curves
    return None, curves


def _edge(name: str, doc: str, order: int) -> ItemKey:
    def read(node: SpecNode, item: ItemReader) -> Edge | None:
        op = EDGE_CALL.op_of(node)
        params = item.params(op, node)
        duration = item.seconds(duration_of(node), "duration")
        easing = node["easing"].text if "easing" in node else "linear"
        if params is None:
            return None
        return Edge(node, op.name, params, duration, easing, *sound_of(node))

    return ItemKey(name, EDGE, doc, items=SEEN, lowers=("edge", name), read=read, order=order)


ENTER = _edge(
    "enter",
    "How it appears where no transition leads to it: the name of a transition, its long form such "
    "as {preset: fade, duration: 0.4s}, or random, or [its long form](#random-enter-or-exit). It "
    "goes over from nothing during the first part of the item, in picture and sound.",
    134,
)
EXIT = _edge(
    "exit",
    "How it disappears where no transition follows: as `enter`, during the last part of the item.",
    136,
)
