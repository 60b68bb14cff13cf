"""Decided steps of effects: their questions, their answers in vedc.lock, what a hand changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.unit.decide.test_grade_steps import MORE, UP, Project
from vedc.decide.lock.resolve_lock import ResolvedLock

BLUR = {"op": "gaussian_blur", "radius": 2}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def clips(settled: ResolvedLock) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = settled.document.data["timeline"]["tracks"][0]["clips"]
    return found


def test_effects_take_the_place_of_a_decided_one(project: Project) -> None:
    settled = project.run(
        "  - {clip: talk.mp4, effects: [{op: saturation, amount: 1.1}, {auto: clean}, "
        "{op: gaussian_blur, radius: 2}]}"
    )
    (clip,) = clips(settled)
    assert settled.decided == ["main[1].effects.2"]
    assert clip["effects"] == [MORE, UP, BLUR] and "grade" not in clip
    (question,) = project.decider.asked
    assert (question.kind, question.steps) == ("clean", "effects")
    assert [call.op for call in question.items[0].shown.effects] == ["saturation"]


def test_the_lock_says_which_list_asks(project: Project) -> None:
    timeline = "  - {clip: talk.mp4, id: talk, effects: [{auto: clean}]}"
    project.run(timeline)
    text = project.lock.read_text()
    assert "    - effects: talk.effects.1\n" in text
    again = project.run(timeline, "locked")
    assert again.decided == [] and clips(again)[0]["effects"] == [UP]
    assert project.lock.read_text() == text


def test_effects_are_asked_after_all_grades(project: Project) -> None:
    settled = project.run(
        "  tracks:\n    - grade: [{auto: balance}]\n      id: main\n      clips:\n"
        "        - {clip: talk.mp4, grade: [{auto: deflicker}], effects: [{auto: clean}]}"
    )
    assert settled.decided == ["main[1].1", "main[1].main.1", "main[1].effects.1"]
    last = project.decider.asked[-1]
    assert [call.op for call in last.items[0].shown.grade] == ["exposure", "exposure"]
    assert clips(settled)[0]["grade"] == [UP, UP] and clips(settled)[0]["effects"] == [UP]


def test_effects_are_nothing_to_the_question_of_a_grade(project: Project) -> None:
    """So a grade's locked answers stay when an effect is added beside it."""
    project.run("  - {clip: talk.mp4, grade: [{auto: balance}]}")
    settled = project.run(
        "  - {clip: talk.mp4, grade: [{auto: balance}], effects: [{auto: clean}, {op: sharpen}]}"
    )
    assert settled.decided == ["main[1].effects.1"]


def test_the_size_and_the_grade_count(project: Project) -> None:
    effects = "effects: [{auto: clean}]"
    project.run(f"  - {{clip: talk.mp4, {effects}}}")
    for more in ("scale: 0.5", "grade: [{op: invert}]", "crop: {width: 50%, height: 50%}"):
        assert project.run(f"  - {{clip: talk.mp4, {more}, {effects}}}").decided, more
    assert not project.run(
        f"  - {{clip: talk.mp4, crop: {{width: 50%, height: 50%}}, {effects}}}"
    ).decided


def test_a_hand_changes_a_shot_and_its_edit_is_kept(project: Project) -> None:
    timeline = "  - {clip: talk.mp4, effects: [{auto: clean}]}"
    project.decider.cut_at = ("4s",)
    project.run(timeline)
    text = project.lock.read_text()
    new = "- {op: wavelet_denoise, strength: 0.1}"
    project.lock.write_text(text.replace("- {op: exposure, stops: 1.5}", new))
    settled = project.run(timeline)
    assert settled.decided == [] and "edited: true" in project.lock.read_text()
    exposure, wavelets = clips(settled)[0]["effects"]
    values = [point["value"] for point in wavelets["strength"]["keyframes"]]
    assert wavelets["op"] == "wavelet_denoise" and values == [0.0, 0.1]
    assert [point["value"] for point in exposure["stops"]["keyframes"]] == [0.5, 0.0]


def test_each_clip_of_an_auto_item_is_asked(project: Project) -> None:
    settled = project.run("  - {auto: {from: talk.mp4, cut: shots}, effects: [{auto: clean}]}")
    assert settled.decided[1:] == ["main[1][1].effects.1", "main[1][2].effects.1"]
    assert [clip["effects"] for clip in clips(settled)] == [[UP], [UP]]


def test_what_changes_noise_may_not_stand_before_it(project: Project) -> None:
    code, message, hint = project.refused(
        "  - {clip: talk.mp4, effects: [{op: gaussian_blur, radius: 2}, {auto: clean}]}"
    )
    assert code == "no-decision"
    assert message == "nothing can be decided after an effect with gaussian_blur"
    assert hint == "put it before the effect with gaussian_blur"


def test_an_answer_cannot_ask_again(project: Project) -> None:
    timeline = "  - {clip: talk.mp4, effects: [{auto: clean}]}"
    project.run(timeline)
    text = project.lock.read_text()
    project.lock.write_text(text.replace("{op: exposure, stops: 0.5}", "{auto: clean}"))
    assert project.refused(timeline)[:2] == ("bad-answer", "an answer cannot ask again")


def test_a_still_is_not_asked(project: Project) -> None:
    timeline = "  - {image: dusk.png, duration: 2s, effects: [{auto: clean}]}"
    code, message, hint = project.checked(timeline)
    assert (code, hint) == ("no-shots", "leave it out, or name the effect itself")
    assert message == "clean is decided for films, and this is a still: there is nothing to decide"
    project.run(timeline)
    assert project.decider.asked == []
