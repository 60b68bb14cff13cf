"""The questions of decided steps of grades and effects, once every clip of the film is known."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, Final

from vedc.edit.contents import Clip, Image
from vedc.edit.model import TimelineItem
from vedc.edit.values import OpCall
from vedc.lang.keys.decided.catalogue import DecidedKind, StepList, asked
from vedc.lang.keys.item_key import GRADED
from vedc.lang.language import ITEM
from vedc.lang.resolve.grades.drawn import drawn_scale
from vedc.lang.resolve.grades.lists import OWN, Answers, steps_of
from vedc.lang.resolve.grades.order import refuse_after, unseen
from vedc.lang.resolve.grades.question import (
    ITEM_LEVEL,
    TRACK_LEVEL,
    AskedGrade,
    GradedItem,
    GradeQuestion,
    LaidOut,
    Slot,
)
from vedc.lang.resolve.grades.references import AssetReferences, Reference, seen
from vedc.lang.resolve.items.timing import ItemTiming
from vedc.lang.resolve.sections.assets import Assets
from vedc.lang.schema.records import ABSENT
from vedc.lang.yaml.tree import Problems, SpecNode
from vedc.support.suggest import did_you_mean

Place = tuple[int, int]
"""The numbers of a track and of a clip in it."""

_SHOWN: Final = ("clip", "image")


class GradeAsking:
    """The questions of a spec whose cuts and transitions are decided.

    ``names`` are those of its items, by place; ``answers`` the decisions so far. Errors about names
    in steps go to ``problems``.
    """

    def __init__(
        self,
        root: SpecNode,
        names: Mapping[Place, str],
        answers: Answers,
        lay_out: Callable[[SpecNode], LaidOut],
        assets: Assets,
        problems: Problems,
    ) -> None:
        self.root, self.names, self.answers = root, names, answers
        self.assets, self.problems = assets, problems
        self.tracks = root["timeline"]["tracks"].items
        ids = [track["id"].text for track in self.tracks]
        self.film = "timeline"
        while self.film in ids:  # the name of questions about the whole timeline
            self.film += "-"
        self.steps = {place: steps_of(root, *place) for place in self._places()}
        self.open = {place: self._first_open(place) for place in self.steps}
        """The first undecided step of each item."""
        self.laid_out = lay_out(self._up_to_questions())
        self.shown: dict[Place, tuple[ItemTiming, TimelineItem]] = dict(self._shown())
        self.by_id = {
            self._node(place)["id"].text: place for place in self.steps if "id" in self._node(place)
        }
        fps = self.laid_out.profile.fps
        self.references = AssetReferences(assets, [*self.by_id], fps, problems)

    @cached_property
    def pictured(self) -> set[Place]:
        """The items that shared grades apply to."""
        return {
            place
            for place, (timing, _) in self.shown.items()
            if timing.kind in GRADED
            and not (timing.media is not None and timing.media.video is None)
        }

    def ready(self) -> list[AskedGrade]:
        """The questions that can be asked now, in order."""
        return [question for _, question in self._questions() if question is not None]

    def left(self) -> int:
        """The number of open steps of decidable items."""
        return sum(
            "auto" in step and slot not in self.answers
            for place in self._gradable
            for slot, step in self.steps[place]
        )

    def waiting(self) -> list[SpecNode]:
        """The steps that wait for other decisions."""
        return [step for step, question in self._questions() if question is None]

    def passed_over(self) -> list[SpecNode]:
        """The compositions that a shared grade skips, because it is undecided."""
        return [
            self._node(place)
            for place, (timing, _) in self.shown.items()
            if timing.kind == "composition"
            and any("auto" in step for slot, step in self.steps[place] if slot.level not in OWN)
        ]

    # Which

    def _questions(self) -> Iterator[tuple[SpecNode, AskedGrade | None]]:
        done: set[tuple[int, int, int]] = set()
        for place, step in self.open.items():
            if step is None or place not in self._gradable:
                continue
            slot, node = step
            found = asked(node)
            if found is None:
                continue
            kind, options = found
            if not kind.stills and isinstance(self.shown[place][1].content, Image):
                continue  # refused when the film is resolved
            if kind.over == "clip" or slot.level in OWN:
                yield node, self._of_items(kind, options, node, [slot])
                continue
            key = (slot.track if slot.level == TRACK_LEVEL else -1, slot.level, slot.step)
            if key in done:
                continue
            done.add(key)
            members = [
                other
                for other in self._gradable
                if slot.level != TRACK_LEVEL or other[0] == slot.track
            ]
            slots = [Slot(*other, slot.level, slot.step) for other in members]
            alike = all(
                first is not None and first[0] == own
                for own, first in ((s, self.open[s.track, s.clip]) for s in slots)
            )
            yield node, self._of_items(kind, options, node, slots) if alike else None

    @cached_property
    def _gradable(self) -> list[Place]:
        """The items for which decisions are possible."""
        return [
            place
            for place, (timing, item) in self.shown.items()
            if timing.kind in _SHOWN
            and timing.known
            and (isinstance(item.content, Image) or _has_picture(item))
        ]

    def _places(self) -> Iterator[Place]:
        for number, track in enumerate(self.tracks):
            for index, item in enumerate(track["clips"]):
                if not item.broken and ITEM.kind_of(item) in GRADED:
                    yield number, index

    def _first_open(self, place: Place) -> tuple[Slot, SpecNode] | None:
        steps = self.steps[place]
        return next((s for s in steps if "auto" in s[1] and s[0] not in self.answers), None)

    def _node(self, place: Place) -> SpecNode:
        item: SpecNode = self.tracks[place[0]]["clips"].items[place[1]]
        return item

    # What they look at

    def _up_to_questions(self) -> SpecNode:
        """The spec in which each item has the steps before its question, and no other grade or
        effect."""
        tracks = []
        for number, track in enumerate(self.tracks):
            clips = []
            for index, item in enumerate(track["clips"]):
                entries = dict(item.entries)
                if (number, index) in self.steps:
                    known = self._known((number, index))
                    for name in ("grade", "effects"):
                        steps = [step for slot, step in known if slot.steps == name]
                        entries[name] = SpecNode(steps, item.location)
                clips.append(item.with_value(entries))
            kept = {k: v for k, v in track.entries.items() if k != "grade"}
            tracks.append(track.with_value({**kept, "clips": track["clips"].with_value(clips)}))
        timeline = self.root["timeline"]
        kept = {k: v for k, v in timeline.entries.items() if k != "grade"}
        made = {**kept, "tracks": timeline["tracks"].with_value(list[SpecNode](tracks))}
        return self.root.with_value({**self.root.entries, "timeline": timeline.with_value(made)})

    def _known(self, place: Place) -> list[tuple[Slot, SpecNode]]:
        """The ordinary steps of an item up to its question."""
        found: list[tuple[Slot, SpecNode]] = []
        for slot, step in self.steps[place]:
            if "auto" not in step:
                found.append((slot, step))
            elif slot in self.answers:
                found += ((slot, made) for made in self.answers[slot])
            else:
                break
        return found

    def _shown(self) -> Iterator[tuple[Place, tuple[ItemTiming, TimelineItem]]]:
        laid = self.laid_out
        for number, track, placed in zip(laid.tracks, laid.edit.tracks, laid.placed, strict=True):
            by_index = {timing.index: timing for timing in placed}
            for item in track.items:
                index = int(item.name[len(track.id) + 1 :].partition("]")[0]) - 1
                if (number, index) in self.steps:
                    yield (number, index), (by_index[index], item)

    def _item(self, place: Place) -> GradedItem:
        timing, item = self.shown[place]
        node = self._node(place)
        return GradedItem(
            self.names[place],
            node[timing.kind].text,
            item,
            self.laid_out.profile.fps,
            timing.head,
            timing.own_length,
            frozenset(self._beside(place)),
        )

    def _beside(self, place: Place) -> Iterator[str]:
        for slot, step in self.steps[place]:
            if slot.steps == "effects" and "op" in step:
                yield step["op"].text
            elif slot.steps == "effects" and slot not in self.answers:
                found = asked(step)
                if found is not None:
                    yield found[0].name

    # Questions

    def _of_items(
        self, kind: DecidedKind, options: SpecNode, node: SpecNode, slots: Sequence[Slot]
    ) -> AskedGrade | None:
        """A question about some items; None if it must wait, or if an error is reported."""
        items = tuple(self._item((slot.track, slot.clip)) for slot in slots)
        steps = slots[0].steps
        for item in items:
            self._check_seen(item, node, steps)
        given = {
            key.name: options[key.name].plain()
            if key.name in options
            else None
            if key.default is ABSENT
            else key.default
            for key in kind.record.keys.values()
        }
        question = GradeQuestion(
            kind.name,
            given,
            items,
            self.laid_out.profile,
            location=node.location,
            steps=steps,
        )
        plain: dict[str, Any] = {
            "kind": kind.name,
            "options": given,
            "items": [
                self._facts((slot.track, slot.clip), steps, sized=kind.sized) for slot in slots
            ],
            "canvas": str(self.laid_out.profile.canvas_color),
        }
        if kind.beside:
            plain["beside"] = [sorted(item.beside) for item in items]
        if len(slots) > 1:
            plain["names"] = [item.name for item in items]
        if "to" in options:
            found = self._reference(options, slots)
            if found is None:
                return None
            question = replace(question, reference=found[0], at=found[1])
            plain["reference"] = found[2]
        if "hero" in options:
            hero = self._hero(options["hero"], slots)
            if not hero:
                return None
            question = replace(question, hero=hero)
            plain["hero"] = list(hero)
        if "src" in options:
            asset = self.assets.asset(options["src"])
            look = self.assets.files.existing(asset["src"]) if asset is not None else None
            if look is None:
                return None
            question = replace(question, look=look)
        return AskedGrade(node, self._name(slots), question, plain, tuple(slots))

    def _check_seen(self, item: GradedItem, node: SpecNode, steps: StepList) -> None:
        """Refuse answers before the question that thumbnails cannot show, as ``check_order`` does
        for written steps."""
        shown: Mapping[StepList, Sequence[OpCall]] = {
            "grade": item.shown.grade,
            "effects": item.shown.effects,
        }
        for list_of, calls in shown.items():
            for call in calls:
                mask = call.mask.op if call.mask is not None else None
                for name in unseen(call.op, mask, list_of):
                    refuse_after(name, node, steps, self.problems)

    def _name(self, slots: Sequence[Slot]) -> str:
        first = slots[0]
        own = self.names[first.track, first.clip]
        track = self.tracks[first.track]["id"].text
        level = ("", track, self.film, "effects")[first.level]
        number = first.step + 1
        if not level:
            return f"{own}.{number}"
        return f"{level}.{number}" if len(slots) > 1 else f"{own}.{level}.{number}"

    def _facts(self, place: Place, steps: StepList = "grade", *, sized: bool = False) -> Any:
        """The properties of an item that influence decisions in one of its lists."""
        timing, item = self.shown[place]
        source = self._node(place)[timing.kind].text
        known = self._known(place)
        grade = [step.plain() for slot, step in known if slot.steps == "grade"]
        effects = [step.plain() for slot, step in known if slot.steps == "effects"]
        if steps == "grade":
            return [source, *seen(item), grade]
        drawn = [f"{drawn_scale(item, self.laid_out.profile):.3f}"] if sized else []
        return [source, *seen(item), *drawn, grade, effects]

    # References

    def _reference(self, options: SpecNode, slots: Sequence[Slot]) -> Reference | None:
        """The reference of a match; None if it must wait, or if an error is reported."""
        named = options["to"]
        place = self.by_id.get(named.text)
        if place is None:
            return self.references.of_asset(named, options.get("at"))
        if any((slot.track, slot.clip) == place for slot in slots):
            message = f"{named.text!r} would be made to match itself"
            hint = "name another item, or an asset by its file"
            self.problems.add("self-match", message, named, hint)
            return None
        if place not in self._gradable:
            kind = ITEM.kind_of(self._node(place))
            message = f"{named.text!r} is a {kind} whose picture is not known here"
            hint = "name a clip or an image that the film shows, or a file"
            self.problems.add("no-picture", message, named, hint)
            return None
        first = self.open[place]
        if first is not None and first[0].level == ITEM_LEVEL:
            return None  # its own grade is decided first
        timing, item = self.shown[place]
        known = self._known(place)
        own = sum(slot.level == ITEM_LEVEL for slot, _ in known)
        shown = replace(self._item(place), shown=replace(item, grade=item.grade[:own]))
        at = None
        if "at" in options:
            at = self.references.moment(options["at"], named.text, shown.length, item.content)
            if at is None:
                return None
            if isinstance(item.content, Clip):
                at = item.content.time_map.source_at(at + timing.head)
        facts = [*self._facts(place)[:-1], [step.plain() for _, step in known[:own]]]
        return shown, at, [facts, str(at)]

    def _hero(self, named: SpecNode, slots: Sequence[Slot]) -> tuple[int, ...]:
        """The items that the others are matched to, by number; empty, reported, if there are
        none."""
        places = [(slot.track, slot.clip) for slot in slots]
        found = [n for n, place in enumerate(places) if self.by_id.get(named.text) == place]
        sources = [self._node(place)[self.shown[place][0].kind].text for place in places]
        found = found or [n for n, source in enumerate(sources) if source == named.text]
        if not found:
            ids = [name for name, place in self.by_id.items() if place in places]
            near = did_you_mean(named.text, [*ids, *sources])
            tail = f"; did you mean {near!r}?" if near else ""
            message = f"none of the clips that are made alike is {named.text!r}{tail}"
            hint = "name one of them by its id, or by the asset that it shows"
            self.problems.add("unknown-hero", message, named, None if near else hint)
        return tuple(found)


def _has_picture(item: TimelineItem) -> bool:
    return isinstance(item.content, Clip) and item.content.media.video is not None
