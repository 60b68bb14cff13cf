"""Scores that add up: one weight per named feature, read from a file.

A score is the sum of weight times value over the features, each product rounded to hundredths
first, so that the reported reasons (:class:`~vedc.decide.choose.reasons.Reason`) add up to it
exactly. Weights are data: ``cutting.json`` and ``joining.json`` in ``models/cutting``, or a file of
the same form learned from a person's edits.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from vedc.decide.choose.reasons import Reason
from vedc.errors import MissingError, SourceLocation, SpecError
from vedc.support.suggest import did_you_mean

#: Shares of a score are rounded to this many decimal places.
PLACES: Final = 2
#: The sides of a piece; a style may weight the features of cuts differently for each.
SIDES: Final = ("in", "out")
_LARGEST: Final = 100.0
_MAX_BYTES: Final = 1 << 20
_SHIPPED: Final = Path(__file__).parents[2] / "models" / "cutting"


@dataclass(frozen=True, slots=True)
class ScoreWeights:
    """The weight of each feature, and why."""

    name: str
    """``cutting`` or ``joining``."""
    version: int
    values: Mapping[str, float]
    why: Mapping[str, str]
    digest: str
    """SHA-256 of name, version and values, without the reasons."""
    source: str = ""
    """Their origin, as reasons name it: ``learned, style.json``; empty for vedc's own."""

    def __getitem__(self, feature: str) -> float:
        """The weight of a feature; ``in.NAME`` and ``out.NAME`` are its weight at a cut where a
        piece begins or ends: the feature's own, plus the side's."""
        side, _, name = feature.partition(".")
        base = self.values.get(name, 0.0) if side in SIDES else 0.0
        return base + self.values.get(feature, 0.0)

    def share(self, feature: str, value: float) -> float:
        """The rounded contribution of a feature to a score."""
        return round(self[feature] * value, PLACES) + 0.0


def total(shares: Iterable[float]) -> float:
    """The exact sum of shares that have ``PLACES`` decimal places."""
    unit = 10**PLACES
    return sum(round(share * unit) for share in shares) / unit


def reasons(
    weights: ScoreWeights, facts: Iterable[tuple[str, str, float, str]]
) -> tuple[Reason, ...]:
    """Reasons from ``(name, feature, value, phrase)``, largest share first, zero shares left
    out."""
    from_whom = f"weight {weights.source}" if weights.source else ""
    found = [
        Reason(name, weights.share(feature, value), "; ".join(filter(None, (phrase, from_whom))))
        for name, feature, value, phrase in facts
    ]
    return tuple(sorted((r for r in found if r.points), key=lambda r: (-abs(r.points), r.name)))


def digest_of(name: str, version: int, values: Mapping[str, float]) -> str:
    """The digest that a weights file carries."""
    facts = json.dumps([name, version, sorted(values.items())], separators=(",", ":"))
    return hashlib.sha256(facts.encode()).hexdigest()


def shipped(name: str, features: Mapping[str, object]) -> ScoreWeights:
    """The weights that ship with vedc."""
    return load_weights(_SHIPPED / f"{name}.json", name, features, sealed=True)


def load_weights(
    path: Path,
    name: str,
    features: Mapping[str, object],
    location: SourceLocation | None = None,
    *,
    sealed: bool = False,
) -> ScoreWeights:
    """Load weights from a file. Features that the file leaves out have weight 0.

    A digest in the file must match; ``sealed`` files must have one. Raises MissingError
    ``no-weights`` if the file cannot be read, SpecError ``bad-weights`` for anything else, both
    at ``location``.
    """
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise _bad(path, "it is too large for a weights file", location)
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        reason = str(error.strerror or error).lower()
        message = f"the weights '{path}' cannot be read: {reason}"
        raise MissingError.one("no-weights", message, location, _CURE) from None
    except UnicodeDecodeError:
        raise _bad(path, "it is not UTF-8 text", location) from None
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _bad(path, f"it is not JSON: {error}", location) from None
    return _checked(path, data, name, features, location, sealed=sealed)


_CURE: Final = "`vedc train cutting` writes such files"


def _bad(path: Path, why: str, location: SourceLocation | None, hint: str = _CURE) -> SpecError:
    return SpecError.one("bad-weights", f"the weights '{path}': {why}", location, hint)


def _checked(
    path: Path,
    data: Any,
    name: str,
    features: Mapping[str, object],
    location: SourceLocation | None,
    *,
    sealed: bool,
) -> ScoreWeights:
    if not isinstance(data, dict) or not isinstance(data.get("weights"), dict):
        raise _bad(path, "it must be an object with name, version and weights", location)
    for key in data:
        if key not in ("name", "version", "weights", "digest", "about"):
            raise _bad(path, f"unknown key {key!r}", location)
    if data.get("name") != name:
        raise _bad(path, f"it is for {data.get('name')!r}, not for {name!r}", location)
    version = data.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise _bad(path, "its version must be an integer of at least 1", location)
    values: dict[str, float] = {}
    why: dict[str, str] = {}
    for feature, entry in data["weights"].items():
        if feature not in features:
            near = did_you_mean(feature, tuple(features))
            hint = f"did you mean {near!r}?" if near else f"there are {', '.join(features)}"
            raise _bad(path, f"{name} has no feature {feature!r}", location, hint)
        for key in entry if isinstance(entry, dict) else ():
            if key not in ("weight", "why"):
                raise _bad(path, f"unknown key {key!r} of {feature}", location)
        number: Any = entry.get("weight") if isinstance(entry, dict) else entry
        usable = isinstance(number, (int, float)) and not isinstance(number, bool)
        if not usable or not math.isfinite(number) or abs(number) > _LARGEST:
            raise _bad(
                path,
                f"the weight of {feature} must be a number from {-_LARGEST:g} to {_LARGEST:g}, "
                f"not {json.dumps(number)[:40]}",
                location,
            )
        values[feature] = float(number)
        why[feature] = str(entry.get("why", "")) if isinstance(entry, dict) else ""
    digest = digest_of(name, version, values)
    stated = data.get("digest")
    if stated != digest and (sealed or stated is not None):
        fault = (
            "its digest is missing" if stated is None else "its digest does not match its weights"
        )
        hint = "reinstall vedc" if sealed else "if the change is intended, remove its `digest`"
        raise _bad(path, fault, location, hint)
    return ScoreWeights(name, version, values, why, digest)
