"""Targets of ducking: something audible, and never the sound itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from vedc.lang.keys.item_key import AUDIBLE
from vedc.lang.yaml.tree import ANY, Problems, SpecNode
from vedc.support.suggest import did_you_mean


class _Owner(NamedTuple):
    """Something that may be ducked."""

    node: SpecNode
    track: str | None
    """That an item is on."""


def check_ducks(tracks: SpecNode, audio: Iterable[SpecNode], problems: Problems) -> None:
    """Report duplicate ids of audio items, and ducks under missing or silent targets, under
    themselves, and in a cycle."""
    sounds = list(audio)
    items = [_Owner(item, track["id"].text) for track in tracks for item in _items(track)]
    _check_ids(tracks, items, sounds, problems)
    whole = [*(_Owner(track, None) for track in tracks), *(_Owner(item, None) for item in sounds)]
    on: dict[str, str | None] = {n: None for owner in whole for n in _names(owner.node)}
    """Id of what can be heard -> the track that it is on, if it is an item."""
    silent: set[str] = set()
    for item in items:
        for name in _names(item.node):
            if any(kind in item.node for kind in AUDIBLE):
                on.setdefault(name, item.track)
            else:
                silent.add(name)
    checker = _Checker(on, silent, {track["id"].text for track in tracks}, problems)
    checker.complete = not tracks.lost and not any(
        node.broken or node.lost & {"id", ANY}
        for node in (*tracks, *sounds, *(held for track in tracks for held in track["clips"]))
    )
    for owner in (*whole, *items):
        for under in owner.node["duck"]["under"] if "duck" in owner.node else ():
            checker.check(owner, under)


def _check_ids(
    tracks: SpecNode, items: Iterable[_Owner], sounds: Iterable[SpecNode], problems: Problems
) -> None:
    taken = {track["id"].text for track in tracks}
    taken |= {item.node["id"].text for item in items if "id" in item.node}
    for sound in sounds:
        if "id" not in sound:
            continue
        name = sound["id"]
        if name.text in taken:
            message = f"another item or track is named {name.text!r}"
            problems.add("same-id", message, name, "give one of them another id")
        taken.add(name.text)


def _items(track: SpecNode) -> Iterator[SpecNode]:
    return (item for item in track["clips"] if not item.broken)


def _names(node: SpecNode) -> list[str]:
    """The names of an item: parts of an expanded one, such as ``best[2]``, also have its name."""
    if "id" not in node:
        return []
    name = node["id"].text
    chosen = name.rpartition("[")[0] if name.endswith("]") else ""
    return [name, chosen] if chosen else [name]


class _Checker:
    """Checks names one after the other."""

    def __init__(
        self, on: dict[str, str | None], silent: set[str], tracks: set[str], problems: Problems
    ) -> None:
        self._on, self._silent, self._tracks, self._problems = on, silent, tracks, problems
        self.complete = True
        """Whether every id is known."""
        self._waits: dict[str, set[str]] = {}
        """Track -> those that clips on it are lowered under."""

    def check(self, owner: _Owner, name: SpecNode) -> None:
        text, own = name.text, _names(owner.node)
        if text in own:
            message = f"{text!r} cannot be lowered under itself"
            self._add("duck-itself", message, name, "name what is to be heard above it")
        elif owner.track is not None and text == owner.track:
            message = f"{text!r} is the track of this item, which cannot be lowered under itself"
            self._add("duck-itself", message, name, "name another track, a sound or another item")
        elif owner.track is None and self._on.get(text) in (own or [""]):
            message = f"{text!r} is on this track and would be lowered with it"
            hint = "give `duck` to the other items of the track"
            self._add("duck-itself", message, name, hint)
        elif text in self._on:
            if owner.track is not None and text in self._tracks:
                self._check_circle(owner.track, text, name)
        elif text in self._silent:
            message = f"{text!r} has no sound, so nothing is ever lowered under it"
            self._add("no-audio", message, name, "name a track, a sound or a clip")
        elif self.complete:
            near = did_you_mean(text, self._on)
            tail = f"; did you mean {near!r}?" if near else ""
            message = f"no track, no audio item and no item with sound has the id {text!r}{tail}"
            hint = "give an `id` to what is to be heard above it, and name that"
            self._add("unknown-id", message, name, hint)

    def _check_circle(self, track: str, under: str, name: SpecNode) -> None:
        """A clip must know the track above it before its own track is heard."""
        if self._reaches(under, track):
            message = f"{under!r} has an item that is lowered under {track!r} in turn"
            hint = "name the items that are to be heard above it, by ids of their own"
            self._add("duck-circle", message, name, hint)
        else:
            self._waits.setdefault(track, set()).add(under)

    def _reaches(self, track: str, other: str) -> bool:
        return track == other or any(self._reaches(t, other) for t in self._waits.get(track, ()))

    def _add(self, code: str, message: str, name: SpecNode, hint: str) -> None:
        self._problems.add(code, message, name, hint)
