"""From shorthand to the one canonical long form that ``vedc config`` prints.

Everything left out or abbreviated is written out: tracks and their ids, assets for files
named in place, merged defaults, long transitions, outputs with their codecs. Everything after
expansion knows only this form. It is a valid spec and expands to itself. It needs no media,
so values that depend on a source (an unset profile, the end of a clip) stay unset.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from vedc.lang.files import Files
from vedc.lang.form.default_outputs import complete_output, default_output
from vedc.lang.form.many_files import ManyFiles
from vedc.lang.form.named_assets import Assets, ordered, with_assets, with_faces
from vedc.lang.form.named_compositions import NamedCompositions
from vedc.lang.form.spoken_captions import given_to_clips
from vedc.lang.keys.items import CHOSEN
from vedc.lang.keys.parts import TRANSITION_KEYS
from vedc.lang.keys.random_pick import Pick, picked, with_edges
from vedc.lang.language import DEFAULTS, EDIT, ITEM, TRACK
from vedc.lang.records.auto import AUTO_ITEM
from vedc.lang.records.sound import AUDIO
from vedc.lang.records.spec import with_timeline
from vedc.lang.records.transition import TRANSITION
from vedc.lang.schema.records import Record
from vedc.lang.yaml.load import Document
from vedc.lang.yaml.tree import ANY, SpecNode
from vedc.support.gc_pause import without_gc


@without_gc
def expand(
    document: Document, files: Files | None = None, picks: list[Pick] | None = None
) -> Document:
    """The canonical form of a spec that :func:`~vedc.lang.validate.validate` passed.

    Values keep the location of the text that they came from. With ``files``, patterns for many
    files are expanded, and their mistakes are added to the problems of ``files``. ``picks``
    collects the picks of seeds.
    """
    return replace(document, root=_expanded(document.root, document.path, files, picks))


def _expanded(
    root: SpecNode, path: Path | None, files: Files | None, picks: list[Pick] | None
) -> SpecNode:
    """``path`` is the spec's: it names the default output."""
    entries = dict(EDIT.canonical(with_timeline(root)).entries)
    entries.pop("variables", None)
    defaults = entries.pop("defaults", None)
    if defaults is None:
        defaults = SpecNode({}, lost=root.lost & {"defaults"})
    many = None if files is None else ManyFiles(entries.get("assets"), files)
    assets = Assets(entries.get("assets"))
    scope = _Scope(defaults, assets, entries.get("compositions"), many, picks)
    scope.compositions.expand()
    entries |= scope.film(entries)
    if "captions" in entries:
        entries["captions"] = scope.assets.captions(entries["captions"])
    entries = given_to_clips(entries)
    outputs = entries.get("outputs") or SpecNode([default_output(root, path)], root.location)
    outputs = outputs.with_value([_reframed(node, scope.assets) for node in outputs])
    if scope.assets.entries:
        entries["assets"] = scope.assets.node
    if scope.compositions.entries:
        entries["compositions"] = scope.compositions.node
    profile = entries.get("profile")
    entries["outputs"] = outputs.with_value([complete_output(node, profile) for node in outputs])
    return root.with_value({key: entries[key] for key in EDIT.keys if key in entries})


def _reframed(output: SpecNode, assets: Assets) -> SpecNode:
    """An output whose detector of faces is an asset."""
    if output.broken or "reframe" not in output:
        return output
    held = with_faces(output["reframe"], assets)
    return output.with_value({**output.entries, "reframe": held})


def expand_items(root: SpecNode, items: Mapping[int, Sequence[SpecNode]]) -> SpecNode:
    """A canonical spec with some of its items replaced by others that passed the checks of form.

    ``items`` maps the ``id`` of a replaced node to its replacements.
    """
    entries = dict(root.entries)
    assets = Assets(entries.get("assets"))
    scope = _Scope(SpecNode({}), assets, None)
    tracks = []
    for track in entries["timeline"]["tracks"]:
        clips: list[SpecNode] = []
        for node in track["clips"]:
            if id(node) in items:
                made = _named_after(node, [ITEM.canonical(each) for each in items[id(node)]])
                clips += map(scope.item, made)
            else:
                clips.append(node)
        held = track["clips"].with_value(list[SpecNode](clips))
        tracks.append(track.with_value({**track.entries, "clips": held}))
    timeline = entries["timeline"]
    held = timeline["tracks"].with_value(list[SpecNode](tracks))
    entries["timeline"] = timeline.with_value({**timeline.entries, "tracks": held})
    if assets.entries:
        entries["assets"] = assets.node
    return root.with_value({key: entries[key] for key in EDIT.keys if key in entries})


def _named_after(node: SpecNode, made: Sequence[SpecNode]) -> list[SpecNode]:
    """The items that one is replaced by: those of an ``auto`` named ``best`` are ``best[1]``,
    ..."""
    if "auto" not in node or "id" not in node:
        return list(made)
    named, number = [], 0
    for each in made:
        if "clip" in each:
            number += 1
            name = node["id"].with_value(f"{node['id'].text}[{number}]")
            each = each.with_value({**each.entries, "id": name})
        named.append(each)
    return named


class _Scope:
    """Expands timelines that share defaults, assets and compositions."""

    def __init__(
        self,
        defaults: SpecNode,
        assets: Assets,
        compositions: SpecNode | None,
        many: ManyFiles | None = None,
        picks: list[Pick] | None = None,
    ) -> None:
        """``many`` expands patterns for many files; ``picks`` collects the picks of seeds."""
        self.defaults, self.assets, self.many, self.picks = defaults, assets, many, picks
        self.compositions = NamedCompositions(compositions, self.film)

    def film(self, entries: Mapping[str, SpecNode], owner: str = "") -> dict[str, SpecNode]:
        """``timeline`` and ``audio`` of the film, or of the composition ``owner``."""
        made = {}
        if "timeline" in entries:
            timeline = entries["timeline"]
            if self.many is not None:
                timeline = self.many.timeline(timeline)
            made["timeline"] = self.timeline(timeline, owner)
        if "audio" in entries:
            if self.many is not None:
                self.many.refuse_sounds(entries["audio"])
            items = [_merge(item, self.defaults, "audio", AUDIO) for item in entries["audio"]]
            made["audio"] = entries["audio"].with_value(
                [self.assets.take(item, "clip") for item in items]
            )
        return made

    def timeline(self, node: SpecNode, owner: str) -> SpecNode:
        taken = {track["id"].value for track in node["tracks"] if "id" in track}
        tracks = []
        for number, track in enumerate(node["tracks"], 1):
            entries = dict(track.entries)
            if "id" not in entries:
                name = f"track-{number}"
                while name in taken:
                    name += "-"
                taken.add(name)
                entries["id"] = SpecNode(name, track.location)
            place = f"{owner}/{entries['id'].text}" if owner else entries["id"].text
            clips = picked(entries["clips"], place, self.picks)
            items = [self.item(item, f"{place}/{n}") for n, item in enumerate(clips, 1)]
            entries["clips"] = entries["clips"].with_value(items)
            if "captions" in entries:
                entries["captions"] = self.assets.captions(entries["captions"])
            tracks.append(with_assets(ordered(track, entries, TRACK), self.assets))
        entries = {**node.entries, "tracks": node["tracks"].with_value(tracks)}
        return with_assets(node.with_value(entries), self.assets)

    def item(self, item: SpecNode, place: str = "") -> SpecNode:
        """``place``: its track and number."""
        kind, assets = ITEM.kind_of(item) or "clip", self.assets
        if item.broken or kind == CHOSEN:
            return item
        if kind == "transition":
            return with_assets(_transition(item, _defaults_of(self.defaults, kind)), assets)
        if kind == "auto":  # it becomes clips
            item = _sources(_merge(item, self.defaults, "clip", AUTO_ITEM), assets)
        if kind in DEFAULTS.keys:
            item = _merge(item, self.defaults, kind, ITEM.kinds[kind])
        if kind == "text" and "stroke" in item:
            item = _outlined(item)
        item = with_edges(item, place, self.picks)
        if kind in ("clip", "image"):
            item = assets.take(item, kind)
            if "sound" in item and "from" in item["sound"]:
                held = assets.take(item["sound"], "from")
                item = item.with_value({**item.entries, "sound": held})
        elif kind == "composition":
            item = self.compositions.take(item)
        if "captions" in item:
            held = assets.captions(item["captions"])
            item = item.with_value({**item.entries, "captions": held})
        return with_assets(item, assets)


def _sources(item: SpecNode, assets: Assets) -> SpecNode:
    """An ``auto`` item whose sources are all assets."""
    auto = dict(item["auto"].entries)
    auto["from"] = auto["from"].with_value([assets.named(source) for source in auto["from"]])
    if "music" in auto:
        auto["music"] = assets.named(auto["music"]).under(auto["music"].key_location)
    return item.with_value({**item.entries, "auto": item["auto"].with_value(auto)})


def _transition(item: SpecNode, defaults: SpecNode) -> SpecNode:
    inner = item["transition"]
    if defaults.lost & {"duration", ANY} and "duration" not in inner:
        return item.with_value({"transition": inner}).losing({ANY})
    entries = {**defaults.entries, **inner.entries}
    default = str(TRANSITION.keys["duration"].default)
    entries.setdefault("duration", SpecNode(default, inner.location))
    names = ("name", *(key.name for key in TRANSITION_KEYS))
    first = {key: entries.pop(key) for key in names if key in entries}
    return item.with_value({**item.entries, "transition": inner.with_value(first | entries)})


def _defaults_of(defaults: SpecNode, kind: str) -> SpecNode:
    """The defaults of a kind of item."""
    lost = {ANY} if defaults.lost & {"defaults", kind, ANY} else ()
    return (defaults.get(kind) or SpecNode({})).losing(lost)


def _outlined(item: SpecNode) -> SpecNode:
    """A title whose outline is written as two keys."""
    entries = dict(item.entries)
    stroke = entries.pop("stroke")
    entries |= {f"stroke_{key}": value for key, value in stroke.entries.items()}
    return ordered(item, entries, ITEM.kinds["text"])


def _merge(item: SpecNode, defaults: SpecNode, kind: str, record: Record) -> SpecNode:
    """Fill in missing keys of an item, except those that exclude a key that it has."""
    own = _defaults_of(defaults, kind)
    entries = dict(item.entries)

    def excluded(key: str) -> bool:
        rules = (rule for rule in record.either if key in rule.group and rule.excludes(item))
        rivals = {name for rule in rules for name in rule.group}
        return key in item or bool(rivals & item.entries.keys())

    entries |= {key: value for key, value in own.entries.items() if not excluded(key)}
    lost = {key for key in own.lost if not excluded(key)}
    return ordered(item, entries, record).losing(lost)
