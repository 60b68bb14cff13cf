"""``transition: random``, ``enter: random``: one transition of a list, picked by a seed.

The pick depends on the seed and the candidates alone, and is in the canonical form: in the
output of ``vedc config`` and everything after it, nothing is random.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import Final

from vedc.errors import SourceLocation
from vedc.lang.keys.calls import Call
from vedc.lang.keys.parts import EDGE_CALL, EDGE_KEYS, TRANSITION_CALL, TRANSITION_KEYS
from vedc.lang.schema.records import Key, ListOf, Record, Short, refer
from vedc.lang.schema.values import Json, Number, Type, Word
from vedc.lang.yaml.tree import Problems, SpecNode
from vedc.support.lazy_dataclass import dataclass

#: The candidates where the spec does not name them.
USUAL: Final = (
    "dissolve", "dip", "wipeleft", "wiperight", "wipeup", "wipedown", "slideleft", "slideright",
    "slideup", "slidedown", "coverleft", "revealright", "smoothleft", "smoothup", "iris", "clock",
)  # fmt: skip


def _random(title: str, word: str, doc: str, keys: Sequence[Key], call: Call, own: str) -> Record:
    return Record(
        title,
        doc,
        (
            Key(word, Word(("random",)), "random.", required=True, example=f"{word}: random"),
            *keys,
            Key(
                "from",
                ListOf(call, "transition", empty="empty-list"),
                "The transitions to pick from: names or long forms. By default: "
                + ", ".join(USUAL)
                + ".",
            ),
            Key(
                "seed",
                Number(0, 2**31 - 1, integer=True),
                f"The same seed picks the same of the same transitions. By default {own}.",
            ),
        ),
        advice={
            "list": "use `from`",
            "of": "use `from`",
            "names": "use `from`",
            "random": "use `from`",
        },
    )


RANDOM: Final = _random(
    "random transition",
    "name",
    "One transition of a list, picked by a seed; `vedc config`, `plan` and `explain` name it.",
    TRANSITION_KEYS,
    TRANSITION_CALL,
    "each random transition of the timeline has its own, by its number on its track",
)
RANDOM_EDGE: Final = _random(
    "random enter or exit",
    "preset",
    "How an item enters or exits, picked by a seed as a random transition is.",
    EDGE_KEYS,
    EDGE_CALL,
    "each has its own, by the number of its item on its track",
)


class RandomOr(Type):
    """A transition, or one of several at random. ``word`` is the key that names it."""

    def __init__(self, call: Call, random: Record, word: str, title: str) -> None:
        self.call, self.word, self.title = call, word, title
        self._random = Short(word, random)

    @property
    def phrase(self) -> str:  # type: ignore[override]  # plugins add transitions
        return self.call.phrase

    def is_random(self, node: SpecNode) -> bool:
        """Whether a value leaves the choice to a seed."""
        named = node.get(self.word) if isinstance(node.value, dict) else node
        return named is not None and named.value == "random"

    def _type(self, node: SpecNode) -> Type:
        return self._random if self.is_random(node) else self.call

    def schema(self, shared: Json) -> Json:
        named = {"required": [self.word], "properties": {self.word: {"const": "random"}}}
        rule = {
            "if": {"anyOf": [{"const": "random"}, {"type": "object", **named}]},
            "then": self._random.schema(shared),
            "else": self.call.schema(shared),
        }
        return refer(shared, self.title, rule)

    def check(self, node: SpecNode, name: str, problems: Problems) -> None:
        self._type(node).check(node, name, problems)

    def canonical(self, node: SpecNode) -> SpecNode:
        return self._type(node).canonical(node)


class TransitionCall(RandomOr):
    """What ``transition`` takes."""

    def __init__(self) -> None:
        super().__init__(TRANSITION_CALL, RANDOM, "name", "a transition or random")

    def check(self, node: SpecNode, name: str, problems: Problems) -> None:
        if isinstance(node.value, dict) and "auto" in node and "name" not in node:
            options = node["auto"].value
            given = options if isinstance(options, dict) else {}
            keys = ["name: auto", *(f"{key}: ..." for key in given)]
            message, hint = "'auto' is not a key of a transition", f"write {{{', '.join(keys)}}}"
            problems.add("unknown-key", message, node["auto"].key_location, hint)
        else:
            super().check(node, name, problems)


EDGE: Final = RandomOr(EDGE_CALL, RANDOM_EDGE, "preset", "an edge or random")
_TRANSITION: Final = TransitionCall()


@dataclass(frozen=True, slots=True)
class Pick:
    """What a seed picked."""

    location: SourceLocation | None
    """Of the transition's item, or of what ``enter`` or ``exit`` says."""
    name: str
    seed: str
    of: int
    """The number of candidates."""


def picked(clips: SpecNode, track: str, picks: list[Pick] | None = None) -> Iterator[SpecNode]:
    """The items of a track in canonical form, with a pick in place of each random transition.

    ``picks`` takes the picks made.
    """
    count = 0
    for item in clips:
        call = item.get("transition") if isinstance(item.value, dict) else None
        if call is None or call.broken or not _TRANSITION.is_random(call):
            yield item
            continue
        count += "seed" not in call
        made = _pick(call, _TRANSITION, f"{track}/{count}", picks, item.location)
        yield item.with_value({**item.entries, "transition": made})


def with_edges(item: SpecNode, place: str, picks: list[Pick] | None = None) -> SpecNode:
    """An item in canonical form with a pick in place of a random ``enter`` or ``exit``.

    ``place`` is that of the item, such as ``main/3``.
    """
    entries = dict(item.entries)
    for way in ("enter", "exit"):
        if way in entries and not entries[way].broken and EDGE.is_random(entries[way]):
            call = entries[way]
            entries[way] = _pick(call, EDGE, f"{place}/{way}", picks, call.location)
    return item.with_value(entries)


def _pick(
    node: SpecNode,
    kind: RandomOr,
    own: str,
    picks: list[Pick] | None,
    location: SourceLocation | None,
) -> SpecNode:
    """The candidate whose digest with the seed is highest, so that a new candidate changes only
    the picks that fall on it."""
    seed = str(node["seed"].value) if "seed" in node else own
    entries = {k: v for k, v in node.entries.items() if k not in (kind.word, "from", "seed")}
    if "from" in node:
        candidates = node["from"].items
    else:
        candidates = [kind.call.canonical(node[kind.word].with_value(name)) for name in USUAL]

    def digest(candidate: SpecNode) -> bytes:
        text = json.dumps([seed, candidate.plain()], sort_keys=True)
        return hashlib.sha256(text.encode()).digest()

    found = max(candidates, key=digest)
    if picks is not None:
        picks.append(Pick(location, found[kind.word].text, seed, len(candidates)))
    return node.with_value({**entries, **found.entries})
