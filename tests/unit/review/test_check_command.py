"""The table of checks, its documentation, and arguments that `vedc check` refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.paths import ROOT
from tests.planted_films import Planted, moving, noise
from vedc.cli import app
from vedc.errors import UserError
from vedc.report.review.check_list import MARK, markdown
from vedc.report.review.checked import data, failed, problems, text
from vedc.review.check.catalogue import CHECKS, LIMITS, chosen, limits
from vedc.review.check.core.finding import Runs


def test_the_page_describes_every_check() -> None:
    page = (ROOT / "docs" / "check.md").read_text()
    assert MARK + page.partition(MARK)[2] == markdown()
    assert all(f"\n### {check.id}\n" in page for check in CHECKS)


def test_every_check_says_whose_word_its_limits_are() -> None:
    for check in CHECKS:
        assert check.source and check.how.endswith("."), check.id
        assert len({limit.name for limit in check.limits}) == len(check.limits)


def test_limits_are_read_in_their_units() -> None:
    given = limits(["black.longest=4s", "black.share=95%", "silence.level=-50dB",
                    "loudness.integrated=-16"])  # fmt: skip
    assert [given[n] for n in ("black.longest", "black.share", "silence.level")] == [4, 95, -50]
    assert given["loudness.integrated"] == -16
    assert limits()["loudness.integrated"] is None
    assert given.keys() == LIMITS.keys()


@pytest.mark.parametrize(
    ("call", "code", "hint"),
    [
        (lambda: chosen(["black"], ["black"]), "bad-option", "leave one of them out"),
        (lambda: chosen(["blak"]), "unknown-check", "there are black, "),
        (lambda: chosen(skip=["blck"]), "unknown-check", "there are black, "),
        (lambda: limits(["black.length=2s"]), "unknown-limit", "black.longest"),
        (lambda: limits(["black.longest"]), "bad-limit", "black.longest=2s"),
        (lambda: limits(["black.longest=5f"]), "bad-limit", "black.longest=2s"),
        (lambda: limits(["range.area=nan"]), "bad-limit", "range.area=5%"),
    ],
)
def test_what_is_refused(call: Callable[[], object], code: str, hint: str) -> None:
    with pytest.raises(UserError) as caught:
        call()
    (problem,) = caught.value.problems
    assert (problem.code, caught.value.exit_code) == (code, 2)
    assert problem.hint is not None and hint in problem.hint


@pytest.mark.parametrize(
    ("arguments", "exit_code", "code"),
    [
        ("check", 2, "usage"),
        ("check gone.mp4", 4, "no-such-file"),
        ("check film.mp4 --check blak", 2, "unknown-check"),
        ("check film.mp4 --target yotube", 2, "unknown-target"),
        ("check film.mp4 --set a=b", 2, "bad-option"),
        ("check film.mp4 --only a.mp4", 2, "bad-option"),
        ("check gone.vedc.yaml", 4, "spec-missing"),
    ],
)
def test_commands_that_cannot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: str, exit_code: int, code: str
) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, arguments.split())
    assert isinstance(result.exception, UserError), result.output
    assert result.exception.exit_code == exit_code
    assert [problem.code for problem in result.exception.problems] == [code]


def test_the_list_of_checks() -> None:
    result = CliRunner().invoke(app, ["check", "--list", "--json"])
    assert [each["check"] for each in json.loads(result.stdout)] == [c.id for c in CHECKS]
    plain = CliRunner().invoke(app, ["check", "--list"]).stdout
    assert "black.longest = 2s: black that is reported wherever it is" in plain


@pytest.mark.slow
def test_many_findings_are_summarised() -> None:
    """A terminal shows a dozen of a check; JSON has them all."""
    pictures = moving(800)
    for number in range(20, 790, 40):
        pictures[number] = pictures[number - 1]
    checked = Planted(pictures, noise(32)).check(only=["black", "repeats"])
    count = len(checked.findings)
    assert f"{count - 12} more, which --json prints" in text([checked], {})
    found = data("film.mp4", [checked], {"poster.jpg": "a picture is not checked"})
    assert len(found["films"][0]["findings"]) == count
    assert found["not_checked"] == [{"path": "poster.jpg", "why": "a picture is not checked"}]
    assert found["passed"] and not failed([checked]) and failed([checked], strict=True)
    assert {problem.severity for problem in problems([checked])} == {"warning"}


def test_runs_end_where_they_end() -> None:
    runs = Runs(gap=1)
    ended = [runs.add(n, n in (2, 3, 5, 9)) for n in range(12)]
    runs.close()
    assert runs.closed == [(2, 6), (9, 10)]
    assert [n for n, run in enumerate(ended) if run] == [7, 11]


def test_where_nothing_can_be_checked_it_says_why() -> None:
    found = Planted(moving(10)).check(only=["reading-speed"])
    assert not found.made
    assert "nothing was checked (reading-speed: there are no captions)" in text([found], {})
