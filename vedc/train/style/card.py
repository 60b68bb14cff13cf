"""The card of a style's weights: training, footage and validation results."""

from __future__ import annotations

import hashlib
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from vedc.models.style import network

if TYPE_CHECKING:
    from vedc.train.style.content import Content
    from vedc.train.style.training import Settings

_SAID = {
    "strokes": "distance of patches from the painting's, in units of its spread",
    "layout": "how far light and colour are from the start's, in units of 0.05, squared",
    "drawing": "share of the frames' lines that is lost",
    "steadiness": "change under small motion and noise, in units of the start's contrast, squared",
    "range": "how far samples leave 0..1",
}


def write_card(
    file: Path,
    painting: Path,
    settings: Settings,
    seen: Content,
    reached: Mapping[str, float],
    command: str,
) -> None:
    """Write the card beside a file of weights."""
    parameters = sum(_product(shape) for shape in network.shapes(settings.size).values())
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    figures = "\n".join(
        f"| {name} | {value:.3f} | {_SAID[name]} |" for name, value in reached.items()
    )
    file.with_suffix(".md").write_text(
        f"""---
digest: sha256:{digest}
licence: as that of the painting and the footage
parameters: {parameters}
---

# Style of {painting.name}

Weights of the network in models/style/network.py, size {settings.size}, for the op `style`.

## Training

    {command}

{_settings(settings)}

{_chosen(settings)}

| loss | value | meaning |
|---|---|---|
{figures}

The painting: {painting.name}, sha256:{hashlib.sha256(painting.read_bytes()).hexdigest()}

## Pictures

{_pictures(settings, seen)}
""",
        encoding="utf-8",
    )


def _chosen(settings: Settings) -> str:
    if settings.size == network.START:
        return "On validation, where nothing was chosen:"
    said = (
        "No pretrained network had a part in it (train/style/losses.py). Validation chose the "
        "weights that are kept:"
    )
    return textwrap.fill(said, 99)


def _settings(settings: Settings) -> str:
    if settings.size == network.START:
        said = (
            "Nothing was trained: the weights are those of a start (models/style/start.py), in "
            "closed form from the painting and from the light of the footage "
            "(train/style/palette.py). The painting's shorter side "
            f"{settings.painting_size} pixels, seed {settings.seed}."
        )
        return textwrap.fill(said, 99)
    text = (
        f"{settings.minutes:g} minutes at most, batch {settings.batch}, windows of "
        f"{settings.side} pixels at half size, rate {settings.rate}, average {settings.average}, "
        f"drawing {settings.drawing}, layout {settings.layout}, "
        f"steadiness {settings.steadiness}, the painting's shorter "
        f"side {settings.painting_size} pixels, seed {settings.seed}, threads {settings.threads}."
    )
    if settings.begin:
        digest = hashlib.sha256(settings.begin.read_bytes()).hexdigest()
        text += f" It began with the weights {settings.begin.name}, sha256:{digest}."
    return textwrap.fill(text, 99)


def _product(shape: tuple[int, ...]) -> int:
    total = 1
    for side in shape:
        total *= side
    return total


def _pictures(settings: Settings, seen: Content) -> str:
    if not seen.items:
        return (
            "Generated: discs and bars that cover each other (train/style/content.py). No footage."
        )
    teach = {scene.source for scene in seen.teach}
    made = "seen" if settings.size == network.START else "trained"
    return "\n".join(
        f"- {made if item.source in teach else 'validated'} on {item.file.name}: "
        f"{item.licence or 'licence not stated'}"
        for item in seen.items
    )
