"""A spec with answers in place of its questions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from vedc.decide.choose.reasons import HARD_CUT
from vedc.decide.lock.lock_entry import LockedItem, LockEntry
from vedc.edit.timecode import brief
from vedc.edit.times import parse_time
from vedc.errors import SpecError
from vedc.lang.form.expand import expand_items
from vedc.lang.form.named_assets import Assets, step_with_assets
from vedc.lang.keys.item.picture.decidable_step import STEP_LISTS
from vedc.lang.keys.items import CHOSEN
from vedc.lang.language import EDIT, ITEM
from vedc.lang.records.clip import CLIP
from vedc.lang.resolve.grades.lists import with_answers
from vedc.lang.resolve.grades.question import AskedGrade, GradedItem, Slot
from vedc.lang.resolve.grades.spliced import CannotMove, GradedShot, steps_of_clip
from vedc.lang.resolve.questions import Asked
from vedc.lang.schema.records import ListOf
from vedc.lang.yaml.tree import Problems, SpecNode

#: Keys of an auto item that apply to each of its clips.
_SHARED: Final = tuple(k for k in CLIP.keys if k not in ("clip", "in", "out", "start", "duration"))


def spliced(root: SpecNode, answered: Sequence[tuple[Asked, LockEntry]]) -> SpecNode:
    """The spec with cuts and transitions in place of questions, their form checked."""
    problems = Problems()
    answers = {id(question.node): _items(question.node, entry) for question, entry in answered}
    for items in answers.values():
        for node in items:
            if isinstance(node.value, dict) and ITEM.kind_of(node) in ("auto", CHOSEN):
                message = "an answer cannot ask again"
                problems.add("bad-answer", message, node, "write clips and transitions")
            else:
                ITEM.check(node, "an item", problems)
    if problems:
        raise SpecError(tuple(problems))
    return expand_items(root, answers)


def item_names(
    root: SpecNode,
    answered: Sequence[tuple[Asked, LockEntry]],
    name_of: Callable[[SpecNode, str], str],
) -> dict[tuple[int, int], str]:
    """The names of the items in the result of :func:`spliced`, by track and place.

    ``name_of`` gives the name of an item of ``root`` by its node and its position, ``main[3]``.
    """
    answers = {id(question.node): _items(question.node, entry) for question, entry in answered}
    names: dict[tuple[int, int], str] = {}
    for number, track in enumerate(root["timeline"]["tracks"]):
        place = 0
        for index, node in enumerate(track["clips"], 1):
            own = name_of(node, f"{track['id'].text}[{index}]")
            if id(node) not in answers:
                names[number, place] = own
                place += 1
                continue
            clips = 0
            for made in answers[id(node)]:
                if "clip" in made:
                    clips += 1
                names[number, place] = f"{own}[{clips}]"
                place += 1
    return names


def _items(asking: SpecNode, entry: LockEntry) -> list[SpecNode]:
    """The items of an answer, each clip with the keys beside ``auto``."""
    nodes = [item.node for item in entry.items if item.node.plain() != HARD_CUT]
    if ITEM.kind_of(asking) == CHOSEN:
        return nodes
    clips = [n for n in nodes if isinstance(n.value, dict) and "clip" in n]
    made = []
    for node in nodes:
        if not any(node is clip for clip in clips):
            made.append(node)
            continue
        given = {key: asking[key] for key in _SHARED if key in asking}
        if node is not clips[0]:
            _drop(given, "fade_in", "enter")
        elif "start" in asking:
            given["start"] = asking["start"]
        if node is not clips[-1]:
            _drop(given, "fade_out", "exit")
        made.append(node.with_value({**given, **node.entries}))
    return made


def _drop(given: dict[str, SpecNode], *keys: str) -> None:
    for key in keys:
        given.pop(key, None)


# Grades and effects


def graded(
    root: SpecNode,
    answered: Sequence[tuple[AskedGrade, LockEntry]],
    pictured: Iterable[tuple[int, int]],
) -> SpecNode:
    """The spec with steps in place of questions, and their files as assets."""
    assets = Assets(root.get("assets"))
    answers = grade_answers(answered, assets)
    root = with_answers(root, answers, set(pictured))
    if not assets.entries:
        return root
    entries = {**root.entries, "assets": assets.node}
    return root.with_value({key: entries[key] for key in EDIT.keys if key in entries})


def grade_answers(
    answered: Sequence[tuple[AskedGrade, LockEntry]], assets: Assets
) -> dict[Slot, list[SpecNode]]:
    """The steps of each answer by their places in the spec. Raises SpecError for errors in them."""
    problems = Problems()
    found: dict[Slot, list[SpecNode]] = {}
    for question, entry in answered:
        _check_names(question, entry, problems)
        for slot, item in zip(question.slots, question.question.items, strict=True):
            mine = [
                locked
                for locked in entry.items
                if not question.question.shared or locked.clip == item.name
            ]
            rule = STEP_LISTS[slot.steps]
            found[slot] = [
                step_with_assets(slot.steps, rule.item.canonical(step), assets)
                for step in _steps(item, mine, rule, problems)
            ]
    if problems:
        raise SpecError(tuple(problems))
    return found


def _check_names(question: AskedGrade, entry: LockEntry, problems: Problems) -> None:
    """Report items for clips outside the question."""
    if not question.question.shared:
        return
    names = [item.name for item in question.question.items]
    for locked in entry.items:
        if locked.clip not in names:
            message = f"{entry.name} has no clip {locked.clip!r}"
            problems.add("bad-answer", message, locked.node, f"it is about {', '.join(names)}")


def _steps(
    item: GradedItem, locked: Sequence[LockedItem], rule: ListOf, problems: Problems
) -> list[SpecNode]:
    """The steps of a clip, with those of its shots combined."""
    before = len(problems)
    for each in locked:
        for step in each.node.value if isinstance(each.node.value, list) else ():
            if isinstance(step.value, dict) and "auto" in step:
                message = "an answer cannot ask again"
                problems.add("bad-answer", message, step, "write ordinary steps")
                return []
        rule.check(each.node, "the steps of a shot", problems)
    if len(problems) > before or not locked:
        return []
    if len(locked) == 1:
        return locked[0].node.items
    shots = _shots(item, locked, rule, problems)
    if shots is None:
        return []
    try:
        made = steps_of_clip(shots, item.time_map, item.head, item.length, item.fps)
    except CannotMove as error:
        hint = "cut the clip there, into one for each shot"
        problems.add("bad-answer", str(error), locked[0].node, hint)
        return []
    return [SpecNode.of(step, locked[0].node.location) for step in made]


def _shots(
    item: GradedItem, locked: Sequence[LockedItem], rule: ListOf, problems: Problems
) -> list[GradedShot] | None:
    """The shots of an answer; None, with a problem reported, if they cannot be read."""
    rate = item.media.video.rate if item.media is not None and item.media.video else item.fps
    shots: list[GradedShot] = []
    for each in locked:
        first, _, last = each.shot.partition("-")
        try:
            begin, end = (parse_time(text).seconds(rate) for text in (first, last))
        except ValueError:
            message = f"{each.shot or 'nothing'!r} is no stretch of the source"
            hint = "write two times of the file: shot: 00:00:00:00-00:00:04:12"
            problems.add("bad-answer", message, each.node, hint)
            return None
        if begin >= end or (shots and begin < shots[-1].end):
            after = f", after {brief(shots[-1].end)}" if shots else ""
            message = f"the shot {each.shot} does not begin before its end{after}"
            problems.add("bad-answer", message, each.node, "put the shots in order of the source")
            return None
        shots.append(
            GradedShot(begin, end, tuple(rule.item.canonical(s).plain() for s in each.node.items))
        )
    return shots
