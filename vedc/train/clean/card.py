"""The card of the denoiser's weights: training, footage and test results."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from vedc.train.clean.figures import Figure
from vedc.train.cuts.footage import Item

if TYPE_CHECKING:
    from vedc.train.clean.training import Settings


def write_card(
    file: Path,
    settings: Settings,
    parts: Sequence[Sequence[str]],
    items: Sequence[Item],
    reached: float,
    figures: Sequence[Figure],
    command: str,
) -> None:
    """Write the card beside a file of weights."""
    from safetensors.numpy import load_file

    parameters = sum(array.size for array in load_file(str(file)).values())
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    file.with_suffix(".md").write_text(
        f"""---
digest: sha256:{digest}
licence: Apache-2.0
parameters: {parameters}
---

# Denoiser

Weights of the network in models/clean/network.py, which the op `clean` runs: the noise of a
frame, found in that frame and its two neighbours.

## Training

    {command}

steps {settings.steps}, batch {settings.batch}, windows of {settings.side} pixels, rate
{settings.rate}, average {settings.average}, seed {settings.seed}, threads {settings.threads}.
Windows are cut from photographs, which are moved, and from films (train/clean/pictures.py), and
get noise of light and sensor, some of it coarse, some through a codec (train/clean/noise.py).
Sources are split before anything is cut. Validation chose the weights that are kept; on it they
reach {reached:.2f} dB, the mean over white noise of {_levels(figures)} of 255.

## Test

Once, on windows of {len(parts[2])} test sources, white noise, clipped, rounded to 8 bits. PSNR in
decibels, means over sources. `denoise` has the strength that is best on validation. Intervals:
95%, bootstrap over sources.

| noise (of 255) | untouched | `denoise` (strength / noise) | `clean` | gain on `denoise` |
|---|---|---|---|---|
{_rows(figures)}

Where the level of the noise is 0, the picture passes unchanged: what is found is multiplied by
a gate that is 0 there.

## Sources

Trained on:

{_listed(items, parts[0])}

Validated on: {", ".join(sorted(parts[1]))}.
Tested on: {", ".join(sorted(parts[2]))}.
""",
        encoding="utf-8",
    )


def _levels(figures: Sequence[Figure]) -> str:
    return ", ".join(f"{figure.level * 255:.0f}" for figure in figures)


def _rows(figures: Sequence[Figure]) -> str:
    return "\n".join(
        f"| {f.level * 255:.0f} | {f.noisy:.2f} | {f.denoise:.2f} ({f.strength}) | {f.clean:.2f} "
        f"| {f.gain:+.2f} [{f.low:+.2f}, {f.high:+.2f}] |"
        for f in figures
    )


def _listed(items: Sequence[Item], sources: Sequence[str]) -> str:
    return "\n".join(
        f"- {item.file.name}: {item.licence or 'licence not stated'}"
        for item in items
        if item.source in sources
    )
