"""The spec as a whole, and when it needs no timeline."""

from __future__ import annotations

from typing import Final

from vedc.edit.tables.codecs import SOUND_ONLY
from vedc.edit.tables.containers import CONTAINERS, codec_for_extension, extension
from vedc.lang.schema.records import Record
from vedc.lang.schema.values import Json
from vedc.lang.yaml.tree import Problems, SpecNode

_EXAMPLE: Final = "timeline: [{clip: beach.mp4}]"


class Spec(Record):
    """A spec, which needs a timeline unless it has ``audio`` and makes only sound."""

    def check_keys(self, node: SpecNode, problems: Problems) -> None:
        if is_sound_alone(node) and _is_left_out(node):
            node = node.with_value({k: v for k, v in node.entries.items() if k != "timeline"})
        elif "timeline" not in {self.meant(name) for name in node.entries}:
            _report_missing(node, problems)
        super().check_keys(node, problems)

    def own_schema(self, shared: Json) -> Json:
        schema = super().own_schema(shared)
        endings = sorted(e for c in CONTAINERS if not c.video for e in c.extensions)
        either_case = (
            "".join(f"[{letter}{letter.upper()}]" if letter.isalpha() else letter for letter in e)
            for e in (ending.removeprefix(".") for ending in endings)
        )
        path = {"type": "string", "pattern": rf"\.({'|'.join(either_case)})$"}
        silent = {"properties": {"codec": {"const": SOUND_ONLY}}, "required": ["codec"]}
        named = {"not": {"required": ["codec"]}, "properties": {"path": path}, "required": ["path"]}
        made = {"type": "array", "items": {"anyOf": [silent, named]}}
        alone = {"audio": {"type": "array", "minItems": 1}, "outputs": made}
        schema["anyOf"] = [
            {"required": ["timeline"]},
            {"required": ["audio", "outputs"], "properties": alone},
        ]
        return schema


def is_sound_alone(spec: SpecNode) -> bool:
    """Whether a spec, well formed or not, has ``audio`` and makes only sound files."""
    if not _is_filled(spec.get("audio")) or not _is_filled(spec.get("outputs")):
        return False
    return all(_is_sound(output) for output in spec["outputs"])


def with_timeline(spec: SpecNode) -> SpecNode:
    """A spec whose timeline is written out: one of sound alone has no tracks."""
    if "timeline" in spec:
        return spec
    tracks = SpecNode([], spec.location)
    return spec.with_value({**spec.entries, "timeline": SpecNode({"tracks": tracks})})


def without_empty_timeline(spec: SpecNode) -> SpecNode:
    """A spec as it may be written: :func:`with_timeline` undone."""
    if not _is_left_out(spec):
        return spec
    return spec.with_value({k: v for k, v in spec.entries.items() if k != "timeline"})


def _is_left_out(spec: SpecNode) -> bool:
    """Whether there is no timeline, or only what :func:`with_timeline` made."""
    timeline = spec.get("timeline")
    return timeline is None or (timeline.location is None and not timeline["tracks"].value)


def _is_filled(node: SpecNode | None) -> bool:
    return node is not None and isinstance(node.value, list) and bool(node.value)


def _is_sound(output: SpecNode) -> bool:
    if not isinstance(output.value, dict):
        return False
    codec, path = output.get("codec"), output.get("path")
    if codec is not None:
        return codec.value == SOUND_ONLY
    named = path is not None and isinstance(path.value, str)
    return named and codec_for_extension(extension(output["path"].text)) == SOUND_ONLY


def _report_missing(node: SpecNode, problems: Problems) -> None:
    message, at, hint = "spec needs 'timeline'", node, f"write {_EXAMPLE}"
    if _is_filled(node.get("audio")):
        outputs = node.get("outputs")
        hint = f"{hint}; for sound alone, write outputs: [{{path: show.mp3}}]"
        if outputs is None:
            message = "spec needs 'timeline': without `outputs` it makes an .mp4, with a picture"
        elif _is_filled(outputs):
            at = next(output for output in outputs if not _is_sound(output))
            message = "spec needs 'timeline': this output has a picture"
    problems.add("missing-key", message, at, hint)
