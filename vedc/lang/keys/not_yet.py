"""Words of the language that this version refuses, and today's equivalents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from vedc.lang.schema.records import Record

_NOTES: Final = "give the timeline markers, which become chapters"

#: Word -> what to do instead, wherever it stands.
CURES: Final[Mapping[str, str]] = {
    "faces": "use speech or motion, which people have",
    "license": "keep it under `metadata` of the spec",
    "markers": _NOTES,
    "proxy": "name the smaller file under `src`, and the original again for the final render",
    "style": "write its keys: font, size, color, stroke_width, background",
}
_BESIDE_AUTO: Final[Mapping[str, str]] = {
    "effects": "put it beside `auto`: {auto: {...}, effects: [...]}",
}


def advise(records: Iterable[Record]) -> None:
    """Give records the hints for words that they do not take yet."""
    for record in records:
        cures = {**CURES, **(_BESIDE_AUTO if record.title == "auto" else {})}
        for word in record.later:
            record.advice.setdefault(word, cures[word])
