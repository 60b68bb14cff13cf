"""``auto`` with a style: what it cuts, joins and paces by, and what its answers say of it."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.unit.decide import deciding as d
from vedc.decide.choose.joint_rates import JointRates
from vedc.decide.choose.methods.answer_weights import weight_versions
from vedc.decide.choose.methods.auto_answer import answer
from vedc.decide.choose.pace import PARTS, Pace
from vedc.decide.choose.reasons import Question
from vedc.decide.choose.style_file import style_digest
from vedc.lang.keys.auto import STYLE_PARTS, Join, Styled

DEFAULT = {"kept": "default"}


def written(folder: Path, **parts: Any) -> Path:
    """A style with these learned parts."""
    data: dict[str, Any] = {
        "vedc": "style", "version": 1, "digest": "", "films": ["one"],
        "cutting": DEFAULT, "joining": DEFAULT, "pace": DEFAULT, "look": DEFAULT, "habits": {},
    }  # fmt: skip
    data |= {name: {"kept": "learned", **values} for name, values in parts.items()}
    data["digest"] = style_digest(data)
    file = folder / "house.json"
    file.write_text(json.dumps(data))
    return file


def styled(asked: Question, file: Path, *use: str) -> Question:
    return replace(asked, style=Styled(str(file), use or STYLE_PARTS))


def footage(frames: int = 1200) -> tuple[Any, dict[str, Any]]:
    """40 seconds that are lively in its second half and calm before."""
    a = d.media(frames=frames)
    rng = np.random.default_rng(2)
    motion = np.where(np.arange(frames) < frames // 2, 0.02, 0.18) + 0.02 * rng.random(frames)
    return a, d.usual(a, measures=d.measures(frames, motion=motion))


def lengths_of(choices: Any) -> list[float]:
    return [float(b - a) for _, a, b in d.ranges(choices)]


@pytest.mark.slow
def test_learned_weights_choose_and_are_named_in_the_reasons(tmp_path: Path) -> None:
    a, found = footage()
    calm = written(tmp_path, cutting={"weights": {"motion": -2.0}})
    asked = d.question(d.source(a), duration=6)
    plain = answer(asked, d.Found(a=found))
    learned = answer(styled(asked, calm), d.Found(a=found))
    assert min(begin for _, begin, _ in d.ranges(plain)) >= 19
    assert max(end for _, _, end in d.ranges(learned)) <= 21
    reported = [reason for choice in learned for reason in choice.reasons]
    assert {reason.name for reason in reported} == {"motion"}
    assert all("weight learned, house.json" in reason.value for reason in reported)
    for choice in learned:
        assert choice.score == pytest.approx(sum(r.points for r in choice.reasons))


def test_weights_of_the_spec_go_before_those_of_a_style(tmp_path: Path) -> None:
    a, found = footage()
    calm = written(tmp_path, cutting={"weights": {"motion": -2.0}})
    mine = tmp_path / "mine.json"
    mine.write_text('{"name": "cutting", "version": 1, "weights": {"motion": 1.0}}')
    asked = d.question(d.source(a), duration=6, weights=str(mine))
    chosen = answer(styled(asked, calm), d.Found(a=found))
    assert min(begin for _, begin, _ in d.ranges(chosen)) >= 19


@pytest.mark.slow
def test_parts_that_are_not_used_or_not_learned_change_nothing(tmp_path: Path) -> None:
    a, found = footage()
    asked = d.question(d.source(a), duration=6)
    plain = answer(asked, d.Found(a=found))
    calm = written(tmp_path, cutting={"weights": {"motion": -2.0}})
    assert answer(styled(asked, calm, "pace", "joining"), d.Found(a=found)) == plain
    assert answer(styled(asked, written(tmp_path)), d.Found(a=found)) == plain


@pytest.mark.slow
def test_lengths_are_spread_as_the_pace_is(tmp_path: Path) -> None:
    a, found = footage()
    rng = np.random.default_rng(5)
    seen = np.concatenate([0.7 * np.exp(0.1 * rng.standard_normal(30)),
                           3.0 * np.exp(0.1 * rng.standard_normal(30))])  # fmt: skip
    pace = Pace.of(seen)
    file = written(tmp_path, pace={"lengths": list(pace.lengths)})
    asked = d.question(d.source(a), duration=16)
    plain = lengths_of(answer(asked, d.Found(a=found)))
    choices = answer(styled(asked, file), d.Found(a=found))
    paced = lengths_of(choices)
    assert sum(paced) == pytest.approx(16)
    assert pace.distance(paced) < 0.35 < pace.distance(plain)
    assert min(paced) < 1 < 2.5 < max(paced)
    assert any(
        r.name == "length" and "style's shots are shorter" in r.value
        for c in choices for r in c.reasons
    )  # fmt: skip


@pytest.mark.slow
def test_lengths_of_the_spec_go_before_the_pace(tmp_path: Path) -> None:
    a, found = footage()
    file = written(tmp_path, pace={"lengths": [0.5, 0.6, 0.7]})
    asked = d.question(d.source(a), duration=10, min_shot=2, max_shot=4)
    paced = lengths_of(answer(styled(asked, file), d.Found(a=found)))
    assert min(paced) >= 2
    assert max(paced) <= 4


RATES = {"weights": {"cut.bias": 0.0, "wipe.bias": 0.0}, "choose": {"wipe": 0.4}}


def test_joints_are_made_at_the_rates_of_the_style(tmp_path: Path) -> None:
    a, found = footage()
    file = written(tmp_path, joining=RATES)
    asked = d.question(d.source(a), duration=20, max_shot=2)
    choices = answer(styled(asked, file), d.Found(a=found))
    joints = [c for c in choices if "transition" in c.item]
    wiped = [c for c in joints if c.item["transition"] != "cut"]
    assert len(joints) >= 9
    assert abs(len(wiped) / len(joints) - 0.5) < 0.15
    assert {c.item["duration"] for c in wiped} == {"12f"}
    for choice in joints:
        assert choice.score == pytest.approx(sum(r.points for r in choice.reasons), abs=0.011)
    assert any("of such joints in house.json" in r.value for c in joints for r in c.reasons)


def test_joints_are_left_alone_by_what_the_spec_says(tmp_path: Path) -> None:
    a, found = footage()
    file = written(tmp_path, joining=RATES)
    asked = d.question(d.source(a), duration=12, max_shot=2)
    assert not any(
        "transition" in c.item for c in answer(styled(asked, file, "pace"), d.Found(a=found))
    )
    named = replace(asked, join=Join(("dissolve",)))
    chosen = answer(styled(named, file), d.Found(a=found))
    names = {str(c.item["transition"]) for c in chosen if "transition" in c.item}
    assert names <= {"cut", "dissolve"}
    assert not any("transition" in c.item for c in answer(
        replace(styled(asked, file), speed=Fraction(2)), d.Found(a=found)
    ))  # fmt: skip


def test_rates_are_kept_over_any_number_of_joints() -> None:
    rates = JointRates({}, "house.json")
    scores = {"cut": float(np.log(0.7)), "wipe": float(np.log(0.3))}
    made = []
    for _ in range(40):
        due = rates.reasons(scores)
        best = max(scores, key=lambda name: scores[name] + due[name].points)
        rates.made(best, scores)
        made.append(best)
    assert made.count("wipe") == 12
    for first, second in itertools.pairwise([k for k, m in enumerate(made) if m == "wipe"]):
        assert 2 <= second - first <= 5


def test_the_lock_names_the_style_and_its_digest(tmp_path: Path) -> None:
    a, _ = footage()
    file = written(tmp_path, joining=RATES)
    found = weight_versions(styled(d.question(d.source(a)), file))
    assert found["style(house.json)"] == json.loads(file.read_text())["digest"][:16]
    before = dict(found)
    file = written(tmp_path, pace={"lengths": [1.0, 2.0]})
    after = weight_versions(styled(d.question(d.source(a)), file))
    assert after["style(house.json)"] != before["style(house.json)"]
    assert after["weights(cutting)"] == before["weights(cutting)"]


def test_a_pace_is_a_density_and_has_equal_parts() -> None:
    rng = np.random.default_rng(8)
    seen = 2 * np.exp(0.4 * rng.standard_normal(400))
    pace = Pace.of(seen)
    grid = 2 ** np.linspace(np.log2(0.2), np.log2(60), 4000)
    step = np.log2(grid[1] / grid[0])
    assert pace.density(grid).sum() * step == pytest.approx(1, abs=0.01)
    assert np.all(pace.density(grid) > 0)
    assert float(pace.fit(grid).max()) == pytest.approx(1, abs=1e-3)
    counts = np.bincount(pace.parts(seen), minlength=PARTS)
    assert counts.min() > 0.8 * len(seen) / PARTS
    assert pace.distance(seen.tolist()) < 0.08
    assert Pace.of([2.0]).distance([2.0]) <= 0.6
