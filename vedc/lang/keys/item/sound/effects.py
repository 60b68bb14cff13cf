"""``denoise``, ``gate``, ``eq``, ``compressor``, ``reverb`` and ``limiter``."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Final

from vedc.edit.sounds import Effect, Reverb
from vedc.edit.values import Keyframes, Number
from vedc.lang.keys.item_key import AUDIBLE, MIXED, ItemKey, ItemReader
from vedc.lang.keys.sound.effects import (
    BAND,
    COMPRESSOR,
    DENOISE,
    EQ,
    GAINLESS,
    GATE,
    LIMITER,
    REVERB,
)
from vedc.lang.schema.quantities import Volume
from vedc.lang.schema.records import Record
from vedc.lang.yaml.tree import SpecNode

_ITEMS: Final = (*AUDIBLE, *MIXED)

#: Of decibels, by record and key.
_RANGES: Final = {
    ("eq band", "gain"): (-40, 40),
    ("denoising", "amount"): (0, 97),
    ("denoising", "floor"): (-80, -20),
    ("compressor", "threshold"): (-60, 0),
    ("compressor", "knee"): (0, 18),
    ("compressor", "makeup"): (0, 36),
    ("gate", "threshold"): (-90, 0),
    ("gate", "by"): (0, 90),
    ("reverb", "amount"): (-60, 6),
    ("limiter", "ceiling"): (-20, 0),
}
#: Of times in seconds, by record and key.
_TIMES: Final = {
    ("compressor", "attack"): ("0.0001", "2"),
    ("compressor", "release"): ("0.0001", "9"),
    ("gate", "attack"): ("0.0001", "9"),
    ("gate", "release"): ("0.0001", "9"),
    ("reverb", "time"): ("0.1", "10"),
    ("reverb", "delay"): ("0", "0.5"),
}
_Read = Callable[[SpecNode], float]
_PERCENT: Final = (("reverb", "amount"),)


class _Params:
    """The values of a call's keys, or their defaults."""

    def __init__(self, record: Record, node: SpecNode, item: ItemReader) -> None:
        self._record, self._node, self._item = record, node, item

    def node(self, name: str) -> SpecNode:
        default = self._record.keys[name].default
        plain = default if isinstance(default, (int, float)) else str(default)
        return self._node.get(name) or SpecNode(plain, self._node.location)

    def _wrong(self, node: SpecNode, name: str, low: object, high: object) -> None:
        message = f"{name} of {self._record.title} must be from {low} to {high}, not {node.value}"
        self._item.problems.add("out-of-range", message, node)

    def decibels(self, name: str) -> Number:
        key = self._record.title, name
        low, high = _RANGES[key]

        def read(node: SpecNode) -> float:
            found = Volume.decibels(node.text)
            percent = node.text.endswith("%") and key not in _PERCENT
            silent = found == -math.inf and key in _PERCENT
            if percent or not (silent or low <= found <= high):
                self._wrong(node, name, f"{low}dB", f"{high}dB")
                return float(low)
            return found

        return self._moving(self.node(name), read, (low, high))

    def number(self, name: str) -> Number:
        return self._moving(self.node(name), lambda node: float(node.number), (10, 40000))

    def seconds(self, name: str) -> Fraction:
        node = self.node(name)
        found = self._item.seconds(node, name)
        low, high = (Fraction(text) for text in _TIMES[self._record.title, name])
        if not low <= found <= high:
            self._wrong(node, name, f"{float(low):g}s", f"{float(high):g}s")
            return low
        return found

    def _moving(self, node: SpecNode, read: _Read, limits: tuple[float, float]) -> Number:
        found = (
            self._item.moving(node, read, limits) if isinstance(node.value, dict) else read(node)
        )
        assert isinstance(found, (float, Keyframes))
        return found


def _denoise(node: SpecNode, item: ItemReader) -> Effect:
    params = _Params(DENOISE.record, node, item)
    return Effect(
        "denoise", (("amount", params.decibels("amount")), ("floor", params.decibels("floor")))
    )


def _dynamics(record: Record, node: SpecNode, item: ItemReader) -> tuple[tuple[str, Number], ...]:
    params = _Params(record, node, item)
    found: list[tuple[str, Number]] = []
    for name in record.keys:
        if (record.title, name) in _RANGES:
            found.append((name, params.decibels(name)))
        elif (record.title, name) in _TIMES:
            found.append((name, float(params.seconds(name))))
        else:
            found.append((name, params.number(name)))
    return tuple(found)


def _gate(node: SpecNode, item: ItemReader) -> Effect:
    return Effect("gate", _dynamics(GATE, node, item))


def _compressor(node: SpecNode, item: ItemReader) -> Effect:
    return Effect("compressor", _dynamics(COMPRESSOR, node, item))


def _band(node: SpecNode, item: ItemReader) -> Effect:
    params = _Params(BAND, node, item)
    kind = params.node("type").text
    found: list[tuple[str, Number]] = [("frequency", params.number("frequency"))]
    found.append(("q", params.number("q")))
    if kind not in GAINLESS:
        found.append(("gain", params.decibels("gain")))
    elif "gain" in node:
        message = f"a {kind} has no gain: it removes what it is set to"
        at = node["gain"].key_location or node["gain"].location
        item.problems.add("conflict", message, at, "remove it, or make it a peak or a shelf")
    match kind:
        case "peak" | "low_shelf" | "high_shelf" | "highpass" | "lowpass" | "notch":
            return Effect(kind, tuple(found))
    raise AssertionError(kind)


def _eq(node: SpecNode, item: ItemReader) -> tuple[Effect, ...]:
    return tuple(_band(band, item) for band in node)


def _reverb(node: SpecNode, item: ItemReader) -> Reverb:
    params = _Params(REVERB.record, node, item)
    amount = params.decibels("amount")
    assert isinstance(amount, float)
    return Reverb(10.0 ** (amount / 20), params.seconds("time"), params.seconds("delay"))


def _limiter(node: SpecNode, item: ItemReader) -> float:
    ceiling = _Params(LIMITER.record, node, item).decibels("ceiling")
    assert isinstance(ceiling, float)
    return ceiling


_ORDER: Final = (
    " The sound of {item} goes through `denoise`, `gate`, `eq` and `compressor` in this order, "
    "then through its level, pan and fades, then into `reverb`."
)
DENOISE_KEY = ItemKey(
    "denoise",
    DENOISE,
    "Removes steady noise: by how much, such as 12dB, or [the long form](#denoising)." + _ORDER,
    items=_ITEMS,
    lowers=("sound", "denoise"),
    read=_denoise,
    order=250,
)
GATE_KEY = ItemKey(
    "gate",
    GATE,
    "Makes the pauses between sounds softer: [its keys](#gate).",
    items=_ITEMS,
    lowers=("sound", "gate"),
    read=_gate,
    order=252,
)
EQ_KEY = ItemKey(
    "eq",
    EQ,
    "An equaliser: [bands](#eq-band) such as {type: highpass, frequency: 80}.",
    items=_ITEMS,
    lowers=("sound", "eq"),
    read=_eq,
    order=254,
)
COMPRESSOR_KEY = ItemKey(
    "compressor",
    COMPRESSOR,
    "Makes loud sound softer: [its keys](#compressor), all of which may be left out.",
    items=_ITEMS,
    lowers=("sound", "compressor"),
    read=_compressor,
    order=256,
)
REVERB_KEY = ItemKey(
    "reverb",
    REVERB,
    "A room around the sound: its level, such as -15dB, or [the long form](#reverb).",
    items=_ITEMS,
    lowers=("sound", "reverb"),
    read=_reverb,
    order=258,
)
LIMITER_KEY = ItemKey(
    "limiter",
    LIMITER,
    "The highest true peak of the film, such as -1dB. By default a limiter acts only where the "
    "mix exceeds full scale. A `loudness` has a ceiling of its own.",
    items=("master",),
    lowers=("sound", "limiter"),
    read=_limiter,
    order=260,
)
