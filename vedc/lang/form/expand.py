"""Sugar to the one canonical long form that ``vedc config`` prints.

What may be left out or abbreviated is written out: tracks and their ids, assets for files
named in place, merged defaults, long transitions, outputs with their codecs. Everything after
expansion knows only this form. It is a valid spec and expands to itself. It needs no media,
so what depends on a source (an unset profile, the end of a clip) stays unset.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Final

from vedc.color import CANVAS_COLORS, FORMATS, HDR_TRANSFERS
from vedc.edit.codecs import (
    IMAGE_CODECS,
    SOUND_ONLY,
    VIDEO_CODECS,
    pix_fmts,
    preset_suits,
    with_alpha,
)
from vedc.edit.containers import audio_for_extension, codec_for_extension, extension
from vedc.edit.times import round_half_up
from vedc.lang.files import Files
from vedc.lang.form.many_files import ManyFiles
from vedc.lang.keys.calls import Call
from vedc.lang.keys.items import CHOSEN
from vedc.lang.keys.parts import (
    EDGE_CALL,
    EFFECT_CALL,
    GENERATOR_CALL,
    GRADE_CALL,
    MASK_CALL,
    TRANSITION_CALL,
    TRANSITION_KEYS,
)
from vedc.lang.keys.random_pick import picked
from vedc.lang.keys.settings import ASSET, OUTPUT, STREAMS
from vedc.lang.keys.targets import TARGETS
from vedc.lang.language import AUDIO, AUTO_ITEM, DEFAULTS, EDIT, ITEM, TRACK, TRANSITION
from vedc.lang.schema.params import FILES, named_file
from vedc.lang.schema.records import Record
from vedc.lang.yaml.load import Document
from vedc.lang.yaml.tree import ANY, SpecNode
from vedc.support.file_patterns import is_numbered
from vedc.support.gc_pause import without_gc


@without_gc
def expand(document: Document, files: Files | None = None) -> Document:
    """The canonical form of a spec that :func:`~vedc.lang.validate.validate` passed.

    Values keep the location of the text that they came from. With ``files`` the names that stand
    for many files are spread; what is wrong with them is added to the problems of ``files``.
    """
    return replace(document, root=_expanded(document.root, document.path, files))


def _expanded(root: SpecNode, path: Path | None, files: Files | None) -> SpecNode:
    """``path`` is that of the spec: it names the default output."""
    entries = dict(EDIT.canonical(root).entries)
    entries.pop("variables", None)
    defaults = entries.pop("defaults", None)
    if defaults is None:
        defaults = SpecNode({}, lost=root.lost & {"defaults"})
    if files is not None:
        many = ManyFiles(entries.get("assets"), files)
        entries["timeline"] = many.timeline(entries["timeline"])
        many.refuse_sounds(entries.get("audio") or SpecNode([]))
    assets = _Assets(entries.get("assets"))
    entries["timeline"] = _timeline(entries["timeline"], defaults, assets)
    if "audio" in entries:
        entries["audio"] = entries["audio"].with_value(
            [
                assets.take(_merge(item, defaults, "audio", AUDIO), "clip")
                for item in entries["audio"]
            ]
        )
    if "captions" in entries:
        entries["captions"] = assets.captions(entries["captions"])
    if assets.entries:
        entries["assets"] = assets.node
    outputs = entries.get("outputs") or SpecNode([_default_output(root, path)], root.location)
    hdr = _is_hdr(entries.get("profile"))
    entries["outputs"] = outputs.with_value([_output(node, hdr) for node in outputs])
    return root.with_value({key: entries[key] for key in EDIT.keys if key in entries})


def expand_items(root: SpecNode, items: Mapping[int, Sequence[SpecNode]]) -> SpecNode:
    """A canonical spec with some of its items replaced by others that passed the checks of form.

    ``items`` maps the ``id`` of a replaced node to its replacements.
    """
    entries = dict(root.entries)
    assets = _Assets(entries.get("assets"))
    tracks = []
    for track in entries["timeline"]["tracks"]:
        clips: list[SpecNode] = []
        for node in track["clips"]:
            if id(node) in items:
                clips += [_item(ITEM.canonical(n), SpecNode({}), assets) for n in items[id(node)]]
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


class _Assets:
    """The files by id; those that are named in place get an id: their path."""

    def __init__(self, node: SpecNode | None) -> None:
        self._given = node or SpecNode({})
        self.entries = dict(self._given.entries)

    @property
    def node(self) -> SpecNode:
        return self._given.with_value(self.entries)

    def take(self, holder: SpecNode, key: str) -> SpecNode:
        """A record whose ``key`` names an asset; a path becomes an asset of its own.

        A word that is neither an id nor looks like a path stays: it is a misspelt id. Where the
        record chooses streams or a rate, its asset is one with these.
        """
        entries = {**holder.entries, key: self.named(holder[key])}
        choices: tuple[str, ...] = ("stream", "rate")
        chosen = {name: entries.pop(name) for name in choices if name in entries}
        if chosen:
            entries[key] = self._with(entries[key], chosen)
        return holder.with_value(entries)

    def _with(self, word: SpecNode, chosen: Mapping[str, SpecNode]) -> SpecNode:
        """The id of an asset like that of ``word``, but with other streams or another rate."""
        asset = self.entries.get(word.text)
        if asset is None or asset.broken or any(node.broken for node in chosen.values()):
            return word
        added, told = dict(chosen), []
        if "stream" in chosen:
            given = asset.get("stream")
            kinds = {**(given.entries if given is not None else {}), **chosen["stream"].entries}
            kinds = {kind: kinds[kind] for kind in STREAMS.keys if kind in kinds}
            added["stream"] = chosen["stream"].with_value(kinds)
            told = [f"{kind} {number.value}" for kind, number in kinds.items()]
        if "rate" in chosen:
            told.append(f"rate {chosen['rate'].value}")
        made = _ordered(asset, {**asset.entries, **added}, ASSET)
        source = asset["src"].text if "src" in asset else word.text
        name = ", ".join([source, *told])
        while name in self.entries and self.entries[name].plain() != made.plain():
            name += "-"
        self.entries.setdefault(name, made)
        return word.with_value(name)

    def named(self, word: SpecNode) -> SpecNode:
        """The id that a word is, or that of the asset for the path that it is."""
        given = word.text in self.entries or not looks_like_path(word.text)
        return word if given else self.of_path(word)

    def captions(self, node: SpecNode) -> SpecNode:
        """Captions whose files are assets."""

        def held(each: SpecNode) -> SpecNode:
            if each.broken or "src" not in each:
                return each
            return each.with_value({**each.entries, "src": self.named(each["src"])})

        return node.with_value([held(each) for each in node])

    def of_path(self, path: SpecNode) -> SpecNode:
        """The id of the asset for a path."""
        name = path.text
        while name in self.entries and self._source(name) != path.value:
            name = f"./{name}"
        if name not in self.entries:
            self.entries[name] = path.with_value({"src": path})
        return path.with_value(name)

    def _source(self, name: str) -> object:
        src = self.entries[name].get("src")
        return src.value if src is not None else None


def looks_like_path(text: str) -> bool:
    """Whether a word names a file rather than an asset: it has a dot, a slash or a ``*``."""
    return any(mark in text for mark in "./\\*")


def _timeline(node: SpecNode, defaults: SpecNode, assets: _Assets) -> SpecNode:
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
        clips = picked(entries["clips"], entries["id"].text)
        items = [_item(item, defaults, assets) for item in clips]
        entries["clips"] = entries["clips"].with_value(items)
        if "captions" in entries:
            entries["captions"] = assets.captions(entries["captions"])
        tracks.append(_named_files(_ordered(track, entries, TRACK), assets))
    entries = {**node.entries, "tracks": node["tracks"].with_value(tracks)}
    return _named_files(node.with_value(entries), assets)


def _item(item: SpecNode, defaults: SpecNode, assets: _Assets) -> SpecNode:
    kind = ITEM.kind_of(item) or "clip"
    if item.broken or kind == CHOSEN:
        return item
    if kind == "transition":
        return _named_files(_transition(item, _defaults_of(defaults, kind)), assets)
    if kind == "auto":  # what it becomes are clips
        item = _sources(_merge(item, defaults, "clip", AUTO_ITEM), assets)
    if kind in DEFAULTS.keys:
        item = _merge(item, defaults, kind, ITEM.kinds[kind])
    if kind in ("clip", "image"):
        item = assets.take(item, kind)
    return _named_files(item, assets)


def _sources(item: SpecNode, assets: _Assets) -> SpecNode:
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


def _merge(item: SpecNode, defaults: SpecNode, kind: str, record: Record) -> SpecNode:
    """Fill in what an item does not give, but for what excludes something that it gives."""
    own = _defaults_of(defaults, kind)
    entries = dict(item.entries)

    def excluded(key: str) -> bool:
        rules = (rule for rule in record.either if key in rule.group and rule.excludes(item))
        rivals = {name for rule in rules for name in rule.group}
        return key in item or bool(rivals & item.entries.keys())

    entries |= {key: value for key, value in own.entries.items() if not excluded(key)}
    lost = {key for key in own.lost if not excluded(key)}
    return _ordered(item, entries, record).losing(lost)


def _ordered(node: SpecNode, entries: dict[str, SpecNode], record: Record) -> SpecNode:
    return node.with_value({key: entries[key] for key in record.keys if key in entries})


#: Where items, tracks and the timeline hold calls of ops.
CALLS: Final[dict[str, Call]] = {
    "grade": GRADE_CALL,
    "effects": EFFECT_CALL,
    "mask": MASK_CALL,
    "generator": GENERATOR_CALL,
    "transition": TRANSITION_CALL,
    "enter": EDGE_CALL,
    "exit": EDGE_CALL,
}


def _named_files(node: SpecNode, assets: _Assets) -> SpecNode:
    """Every file that an op names by its path becomes an asset."""
    entries = dict(node.entries)
    for key in CALLS.keys() & entries.keys():
        held, table = entries[key], CALLS[key]
        if isinstance(held.value, list):
            entries[key] = held.with_value([_call(call, table, assets) for call in held])
        else:
            entries[key] = _call(held, table, assets)
    return node.with_value(entries)


def _call(call: SpecNode, table: Call, assets: _Assets) -> SpecNode:
    op = table.op_of(call)
    for param in op.params:
        if param.kind not in FILES or param.name not in call:
            continue
        if param.name == named_file(op):
            path = call[param.name]
            entries = {**call.entries, "asset": assets.of_path(path).under(path.key_location)}
            del entries[param.name]
            call = call.with_value(entries)
        else:
            call = assets.take(call, param.name)
    if "mask" in call:
        mask = _call(call["mask"], MASK_CALL, assets)
        call = call.with_value({**call.entries, "mask": mask})
    return _ordered(call, dict(call.entries), table.record(op.name))


def _default_output(root: SpecNode, path: Path | None) -> SpecNode:
    stem = path.name if path else "film"
    for suffix in (".yaml", ".yml", ".json", ".vedc"):
        stem = stem.removesuffix(suffix)
    return SpecNode({"path": SpecNode(f"{stem or 'film'}.mp4", root.location)}, root.location)


def _is_hdr(profile: SpecNode | None) -> bool:
    """Whether the canvas is of high dynamic range. It is so only if the profile says it."""
    named = profile.get("color") if profile is not None else None
    color = CANVAS_COLORS.get(str(named.value)) if named is not None else None
    return color is not None and color.transfer in HDR_TRANSFERS


def _pix_fmt(codec: str, preset: SpecNode | None, hdr: bool, alpha: bool) -> str:
    """The codec's usual format, of those that the preset can be had with; for HDR one with 10
    bits or more, with alpha where the codec has it."""
    clear = with_alpha(codec)
    allowed = tuple(f for f in pix_fmts(codec) if (f in clear) == alpha) or pix_fmts(codec)
    if hdr:
        allowed = tuple(f for f in allowed if FORMATS[f].depth >= 10) or allowed
    suiting = [f for f in allowed if preset is None or preset_suits(codec, preset.text, f)]
    return (*suiting, *allowed)[0]


#: Settings of an output that depend on one of its codecs.
_OF_CODEC: Final = {"codec": ("crf", "preset", "pix_fmt"), "audio_codec": ("audio_bitrate",)}


def _even(length: Fraction) -> int:
    return max(2, 2 * round_half_up(length / 2))


def _of_target(node: SpecNode, hdr: bool) -> dict[str, SpecNode]:
    """What an output's target says and the output does not, at the place of the target."""
    named = node.get("target")
    target = TARGETS.get(named.text) if named is not None else None
    if named is None or target is None:
        return {}
    taken = {*node.entries, *node.lost}
    taken |= {key for rule in OUTPUT.either if taken & {*rule.group} for key in rule.group}
    values = {setting.key: setting.value for setting in target.settings}
    for codec, settings in _OF_CODEC.items():
        if codec in node and node[codec].value != values.get(codec):
            taken.update(settings)  # they suit the target's codec
    if "audio_codec" in node and node["audio_codec"].value == "none":
        taken.add("loudness")
    if hdr:
        taken.add("pix_fmt")  # the codec's usual one with more bits
    if target.size is not None and len({"width", "height"} & taken) == 1:
        width, height = target.size
        if "width" in node:
            values["height"] = _even(Fraction(node["width"].number) * height / width)
        elif "height" in node:
            values["width"] = _even(Fraction(node["height"].number) * width / height)
    return {
        key: OUTPUT.keys[key].type.canonical(SpecNode(value, named.location))
        for key, value in values.items()
        if key not in taken
    }


def _output(node: SpecNode, hdr: bool) -> SpecNode:
    """An output with its codecs; what no table knows is left for the checks to tell."""
    if node.broken:
        return node
    entries = {**node.entries, **_of_target(node, hdr)}

    def default(key: str, value: str | None) -> None:
        if value is not None and key not in node.lost:
            entries.setdefault(key, SpecNode(value, entries["path"].location))

    ending = extension(entries["path"].text)
    default("codec", codec_for_extension(ending))
    codec = entries["codec"].value if "codec" in entries else None
    if codec in VIDEO_CODECS or codec in IMAGE_CODECS:
        alpha = "alpha" in entries and entries["alpha"].value is True
        default("pix_fmt", _pix_fmt(str(codec), entries.get("preset"), hdr, alpha))
    if codec in VIDEO_CODECS or codec == SOUND_ONLY:
        depth = entries.get("audio_depth")
        bits = int(depth.number) if depth is not None else None
        default("audio_codec", audio_for_extension(ending, str(codec), bits))
    elif codec in IMAGE_CODECS and not is_numbered(entries["path"].text):
        default("at", "0s")
    return _ordered(node, entries, OUTPUT)
