"""The human-readable card of a style: its films, and the results of each part."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from vedc.decide.choose.style_file import PARTS
from vedc.train.house.judged import Interval, Judged
from vedc.train.house.style import LearnedStyle


@dataclass(frozen=True, slots=True)
class FilmFacts:
    """The facts about a film on the card."""

    name: str
    frames: int
    shots: int
    explained: float
    """0..1: the share of its frames traced to a raw file."""
    psnr: float | None
    worst: float | None
    difference: float | None
    """Decibels of the rebuilt film outside transitions; None if it was not rendered."""
    between: float | None = None
    """Decibels within transitions."""
    effects: Sequence[str] = ()


def card_text(
    style: LearnedStyle, films: Sequence[FilmFacts], left: Mapping[str, str], command: str
) -> str:
    """The text of the card. ``left``: excluded films, and the reasons."""
    return "\n".join(_lines(style, films, left, command)) + "\n"


def _lines(
    style: LearnedStyle, films: Sequence[FilmFacts], left: Mapping[str, str], command: str
) -> Iterator[str]:
    yield "---"
    yield f"digest: {style.data['digest']}"
    yield "---"
    yield "# A style learned from finished films"
    yield ""
    yield f"Command: `{command}`"
    yield ""
    yield "Use it: `auto: {from: [...], style: style.json, cut: {duration: 30s}}`."
    yield ""
    yield "## What is used"
    yield ""
    for part in PARTS:
        state = "learned" if style.taken[part] else "default"
        yield f"- **{part}** ({state}): {style.verdicts[part]}."
    yield ""
    yield "## Films"
    yield ""
    yield "| film | frames | shots | from raw files | rebuilt, PSNR (worst frame) | dE | effects |"
    yield "|---|---|---|---|---|---|---|"
    for film in films:
        far = "not rendered | "
        if film.psnr is not None and film.worst is not None and film.difference is not None:
            far = f"{film.psnr:.1f} dB ({film.worst:.1f})"
            if film.between is not None:
                far += f"; transitions {film.between:.1f}"
            far += f" | {film.difference:.2f}"
        effects = ", ".join(film.effects) or "none"
        yield (
            f"| {film.name} | {film.frames} | {film.shots} | {film.explained:.0%} | {far} "
            f"| {effects} |"
        )
    for name, why in left.items():
        yield f"| {name} | left over: {why} | | | | | |"
    yield ""
    yield "## Films left out, one at a time or with those of the same footage"
    yield ""
    if any(True for _ in _judged(style)):
        yield "| part | rows | films | model | log-likelihood | gain of the learned (95 %) |"
        yield "|---|---|---|---|---|---|"
    else:
        yield "Nothing could be judged: each part above says why."
    for name, judged in _judged(style):
        for model, value in judged.likelihood.items():
            gain = _interval(judged.gain[model]) if model in judged.gain else ""
            yield (f"| {name} | {judged.rows} | {judged.films} | {model} | {value:.3f} | {gain} |")
    yield ""
    for name, judged in _judged(style):
        for measure, models in judged.measures.items():
            figures = ", ".join(f"{model} {_interval(value)}" for model, value in models.items())
            yield f"- {name}, {measure}: {figures}."
    grading = style.grading
    if grading is not None and grading.away:
        figures = ", ".join(f"{model} {_interval(value)}" for model, value in grading.away.items())
        yield f"- look, CIEDE2000 that is left: {figures}."
    if style.joining is not None:
        counts = ", ".join(f"{n} {kind}" for kind, n in sorted(style.joining.counts.items()))
        lengths = ", ".join(f"{name} {s:g} s" for name, s in style.joining.seconds.items())
        yield f"- joints: {counts}; usual lengths: {lengths or 'none'}."
    if style.pacing is not None:
        pace = style.pacing.pace
        quarters = ", ".join(f"{pace.quantile(q):.2f} s" for q in (0.1, 0.25, 0.5, 0.75, 0.9))
        yield f"- {style.pacing.shots} shots; 10, 25, 50, 75 and 90 % are shorter than {quarters}."
    yield ""
    yield "## What else was seen"
    yield ""
    yield "Measured, and not used:"
    yield ""
    for name, value in style.habits.items():
        yield f"- {name}: {_plain(value)}"
    yield ""
    if len(style.footage) == 1:
        yield "All films show the same raw files: how far habits reach on others is not known."
        yield ""
    yield "A part is learned where its gain over each rival has a 95 % interval above zero, on"
    yield "films that it was not fitted to. With fewer than six films the interval draws single"
    yield "rows, which makes it too narrow. What was learned holds for films like these alone."


def _judged(style: LearnedStyle) -> Iterator[tuple[str, Judged]]:
    for name, chosen in (("where to cut", style.cuts), ("what to keep", style.pieces)):
        if chosen is not None and chosen.judged is not None:
            yield name, chosen.judged
    if style.joining is not None and style.joining.verdicts:
        yield "how to join", style.joining.verdicts["learned"]
    if style.pacing is not None and style.pacing.judged is not None:
        yield "pace", style.pacing.judged


def _interval(value: Interval) -> str:
    return f"{value[0]:.3f} ({value[1]:.3f} to {value[2]:.3f})"


def _plain(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} ({count})" for key, count in value.items()) or "none"
    if isinstance(value, list):
        return " of ".join(map(str, value))
    return str(value)
