"""The speed of clips chosen by ``auto``: together they last as long as the film requires."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from tests.unit.lang.test_spec_resolve import prober
from vedc.lang.form.expand import expand
from vedc.lang.resolve.items.context import CheckContext
from vedc.lang.resolve.questions import Asked, Question, questions
from vedc.lang.yaml.load import load_text


def asked(folder: Path, beside: str = "") -> tuple[Asked, Question]:
    (folder / "a.mp4").write_bytes(b"x")
    auto = "{from: a.mp4, cut: {method: shots, keep: best, duration: 4s}}"
    document = load_text(f"version: 1\ntimeline: [{{auto: {auto}{beside}}}]\n")
    context = CheckContext(folder, prober)
    cut = expand(document, context.files).root
    (only,) = questions(cut, context, joins=False)
    assert not context.problems and isinstance(only.question, Question)
    return only, only.question


def test_a_duration_matches_the_film(tmp_path: Path) -> None:
    found = [asked(tmp_path, beside) for beside in ("", ", speed: 2", ", speed: -0.5")]
    assert [question.cut.duration for _, question in found] == [4, 8, 2]
    assert [question.speed for _, question in found] == [1, 2, Fraction(1, 2)]
    assert "speed" not in found[0][0].plain and found[1][0].plain["speed"] == "2"


def test_playing_backwards_asks_nothing_new(tmp_path: Path) -> None:
    assert asked(tmp_path, ", reverse: true")[0].plain == asked(tmp_path)[0].plain
