"""``vedc test``: films held to stored values."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from click.testing import Result
from PIL import Image
from typer.testing import CliRunner

from vedc.cli import app
from vedc.errors import MissingError, SpecError, UsageError
from vedc.review.golden.cases import Tolerance, cases_of, folder_of
from vedc.review.golden.check import picture_failure
from vedc.review.golden.measure import cells_of

SPEC = """\
version: 1
profile: {width: 64, height: 36, fps: 10, color: bt709}
variables:
  ground: {type: string, format: color, default: "#c00000"}
timeline:
  - {color: "${{ ground }}", duration: 1s}
  - {transition: dissolve, duration: 0.4s}
  - {color: "#00a000", duration: 1s}
outputs: [{path: film.mkv, codec: ffv1, audio_codec: none}]
"""


def _test(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["test", *map(str, arguments)])


def _data(*arguments: object) -> list[dict[str, Any]]:
    result = _test(*arguments, "--json")
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    data = json.loads(result.stdout)
    assert result.exit_code == (0 if data["passed"] else 1)
    cases: list[dict[str, Any]] = data["cases"]
    return cases


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    file = tmp_path / "edit.vedc.yaml"
    file.write_text(SPEC)
    return file


def test_what_is_stored_passes_until_the_film_changes(spec: Path) -> None:
    assert _data(spec)[0]["status"] == "missing"
    (made,) = _data(spec, "--update")
    assert made["status"] == "updated"
    folder = spec.parent / "edit.vedc.test"
    assert folder == folder_of(spec)
    assert {Path(name).relative_to(folder).as_posix() for name in made["written"]} == {
        "default.yaml", "default/strip.png", "default/000003.png", "default/000008.png",
        "default/000013.png",
    }  # fmt: skip
    before = {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    assert _data(spec)[0]["status"] == "passed"
    assert {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()} == before
    spec.write_text(SPEC.replace("#00a000", "#00a0a0"))
    (failed,) = _data(spec)
    wrong = [check["name"] for check in failed["checks"] if not check["passed"]]
    assert wrong == ["picture at 0:00.800", "picture at 0:01.300", "strip"]
    with Image.open(failed["picture"]) as drawn:
        assert drawn.width == 1600
    assert _data(spec, "--update")[0]["status"] == "updated"
    assert _data(spec)[0]["status"] == "passed"


def test_a_rounding_passes(spec: Path) -> None:
    _data(spec, "--update")
    spec.write_text(SPEC.replace("#00a000", "#01a101"))
    assert _data(spec)[0]["status"] == "passed"


def test_the_length(spec: Path) -> None:
    _data(spec, "--update")
    spec.write_text(SPEC.replace('"#00a000", duration: 1s', '"#00a000", duration: 1.2s'))
    (failed,) = _data(spec)
    (duration,) = (check for check in failed["checks"] if check["name"] == "duration")
    assert duration["failure"] == "expected 16 frames (0:01.600), got 18 (0:01.800): 2 too many"


def test_cases_have_variables_times_and_tolerances(spec: Path) -> None:
    folder = folder_of(spec)
    folder.mkdir()
    (folder / "cases.yaml").write_text(
        "cases:\n"
        "  - {name: red}\n"
        '  - {name: blue, set: {ground: "#0000c0"}, frames: [0.2s, -1f], tolerance: {psnr: 20}}\n'
    )
    assert [case["case"] for case in _data(spec, "--update")] == ["red", "blue"]
    assert sorted(path.name for path in (folder / "blue").iterdir()) == [
        "000002.png", "000015.png", "strip.png",
    ]  # fmt: skip
    with Image.open(folder / "blue" / "000002.png") as picture:
        assert np.asarray(picture)[10, 10, 2] > 150
    assert [case["status"] for case in _data(spec)] == ["passed", "passed"]
    assert [case["case"] for case in _data(spec, "--case", "blue")] == ["blue"]
    spec.write_text(SPEC.replace("#c00000", "#900000"))
    assert [case["status"] for case in _data(spec)] == ["failed", "passed"]
    caught = _test(spec, "--case", "bleu").exception
    assert isinstance(caught, UsageError) and "did you mean 'blue'" in str(caught)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("cases: [{name: a, sett: {}}, {name: a}]", ["unknown-key", "bad-case-name"]),
        ("cases: [{name: ../up}]", ["bad-case-name"]),
        ("cases: []", ["bad-cases"]),
        ("[]", ["bad-cases"]),
        ("tolerance: {psnr: high}", ["bad-cases"]),
        ("cases: [{name: a, set: {b: [1]}, frames: 1s}]", ["bad-cases", "bad-cases"]),
    ],
)
def test_mistakes_in_cases(spec: Path, text: str, codes: list[str]) -> None:
    folder_of(spec).mkdir()
    (folder_of(spec) / "cases.yaml").write_text(text)
    with pytest.raises(SpecError) as caught:
        cases_of(spec)
    assert [problem.code for problem in caught.value.problems] == codes
    assert all(problem.location is not None for problem in caught.value.problems)


def test_a_broken_spec_and_a_broken_file_fail_alone(spec: Path) -> None:
    other = spec.with_name("other.vedc.yaml")
    other.write_text(SPEC.replace("film.mkv", "other.mkv"))
    _data(spec, other, "--update")
    spec.write_text(SPEC.replace("duration: 1s", "duration: nonsense"))
    broken, fine = _data(spec, other)
    assert (broken["status"], fine["status"]) == ("error", "passed")
    assert broken["problems"][0]["line"] == 6
    spec.write_text(SPEC)
    (folder_of(spec) / "default" / "strip.png").unlink()
    (case,) = _data(spec)
    assert case["problems"][0]["code"] == "bad-expectation"
    (folder_of(spec) / "default.yaml").write_text("version: 7\n")
    assert "version 7" in _data(spec)[0]["problems"][0]["message"]


def test_specs_are_found(spec: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _data(spec, "--update")
    monkeypatch.chdir(spec.parent)
    assert [case["spec"] for case in _data()] == ["edit.vedc.yaml"]
    empty = spec.parent / "empty"
    empty.mkdir()
    monkeypatch.chdir(empty)
    assert isinstance(_test().exception, UsageError)


def test_what_belongs_to_no_spec_fails(spec: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A spec that is renamed is not skipped in silence."""
    monkeypatch.chdir(spec.parent)
    (spec.parent / "not_ours.test").mkdir()
    _data(spec.name, "--update")
    spec.rename(spec.with_name("renamed.vedc.yaml"))
    (gone,) = _data()
    assert (gone["spec"], gone["case"], gone["status"]) == ("edit.vedc.yaml", "default", "error")
    (problem,) = gone["problems"]
    assert problem["code"] == "spec-gone" and problem["file"] == "edit.vedc.test"
    assert "git mv edit.vedc.test renamed.vedc.test" in problem["hint"]
    assert "    help: if the spec was renamed" in _test().output
    folder_of(spec).rename(spec.with_name("renamed.vedc.test"))
    assert [case["status"] for case in _data()] == ["passed"]


def test_what_belongs_to_no_case_fails(spec: Path) -> None:
    _data(spec, "--update")
    cases = folder_of(spec) / "cases.yaml"
    cases.write_text("cases: [{name: red}]\n")
    gone, made = _data(spec, "--update")
    assert gone["problems"][0]["code"] == "case-gone" and made["status"] == "updated"
    assert [case["case"] for case in _data(spec, "--case", "red")] == ["red"]
    (folder_of(spec) / "default.yaml").unlink()
    assert [case["status"] for case in _data(spec)] == ["passed"]


def test_junit(spec: Path, tmp_path: Path) -> None:
    _data(spec, "--update")
    spec.write_text(SPEC.replace("#00a000", "#00a0a0"))
    report = tmp_path / "report.xml"
    assert _test(spec, "--junit", report, "-q").exit_code == 1
    root = ElementTree.parse(report).getroot()
    (suite,) = root
    assert (root.tag, root.get("tests"), root.get("failures")) == ("testsuites", "8", "3")
    assert suite.get("name", "").endswith("edit.vedc.yaml [default]")
    failures = suite.findall("testcase/failure")
    assert len(failures) == 3 and "PSNR" in failures[0].get("message", "")


def test_captions_and_sound(spec: Path) -> None:
    (spec.parent / "talk.srt").write_text("1\n00:00:00,200 --> 00:00:00,800\nHello\n")
    with_captions = SPEC + "captions: {src: talk.srt}\n"
    spec.write_text(with_captions)
    _data(spec, "--update")
    assert "Hello" in (folder_of(spec) / "default.yaml").read_text()
    assert _data(spec)[0]["status"] == "passed"
    (spec.parent / "talk.srt").write_text("1\n00:00:00,300 --> 00:00:00,800\nHello\n")
    (failed,) = _data(spec)
    (wrong,) = (check for check in failed["checks"] if not check["passed"])
    assert wrong == {
        "name": "captions", "passed": False,
        "failure": "'Hello' is shown from 0.3 to 0.8 s instead of 0.2 to 0.8",
    }  # fmt: skip


def test_a_small_part_of_a_picture_counts() -> None:
    """Small details in a large picture change its PSNR little."""
    old = np.full((72, 128, 3), 90, np.uint8)
    new = old.copy()
    new[16:24, 24:32] += 6
    assert "a block differs by 6.0" in (picture_failure(old, new, Tolerance()) or "")
    assert picture_failure(old, old + np.uint8(1), Tolerance()) is None
    assert "72x" not in (picture_failure(old, new[:, :64], Tolerance()) or "72x")


def test_cells_of_a_strip() -> None:
    strip = np.zeros((2 * 2, 30 * 3, 3), np.uint8)
    strip[2:4, 3:6] = 7
    cells = cells_of(strip, 35)
    assert cells.shape == (35, 2, 3, 3)
    assert (cells[31] == 7).all() and not cells[:31].any() and not cells[32:].any()


@pytest.mark.parametrize("wrong", ["strip: .nan", "psnr: .inf", "duration: 0.5", "level: -1"])
def test_tolerances_that_nothing_could_fail_are_refused(spec: Path, wrong: str) -> None:
    folder = folder_of(spec)
    folder.mkdir()
    (folder / "cases.yaml").write_text(f"tolerance: {{{wrong}}}\n")
    with pytest.raises(SpecError, match="0 or more"):
        cases_of(spec)


def test_a_picture_that_a_case_names_and_that_is_not_stored_fails(spec: Path) -> None:
    cases = folder_of(spec) / "cases.yaml"
    cases.parent.mkdir()
    cases.write_text("cases: [{name: default, frames: [0.2s]}]\n")
    _data(spec, "--update")
    assert _data(spec)[0]["status"] == "passed"
    cases.write_text("cases: [{name: default, frames: [0.2s, 1s]}]\n")
    (failed,) = _data(spec)
    (wrong,) = [check for check in failed["checks"] if not check["passed"]]
    assert wrong["name"] == "picture at 0:01.000" and "nothing is stored" in wrong["failure"]


@pytest.mark.parametrize("color", ["black", "#5a5a5a", "#c8c8c8"])
def test_transparency_is_seen_whatever_its_colour(tmp_path: Path, color: str) -> None:
    spec = tmp_path / "edit.vedc.yaml"
    text = (
        "version: 1\nprofile: {width: 64, height: 36, fps: 10}\n"
        f"timeline: [{{color: '{color}', duration: 0.3s, opacity: 0.5}}]\n"
        "outputs: [{path: film.mov, codec: prores, alpha: true}]\n"
    )
    spec.write_text(text)
    _data(spec, "--update")
    assert _data(spec)[0]["status"] == "passed"
    spec.write_text(text.replace("0.5", "0.7"))
    assert _data(spec)[0]["status"] == "failed"


def test_folders_are_searched_and_cases_need_not_be_in_every_spec(tmp_path: Path) -> None:
    specs = [tmp_path / name / "edit.vedc.yaml" for name in ("one", "two")]
    for file in specs:
        file.parent.mkdir()
        file.write_text(SPEC)
        _data(file, "--update")
    (folder_of(specs[0]) / "cases.yaml").write_text("cases: [{name: default}, {name: more}]\n")
    assert [each["status"] for each in _data(tmp_path, "--case", "default")] == ["passed"] * 2
    assert [each["status"] for each in _data(tmp_path, "--case", "more")] == ["missing"]
    for file in specs:
        file.write_text(SPEC.replace("#00a000", "#00a0a0"))
    failed = _data(tmp_path, "--case", "default", "--pictures", tmp_path / "seen")
    assert len({each["picture"] for each in failed}) == 2
    (tmp_path / "none").mkdir()
    assert isinstance(_test(tmp_path / "none").exception, UsageError)
    assert isinstance(_test(tmp_path / "absent.vedc.yaml").exception, MissingError)
