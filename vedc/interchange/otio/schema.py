"""The objects of OpenTimelineIO as plain data, with times and references to media.

Further data is in their metadata under ``vedc``: an item keeps its spec there, and a track a
fingerprint of its children. A track with unchanged children is read back verbatim; in a track
changed by another program, times come from the children and everything else from the items'
metadata.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, Final
from urllib.parse import quote, unquote, urlsplit

FORMAT: Final = 1
"""The version of the metadata under ``vedc``."""
OURS: Final = "vedc"


def rational_time(value: Fraction, rate: Fraction) -> dict[str, Any]:
    """``value`` frames at a rate."""
    return {"OTIO_SCHEMA": "RationalTime.1", "rate": float(rate), "value": float(value)}


def time_range(
    start: Fraction, rate: Fraction, length: Fraction, length_rate: Fraction
) -> dict[str, Any]:
    """``start`` and ``length`` in seconds, each counted at its rate."""
    return {
        "OTIO_SCHEMA": "TimeRange.1",
        "start_time": rational_time(start * rate, rate),
        "duration": rational_time(length * length_rate, length_rate),
    }


def external(url: str, available: dict[str, Any] | None) -> dict[str, Any]:
    return {
        "OTIO_SCHEMA": "ExternalReference.1",
        "name": "",
        "metadata": {},
        "available_range": available,
        "available_image_bounds": None,
        "target_url": url,
    }


def generator(kind: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "OTIO_SCHEMA": "GeneratorReference.1",
        "name": kind,
        "metadata": {},
        "available_range": None,
        "available_image_bounds": None,
        "generator_kind": kind,
        "parameters": dict(parameters),
    }


def item(
    schema: str,
    name: str,
    source_range: dict[str, Any] | None,
    ours: dict[str, Any] | None = None,
    effects: Sequence[dict[str, Any]] = (),
    **more: Any,
) -> dict[str, Any]:
    """A Clip.2, Gap.1, Stack.1 or Track.1."""
    return {
        "OTIO_SCHEMA": schema,
        "name": name,
        "metadata": {OURS: ours} if ours else {},
        "source_range": source_range,
        "effects": list(effects),
        "markers": [],
        "enabled": True,
        **more,
    }


def clip(
    name: str, source_range: dict[str, Any], media: dict[str, Any], **more: Any
) -> dict[str, Any]:
    return item(
        "Clip.2",
        name,
        source_range,
        media_references={"DEFAULT_MEDIA": media},
        active_media_reference_key="DEFAULT_MEDIA",
        **more,
    )


def transition(
    name: str, before: dict[str, Any], after: dict[str, Any], ours: dict[str, Any]
) -> dict[str, Any]:
    return {
        "OTIO_SCHEMA": "Transition.1",
        "name": name,
        "metadata": {OURS: ours},
        "transition_type": "SMPTE_Dissolve" if name == "dissolve" else "Custom_Transition",
        "in_offset": before,
        "out_offset": after,
    }


def warp(speed: Fraction) -> dict[str, Any]:
    """A steady speed, or a freeze frame at 0."""
    kind = "LinearTimeWarp" if speed else "FreezeFrame"
    return {
        "OTIO_SCHEMA": f"{kind}.1",
        "name": "",
        "metadata": {},
        "effect_name": kind,
        "enabled": True,
        "time_scalar": float(speed),
    }


def url_of(path: str) -> str:
    """A relative or absolute path as a URL reference."""
    return f"file://{quote(path)}" if path.startswith("/") else quote(path)


def path_of(url: str) -> str:
    """The path of a URL reference; a URL of another machine unchanged."""
    if "://" not in url:
        return unquote(url) if "%" in url else url
    split = urlsplit(url)
    if split.scheme != "file" or split.netloc not in ("", "localhost"):
        return url
    path = unquote(split.path)
    return path[1:] if len(path) > 2 and path[0] == "/" and path[2] == ":" else path


def fingerprint(children: Sequence[Any]) -> str:
    """A digest of the content and times of a track's children; names, colours and notes do not
    count."""
    text = repr([_shape(child) for child in children])
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def _shape(child: Any) -> Any:
    if not isinstance(child, dict):
        return repr(child)
    media, key = child.get("media_references"), child.get("active_media_reference_key")
    shown = media.get(key) if isinstance(media, dict) and isinstance(key, str) else None
    shown = shown if isinstance(shown, dict) else {}
    return (
        child.get("OTIO_SCHEMA"),
        _numbers(child.get("source_range")),
        _numbers(child.get("in_offset")),
        _numbers(child.get("out_offset")),
        child.get("transition_type"),
        child.get("enabled"),
        shown.get("target_url"),
        shown.get("generator_kind"),
        [_warp(each) for each in _listed(child.get("effects"))],
        [_shape(each) for each in _listed(child.get("children"))],
    )


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _warp(effect: Any) -> Any:
    return (
        (effect.get("OTIO_SCHEMA"), _numbers(effect.get("time_scalar")))
        if isinstance(effect, dict)
        else None
    )


def _numbers(value: Any) -> Any:
    """All numbers as floats, in an order that does not depend on the file's."""
    if isinstance(value, dict):
        return sorted((str(key), _numbers(child)) for key, child in value.items())
    if isinstance(value, bool) or not isinstance(value, int | float):
        return repr(value)
    return float(value)
