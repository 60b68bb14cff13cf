"""``loudness``: how loud a whole film is, by EBU R 128."""

from __future__ import annotations

from typing import Final

from vedc.edit.sounds import LoudnessTarget
from vedc.edit.tables.sound_words import TARGETS
from vedc.lang.schema.records import Key, Record, Short
from vedc.lang.schema.values import Json, Number, Type, is_number, one_of, unknown_word
from vedc.lang.yaml.tree import Problems, SpecNode

_LUFS: Final = Number(-70, -5, unit="LUFS")


class _Level(Type):
    """LUFS, or the name of a target."""

    phrase = f"{_LUFS.phrase}, or {one_of(tuple(TARGETS))}"

    def schema(self, shared: Json) -> Json:
        named = {"type": "string", "enum": list(TARGETS)}
        return {"anyOf": [_LUFS.schema(shared), named]}

    def check(self, node: SpecNode, name: str, problems: Problems) -> None:
        if is_number(node.value):
            _LUFS.check(node, name, problems)
        elif not isinstance(node.value, str):
            self.reject(node, name, problems)
        elif node.value not in TARGETS:
            unit = node.text.upper().removesuffix("LUFS").removesuffix("LKFS").strip()
            if unit.removeprefix("-").replace(".", "", 1).isdigit():
                self.reject(node, name, problems, f"write {unit}, without a unit")
            else:
                unknown_word(node, name, tuple(TARGETS), problems)


class _Loudness(Short):
    """A level alone or with more; a name becomes its numbers."""

    def canonical(self, node: SpecNode) -> SpecNode:
        node = super().canonical(node)
        level = node["i"]
        if is_number(level.value):
            return node
        target = TARGETS[level.text]
        peak = node.get("tp") or SpecNode(target.true_peak, level.location)
        rest = {name: value for name, value in node.entries.items() if name not in ("i", "tp")}
        return node.with_value({"i": level.with_value(target.integrated), "tp": peak, **rest})


LOUDNESS: Final = _Loudness(
    "i",
    Record(
        "loudness",
        "The loudness of a film by EBU R 128, measured on the mix and reached by one gain for all "
        "of it. Only where its true peaks would exceed their ceiling are they lowered. The render "
        "reports the gain. Names are " + "; ".join(
            f"`{name}` ({target.integrated:g} LUFS, {target.true_peak:g} dBTP): {target.doc}"
            for name, target in TARGETS.items()
        ) + ".",
        (
            Key(
                "i",
                _Level(),
                "Integrated loudness in LUFS, or a name.",
                required=True,
                example="i: -14",
            ),
            Key("tp", Number(-20, 0, unit="dBTP"), "Highest true peak of the file.", -1),
            Key(
                "lra",
                Number(1, 50, unit="LU"),
                "Widest loudness range. A mix of a wider one is narrowed by a gain that follows "
                "its short-term loudness. By default the range stays as it is.",
            ),
        ),
        advice={
            "integrated": "use `i`",
            "target": "use `i`",
            "lufs": "use `i`",
            "true_peak": "use `tp`",
            "peak": "use `tp`",
            "range": "use `lra`",
        },
    ),
)  # fmt: skip


_WORDS: Final = ("normalize", "normalise", "audio_norm", "loudnorm", "lufs")
#: Advice for a loudness on a part of a film, ...
WHOLE_LOUDNESS: Final = dict.fromkeys(
    ("loudness", *_WORDS),
    "a whole film has a loudness: write master: {loudness: -14}, or outputs: [{path: film.mp4, "
    "loudness: -14}]; a part has a `volume`",
)
#: ... and for its other names.
LOUDNESS_WORDS: Final = dict.fromkeys(_WORDS, "use `loudness`, in LUFS: loudness: -14")


def target_of(node: SpecNode) -> LoudnessTarget:
    """The target that a canonical node asks for."""
    peak, span = node.get("tp"), node.get("lra")
    return LoudnessTarget(
        float(node["i"].number),
        -1.0 if peak is None else float(peak.number),
        None if span is None else float(span.number),
    )
