"""Learning a style: parts are adopted only where they are better on held-out films."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vedc.decide.arrays import Floats
from vedc.decide.choose import transition_choice
from vedc.decide.choose.feature_catalogue import CUTS, FEATURES
from vedc.decide.choose.score_weights import shipped
from vedc.decide.choose.style_file import read_style, style_digest
from vedc.decide.grades.deciders import GradeAsked
from vedc.decide.grades.looks.answer import answer
from vedc.decide.grades.looks.look_file import has_look, read_look
from vedc.decide.grades.looks.regression import Example
from vedc.decide.grades.shot import Shot
from vedc.decide.grades.space import Cells, GradeSpace
from vedc.decide.grades.tables import apply
from vedc.errors import SpecError, UserError
from vedc.train.cutting.choices import PieceChoice
from vedc.train.cutting.logit import fit
from vedc.train.house.card import FilmFacts, card_text
from vedc.train.house.choosing import learn_choices
from vedc.train.house.evidence import example_data, example_of
from vedc.train.house.film_rows import FilmRows, JoinRow
from vedc.train.house.grading import learn_look
from vedc.train.house.joining import learn_joining
from vedc.train.house.judged import footage_of, left_out
from vedc.train.house.pacing import learn_pace
from vedc.train.house.style import LearnedStyle, learn_style
from vedc.workspace.learning.learn import style_text

HAND = shipped("cutting", FEATURES).values
ALONE = {str(film): str(film) for film in range(20)}
JOINTS = shipped("joining", transition_choice.FEATURES).values


def chosen(rng: np.random.Generator, weights: Floats, films: int = 8, each: int = 12) -> Any:
    """Choices made by these weights, with errors; a list of films with choices."""
    rows = []
    for film in range(films):
        for _ in range(each):
            values = rng.random((20, len(CUTS)))
            odds = np.exp(values @ weights)
            pick = rng.choice(20, p=odds / odds.sum())
            order = [pick, *(k for k in range(20) if k != pick)]
            rows.append((str(film), PieceChoice(values[order], str(film), rng.random(20))))
    return rows


def test_a_habit_is_learned_and_beats_what_is_set_by_hand() -> None:
    rng = np.random.default_rng(3)
    weights = np.zeros(len(CUTS))
    weights[CUTS.index("still")] = 6.0
    weights[CUTS.index("blur")] = 4.0  # against the values set by hand
    found = learn_choices(chosen(rng, weights), CUTS, HAND, ALONE)
    assert found is not None
    assert found.judged is not None
    assert found.judged.better
    assert all(low > 0 for _, low, _ in found.judged.gain.values())
    learned = found.as_hand(HAND)
    assert max(learned, key=learned.__getitem__) == "still"
    assert learned["blur"] > 0 > HAND["blur"]


def test_who_cuts_as_vedc_does_keeps_its_weights() -> None:
    """There is nothing to gain, and noise is not taken for a habit."""
    rng = np.random.default_rng(4)
    weights = 8 * np.array([HAND.get(name, 0.0) for name in CUTS])
    found = learn_choices(chosen(rng, weights), CUTS, HAND, ALONE)
    assert found is not None
    assert found.judged is not None
    assert found.judged.beaten_by() == ["by hand"]


def test_who_cuts_by_chance_teaches_nothing() -> None:
    found = learn_choices(chosen(np.random.default_rng(5), np.zeros(len(CUTS))), CUTS, HAND, ALONE)
    assert found is not None
    assert found.judged is not None
    assert not found.judged.better


def test_films_of_the_same_footage_are_left_out_together() -> None:
    films = {"a": ["1", "2"], "b": ["2", "3"], "c": ["4"], "d": ["3"], "e": ["4"]}
    assert footage_of(films) == {"a": "a", "b": "a", "d": "a", "c": "c", "e": "c"}
    assert footage_of({"a": ["1"], "b": ["1"]}) == {"a": "a", "b": "b"}
    seen: list[tuple[list[str], list[str]]] = []

    def judge(others: list[str], held: list[str]) -> dict[str, dict[str, list[float]]]:
        seen.append((others, held))
        return {"likelihood": {"learned": [0.0] * len(held)}}

    _, groups = left_out([(f, f) for f in "abcde"], judge, footage_of(films))
    assert seen == [(["c", "e"], ["a", "b", "d"]), (["a", "b", "d"], ["c", "e"])]
    assert groups == ["a", "b", "d", "c", "e"]


def test_weights_are_pulled_towards_those_set_by_hand() -> None:
    rng = np.random.default_rng(6)
    rows = [choice for _, choice in chosen(rng, np.zeros(len(CUTS)), 2, 3)]
    toward = np.linspace(-1, 1, len(CUTS))
    assert np.allclose(fit(rows, 1e6, toward), toward, atol=1e-3)
    assert np.linalg.norm(fit(rows, 3.0, toward) - toward) < np.linalg.norm(fit(rows, 3.0) - toward)


def joints(rng: np.random.Generator, films: int, each: int, odds: Any) -> list[tuple[str, JoinRow]]:
    """Joints whose kind is drawn by ``odds``, a function of how dark it is there."""
    rows = []
    for film in range(films):
        for _ in range(each):
            dark = float(rng.random() < 0.5)
            kinds, shares = zip(*odds(dark).items(), strict=True)
            kind = str(rng.choice(kinds, p=shares))
            features = {"bias": 1.0, "dark": dark, "motion": float(rng.random())}
            rows.append((str(film), JoinRow(kind, 0.0 if kind == "cut" else 0.6, features)))
    return rows


def test_rates_are_learned_where_a_joint_says_no_more() -> None:
    rng = np.random.default_rng(7)
    found = learn_joining(joints(rng, 8, 12, lambda dark: {"cut": 0.4, "wipe": 0.6}), JOINTS, ALONE)
    assert found is not None
    assert found.taken == "rates"
    assert found.seconds == {"wipe": 0.6}
    assert found.weights["wipe.bias"] > found.weights["cut.bias"] > found.weights["slide.bias"]
    assert not found.verdicts["learned"].better


def test_what_a_joint_shows_is_learned_where_it_says_more() -> None:
    rng = np.random.default_rng(8)

    def odds(dark: float) -> dict[str, float]:
        return {"cut": 0.05, "fade": 0.95} if dark else {"cut": 0.95, "fade": 0.05}

    found = learn_joining(joints(rng, 8, 12, odds), JOINTS, ALONE)
    assert found is not None
    assert found.taken == "learned"
    assert found.weights["fade.dark"] > found.weights["cut.dark"]
    assert found.verdicts["learned"].gain["frequency"][1] > 0


def test_hard_cuts_alone_leave_joining_as_it_is() -> None:
    rng = np.random.default_rng(9)
    found = learn_joining(joints(rng, 4, 8, lambda dark: {"cut": 1.0}), JOINTS, ALONE)
    assert found is not None
    assert found.taken is None
    assert found.verdicts == {}


def lengths(rng: np.random.Generator, draw: Any, films: int = 8) -> list[tuple[str, float]]:
    return [(str(film), float(draw(rng))) for film in range(films) for _ in range(12)]


def test_a_pace_is_learned() -> None:
    rng = np.random.default_rng(10)
    found = learn_pace(lengths(rng, lambda r: 1.2 * np.exp(0.2 * r.standard_normal())), ALONE)
    assert found is not None
    assert found.judged is not None
    assert found.judged.better
    assert 1.1 < found.pace.quantile(0.5) < 1.3


def test_cuts_at_a_constant_rate_are_no_pace() -> None:
    rng = np.random.default_rng(11)
    found = learn_pace(lengths(rng, lambda r: 0.2 + r.exponential(2.0)), ALONE)
    assert found is not None
    assert found.judged is not None
    assert not found.judged.better


def graded(rng: np.random.Generator, film: str, w: Floats, space: GradeSpace) -> Example:
    before = rng.random((300, 3)) * 0.8 + 0.1
    after = apply(space.table(w), before)
    return Example(f"{film} 1", film, rng.random(14), Cells.of(before, np.clip(after, 0, 1)))


@pytest.mark.slow
def test_a_look_is_learned_and_a_hand_that_grades_at_random_is_not() -> None:
    rng, space = np.random.default_rng(12), GradeSpace.load()
    (usual,) = space.drawn(rng, 1)
    same = [(f"{k}", graded(rng, f"{k}", usual, space)) for k in range(6)]
    found = learn_look(same, ALONE, space)
    assert found is not None
    assert found.better
    assert found.skill is not None
    assert found.skill[0] > 0.8
    others = [(f"{k}", graded(rng, f"{k}", w, space)) for k, w in enumerate(space.drawn(rng, 6))]
    found = learn_look(others, ALONE, space)
    assert found is not None
    assert not found.better


def films(rng: np.random.Generator, count: int) -> list[FilmRows]:
    weights = np.zeros(len(CUTS))
    weights[CUTS.index("still")] = 6.0
    cuts = chosen(rng, weights, count)
    joined = joints(rng, count, 12, lambda dark: {"cut": 0.4, "wipe": 0.6})
    return [
        FilmRows(
            str(k),
            [c for film, c in cuts if film == str(k)],
            joins=[row for film, row in joined if film == str(k)],
            lengths=[float(1.2 * np.exp(0.2 * rng.standard_normal())) for _ in range(12)],
            speeds=[1.0, 0.5],
            scales=[1.0, 1.2],
            effects=["vignette"],
        )
        for k in range(count)
    ]


def written(folder: Path, learned: LearnedStyle) -> Path:
    file = folder / "style.json"
    file.write_text(style_text(learned.data))
    return file


@pytest.fixture(scope="module")
def learned() -> LearnedStyle:
    return learn_style(films(np.random.default_rng(13), 7))


def test_a_style_is_read_as_it_was_written(learned: LearnedStyle, tmp_path: Path) -> None:
    assert learned.taken == {"cutting": True, "joining": True, "pace": True, "look": False}
    style = read_style(written(tmp_path, learned))
    assert style.digest == learned.data["digest"]
    assert style.cutting is not None
    assert style.cutting.values == learned.data["cutting"]["weights"]
    assert style.choose == {"wipe": 0.6}
    assert style.pace is not None
    assert style.pace.lengths == learned.pacing.pace.lengths  # type: ignore[union-attr]
    assert not style.look
    assert learned.habits["speeds"] == {"0.5": 7}
    assert learned.habits["enlarged by"] == 1.2


def test_a_card_says_of_each_part_whether_it_is_better(learned: LearnedStyle) -> None:
    facts = [FilmFacts("a", 100, 8, 1.0, 38.0, 33.0, 1.2, 20.0)]
    card = card_text(learned, facts, {"b": "nothing of it is there"}, "vedc learn raw --edit a")
    for words in (
        f"digest: {learned.data['digest']}", "**cutting** (learned)", "**look** (default)",
        "over the weights set by hand", "over frequencies", "over chance",
        "38.0 dB (33.0); transitions 20.0", "left over: nothing of it is there", "0.5 (7)",
    ):  # fmt: skip
        assert words in card, words


def test_one_film_teaches_nothing_and_says_so() -> None:
    learned = learn_style(films(np.random.default_rng(14), 1))
    assert not any(learned.taken.values())
    assert all("one film" in why or "nothing" in why for why in learned.verdicts.values())
    assert "weights" not in learned.data["cutting"]
    card = card_text(learned, [], {}, "vedc learn raw --edit a")
    assert "Nothing could be judged" in card and "| part |" not in card


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        (lambda d: d.update(version=7), "old-style", "has version 7"),
        (lambda d: d.update(vedc="look"), "bad-style", "is a look, not a style"),
        (lambda d: d["pace"].update(lengths=[1.0, 2.0]), "bad-style", "was changed"),
        (lambda d: d["cutting"]["weights"].update(charm=1.0), "old-style", "'charm'"),
        (lambda d: d["joining"]["choose"].update(fading=1.0), "bad-style", "'fading'"),
        (lambda d: d["pace"].pop("lengths"), "bad-style", "has no lengths"),
        (lambda d: d.pop("joining"), "missing-key", "joining"),
        (lambda d: d["pace"].update(lengths=[-1]), "out-of-range", "a length must be"),
    ],
)
def test_a_style_that_is_wrong_is_refused_with_its_place(
    learned: LearnedStyle, tmp_path: Path, change: Any, code: str, words: str
) -> None:
    data = json.loads(json.dumps(learned.data))
    change(data)
    file = tmp_path / "style.json"
    file.write_text(style_text(data))
    with pytest.raises(UserError) as error:
        read_style(file)
    problem = error.value.problems[0]
    assert problem.code == code, problem
    assert words in problem.message + str(problem.hint)
    assert problem.location is not None
    assert problem.hint


def test_a_style_changed_on_purpose_is_read_without_its_digest(
    learned: LearnedStyle, tmp_path: Path
) -> None:
    data = json.loads(json.dumps(learned.data))
    data["pace"]["lengths"] = [1.0, 2.0, 3.0]
    del data["digest"]
    style = read_style(_file(tmp_path, data))
    assert style.digest == style_digest(data)
    assert style.pace is not None
    assert style.pace.lengths == (1.0, 2.0, 3.0)


def _file(folder: Path, data: Any) -> Path:
    file = folder / "style.json"
    file.write_text(json.dumps(data))
    return file


@pytest.mark.parametrize("text", ["{", "[1]", "\xff", '{"weights": {}}'])
def test_an_invalid_style_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "style.json"
    file.write_bytes(text.encode("latin-1"))
    with pytest.raises(SpecError) as error:
        read_style(file)
    assert error.value.problems[0].code == "bad-style"


def test_examples_come_back_from_data() -> None:
    rng, space = np.random.default_rng(15), GradeSpace.load()
    example = graded(rng, "a", space.drawn(rng, 1)[0], space)
    again = example_of(json.loads(json.dumps(example_data(example))))
    assert again.source == "a"
    assert np.allclose(again.cells.after, example.cells.after, atol=1e-5)
    assert np.allclose(again.statistics, example.statistics)


def test_the_look_of_a_style_is_read_as_a_look(tmp_path: Path) -> None:
    rng, space = np.random.default_rng(16), GradeSpace.load()
    (usual,) = space.drawn(rng, 1)
    rows = [FilmRows(f"{k}", examples=[graded(rng, f"{k}", usual, space)]) for k in range(4)]
    learned = learn_style(rows)
    assert learned.taken["look"]
    file = written(tmp_path, learned)
    assert read_style(file).look
    assert has_look(file)
    assert learned.grading is not None
    assert learned.grading.look is not None
    assert np.allclose(read_look(file).constant, learned.grading.look.constant, atol=1e-3)


def test_a_style_without_a_look_leaves_shots_as_they_are(
    learned: LearnedStyle, tmp_path: Path
) -> None:
    file = written(tmp_path, learned)
    assert not has_look(file)
    shot = Shot("a", Fraction(0), Fraction(1), np.full((1, 8, 8, 3), 0.5))
    asked = GradeAsked({"strength": 1.0}, (shot,), (0,), (None,), look=file)
    (decision,) = answer(asked)
    assert decision.steps == ()
    assert "style.json leaves shots as they are" in decision.reasons[0].value
