"""The editors' films, the habits learned from them, and the figures."""

from __future__ import annotations

import math
import shutil
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from tests.bench.learn.editors import EDITORS, Editor, cut, make, prepared
from tests.bench.learn.known import GROUPS, Made, known_films, seconds_of
from tests.bench.measure import MEDIA

SEED: Final = 16
MANY: Final = (2, 6)
"""Films of each editor and group whose places are known, so that they need not be aligned."""


def main(folder: Path, films: int = 1, seed: int = SEED) -> None:
    clips = MEDIA / "video"
    print("Learning from films of six synthetic editors, on footage that was not learned from")
    if not shutil.which("ffmpeg") or not clips.is_dir():
        print(f"  left out: no ffmpeg, or no media at {MEDIA}")
        return
    made = [
        _made(folder, editor, index, group, number, seed)
        for number in range(films)
        for group in range(len(GROUPS))
        for index, editor in enumerate(EDITORS)
    ]
    print(f"  seed {seed}, {len(made)} films, through alignment and rebuilding")
    report(made)
    for count in MANY:
        print(f"  places known, {count} films of each editor and group, seed {seed + 1}")
        report_habits(known_films(folder, count, seed + 1))


def _made(folder: Path, editor: Editor, index: int, group: int, number: int, seed: int) -> Made:
    """A film's rows, through the stages of ``vedc learn``, which are kept."""
    from vedc.media.digest import file_digest
    from vedc.workspace.analyses import open_media, runner_for
    from vedc.workspace.learning.kept import Kept
    from vedc.workspace.learning.learn import film_rows

    raws = prepared(MEDIA / "video", GROUPS[group], folder / "raw")
    name = f"{editor.name}-{group}{number}"
    film = folder / f"{name}.mp4"
    if not film.exists():
        rng = np.random.default_rng([seed, index, group, number])
        make(cut(editor, raws, rng, seconds_of(editor)), editor.grade, film)
    digests = [file_digest(path, None) for path in (film, *raws)]
    place = folder / "house" / name
    kept = Kept.open(place, digests)
    rows, facts = film_rows(
        name,
        open_media(film),
        [open_media(raw) for raw in raws],
        kept,
        place,
        runner_for(film, folder / "cache"),
        {},
    )
    print(f"    {name}: {len(rows.lengths)} shots, {facts.psnr or 0:.1f} dB", flush=True)
    return Made(editor.name, group, rows, facts)


def report_habits(made: Sequence[Made]) -> None:
    """Only the learned habits of cutting, joining and pace."""
    from vedc.train.house.style import learn_style

    gains: dict[str, list[tuple[str, int, str, float]]] = defaultdict(list)
    taken: dict[str, int] = defaultdict(int)
    for group in sorted({film.group for film in made}):
        for editor in EDITORS:
            seen = [f.rows for f in made if f.editor == editor.name and f.group != group]
            style = learn_style(seen)
            for part in ("cutting", "joining", "pace"):
                taken[part] += style.taken[part]
            for film in made:
                if film.editor == editor.name and film.group == group:
                    for what, values in _gains(film, style).items():
                        gains[what] += [(film.editor, group, film.rows.name, v) for v in values]
    _report(gains)
    held = ", ".join(f"{part} {count}" for part, count in taken.items())
    print(f"      parts taken, of {3 * len(EDITORS)} styles: {held}", flush=True)


def report(made: Sequence[Made]) -> None:
    """Every figure, by editor and by group of footage."""
    from vedc.decide.grades.space import GradeSpace
    from vedc.train.house.nearest import nearness
    from vedc.train.house.style import learn_style

    space = GradeSpace.load()
    right: list[tuple[str, int, float]] = []
    by_part: dict[str, list[float]] = defaultdict(list)
    skill: list[tuple[str, int, float]] = []
    gains: dict[str, list[tuple[str, int, str, float]]] = defaultdict(list)
    taken: dict[str, int] = defaultdict(int)
    for group in sorted({film.group for film in made}):
        styles = {}
        for editor in EDITORS:
            seen = [f.rows for f in made if f.editor == editor.name and f.group != group]
            if seen:
                styles[editor.name] = learn_style(seen)
                for part, is_taken in styles[editor.name].taken.items():
                    taken[part] += is_taken
        for film in (f for f in made if f.group == group):
            near = {name: nearness(film.rows, style, space) for name, style in styles.items()}
            best = max(near, key=lambda name: near[name].total)
            right.append((film.editor, group, float(best == film.editor)))
            for part in next(iter(near.values())).parts:
                alone = max(near, key=lambda name: near[name].parts[part])
                by_part[part].append(float(alone == film.editor))
            own = styles[film.editor]
            skill.append((film.editor, group, _skill(film, own, space)))
            for what, values in _gains(film, own).items():
                gains[what] += [(film.editor, group, film.rows.name, v) for v in values]
    _table("nearest style is the editor's (>= 0.90)", right)
    for part, values in by_part.items():
        print(f"      by {part} alone: {np.mean(values):.2f} (chance {1 / len(EDITORS):.2f})")
    _table("grade: share of a film's difference taken away (>= 0.8)", skill)
    _report(gains)
    scores = [(f.editor, f.group, f.score.psnr) for f in made if f.score.psnr is not None]
    _table("rebuilt films, decibels where one clip is seen (>= 35)", scores, ".1f")
    good = [float(value >= 35) for _, _, value in scores]
    print(f"      films at 35 dB or better: {sum(good):.0f} of {len(good)}")
    between = [(f.editor, f.group, f.score.between) for f in made if f.score.between is not None]
    _table("      in transitions", between, ".1f")
    explained = [(f.editor, f.group, f.score.explained) for f in made]
    _table("frames that are traced to a raw file", explained)
    held = ", ".join(f"{part} {count}" for part, count in taken.items())
    print(f"  parts taken, of {3 * len(EDITORS)} styles of two groups each: {held}")


def _report(gains: Mapping[str, Sequence[tuple[str, int, str, float]]]) -> None:
    """Gains with intervals that draw films, then split."""
    from vedc.train.house.judged import interval

    for what, rows in gains.items():
        names = [name for _, _, name, _ in rows]
        mean, low, high = interval(np.array([v for *_, v in rows]), names)
        print(f"  {what}: {mean:+.3f} ({low:+.3f} to {high:+.3f}), {len(rows)} rows, by film")
        _split([(editor, group, value) for editor, group, _, value in rows], "+.3f")


def _skill(film: Made, style: Any, space: Any) -> float:
    """The share of the colour difference of a film that a style's one grade takes away."""
    from vedc.decide.grades.looks.learn import away

    if style.grading is None or style.grading.usual is None:
        return 0.0
    table = space.table(style.grading.usual)
    left = sum(away(example, table) for example in film.rows.examples)
    return 1 - left / max(sum(away(example) for example in film.rows.examples), 1e-6)


def _gains(film: Made, style: Any) -> Mapping[str, Sequence[float]]:
    """Of each row, log-likelihood and reciprocal rank by the learned weights less by hand."""
    from vedc.decide.choose import score_weights
    from vedc.decide.choose.feature_catalogue import CUTS, FEATURES, PIECES
    from vedc.train.cutting.choices import PieceChoice
    from vedc.train.cutting.logit import likelihoods, rank
    from vedc.train.house.choosing import sided, sided_names

    hand = score_weights.shipped("cutting", FEATURES).values
    found: dict[str, list[float]] = {}
    for what, choices, chosen, names in (
        ("cut placement", film.rows.cuts, style.cuts, CUTS),
        ("kept pieces", film.rows.pieces, style.pieces, PIECES),
    ):
        if chosen is None or not choices:
            continue
        if any(choice.side for choice in choices):
            choices, names = [sided(choice) for choice in choices], sided_names(names)
        known = [list(names).index(name) for name in chosen.names]
        rows = [PieceChoice(c.values[:, known], c.group) for c in choices]
        by_hand = np.array([hand.get(n, 0.0) for n in chosen.names])
        scaled = by_hand * chosen.hand_scale
        found[f"{what}, log-likelihood over the weights set by hand"] = (
            likelihoods(rows, chosen.weights) - likelihoods(rows, scaled)
        ).tolist()
        chance = np.array([-math.log(len(c.values)) for c in rows])
        found[f"{what}, log-likelihood over chance"] = (
            likelihoods(rows, chosen.weights) - chance
        ).tolist()
        found[f"{what}, reciprocal rank over the weights set by hand"] = [
            1 / rank(c, chosen.weights) - 1 / rank(c, by_hand) for c in rows
        ]
    return found


def _table(what: str, rows: Sequence[tuple[str, int, float]], form: str = ".2f") -> None:
    """A figure with its 95 % interval over films or stretches, then split."""
    from vedc.train.house.judged import interval

    if not rows:
        print(f"  {what}: none")
        return
    values = np.array([value for _, _, value in rows])
    names = [f"{editor} {group}" for editor, group, _ in rows]
    mean, low, high = interval(values, names)
    print(f"  {what}: {mean:{form}} ({low:{form}} to {high:{form}}), n = {len(rows)}")
    _split(rows, form)


def _split(rows: Sequence[tuple[str, int, float]], form: str) -> None:
    by_editor: dict[str, list[float]] = defaultdict(list)
    by_group: dict[int, list[float]] = defaultdict(list)
    for editor, group, value in rows:
        by_editor[editor].append(value)
        by_group[group].append(value)
    editors = ", ".join(f"{name} {np.mean(v):{form}}" for name, v in by_editor.items())
    groups = ", ".join(f"{'ABC'[g]} {np.mean(v):{form}}" for g, v in sorted(by_group.items()))
    print(f"      {editors}; footage {groups}")
