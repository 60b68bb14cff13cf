"""An entry of the lock: the answer to one question, with digests that reveal a person's edits."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from vedc.decide.choose.reasons import Choice, Reason
from vedc.errors import SourceLocation
from vedc.lang.yaml.tree import SpecNode
from vedc.support.lazy_dataclass import dataclass

Asks = Literal["auto", "grade", "effects", "reframe", "words"]
"""The kind of question: an item of a track, a step of a grade or of effects, an output, a crop or
captions."""


@dataclass(frozen=True, slots=True)
class LockedItem:
    """An item of an answer. ``node`` has its locations in the file."""

    node: SpecNode
    score: float | None = None
    reasons_for: tuple[str, ...] = ()
    reasons_against: tuple[str, ...] = ()
    instead: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    """Texts taken out before it."""
    sum: str = ""
    marked: bool = False
    clip: str = ""
    """In a grade of several clips, or for an output: the name of the clip it is for."""
    shot: str = ""
    """For a grade or a crop: the stretch of the source it applies to."""

    @property
    def edited(self) -> bool:
        return self.sum != item_sum(self.node.plain(), self.clip, self.shot)


@dataclass(frozen=True, slots=True)
class LockEntry:
    """An answer. ``text`` is its text in the file that it was read from."""

    name: str
    asked: str
    decided: str
    media: Mapping[str, str]
    by: Mapping[str, str]
    items: tuple[LockedItem, ...]
    marked: bool = False
    location: SourceLocation | None = None
    text: str | None = None
    asks: Asks = "auto"

    @property
    def edited(self) -> bool:
        """Whether a person has changed, added, moved or removed an item."""
        decided = _digest([item.sum for item in self.items], 4)
        return self.decided != decided or any(item.edited for item in self.items)

    @classmethod
    def of(
        cls,
        name: str,
        asked: str,
        media: Mapping[str, str],
        by: Mapping[str, str],
        choices: Sequence[Choice],
        asks: Asks = "auto",
    ) -> LockEntry:
        """The entry for an answer."""
        items = tuple(
            LockedItem(
                node=SpecNode.of(choice.item),
                score=choice.score,
                reasons_for=_reason_texts(r for r in choice.reasons if r.points > 0),
                reasons_against=_reason_texts(r for r in choice.reasons if r.points < 0),
                instead=choice.instead,
                removed=choice.removed,
                sum=item_sum(SpecNode.of(choice.item).plain(), choice.clip, choice.shot),
                clip=choice.clip,
                shot=choice.shot,
            )
            for choice in choices
        )
        decided = _digest([item.sum for item in items], 4)
        return cls(name, asked, decided, dict(media), dict(by), items, asks=asks)


def _reason_texts(reasons: Iterable[Reason]) -> tuple[str, ...]:
    """Reasons as text, the weightiest first."""
    ordered = sorted(reasons, key=lambda r: (-abs(r.points), r.name))
    return tuple(
        f"{r.name} {r.points:+.2f}" + (f" ({r.value})" if r.value else "") for r in ordered
    )


def item_sum(plain: Any, *of: str) -> str:
    """The digest of an item's meaning, independent of its formatting; ``of``: what it applies
    to."""
    return _digest([plain, *of] if any(of) else plain, 4)


def question_digest(plain: Any, *more: str) -> str:
    """The digest of a question."""
    return _digest([plain, *more], 8)


def _digest(value: Any, size: int) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=size).hexdigest()
