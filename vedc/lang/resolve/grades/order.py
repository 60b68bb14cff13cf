"""Which steps may stand before a decided one: those that the thumbnails of a decision show."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from vedc import ops
from vedc.lang.keys.decided.catalogue import StepList
from vedc.lang.language import ITEM
from vedc.lang.resolve.grades.lists import is_live, steps_of
from vedc.lang.resolve.items.labels import enabled
from vedc.lang.yaml.tree import Problems, SpecNode

_ASKED: Final[dict[str, tuple[StepList, ...]]] = {
    "clip": ("grade", "effects"),
    "auto": ("grade", "effects"),
    "image": ("grade",),
}
"""Kinds of items, and their lists that may have decided steps."""


def check_order(root: SpecNode, problems: Problems) -> None:
    """Refuse decided steps of a canonical spec that stand after steps which cannot be shown."""
    for number, track in enumerate(root["timeline"]["tracks"]):
        for place, item in enumerate(track["clips"]):
            if enabled(track) and is_live(item):
                _check_item(root, number, place, _ASKED.get(ITEM.kind_of(item) or "", ()), problems)


def _check_item(
    root: SpecNode, track: int, place: int, lists: tuple[StepList, ...], problems: Problems
) -> None:
    before: dict[str, None] = {}
    for slot, step in steps_of(root, track, place):
        if slot.steps not in lists or step.broken:
            continue
        if "auto" in step:
            for name in before:
                refuse_after(name, step, slot.steps, problems)
        elif "op" in step:
            mask = step["mask"]["op"].text if "mask" in step else None
            before |= dict.fromkeys(unseen(step["op"].text, mask, slot.steps))


def unseen(op: str, mask: str | None, steps: StepList) -> Iterator[str]:
    """The ops of a step that thumbnails cannot show: those that use another picture, and effects
    that do more than change colours."""
    found = [name for name in (op, mask) if name is not None and ops.get(name).pictures]
    if not found and steps == "effects" and ops.get(op).kind != "grade":
        found = [op]
    yield from found


def refuse_after(name: str, node: SpecNode, steps: StepList, problems: Problems) -> None:
    """Report a decided step of a list that stands after a step with the op ``name``."""
    what = "a step" if steps == "grade" else "an effect"
    message = f"nothing can be decided after {what} with {name}"
    hint = f"put it before the {what.split()[1]} with {name}"
    problems.add("no-decision", message, node["auto"].key_location or node, hint)
