"""Nothing is dropped in silence, and no damaged file ends in a traceback."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import pytest

from tests import interchange_samples as samples
from tests.interchange_support import imported
from vedc.errors import UserError
from vedc.support.printable import to_json

_VALUES: Final = (
    "-1", "1e30", "null", '""', "[]", "{}", "true", "NaN", '"0x"', "[[1]]", "0", '"%"',
)  # fmt: skip


def places(data: Any) -> Iterator[dict[str, Any]]:
    """Every mapping of JSON data."""
    if isinstance(data, dict):
        yield data
        for key, child in data.items():
            if key not in samples.FREE:
                yield from places(child)
    elif isinstance(data, list):
        for child in data:
            yield from places(child)


@pytest.mark.parametrize("form", sorted(samples.JSON))
def test_an_unknown_key_is_reported_wherever_it_stands(media: Path, form: str) -> None:
    data = samples.JSON[form]
    for number, place in enumerate(places(data)):
        place["zorblax"] = {"deep": number}
        found = imported(media, f"unknown-{form}.json", to_json(data), form)
        del place["zorblax"]
        reported = [loss for loss in found.losses if "zorblax" in loss.path]
        assert reported and reported[0].severity == "lost", (form, number, place)


@pytest.mark.parametrize("form", sorted(samples.JSON))
def test_damaged_files_end_in_a_message(media: Path, form: str) -> None:
    rng = random.Random(form)
    text = to_json(samples.JSON[form])
    for _ in range(60):
        damaged = _damaged(text, rng)
        with suppress(UserError):
            imported(media, f"damaged-{form}.json", damaged, form)


def _damaged(text: str, rng: random.Random) -> str:
    """Some characters less, more, or other values."""
    for _ in range(rng.randint(1, 3)):
        at = rng.randrange(len(text))
        match rng.randint(0, 4):
            case 0:
                text = text[:at] + text[at + rng.randint(1, 9) :]
            case 1:
                text = text[:at] + rng.choice('{}[]",:0-e"') + text[at:]
            case _:
                words = [k for k, c in enumerate(text) if c == ":"]
                at = rng.choice(words) + 1 if words else at
                end = min((text.find(c, at) for c in ",}\n" if text.find(c, at) > 0), default=at)
                text = text[:at] + rng.choice(_VALUES) + text[end:]
    return text
