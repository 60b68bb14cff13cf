"""The meanings of a name: an op, a preset, a key of items, a text animation, a target."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from vedc.report.ops.explain import as_text, explained, find, is_op
from vedc.report.ops.item_key import find_key, key_data, key_text
from vedc.report.ops.text_animation import animation_data, animation_text, find_animation
from vedc.report.target import PREFIX, find_target, target_data, target_text


@dataclass(frozen=True, slots=True)
class Meaning:
    """One meaning of a name."""

    name: str
    kind: str
    """In words, with its article."""
    text: Callable[[], str]
    data: Callable[[], Any]

    @property
    def is_op(self) -> bool:
        return self.kind == "an op"


def meanings(name: str) -> list[Meaning]:
    """What a name means, an op first. Raises UsageError if it means nothing."""
    if name.startswith(PREFIX):
        target = find_target(name)
        return [Meaning(name, "a target", lambda: target_text(target), lambda: target_data(target))]
    words = _words(name)
    if words and not is_op(name):
        return words
    entry = find(name)
    op = Meaning(name, "an op", lambda: as_text(entry), lambda: explained(entry))
    return [op, *words]


def _words(name: str) -> list[Meaning]:
    """Meanings of a name other than ops: a key of items, a text animation."""
    found = []
    key, animation = find_key(name), find_animation(name)
    if key is not None:
        found.append(Meaning(name, "a key of items", lambda: key_text(key), lambda: key_data(key)))
    if animation is not None:
        found.append(
            Meaning(
                animation,
                "a text animation",
                lambda: animation_text(animation),
                lambda: animation_data(animation),
            )
        )
    return found
