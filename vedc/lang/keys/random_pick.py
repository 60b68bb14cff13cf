"""``transition: random``: one transition of a list, picked by a seed.

The pick depends on the seed and the candidates alone, and it is the canonical form: what
``vedc config`` prints and everything after it knows no chance.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Final

from vedc.lang.keys.parts import TRANSITION_CALL, TRANSITION_KEYS
from vedc.lang.schema.records import Key, ListOf, Record, Short, refer
from vedc.lang.schema.values import Json, Number, Type, Word
from vedc.lang.yaml.tree import Problems, SpecNode

#: What is picked from where the spec does not say it.
USUAL: Final = (
    "dissolve", "dip", "wipeleft", "wiperight", "wipeup", "wipedown", "slideleft", "slideright",
    "slideup", "slidedown", "coverleft", "revealright", "smoothleft", "smoothup", "iris", "clock",
)  # fmt: skip
RANDOM: Final = Record(
    "random transition",
    "One transition of a list, picked by a seed; `vedc config` and `vedc plan` name it.",
    (
        Key("name", Word(("random",)), "random.", required=True, example="name: random"),
        *TRANSITION_KEYS,
        Key(
            "from",
            ListOf(TRANSITION_CALL, "transition", empty="empty-list"),
            "The transitions to pick from: names or long forms. By default: "
            + ", ".join(USUAL)
            + ".",
        ),
        Key(
            "seed",
            Number(0, 2**31 - 1, integer=True),
            "The same seed picks the same of the same transitions. By default each random "
            "transition of the timeline has its own, by its number on its track.",
        ),
    ),
    advice={
        "list": "use `from`",
        "of": "use `from`",
        "names": "use `from`",
        "random": "use `from`",
    },
)


def is_random(node: SpecNode) -> bool:
    """Whether the value of ``transition`` leaves the choice to a seed."""
    named = node.get("name") if isinstance(node.value, dict) else node
    return named is not None and named.value == "random"


class TransitionCall(Type):
    """A transition by name, or one of several at random."""

    def __init__(self) -> None:
        self._random = Short("name", RANDOM)

    @property
    def phrase(self) -> str:  # type: ignore[override]  # plugins add transitions
        return TRANSITION_CALL.phrase

    def _type(self, node: SpecNode) -> Type:
        return self._random if is_random(node) else TRANSITION_CALL

    def schema(self, shared: Json) -> Json:
        named = {"required": ["name"], "properties": {"name": {"const": "random"}}}
        rule = {
            "if": {"anyOf": [{"const": "random"}, {"type": "object", **named}]},
            "then": self._random.schema(shared),
            "else": TRANSITION_CALL.schema(shared),
        }
        return refer(shared, "a transition or random", rule)

    def check(self, node: SpecNode, name: str, problems: Problems) -> None:
        self._type(node).check(node, name, problems)

    def canonical(self, node: SpecNode) -> SpecNode:
        return self._type(node).canonical(node)


def picked(clips: SpecNode, track: str) -> Iterator[SpecNode]:
    """The items of a track in canonical form, with a pick in place of each random transition."""
    count = 0
    for item in clips:
        call = item.get("transition") if isinstance(item.value, dict) else None
        if call is None or call.broken or not is_random(call):
            yield item
            continue
        count += "seed" not in call
        seed = str(call["seed"].value) if "seed" in call else f"{track}/{count}"
        entries = {k: v for k, v in call.entries.items() if k not in ("name", "from", "seed")}
        pick = _pick(seed, call)
        yield item.with_value(
            {**item.entries, "transition": call.with_value({**entries, **pick.entries})}
        )


def _pick(seed: str, call: SpecNode) -> SpecNode:
    """The candidate with the highest digest together with the seed: so a further candidate
    changes only the picks that fall on it."""
    if "from" in call:
        candidates = call["from"].items
    else:
        candidates = [TRANSITION_CALL.canonical(call["name"].with_value(n)) for n in USUAL]

    def digest(candidate: SpecNode) -> bytes:
        text = json.dumps([seed, candidate.plain()], sort_keys=True)
        return hashlib.sha256(text.encode()).digest()

    return max(candidates, key=digest)
