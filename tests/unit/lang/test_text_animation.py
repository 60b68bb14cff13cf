"""``animate`` as the checks see it: frames, defaults, and refusals."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.lang.test_titles import check
from vedc.edit.contents import Animation, Text
from vedc.errors import Problem, UserError


def title(folder: Path, item: str) -> Text:
    content = check(folder, item).tracks[0].items[0].content
    assert isinstance(content, Text)
    return content


def refused(folder: Path, item: str) -> Problem:
    with pytest.raises(UserError) as caught:
        check(folder, item)
    (problem,) = caught.value.problems
    return problem


def test_ways_are_frames_of_the_film(tmp_path: Path) -> None:
    item = "text: A, animate: {in: {preset: pop, duration: 20%, easing: easeInSine, stagger: 0}, "
    item += "out: {preset: fade, duration: 0.3s}, by: letter}"
    found = title(tmp_path, item)
    assert found.animate_in == Animation("pop", "letter", 5, "ease-in-sine", 0.0)
    assert found.animate_out == Animation("fade", "letter", 8, "linear", 0.25)  # 7.5, half up


def test_a_preset_has_its_own_ways_and_at_most_half_of_the_item(tmp_path: Path) -> None:
    found = title(tmp_path, "text: A, animate: {in: typewriter}")
    assert found.animate_in == Animation("typewriter", "letter", 12, "step-end", 1.0)
    assert found.animate_out is None
    assert title(tmp_path, "text: A, animate: {out: rise}").animate_out == Animation(
        "rise", "all", 12, "ease-out-cubic", 0.25
    )


def test_a_way_takes_no_longer_than_the_text_is_shown(tmp_path: Path) -> None:
    item = "text: A, animate: {in: {preset: rise, duration: 0.8s}, out: fade}"
    problem = refused(tmp_path, item)
    assert problem.code == "animation-too-long"
    assert problem.message == "the text takes 1.28s to come and go, but is shown for only 1s"
    assert problem.location is not None and problem.location.line == 5
    title(tmp_path, "text: A, animate: {in: {preset: rise, duration: 100%}}")


def test_an_animation_without_a_way_is_refused(tmp_path: Path) -> None:
    problem = refused(tmp_path, "text: A, animate: {by: word}")
    assert problem.code == "no-animation"
    assert problem.hint == "write animate: {in: rise, out: fade}"


@pytest.mark.parametrize(
    ("animate", "reported"),
    [
        ("{in: typewritr}", "did you mean 'typewriter'?"),
        ("{in: rise, by: char}", "by must be one of all, line, word, letter"),
        ("{in: {duration: 1s}}", "needs 'preset'"),
        ("{in: {preset: rise, stagger: 2}}", "stagger must be a number from 0 to 1"),
        ("{in: rise, enter: rise}", "'enter' is not a key of text animation"),
        ("rise", "animate must be a mapping"),
    ],
)
def test_invalid_animations(tmp_path: Path, animate: str, reported: str) -> None:
    assert reported in refused(tmp_path, f"text: A, animate: {animate}").message


def test_the_word_of_other_tools(tmp_path: Path) -> None:
    assert "animate: {in: rise" in (refused(tmp_path, "text: A, animation: fade").hint or "")
