"""Looks: learned from examples, written, read, and given to shots."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vedc.decide.arrays import Floats
from vedc.decide.grades import tables
from vedc.decide.grades.fit.pair_fit import pair_cells
from vedc.decide.grades.looks import learn as learning
from vedc.decide.grades.looks.decide import decide_look
from vedc.decide.grades.looks.learn import Look, learn
from vedc.decide.grades.looks.look_file import look_text, read_look, write_look
from vedc.decide.grades.looks.regression import Example
from vedc.decide.grades.looks.statistics import NAMES, measured
from vedc.decide.grades.perceived import delta_e
from vedc.decide.grades.shot import Canvas, Shot, Step
from vedc.decide.grades.space import GradeSpace
from vedc.errors import MissingError, SpecError, UserError

STEPS: tuple[Step, ...] = (
    {"op": "exposure", "stops": 0.25},
    {"op": "white_balance", "temperature": 5600, "tint": 4},
    {"op": "saturation", "amount": 0.85},
)
Grade = Callable[[Floats], Sequence[Step]]


def scene(seed: int) -> Floats:
    """A picture of soft patches, darker or brighter, of one mood or another."""
    import cv2

    numbers = np.random.default_rng(seed)
    picture = np.full((54, 96, 3), numbers.uniform(0.2, 0.65)) + numbers.normal(0, 0.05, 3)
    for rows, columns, strength in ((3, 5, 0.15), (7, 13, 0.12), (14, 24, 0.1)):
        patches = numbers.normal(0, strength, (rows, columns, 3))
        picture += cv2.resize(patches, (96, 54), interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.clip(picture, 0.02, 0.95))


def by_brightness(picture: Floats) -> Sequence[Step]:
    """Dark shots become brighter and colder, bright ones darker and warmer."""
    away = float(np.median(picture)) - 0.42
    return (
        {"op": "exposure", "stops": float(-3.5 * away)},
        {"op": "white_balance", "temperature": float(6500 - 5000 * away), "tint": 0},
    )


def graded(picture: Floats, grade: Grade) -> Floats:
    return np.clip(tables.graded(grade(picture), picture), 0, 1)


def example(seed: int, grade: Grade, source: str = "") -> Example:
    raw = scene(seed)
    cells = pair_cells([raw], [graded(raw, grade)])
    return Example(f"shot {seed}", source or str(seed), measured([raw]), cells)


def shot(seed: int) -> Shot:
    return Shot(f"main[{seed}]", Fraction(0), Fraction(2), scene(seed)[np.newaxis, ::2, ::2])


def far(seed: int, steps: Sequence[Step], grade: Grade) -> float:
    """From what a shot should become."""
    raw = scene(seed)
    shown = np.clip(tables.graded(steps, raw), 0, 1)
    return float(delta_e(shown, graded(raw, grade)).mean())


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learning, "RIDGES", (10.0,))
    monkeypatch.setattr(learning, "_FOLDS", 3)


@pytest.fixture(scope="module")
def moving() -> Look:
    """A look that hangs on the shot."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(learning, "RIDGES", (10.0,))
        patch.setattr(learning, "_FOLDS", 3)
        return learn([example(seed, by_brightness) for seed in range(16)])


@pytest.fixture(scope="module")
def still() -> Look:
    return learn([example(seed, lambda _: STEPS) for seed in range(3)])


def test_statistics_say_what_a_shot_is_like() -> None:
    grey = dict(zip(NAMES, measured([np.full((27, 48, 3), 0.5)]), strict=True))
    assert grey["midtones"] == pytest.approx(53.4, abs=0.1) and grey["contrast"] < 1e-6
    assert grey["colour"] < 0.1 and grey["skin"] == grey["green"] == grey["blue"] == 0
    picture = np.zeros((27, 48, 3))
    picture[:, :12] = (0.80, 0.60, 0.50)  # a light skin
    picture[:, 12:24] = (0.25, 0.50, 0.15)  # leaves
    picture[:, 24:36] = (0.35, 0.55, 0.90)  # sky
    picture[:, 36:] = 1.0
    found = dict(zip(NAMES, measured([picture]), strict=True))
    shares = {name: found[name] for name in ("skin", "green", "blue", "blown out")}
    assert shares == pytest.approx(dict.fromkeys(shares, 25.0))
    warm = dict(zip(NAMES, measured([np.full((27, 48, 3), (0.6, 0.5, 0.4))]), strict=True))
    assert warm["warmth"] > 10 > abs(warm["tint"])


def test_statistics_hang_little_on_the_size_of_pictures() -> None:
    small = scene(3)[::2, ::2]
    large = np.kron(small, np.ones((6, 6, 1)))
    np.testing.assert_allclose(measured([large]), measured([small]), atol=1e-6)


def test_a_constant_look_is_found_from_few_pairs(still: Look) -> None:
    assert still.is_constant and still.sources == 3 and still.judged.statistics is None
    assert still.gain > 0.8
    (decision,) = decide_look([shot(50)], still)
    assert far(50, decision.steps, lambda _: STEPS) < 0.25 * far(50, (), lambda _: STEPS)
    assert decision.reasons[0].value == "from 3 shots of 3 sources"


@pytest.mark.slow
def test_a_look_hangs_on_the_shot_where_that_is_better(moving: Look) -> None:
    judged = moving.judged
    assert not moving.is_constant and judged.statistics is not None
    assert judged.statistics < 0.6 * judged.constant < judged.untouched
    seeds = range(60, 66)
    decisions = decide_look([shot(seed) for seed in seeds], moving)
    left = sum(far(s, d.steps, by_brightness) for s, d in zip(seeds, decisions, strict=True))
    as_they_are = sum(far(s, (), by_brightness) for s in seeds)
    assert left < 0.4 * as_they_are
    reported = [reason for decision in decisions for reason in decision.reasons]
    assert any(reason.name == "midtones" and "median L*" in reason.value for reason in reported)
    assert any(" instead of " in reason.value for reason in reported)


def test_reasons_add_up_to_the_score(moving: Look) -> None:
    for decision in decide_look([shot(seed) for seed in range(70, 74)], moving):
        points = sum(reason.points for reason in decision.reasons)
        assert points == pytest.approx(decision.score, abs=1e-9)
        assert 0 <= decision.score <= moving.gain + 0.005
        assert decision.instead == () or decision.instead[-1] == "as it is, score 0.00"


def test_few_sources_give_one_grade_for_all() -> None:
    def both(picture: Floats) -> Sequence[Step]:
        return (*STEPS, {"op": "exposure", "stops": 0.42 - float(np.median(picture))})

    shots = [example(seed, both, f"day {seed % 3}") for seed in range(12)]
    look = learn(shots)
    assert look.is_constant and (look.shots, look.sources) == (12, 3)


def test_one_pair_is_a_look_that_was_not_checked() -> None:
    look = learn([example(1, lambda _: STEPS)])
    assert look.is_constant and not look.judged.checked
    (decision,) = decide_look([shot(2)], look)
    assert "not checked on others" in decision.reasons[0].value


def test_shots_of_one_source_check_each_other() -> None:
    look = learn([example(seed, lambda _: STEPS, "day") for seed in range(4)])
    assert look.judged.checked and look.sources == 1


def test_grades_without_a_look_are_refused() -> None:
    """Half became warmer, half colder: the mean of both is no look."""

    def contrary(picture: Floats) -> Sequence[Step]:
        warm = int(picture[0, 0, 0] * 1e6) % 2
        return ({"op": "white_balance", "temperature": 3800 if warm else 13000},)

    with pytest.raises(UserError, match="no look in common") as raised:
        learn([example(seed, contrary) for seed in range(6)])
    assert raised.value.problems[0].code == "no-look"


def test_pairs_that_do_not_differ_are_refused() -> None:
    with pytest.raises(UserError, match="no look in common"):
        learn([example(seed, lambda _: ()) for seed in range(3)])


def test_strength_applies_it_partially(still: Look) -> None:
    raw = scene(50)
    (whole,), (half,) = (decide_look([shot(50)], still, strength=s) for s in (1.0, 0.5))
    moved = [
        float(delta_e(raw, np.clip(tables.graded(d.steps, raw), 0, 1)).mean())
        for d in (whole, half)
    ]
    assert 0.35 * moved[0] < moved[1] < 0.65 * moved[0]
    assert half.score == pytest.approx(whole.score / 2, abs=0.06)


def test_what_is_hardly_seen_is_left(still: Look) -> None:
    (decision,) = decide_look([shot(50)], still, strength=0.02)
    assert decision.steps == () and decision.score == 0
    assert decision.reasons[1].name == "hardly seen here"


def test_an_hdr_film_stays_as_it_is(still: Look) -> None:
    (decision,) = decide_look([shot(50)], still, canvas=Canvas("bt2020nc", "smpte2084"))
    assert decision.steps == () and decision.reasons[1].name == "HDR"


def test_a_shot_unlike_all_examples_counts_as_the_nearest_of_them(moving: Look) -> None:
    black = Shot("main[1]", Fraction(0), Fraction(2), np.full((1, 27, 48, 3), 0.001))
    z = moving.deviations(measured(list(black.pictures)))
    assert np.all(z >= (moving.low - moving.centre) / moving.spread - 1e-9)
    white = Shot("main[1]", Fraction(0), Fraction(2), np.full((1, 27, 48, 3), 0.9))
    (decision,) = decide_look([white], moving)
    assert any("never beyond" in reason.value for reason in decision.reasons)


def test_a_table_holds_what_steps_cannot(moving: Look) -> None:
    (decision,) = decide_look([shot(61)], moving, detail="lut")
    wanted = GradeSpace.load().table(moving.grade(moving.deviations(measured([scene(61)]))))
    shown = np.clip(tables.graded(decision.steps, scene(61)), 0, 1)
    if decision.table is not None:
        shown = tables.apply(decision.table, shown).astype(np.float64)
    assert float(delta_e(shown, tables.apply(wanted, scene(61))).mean()) < 0.5


# Files


@pytest.fixture
def file(tmp_path: Path, moving: Look) -> Path:
    path = tmp_path / "look.json"
    write_look(path, moving, scene(1).reshape(-1, 3))
    return path


def test_a_file_holds_the_look(file: Path, moving: Look) -> None:
    again = read_look(file)
    z = moving.deviations(measured([scene(61)]))
    np.testing.assert_allclose(again.grade(z), moving.grade(z), atol=2e-3)
    assert again.gain == pytest.approx(moving.gain, abs=1e-3)
    assert (again.shots, again.sources, again.is_constant) == (16, 16, False)


def test_a_file_is_for_people(file: Path) -> None:
    held = json.loads(file.read_text())
    assert list(held["statistics"]) == list(NAMES)
    assert "median L*" in held["statistics"]["midtones"]["does"]
    lines = [line for line in file.read_text().splitlines() if '"centre"' in line]
    assert len(lines) == len(NAMES), "a line for each statistic"


def test_a_constant_look_names_no_statistics(still: Look) -> None:
    text = look_text(still, scene(1).reshape(-1, 3), GradeSpace.load())
    assert json.loads(text)["statistics"] == {}


def test_a_statistic_that_is_taken_out_moves_nothing(file: Path, moving: Look) -> None:
    held = json.loads(file.read_text())
    del held["statistics"]["midtones"]
    file.write_text(json.dumps(held))
    z = moving.deviations(measured([scene(61)]))
    z[NAMES.index("midtones")] = 0.0
    again = read_look(file)
    np.testing.assert_allclose(
        again.grade(again.deviations(measured([scene(61)]))), moving.grade(z), atol=2e-3
    )


def changed(edit: Callable[[dict[str, Any]], object]) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        held = json.loads(path.read_text())
        edit(held)
        path.write_text(json.dumps(held, indent=1))

    return write


def written(data: str | bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(data if isinstance(data, bytes) else data.encode())


BROKEN: list[tuple[str, Callable[[Path], object], str, str, int | None]] = [
    ("cut off", written('{\n "vedc": "look",\n "version": '), "bad-look", "it is not JSON", 3),
    ("empty", written(""), "bad-look", "it is not JSON", 1),
    ("yaml", written("vedc: look\n"), "bad-look", "it is not JSON", 1),
    ("binary", written(b"\xff\xfe\x00"), "bad-look", "it is not text", 1),
    ("a list", written("[1, 2]"), "bad-look", "is not a look", 1),
    ("foreign", written('{"name": "teal"}'), "bad-look", "is not a look", 1),
    ("fit", written('{"steps": [], "difference": {}}'), "bad-look", "is not a look", 1),
    ("newer", changed(lambda h: h.update(version=2)), "old-look", "has version 2", 3),
    ("no version", changed(lambda h: h.pop("version")), "missing-key", "needs 'version'", 1),
    ("other grades", changed(lambda h: h.update(grades="0" * 12)), "old-look", "space of", 4),
    ("short", changed(lambda h: h["constant"].pop()), "bad-look", "96 numbers, and has 95", None),
    ("text", changed(lambda h: h["constant"].insert(3, "x")), "wrong-type", "number", None),
    ("huge", changed(lambda h: h["constant"].insert(3, 1e9)), "out-of-range", "100", None),
    (
        "unknown",
        changed(lambda h: h["statistics"].update(mood=h["statistics"]["tint"])),
        "bad-look",
        "'mood' is not a statistic",
        None,
    ),
    (
        "no spread",
        changed(lambda h: h["statistics"]["tint"].update(spread=0)),
        "out-of-range",
        "above 0",
        None,
    ),
    (
        "exchanged",
        changed(lambda h: h["statistics"]["tint"].update(low=9, high=1)),
        "bad-look",
        "low is above high",
        None,
    ),
    (
        "misspelt",
        changed(lambda h: h["statistics"]["tint"].update(centr=1)),
        "unknown-key",
        "did you mean 'centre'",
        None,
    ),
]


@pytest.mark.parametrize(
    ("break_it", "code", "message", "line"),
    [case[1:] for case in BROKEN],
    ids=[case[0] for case in BROKEN],
)
def test_files_that_are_no_looks(
    file: Path, break_it: Callable[[Path], object], code: str, message: str, line: int | None
) -> None:
    break_it(file)
    with pytest.raises(SpecError) as raised:
        read_look(file)
    problem = raised.value.problems[0]
    assert problem.code == code and message in problem.message
    assert problem.location is not None and problem.location.file.endswith("look.json")
    if line is not None:
        assert problem.location.line == line
    else:
        assert problem.location.line > 4
    assert problem.hint or code in ("out-of-range", "unknown-key", "wrong-type", "missing-key")


def test_a_table_is_a_separate_step(tmp_path: Path) -> None:
    table = tmp_path / "teal.cube"
    table.write_text("LUT_3D_SIZE 2\n")
    with pytest.raises(SpecError) as raised:
        read_look(table)
    assert (
        raised.value.problems[0].hint == "a table is a step of its own: {op: lut, src: teal.cube}"
    )


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match=r"gone\.json"):
        read_look(tmp_path / "gone.json")
