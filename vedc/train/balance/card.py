"""The model card of the balance network: description, training and test results."""

from __future__ import annotations

import hashlib
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from textwrap import wrap
from typing import Any

import numpy as np

from vedc.decide.grades.balance.estimate import Limits
from vedc.models.balance import network
from vedc.train.balance import evaluate
from vedc.train.balance.pictures import Take
from vedc.train.balance.settings import Settings
from vedc.train.cuts.footage import Item


@dataclass(frozen=True, slots=True, eq=False)
class Training:
    """The facts about a training that its model card states."""

    items: Sequence[Item]
    parts: tuple[Sequence[str], Sequence[str], Sequence[str]]
    """Sources for training, validation and test."""
    settings: Settings
    limits: Limits
    reached: Mapping[str, float]
    """Figures on the validation set."""


def write_card(
    weights: Path,
    training: Training,
    arrays: Mapping[str, Any],
    takes: Mapping[str, Sequence[Take]],
    seed: int,
    command: str,
) -> None:
    """Test weights once, on the test sources, and write their model card beside them."""
    digest = hashlib.sha256(weights.read_bytes()).hexdigest()
    lines = [
        *_head(digest, training, command),
        *tested(training.limits, training.settings.tested, arrays, takes, seed),
    ]
    lines += ["", *_footage(training)]
    draft = weights.with_suffix(".draft")
    draft.write_text("\n".join(lines) + "\n", encoding="utf-8")
    os.replace(draft, weights.with_suffix(".md"))


def _head(digest: str, training: Training, command: str) -> list[str]:
    parameters = sum(int(np.prod(shape)) for shape in network.shapes().values())
    reached = ", ".join(f"{name} {value:.3f}" for name, value in training.reached.items())
    made = ", ".join(f"{k} {_short(v)}" for k, v in asdict(training.settings).items())
    return [
        "---",
        f"digest: sha256:{digest}",
        "licence: Apache-2.0",
        f"parameters: {parameters}",
        "---",
        "",
        "# Balance",
        "",
        "Weights of the network in models/balance/network.py: which cast, exposure and contrast a",
        "shot has, and how surely. Input: up to 8 thumbnails of 48x27.",
        "",
        "## Training",
        "",
        f"    {command}",
        "",
        *wrap(f"{made}, on {platform.machine()}."),
        "",
        *wrap(
            "Casts, exposures and contrasts are put on footage that is taken as neutral "
            "(train/balance/casts.py): no calibrated pictures were at hand, so a source that had a "
            "cast of its own counts as right. Sources are split before anything is made of them. "
            "Validation says when to stop, and when a cast is clear enough to act on "
            f"(clear {training.limits.clear:.3g}, spread {training.limits.spread:.3g}, tones "
            f"{training.limits.tones:.3g}). Figures on validation: {reached}."
        ),
        "",
    ]


def tested(
    limits: Limits,
    count: int,
    arrays: Mapping[str, Any],
    takes: Mapping[str, Sequence[Take]],
    seed: int,
) -> list[str]:
    """The tables of the test, in Markdown: ``count`` shots of each source."""
    known = evaluate.methods(arrays, limits)
    lines = [
        "## Test",
        "",
        *wrap(
            f"Once, on {len(takes)} test sources, {count} shots of each under gains of "
            "exp(U(-0.35, 0.35)) by channel, one in four of them without a cast, and half as many "
            "under lamps of 3500 to 11000 K. Angles in degrees; "
            "means of the sources' means, with 95% intervals by bootstrap over sources "
            "(train/balance/evaluate.py)."
        ),
        "",
    ]
    moving = {s: t for s, t in takes.items() if any(len(each.pictures) > 1 for each in t)}
    sets = {"Casts by channel": evaluate.cast_shots(takes, count, seed)}
    if moving and len(moving) < len(takes):
        sets["The same, of films alone"] = evaluate.cast_shots(moving, count, seed)
    sets["Lamps and skies"] = evaluate.lamp_shots(takes, count // 2, seed)
    speeds = {}
    for title, shots in sets.items():
        head = evaluate.HEAD if "Lamps" not in title else evaluate.HEAD[:4]
        lines += [f"| {title} | " + " | ".join(head) + " |", "|---|" + "---|" * len(head)]
        judgements = {name: evaluate.judge(method, shots) for name, method in known.items()}
        for name, judged in judgements.items():
            speeds[name] = judged.milliseconds
            lines.append(f"| {name} | " + " | ".join(judged.row()[: len(head)]) + " |")
        gained = evaluate.difference(judgements["network"], judgements["closed"])
        lines += ["", f"The network leaves {gained} degrees less than the closed form.", ""]
    for name in ("colorbalance", "colortemperature"):
        foreign = evaluate.foreign_shots(takes, name, count // 2, seed)
        lines += [
            f"| FFmpeg's {name} | " + " | ".join(evaluate.FOREIGN_HEAD) + " |",
            "|---|" + "---|" * len(evaluate.FOREIGN_HEAD),
        ]
        for each in ("do nothing", "grey edge", "closed", "network, always", "network"):
            row = evaluate.judge_foreign(known[each], foreign)
            lines.append(f"| {each} | " + " | ".join(row) + " |")
        lines.append("")
    lines.append(
        f"CPU time of a shot after its thumbnails, one thread: network {speeds['network']:.1f} ms, "
        f"closed {speeds['closed']:.1f} ms."
    )
    return lines


def _footage(training: Training) -> list[str]:
    names = ("train", "validation", "test")
    of = {s: name for name, part in zip(names, training.parts, strict=True) for s in part}
    lines = [
        "## Footage",
        "",
        "| file | source | part | licence | origin |",
        "|---|---|---|---|---|",
    ]
    for item in sorted(training.items, key=lambda i: (names.index(of[i.source]), i.source)):
        cells = (
            item.file.name,
            item.source,
            of[item.source],
            item.licence or "-",
            item.origin or "-",
        )
        lines.append("| " + " | ".join(cell.replace("|", "/") for cell in cells) + " |")
    return lines


def _short(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
