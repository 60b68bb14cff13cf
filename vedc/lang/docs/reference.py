"""The reference of the language as Markdown, from its tables."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from vedc.edit.easing import PENNER
from vedc.edit.tables.codecs import AUDIO_CODECS, IMAGE_CODECS, VIDEO_CODECS, AudioCodec
from vedc.edit.tables.containers import CONTAINERS
from vedc.edit.tables.sound_words import CURVES
from vedc.edit.text_motion import PRESETS
from vedc.errors import InternalError
from vedc.lang import language
from vedc.lang.expr.functions import FUNCTIONS, REFERENCES
from vedc.lang.keys import auto, captions, parts, random_pick, settings
from vedc.lang.keys.decided import effects, grades
from vedc.lang.keys.decided.catalogue import Catalogue
from vedc.lang.keys.item.sound.duck import DUCK_RECORD
from vedc.lang.keys.item.sound.fade import FADE
from vedc.lang.keys.items import Timeline
from vedc.lang.keys.sound.effects import BAND, COMPRESSOR, DENOISE, GATE, LIMITER, REVERB
from vedc.lang.keys.sound.loudness import LOUDNESS
from vedc.lang.keys.sound.said import SAID_AT
from vedc.lang.records.auto import AUTO_ITEM
from vedc.lang.records.clip import CLIP, IMAGE, OWN_SOUND
from vedc.lang.records.layout import LAYOUT
from vedc.lang.records.plain import ADJUSTMENT, COLOR, GAP, GENERATOR
from vedc.lang.records.sound import AUDIO, MASTER
from vedc.lang.records.text import TEXT, TEXT_ANIMATION, TEXT_MOTION
from vedc.lang.records.transition import CHOSEN_ITEM, TRANSITION
from vedc.lang.schema.records import ABSENT, Key, Record
from vedc.lang.stock import STOCK, stock_spec
from vedc.lang.yaml.load import load

_TEXTS = Path(__file__).parent
_DEFAULTS: Final = "defaults of "


def chapters() -> tuple[Record, ...]:
    """The records that have a chapter, in order. None may refuse a word that has one."""
    records = (
        language.EDIT,
        settings.PROFILE,
        settings.VARIABLE,
        language.DEFAULTS,
        settings.ASSET,
        settings.SOURCE_COLOR,
        language.TIMELINE.record,
        language.MARKER,
        language.TRACK,
        CLIP,
        SAID_AT.record,
        OWN_SOUND.record,
        language.COMPOSITION_ITEM,
        language.COMPOSITION,
        LAYOUT,
        IMAGE,
        TEXT,
        TEXT_ANIMATION,
        TEXT_MOTION,
        COLOR,
        GENERATOR,
        GAP,
        ADJUSTMENT,
        AUTO_ITEM,
        auto.AUTO,
        auto.CUT,
        CHOSEN_ITEM,
        auto.JOIN,
        grades.STEP,
        effects.EFFECT_STEP,
        TRANSITION,
        parts.TRANSITION_SOUND.record,
        random_pick.RANDOM,
        random_pick.RANDOM_EDGE,
        AUDIO,
        MASTER,
        FADE.record,
        DENOISE.record,
        GATE,
        BAND,
        COMPRESSOR,
        REVERB.record,
        LIMITER.record,
        LOUDNESS.record,
        DUCK_RECORD,
        captions.CAPTIONS,
        captions.STYLE,
        captions.HIGHLIGHT,
        captions.CUE,
        settings.OUTPUT,
        settings.SHEET,
        settings.TAGS,
    )
    explained = {record.title for record in records}
    for record in records:
        for word in explained.intersection(record.later):
            raise InternalError(f"{record.title} refuses {word!r}, which has a chapter of its own")
    return records


def reference() -> str:
    """The whole page."""
    lines = [(_TEXTS / "introduction.md").read_text(encoding="utf-8")]
    described = {record.title for record in chapters()}
    for record in chapters():
        lines += _record(record)
        if record is grades.STEP:
            lines += _decisions(grades.CATALOGUE, "decided_steps.md")
        if record is effects.EFFECT_STEP:
            lines += _decisions(effects.CATALOGUE, "decided_effects.md")
        for part in _parts(record):
            if part.title not in described:
                described.add(part.title)
                lines += _record(part)
    lines += _stock()
    lines += _easings()
    lines += _fade_curves()
    lines += _text_animations()
    lines += _expressions()
    lines.append((_TEXTS / "captions.md").read_text(encoding="utf-8"))
    lines.append((_TEXTS / "pictures.md").read_text(encoding="utf-8"))
    lines.append((_TEXTS / "sequences.md").read_text(encoding="utf-8"))
    lines.append((_TEXTS / "remote_files.md").read_text(encoding="utf-8"))
    lines += _codecs()
    lines.append((_TEXTS / "json_output.md").read_text(encoding="utf-8"))
    return "\n".join(lines)


def _parts(record: Record) -> Iterator[Record]:
    """The records of its keys' values, and theirs. Defaults are those of the items that they are
    for."""
    for key in record.keys.values():
        if isinstance(key.type, Record) and not key.type.title.startswith(_DEFAULTS):
            yield key.type
            yield from _parts(key.type)


def _record(record: Record) -> Iterator[str]:
    yield f"## {record.title}\n"
    yield f"{record.doc}\n"
    yield from table(
        ("key", "value", "default", "meaning"),
        ((f"`{k.name}`", _phrase(k), _default(k), k.doc) for k in record.keys.values()),
    )
    if record.later:
        words = ", ".join(f"`{word}`" for word in record.later)
        yield f"Words of the language that this version refuses: {words}.\n"


def _decisions(catalogue: Catalogue, text: str) -> Iterator[str]:
    """The decisions that steps of a list may ask for."""
    yield (_TEXTS / text).read_text(encoding="utf-8")
    for kind in catalogue.kinds.values():
        if not kind.supported:
            continue
        yield f"`{kind.name}`: {kind.record.doc}\n"
        keys = kind.record.keys.values()
        rows = ((f"`{k.name}`", _phrase(k), _default(k), k.doc) for k in keys)
        yield from table(("option", "value", "default", "meaning"), rows)
    later = [f"`{kind.name}`" for kind in catalogue.kinds.values() if not kind.supported]
    if later:
        yield f"Decisions that this version refuses: {', '.join(later)}.\n"


def _phrase(key: Key) -> str:
    if isinstance(key.type, Record):
        chapter = key.type.title.removeprefix(_DEFAULTS).replace(" ", "-")
        return f"a mapping, see [{key.type.title}](#{chapter})"
    if isinstance(key.type, Timeline):
        return key.type.phrase
    return key.type.phrase


def _default(key: Key) -> str:
    return "required" if key.required else value_text(key.default)


def value_text(value: object) -> str:
    """A default as shown in the tables."""
    if value is ABSENT or value is None:
        return ""
    return f"`{value if isinstance(value, str) else json.dumps(value)}`"


_KINDS: Final = {
    "number": "number",
    "whole": "integer",
    "text": "text",
    "list": "list",
    "many": "text or list",
    "any": "anything",
}


def _expressions() -> Iterator[str]:
    yield (_TEXTS / "expressions.md").read_text(encoding="utf-8")
    rows = []
    for name, function in FUNCTIONS.items():
        kinds = ", ".join(_KINDS[kind] for kind in function.takes)
        call, _, value = function.example.partition(" -> ")
        example = f"`{call}` is `{value}`"
        rows.append((f"`{name}`", kinds, function.arity(), function.summary, example))
    yield from table(("function", "takes", "how many", "gives", "example"), rows)
    yield (_TEXTS / "references.md").read_text(encoding="utf-8")
    yield from table(
        ("function", "gives", "example"),
        [(f"`{name}`", f.summary, f"`{f.example}`") for name, f in REFERENCES.items()],
    )


def _stock() -> Iterator[str]:
    yield (_TEXTS / "stock.md").read_text(encoding="utf-8")
    for name in STOCK:
        path = stock_spec(name)
        assert path is not None
        yield f"`{name}`:\n"
        variables = load(path).root["variables"].plain()
        yield from table(
            ("variable", "type", "default", "meaning"),
            (
                (
                    f"`{variable}`",
                    ", ".join(map(str, declared.get("enum", [declared["type"]]))),
                    value_text(declared["default"]) if "default" in declared else "required",
                    declared["description"],
                )
                for variable, declared in variables.items()
            ),
        )


def _easings() -> Iterator[str]:
    yield (_TEXTS / "easings.md").read_text(encoding="utf-8").rstrip("\n")
    for name, how in PENNER.items():
        ways = ", ".join(f"`ease-{way}-{name}`" for way in ("in", "out", "in-out"))
        yield f"| {ways} | {how} |"
    yield ""


def _fade_curves() -> Iterator[str]:
    yield "## Fade curves\n"
    yield "The curves of FFmpeg's afade and acrossfade, from silence to full level.\n"
    yield from table(("curve", ""), ((f"`{name}`", doc) for name, doc in CURVES.items()))


def _text_animations() -> Iterator[str]:
    yield (_TEXTS / "text_animations.md").read_text(encoding="utf-8").rstrip("\n") + "\n"
    rows = (
        (f"`{name}`", p.doc, p.by, f"{p.duration:g}s", f"`{p.easing}`", f"{p.stagger:g}")
        for name, p in PRESETS.items()
    )
    yield from table(("preset", "the text", "by", "duration", "easing", "stagger"), rows)


def _codecs() -> Iterator[str]:
    yield "## Codecs and files\n"
    yield from table(
        ("extension", "picture (the first is the default)", "sound"),
        ((" ".join(c.extensions), ", ".join(c.video), ", ".join(c.audio)) for c in CONTAINERS),
    )
    yield (_TEXTS / "outputs.md").read_text(encoding="utf-8")
    rows = []
    for codec in VIDEO_CODECS.values():
        quality, presets = codec.quality, codec.presets
        crf = f"{quality.low:g} to {quality.high:g}, else {quality.default:g}" if quality else ""
        words = f"{', '.join(presets.values)}; else {presets.default}" if presets else ""
        rows.append((f"`{codec.name}`", codec.title, ", ".join(codec.pix_fmts), crf, words))
    rows.extend(
        (f"`{image.name}`", image.title, ", ".join(image.pix_fmts), "", "")
        for image in IMAGE_CODECS.values()
    )
    yield from table(("codec", "", "pix_fmt (the first is the default)", "crf", "preset"), rows)
    sounds = ", ".join(f"`{c.name}` ({c.title}{_depths(c)})" for c in AUDIO_CODECS.values())
    yield f"Sound: {sounds}.\n"


def _depths(codec: AudioCodec) -> str:
    """The sample depths that ``audio_depth`` can choose among."""
    if len(codec.depths) < 2:
        return ""
    return f"; {' or '.join(map(str, codec.depths))} bits, else {codec.depths[0]}"


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """The lines of a table, and an empty one."""
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"
    yield ""
