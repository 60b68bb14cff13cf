"""The model card of trained weights: description, training and test results."""

from __future__ import annotations

import hashlib
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from textwrap import wrap

from vedc.decide.analyses.results import Thumbs
from vedc.decide.shots import detect_network
from vedc.decide.shots.boundary import Boundary
from vedc.decide.shots.detect_network import Thresholds
from vedc.models.cuts import network
from vedc.train.cuts import evaluate
from vedc.train.cuts.films import Film
from vedc.train.cuts.footage import Footage
from vedc.train.cuts.settings import Settings


@dataclass(frozen=True, slots=True, eq=False)
class Training:
    """The facts about a training that its model card states."""

    clips: Path
    footage: Footage
    parts: tuple[Sequence[str], Sequence[str], Sequence[str]]
    """Sources for training, validation and test."""
    settings: Settings
    limits: Thresholds
    reached: Mapping[str, float]
    """Figures on the validation set."""


def write_card(
    weights: Path, training: Training, films: Sequence[Film], command: str
) -> evaluate.ScoreTable:
    """Test weights once, on films, and write their model card beside them."""
    card = weights.with_suffix(".md")
    digest = hashlib.sha256(weights.read_bytes()).hexdigest()
    card.write_text(f"---\ndigest: sha256:{digest}\n---\n", encoding="utf-8")  # needed to load them

    def ours(film: Film, thumbs: Thumbs) -> Sequence[Boundary]:
        return detect_network.detect(thumbs, weights)

    detectors = {
        name: ours if name == "network" else detect
        for name, (detect, packages) in evaluate.DETECTORS.items()
        if all(find_spec(package) for package in packages)
    }
    table = evaluate.evaluate_detectors(detectors, films)
    draft = card.with_suffix(".draft")
    draft.write_text(text(digest, training, table, command), encoding="utf-8")
    os.replace(draft, card)
    return table


def text(digest: str, training: Training, table: evaluate.ScoreTable, command: str) -> str:
    """The model card in Markdown; ``network_weights`` reads its front matter."""
    boundaries = ", ".join(f"{n} {kind}" for kind, n in table.boundaries.items())
    reached = ", ".join(f"{name} {value:.3f}" for name, value in training.reached.items())
    made = {k: v for k, v in asdict(training.settings).items() if v is not None}
    lines = [
        "---",
        f"digest: sha256:{digest}",
        "licence: Apache-2.0",
        f"parameters: {network.parameters()}",
        "---",
        "",
        "# Shot boundaries",
        "",
        "Weights of the network in models/cuts/network.py: where the shots of a film meet, how",
        "(cut, dissolve, fade, wipe, slide), and over which frames. Input: thumbnails of 48x27.",
        "",
        "## Training",
        "",
        f"    {command or 'vedc train cuts --clips ' + training.clips.name}",
        "",
        *wrap(
            ", ".join(f"{k} {_short(v)}" for k, v in made.items()) + f", on {platform.machine()}."
        ),
        "",
        "Training films are generated from footage on the fly (train/cuts/edits.py) and not",
        "stored. Sources are split before anything is generated, so that no take, place or",
        "photograph is in two parts. Validation determines when to stop and the thresholds",
        *wrap(
            "(" + ", ".join(f"{k} {_short(v)}" for k, v in asdict(training.limits).items()) + ")."
        ),
        *wrap(f"Figures on validation: {reached}."),
        "",
        "## Test",
        "",
        f"Once, on {table.films} films rendered and encoded from the test sources:",
        f"{boundaries}; {table.minutes:.1f} minutes of them",
        "hold no boundary and many things that look like one.",
        "F1 of a kind within 0 and 2 frames combines its own recall with the precision of all",
        "detections; 95% intervals by bootstrap over films (train/cuts/evaluate.py). Speeds are",
        "from one run, without thumbnails (PySceneDetect decodes itself): compare, do not quote.",
        "",
        table.markdown(),
        "",
        *_differences(table),
        "## Footage",
        "",
        "| file | source | part | licence | origin |",
        "|---|---|---|---|---|",
    ]
    names = ("train", "validation", "test")
    of = {s: name for name, part in zip(names, training.parts, strict=True) for s in part}
    for item in sorted(training.footage.items, key=lambda i: (names.index(of[i.source]), i.source)):
        row = (
            item.file.name,
            item.source,
            of[item.source],
            item.licence or "-",
            item.origin or "-",
        )
        lines.append("| " + " | ".join(cell.replace("|", "/") for cell in row) + " |")
    return "\n".join(lines) + "\n"


def _short(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _differences(table: evaluate.ScoreTable) -> list[str]:
    """The network minus each other detector, for the main figures."""
    names = ("cut@0", "macro@2", "all@2", "false a minute")
    if not table.differences:
        return []
    lines = ["| difference | " + " | ".join(names) + " |", "|---|" + "---|" * len(names)]
    for title, figures in table.differences.items():
        lines.append(f"| {title} | " + " | ".join(str(figures[n]) for n in names) + " |")
    return [*lines, ""]
