"""A style learned from the rows of films: each part is judged, and taken if it is better."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np

from vedc.decide.choose import score_weights, transition_choice
from vedc.decide.choose.feature_catalogue import CUTS, FEATURES, PIECES
from vedc.decide.choose.style_file import MARK, VERSION, Part, style_digest
from vedc.decide.grades.looks.look_file import look_text
from vedc.decide.grades.space import GradeSpace
from vedc.train.house.choosing import Chosen, learn_choices
from vedc.train.house.film_rows import FilmRows
from vedc.train.house.grading import Grading, learn_look
from vedc.train.house.joining import Joining, learn_joining
from vedc.train.house.judged import FEWEST, Judged, footage_of, groups_of
from vedc.train.house.pacing import Pacing, learn_pace


@dataclass(frozen=True, slots=True, eq=False)
class LearnedStyle:
    """The results of learning from films, part by part. A part without rows is None."""

    films: tuple[str, ...]
    cuts: Chosen | None
    pieces: Chosen | None
    joining: Joining | None
    pacing: Pacing | None
    grading: Grading | None
    habits: Mapping[str, Any]
    verdicts: Mapping[Part, str]
    """A sentence about the result of each part."""
    taken: Mapping[Part, bool]
    footage: frozenset[str] = frozenset()
    """Groups of films that share no raw files, each named by one of its films."""
    data: Mapping[str, Any] = field(default_factory=dict)
    """The style as stored in its file."""


def learn_style(
    films: Sequence[FilmRows], on_message: Callable[[str], None] = lambda text: None
) -> LearnedStyle:
    """Learn all parts from one or more films."""
    hand = score_weights.shipped("cutting", FEATURES).values
    by_joint = score_weights.shipped("joining", transition_choice.FEATURES).values
    footage = footage_of({film.name: film.footage for film in films})
    on_message("where cuts are, and what is kept")
    cuts = learn_choices([(f.name, c) for f in films for c in f.cuts], CUTS, hand, footage)
    pieces = learn_choices([(f.name, c) for f in films for c in f.pieces], PIECES, hand, footage)
    on_message("how clips are joined, and how long shots are")
    joining = learn_joining([(f.name, row) for f in films for row in f.joins], by_joint, footage)
    pacing = learn_pace([(f.name, s) for f in films for s in f.lengths], footage)
    on_message("the look")
    grading = learn_look([(f.name, e) for f in films for e in f.examples], footage)
    count = len(films)
    verdicts: dict[Part, str] = {
        "cutting": _of_cutting(cuts, pieces, count),
        "joining": _of_joining(joining, count),
        "pace": _of_pace(pacing, count),
        "look": _of_look(grading, count),
    }
    taken: dict[Part, bool] = {
        "cutting": _won(cuts) or _won(pieces),
        "joining": joining is not None and joining.taken is not None,
        "pace": pacing is not None and pacing.judged is not None and pacing.judged.better,
        "look": grading is not None and grading.better,
    }
    learned = LearnedStyle(
        tuple(film.name for film in films), cuts, pieces, joining, pacing, grading,
        _habits(films), verdicts, taken, groups_of({f.name: f.footage for f in films}),
    )  # fmt: skip
    return replace(learned, data=_data(learned, films, hand))


def _won(chosen: Chosen | None) -> bool:
    return chosen is not None and chosen.judged is not None and chosen.judged.better


def _data(
    learned: LearnedStyle, films: Sequence[FilmRows], hand: Mapping[str, float]
) -> dict[str, Any]:
    def part(name: Part, **values: Any) -> dict[str, Any]:
        kept = "learned" if learned.taken[name] else "default"
        held = values if learned.taken[name] else {}
        return {"kept": kept, "why": learned.verdicts[name], **held}

    weights = dict(hand)
    for chosen in (learned.cuts, learned.pieces):
        if chosen is not None and _won(chosen):
            weights |= chosen.as_hand(hand)
    joining, pacing, grading = learned.joining, learned.pacing, learned.grading
    look: Any = None
    if learned.taken["look"] and grading is not None and grading.look is not None:
        colors = np.concatenate([e.cells.before for film in films for e in film.examples])
        look = json.loads(look_text(grading.look, colors, GradeSpace.load()))
    data: dict[str, Any] = {
        "vedc": MARK,
        "version": VERSION,
        "digest": "",
        "films": list(learned.films),
        "cutting": part("cutting", weights=weights),
        "joining": part(
            "joining",
            weights=dict(joining.weights) if joining is not None else {},
            choose=dict(joining.seconds) if joining is not None else {},
        ),
        "pace": part("pace", lengths=list(pacing.pace.lengths) if pacing is not None else []),
        "look": part("look", look=look),
        "habits": dict(learned.habits),
    }
    data["digest"] = style_digest(data)
    return data


# The sentences about each part

_KEEPS: Final = "vedc's own stays"


def _few(films: int) -> str:
    if films < FEWEST:
        return f"{_KEEPS}: with one film, none can be left out to judge by"
    return ""


def _gain(judged: Judged, rival: str) -> str:
    mean, low, high = judged.gain[rival]
    return f"{mean:+.2f} ({low:+.2f} to {high:+.2f}) over {_CALLED.get(rival, rival)}"


_CALLED: Final = {
    "by hand": "the weights set by hand",
    "frequency": "frequencies",
    "chance": "chance",
}


def _sentence(judged: Judged) -> str:
    return "log-likelihood " + ", ".join(_gain(judged, rival) for rival in judged.gain)


def _not_better(judged: Judged) -> str:
    names = [_CALLED.get(rival, rival) for rival in judged.beaten_by()]
    rivals = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    return f"{_KEEPS}, since films do not show that it beats {rivals}, {_sentence(judged)}"


def _of_cutting(cuts: Chosen | None, pieces: Chosen | None, films: int) -> str:
    parts = []
    for what, chosen in (("where to cut", cuts), ("what to keep", pieces)):
        if chosen is None or chosen.judged is None:
            parts.append(f"{what}: {_few(films) or f'{_KEEPS}: too few were found'}")
        elif chosen.judged.better:
            parts.append(f"{what}: learned, {_sentence(chosen.judged)}")
        else:
            parts.append(f"{what}: {_not_better(chosen.judged)}")
    return "; ".join(parts)


def _of_joining(joining: Joining | None, films: int) -> str:
    if joining is None:
        return f"{_KEEPS}: no joint of two clips was found"
    if films < FEWEST:
        return _few(films)
    if joining.counts.keys() == {"cut"}:
        return f"{_KEEPS}: every joint is a hard cut, which is what vedc does where nothing is said"
    if not joining.verdicts:
        return _few(films) or f"{_KEEPS}: too few joints were found"
    learned, rates = joining.verdicts["learned"], joining.verdicts["rates"]
    if joining.taken == "learned":
        return f"learned, {_sentence(learned)}"
    if joining.taken == "rates":
        mean, low, high = learned.gain["frequency"]
        return (
            f"the rates are learned, {_sentence(rates)}; what a joint shows says no more for "
            f"certain, {mean:+.2f} ({low:+.2f} to {high:+.2f}) over rates"
        )
    return _not_better(rates)


def _of_pace(pacing: Pacing | None, films: int) -> str:
    if pacing is None or pacing.judged is None:
        return _few(films) or f"{_KEEPS}: too few shots were found"
    if pacing.judged.better:
        return f"learned, {_sentence(pacing.judged)}"
    return _not_better(pacing.judged)


def _of_look(grading: Grading | None, films: int) -> str:
    if grading is None:
        return f"{_KEEPS}: nothing was compared with its raw file"
    if not grading.away or grading.skill is None:
        return _few(films) or f"{_KEEPS}: too few shots were found"
    skill, low, high = grading.skill
    far = ", ".join(f"{name} {value[0]:.2f}" for name, value in grading.away.items())
    figures = f"skill {skill:.2f} ({low:.2f} to {high:.2f}), dE that is left: {far}"
    if grading.better:
        kind = "one grade for all" if grading.look and grading.look.is_constant else "by the shot"
        return f"learned, {kind}, {figures}"
    return f"{_KEEPS}, since {grading.why or 'it is not better for certain'}; {figures}"


def _habits(films: Sequence[FilmRows]) -> dict[str, Any]:
    """Other habits of the films: reported, but not used."""
    speeds = [s for film in films for s in film.speeds]
    scales = [s for film in films for s in film.scales]
    other = Counter(str(s) for s in speeds if abs(s - 1) > 0.02)
    enlarged = [s for s in scales if s > 1.03]
    effects = Counter(op for film in films for op in film.effects)
    found: dict[str, Any] = {
        "stretches": len(speeds),
        "speeds": dict(other.most_common(8)),
        "enlarged": len(enlarged),
        "effects": dict(effects.most_common()),
    }
    if enlarged:
        found["enlarged by"] = round(float(np.median(enlarged)), 3)
    beats = [film.beats for film in films if film.beats is not None]
    if beats:
        found["cuts on a beat"] = [sum(b for b, _ in beats), sum(n for _, n in beats)]
    return found
