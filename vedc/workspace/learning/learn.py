"""From raw files and finished films to a style, film by film, in stages that are kept."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import numpy as np

from vedc.decide.align.alignment import Alignment, align
from vedc.decide.analyses.analysis import AnalysisRequest, Progress
from vedc.decide.analyses.results import Beside, Events
from vedc.decide.analyses.runner import AnalysisRunner
from vedc.decide.choose.analyzed_source import AnalyzedSource
from vedc.decide.choose.features import Features
from vedc.edit.media_info import MediaInfo
from vedc.errors import Interrupted, UsageError, UserError
from vedc.lang.resolve.questions import Source
from vedc.media.digest import file_digest
from vedc.media.files import make_folder, try_target, whole_file
from vedc.train.house.card import FilmFacts, card_text
from vedc.train.house.evidence import example_data, example_of
from vedc.train.house.film_rows import FilmRows, joints_of, places_beside, rows_of, usable
from vedc.train.house.style import LearnedStyle, learn_style
from vedc.workspace.aligning import films_in
from vedc.workspace.analyses import cache_for, open_media, runner_for
from vedc.workspace.build import CACHE
from vedc.workspace.learning.kept import Kept, alignment_data, alignment_of
from vedc.workspace.learning.rebuild import SPEC, rebuild
from vedc.workspace.learning.score import score

STYLE: Final = "style.json"
CARD: Final = "card.md"
FILMS: Final = "films"
_LEAST: Final = 0.1
"""Share of a film's frames that have to come from the raw files."""
_ON_BEAT: Final = 0.08
"""Seconds from a beat within which a cut is on it."""

OnMessage = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Learned:
    """What was learned, and its sources."""

    folder: Path
    style: LearnedStyle
    films: tuple[FilmFacts, ...]
    left: Mapping[str, str]
    """Films that were not used, and why."""


def learn(
    raws: Sequence[Path],
    films: Sequence[Path],
    folder: Path,
    *,
    render: bool = True,
    cache: Path | None = None,
    progress: Progress | None = None,
    on_message: OnMessage = lambda text: None,
    command: str = "",
) -> Learned:
    """Learn a style and write it, its card and the specs that rebuild the films to ``folder``.

    ``render``: whether rebuilt films are compared with the finished ones. Results of a film are
    kept there as they are found; a later call resumes from them. Raises UserError
    ``no-films-matched`` where no film shows any of the raw files (``no-raw-matched`` of the only
    one), UsageError ``no-raw`` and ``same-name``, RenderError ``cannot-write``, and what reading,
    aligning and rendering raise.
    """
    names = _names(films)
    media = {name: open_media(path) for name, path in names.items()}
    files = [
        path for path in films_in(raws)
        if not any(path.exists() and film.exists() and path.samefile(film) for film in films)
    ]  # fmt: skip
    if not files:
        message = "there are no raw files besides the films"
        raise UsageError.one("no-raw", message, hint="vedc learn RAW... --edit FILM -o FOLDER")
    sources = [open_media(path) for path in files]
    for raw in sources:
        if raw.video is None or raw.kind != "video":
            message = f"the raw file '{raw.path}' contains no moving picture"
            hint = "leave it out: films are compared with pictures"
            raise UserError.one("no-picture", message, hint=hint)
    for file in (STYLE, CARD):
        try_target(folder / file)  # before what takes minutes
    store = cache_for(folder, cache)
    digests = store / "digests" if store else None
    of_raws = [file_digest(path, digests) for path in files]
    runner = runner_for(folder, cache, progress)
    rows: list[FilmRows] = []
    facts: list[FilmFacts] = []
    left: dict[str, str] = {}
    analysed: dict[int, Features] = {}
    for number, (name, film) in enumerate(media.items(), 1):
        on_message(f"film {number} of {len(media)}: {name}")
        kept = Kept.open(folder / FILMS / name, [file_digest(names[name], digests), *of_raws])
        try:
            row, fact = film_rows(
                name, film, sources, kept, folder / FILMS / name, runner, analysed, render,
                progress, on_message,
            )  # fmt: skip
        except Interrupted:
            raise
        except UserError as error:
            if len(media) == 1 or error.problems[0].code == "cannot-write":
                raise
            left[name] = error.problems[0].message
            on_message(f"  left over: {left[name]}")
            continue
        rows.append(row)
        facts.append(fact)
    if not rows:
        reasons = "; ".join(f"{name}: {why}" for name, why in left.items())
        hint = "name the raw files that these films were cut from"
        raise UserError.one("no-films-matched", f"nothing can be learned: {reasons}", hint=hint)
    style = learn_style(rows, on_message)
    learned = Learned(folder, style, tuple(facts), left)
    _write(folder / STYLE, style_text(style.data))
    _write(folder / CARD, card_text(style, facts, left, command))
    return learned


def _names(films: Sequence[Path]) -> dict[str, Path]:
    """Films by the names of their folders. Raises UsageError ``same-name``."""
    found: dict[str, Path] = {}
    for film in films:
        if film.stem in found:
            message = f"two films are called {film.stem}: {found[film.stem]} and {film}"
            raise UsageError.one("same-name", message, hint="rename one of them")
        found[film.stem] = film
    return found


def film_rows(
    name: str,
    film: MediaInfo,
    sources: Sequence[MediaInfo],
    kept: Kept,
    folder: Path,
    runner: AnalysisRunner,
    analysed: dict[int, Features],
    render: bool = True,
    progress: Progress | None = None,
    on_message: OnMessage = lambda text: None,
) -> tuple[FilmRows, FilmFacts]:
    """The rows of a film, and its entry in the card.

    ``kept``: its stages so far, extended by those done now; ``folder``: where the spec that
    rebuilds it goes; ``analysed``: features of raw files by number, filled as needed. Raises
    UserError ``no-raw-matched``.
    """
    if "alignment" not in kept.stages:
        on_message("  looking for its raw footage")
        kept.keep("alignment", alignment_data(align(film, sources, progress)))
    found = alignment_of(kept.stages["alignment"], film, sources)
    known = sum(s.end - s.start for s in found.segments if usable(s))
    if known < _LEAST * max(found.frames, 1):
        message = f"{known / max(found.frames, 1):.0%} of it is in the raw files"
        raise UserError.one(
            "no-raw-matched", message, hint="name the raw files that it was cut from"
        )
    if "grade" not in kept.stages or not (folder / SPEC).exists():
        on_message("  fitting its grade and effects")
        rebuilt = rebuild(found, folder, name)
        kept.keep(
            "grade",
            {
                "examples": [example_data(example) for example in rebuilt.examples],
                "effects": [dict(step) for step in rebuilt.effects],
            },
        )
    if render and "score" not in kept.stages:
        on_message("  rebuilding it, to compare")
        scored = score(found, folder / SPEC)
        kept.keep("score", None if scored is None else asdict(scored))
        shutil.rmtree(folder / CACHE.parent, ignore_errors=True)  # of frames that were compared
    row = _rows(name, found, sources, runner, analysed)
    graded = kept.stages["grade"]
    effects = [str(step["op"]) for step in graded["effects"]]
    row = replace(
        row,
        examples=[example_of(data) for data in graded["examples"]],
        effects=effects,
        beats=_on_beats(found, runner),
    )
    scored_data: Any = kept.stages.get("score") or {}
    fact = FilmFacts(
        name,
        found.frames,
        len(row.lengths),
        known / max(found.frames, 1),
        scored_data.get("psnr"),
        scored_data.get("worst"),
        scored_data.get("difference"),
        scored_data.get("between"),
        effects,
    )
    return row, fact


def _rows(
    name: str,
    found: Alignment,
    sources: Sequence[MediaInfo],
    runner: AnalysisRunner,
    analysed: dict[int, Features],
) -> FilmRows:
    used = {s.source for s in found.segments if s.source is not None}
    for number in sorted(used - analysed.keys()):
        analysed[number] = features_of(runner, sources[number], found.rate)
    features = [
        analysed[k] if k in analysed else Features(AnalyzedSource(_whole(m), found.rate, {}))
        for k, m in enumerate(sources)
    ]
    seen: list[tuple[Beside, Beside] | None] = []
    for left, right in joints_of(found):
        assert left.source is not None and right.source is not None
        ends = places_beside(found, left, right)
        asks = [
            AnalysisRequest.of("beside", sources[number], at=str(_inside(at, sources[number])),
                               side=side)
            for number, at, side in (
                (left.source, ends[0], "before"), (right.source, ends[1], "after"),
            )
        ]  # fmt: skip
        before, after = runner(*asks)
        assert isinstance(before, Beside) and isinstance(after, Beside)
        seen.append((before, after))
    return rows_of(found, features, name, seen)


def _inside(at: Fraction, media: MediaInfo) -> Fraction:
    """A time within a file, on one of its frames."""
    assert media.video is not None
    rate = media.video.rate
    last = max((media.clip_length or at) - 1 / rate, Fraction(0))
    return Fraction(round(min(at, last) * rate)) / rate


def _whole(media: MediaInfo) -> Source:
    return Source(
        media.path, media, Fraction(0), media.clip_length or media.duration or Fraction(0)
    )


def features_of(runner: AnalysisRunner, media: MediaInfo, rate: Fraction) -> Features:
    """The features of a raw file, as far as learning needs them. ``rate``: of the film."""
    names = ["shots", "measures", "thumbs"]
    if media.audio is not None:
        names += ["level", "speech", "onsets"]
    results = runner(*(AnalysisRequest.of(name, media) for name in names))
    return Features(AnalyzedSource(_whole(media), rate, dict(zip(names, results, strict=True))))


def _on_beats(found: Alignment, runner: AnalysisRunner) -> tuple[int, int] | None:
    """How many cuts of a film are on a beat of its sound."""
    if found.film.audio is None:
        return None
    (beats,) = runner(AnalysisRequest.of("beats", found.film))
    assert isinstance(beats, Events)
    times = np.array([float(event.time) for event in beats.events])
    if len(times) < 8:
        return None
    cuts = [float(s.start / found.rate) for s in found.segments[1:] if s.boundary == "cut"]
    near = sum(float(np.abs(times - cut).min()) <= _ON_BEAT for cut in cuts)
    return near, len(cuts)


def style_text(data: Mapping[str, Any]) -> str:
    """A style's file: a line for each weight, but lists of numbers on one line."""
    text = json.dumps(data, indent=2, ensure_ascii=False)
    out: list[str] = []
    flat: list[str] | None = None
    for line in text.splitlines():
        if flat is None and line.rstrip().endswith("["):
            flat = [line.rstrip()]
        elif flat is not None:
            flat.append(line.strip())
            if line.strip() in ("]", "],"):
                out.append(flat[0] + " ".join(flat[1:-1]) + flat[-1])
                flat = None
        else:
            out.append(line)
    return "\n".join(out) + "\n"


def _write(file: Path, text: str) -> None:
    make_folder(file.parent)
    with whole_file(file) as part:
        part.write_text(text, encoding="utf-8")
