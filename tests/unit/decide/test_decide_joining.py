"""The choice of the transition between two clips."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.unit.decide import deciding as d
from vedc import ops
from vedc.decide.choose import score_weights, transition_choice
from vedc.decide.choose.analyzed_source import AnalyzedSource
from vedc.decide.choose.features import Features
from vedc.decide.choose.methods.transition_answer import answer_transition
from vedc.decide.choose.reasons import HARD_CUT, JoinQuestion
from vedc.decide.choose.transition_choice import (
    BOUNDARY_FEATURES,
    FAMILIES,
    FEATURES,
    Side,
    boundary_features,
    choose_transition,
    family,
)
from vedc.errors import SpecError
from vedc.lang.keys.auto import Join

WEIGHTS = score_weights.shipped("joining", FEATURES)
SECOND = 30


def side(name: str, start: int, end: int, **results: Any) -> Side:
    info = d.media(name, 1800)
    footage = AnalyzedSource(d.source(info), Fraction(30), d.usual(info, **results))
    return Side(Features(footage), start, end)


def still(color: tuple[int, int, int] = (90, 90, 90), **results: Any) -> dict[str, Any]:
    found = {"measures": d.measures(1800, motion=0.0), "thumbs": d.thumbs((1800, color))}
    return found | results


def best(
    left: Side, right: Side, *names: str, room: int = 60, **words: Any
) -> transition_choice.TransitionChoice:
    return choose_transition(left, right, names, WEIGHTS, Fraction(30), room, **words)


def test_the_source_that_runs_on_is_cut_hard() -> None:
    found = best(side("a.mp4", 0, 300, **still()), side("a.mp4", 300, 600, **still()), "dissolve")
    assert found.name == "cut" and found.frames == 0
    assert any(r.name == "follows" and r.points > 0 for r in found.reasons)


def test_movement_and_speech_are_cut_hard() -> None:
    for busy in ({"measures": d.measures(1800, motion=0.4)}, {"speech": d.spans((0, 60))}):
        left = side("a.mp4", 0, 300, **still() | busy)
        right = side("b.mp4", 300, 600, **still((230, 230, 230)) | busy)
        assert best(left, right, "dissolve", "dip").name == "cut"


def test_time_that_has_passed_is_dissolved() -> None:
    looks = d.thumbs((900, (20, 20, 60)), (900, (230, 230, 200)))
    left = side("a.mp4", 0, 300, **still(thumbs=looks))
    right = side("a.mp4", 1500, 1800, **still(thumbs=looks))
    found = best(left, right, "dip", "dissolve")
    assert found.name == "dissolve"
    assert {"lapse", "distance"} <= {r.name for r in found.reasons if r.points > 0}
    assert "hard cut" in found.instead[0] or "dip" in found.instead[0]


def test_a_part_that_ends_in_the_dark_is_faded() -> None:
    dark = {"measures": d.measures(1800, motion=0.0, brightness=0.01)}
    quiet = np.full(6000, -20.0)
    quiet[900:3000] = -90
    known = still((2, 2, 2)) | dark | {"level": d.level(60, quiet)}
    left, right = side("a.mp4", 0, 300, **known), side("a.mp4", 600, 1800, **known)
    found = best(left, right, "dissolve", "dip")
    assert {r.name for r in found.reasons} >= {"dark", "silent"}
    assert found.name == "dip"


def test_scores_add_up_and_the_rest_is_listed_in_order() -> None:
    left, right = side("a.mp4", 0, 300, **still()), side("b.mp4", 300, 600, **still((250, 9, 9)))
    names = ("dissolve", "dip", "wipeleft", "circleopen")
    found = best(left, right, *names)
    assert round(100 * found.score) == sum(round(100 * r.points) for r in found.reasons)
    reported = [float(phrase.split("score ")[1].split(":")[0]) for phrase in found.instead]
    assert (
        len(reported) == 4
        and reported == sorted(reported, reverse=True)
        and reported[0] <= found.score
    )


def test_how_long_a_transition_is() -> None:
    left = side("a.mp4", 0, 300, **still())
    right = side("a.mp4", 1500, 1800, **still())
    assert best(left, right, "dissolve").frames == 30
    assert best(left, right, "dissolve", room=12).frames == 12
    assert best(left, right, "dissolve", room=9).frames == 0
    short = side("a.mp4", 1500, 1560, **still())
    assert transition_choice.length_of(left, short, Fraction(30), 60, None) == 15
    assert best(left, right, "dissolve", duration=Fraction(1, 2)).frames == 15
    refused = best(left, right, "dissolve", room=12, duration=Fraction(1, 2))
    assert refused.name == "cut" and "no frames to overlap" in " ".join(refused.instead)


def test_features_are_between_0_and_1_and_all_of_them_have_words() -> None:
    left = side("a.mp4", 0, 300, speech=d.spans((0, 5)))
    right = side("a.mp4", 600, 610, speech=d.spans((0, 5)))
    found = boundary_features(left, right)
    assert set(found) <= set(BOUNDARY_FEATURES)
    assert {"bias", "distance", "motion", "speech", "silent", "dark", "short", "same", "lapse",
            "jump", "hit"} == set(found)  # fmt: skip
    assert all(0 <= value <= 1 for value, _ in found.values())
    assert found["jump"][0] == 1 and found["short"][0] == 1


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("cut", "cut"), ("dissolve", "dissolve"), ("blur_dissolve", "blur"), ("dip", "fade"),
        ("fade", "dissolve"),
        ("fadeblack", "fade"), ("dip_to_white", "fade"), ("wipeleft", "wipe"), ("slide", "slide"),
        ("smpte1", "wipe"), ("whip_left", "whip"), ("circleopen", "iris"), ("cube", "show"),
    ],
)  # fmt: skip
def test_families(name: str, kind: str) -> None:
    assert family(name) == kind


def test_every_transition_has_a_family_with_weights() -> None:
    found = {family(op.name) for op in ops.by_kind("transition")}
    assert found == set(FAMILIES) - {"cut"}
    assert set(WEIGHTS.values) <= set(FEATURES)
    assert all(WEIGHTS.why[name] for name in WEIGHTS.values)


# -- between clips that a person named


def asked(join: Join, left: tuple[int, int] = (0, 10), right: tuple[int, int] = (50, 60)) -> Any:
    info = d.media("a.mp4", 1800)
    looks = d.thumbs((900, (20, 20, 60)), (900, (230, 230, 200)))
    known = d.usual(info, **still(thumbs=looks))
    sources = [d.source(info, Fraction(a), Fraction(b)) for a, b in (left, right)]
    return JoinQuestion(sources[0], sources[1], join, Fraction(30)), d.Found(a=known)


def test_an_answer_is_one_transition_be_it_a_hard_cut() -> None:
    (choice,) = answer_transition(*asked(Join(("dissolve", "dip"))))
    assert choice.item == {"transition": "dissolve", "duration": "30f"}
    (choice,) = answer_transition(*asked(Join(("dissolve",)), right=(10, 20)))
    assert choice.item == HARD_CUT and choice.reasons
    (choice,) = answer_transition(*asked(Join(("dissolve",), Fraction(2))))
    assert choice.item["duration"] == "60f"


def test_a_transition_that_does_not_fit_is_refused() -> None:
    with pytest.raises(SpecError, match=r"3 s takes more than half .* 4 s long"):
        answer_transition(*asked(Join(("dissolve",), Fraction(3)), right=(50, 54)))


def test_custom_weights_change_the_choice(tmp_path: Path) -> None:
    own = tmp_path / "mine.json"
    own.write_text('{"name": "joining", "version": 1, "weights": {"fade.bias": 1}}')
    (choice,) = answer_transition(*asked(Join(("dissolve", "dip"), None, str(own))))
    assert choice.item["transition"] == "dip" and choice.score == 1
