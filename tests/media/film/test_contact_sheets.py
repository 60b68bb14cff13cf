"""Contact sheets as outputs of a spec, read back cell by cell."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from numpy.typing import NDArray
from PIL import Image
from typer.testing import CliRunner

from tests.parity.ops.films import build
from vedc.cli import app
from vedc.errors import UsageError
from vedc.execute.output import RenderSummary
from vedc.workspace.build import Build
from vedc.workspace.deliver import deliver
from vedc.workspace.moments import Part

Array = NDArray[Any]

#: 48 frames, each of a different grey: 5 times its number.
GREYS = [{"color": f"#{5 * n:02x}{5 * n:02x}{5 * n:02x}", "duration": "1f"} for n in range(48)]
FILM = {"profile": {"width": 640, "height": 360, "fps": 24}, "timeline": GREYS}

#: Of a page: its edge, the head above the pictures, the label below each, the gap between two.
EDGE, HEAD, LABEL, GAP = 32, 96, 52, 16


def made(folder: Path, *outputs: dict[str, Any], **more: Any) -> list[RenderSummary]:
    return deliver(build(folder, {**FILM, **more, "outputs": list(outputs)}))


def pixels(path: Path) -> Array:
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB")).astype(int)


def cells(path: Path, columns: int) -> list[Array]:
    """The pictures of a page of a film of 16:9, row by row."""
    page = pixels(path)
    assert page.shape[1] == 1600
    width = (1600 - 2 * EDGE + GAP) // columns - GAP
    height = round(width * 9 / 16 / 2) * 2
    return [
        page[y : y + height, x : x + width]
        for y in range(HEAD, page.shape[0] - height, height + LABEL + GAP)
        for x in range(EDGE, 1600 - EDGE - width + 1, width + GAP)
    ]


def shown(path: Path, columns: int) -> list[float]:
    """The numbers of the frames that the greys of a page say."""
    return [float(cell[20:-20, 20:-20].mean()) / 5 for cell in cells(path, columns)]


@pytest.mark.parametrize("ending", ["jpg", "png", "webp"])
def test_each_picture_is_the_frame_in_the_middle_of_its_share(tmp_path: Path, ending: str) -> None:
    output = {"path": f"out/a.{ending}", "sheet": {"columns": 4, "count": 12}}
    (report,) = made(tmp_path, output)
    assert shown(Path(report.target), 4) == pytest.approx([4 * n + 2 for n in range(12)], abs=0.3)
    with Image.open(report.target) as picture:
        assert picture.format == {"jpg": "JPEG"}.get(ending, ending.upper())


def test_a_picture_every_so_often_and_by_default_twenty(tmp_path: Path) -> None:
    often, usual = made(
        tmp_path,
        {"path": "a.png", "sheet": {"columns": 6, "every": "0.25s"}},
        {"path": "b.png", "sheet": True},
    )
    assert shown(Path(often.target), 6)[:8] == [0, 6, 12, 18, 24, 30, 36, 42]
    assert (often.frames, usual.frames) == (8, 20)


def test_it_is_what_the_command_makes(tmp_path: Path) -> None:
    (report,) = made(tmp_path, {"path": "a.png", "sheet": {"columns": 3, "count": 5}})
    spec = next(tmp_path.glob("*.yaml"))
    command = ["sheet", str(spec), "-o", str(tmp_path / "b.png"), "--columns", "3", "--count", "5"]
    assert CliRunner().invoke(app, [*command, "-q"]).exit_code == 0
    assert (tmp_path / "b.png").read_bytes() == Path(report.target).read_bytes()


def test_a_cell_is_the_still_of_its_size(tmp_path: Path) -> None:
    noise = [{"generator": "noise", "duration": "2s"}, {"text": "Hello", "duration": "1s"}]
    film = {"timeline": noise, "profile": {"width": 640, "height": 360, "fps": 24}}
    (report,) = made(tmp_path, {"path": "a.png", "sheet": {"columns": 4, "count": 3}}, **film)
    found = cells(Path(report.target), 4)
    small = build(tmp_path, {**FILM, **film, "outputs": [{"path": "any.mp4"}]})
    by = Fraction(found[0].shape[1], 640)
    for number, frame in enumerate((12, 36, 60)):
        target = tmp_path / f"still{number}.png"
        deliver(replace(small, draft=by, target=target, still=f"{frame}f"))
        assert np.array_equal(found[number], pixels(target))
    assert found[0].std() > 5 and found[2].max() > 200


def test_beside_a_film_in_the_order_of_the_spec(tmp_path: Path) -> None:
    sheet = {"path": "a.jpg", "sheet": {"every": "12f"}}
    reports = made(tmp_path, sheet, {"path": "b.mkv", "codec": "ffv1"}, {"path": "c.png"})
    assert [Path(r.target).name for r in reports] == ["a.jpg", "b.mkv", "c.png"]
    assert [r.frames for r in reports] == [4, 48, 1]
    assert [r.pages for r in reports] == [[str(tmp_path / "a.jpg")], None, None]
    assert reports[0].summary().endswith("a.jpg: 4 pictures, all rendered")


def test_of_a_part_and_of_a_draft(tmp_path: Path) -> None:
    output = {"path": "a.png", "sheet": {"columns": 4, "count": 4}}
    of_all = build(tmp_path, {**FILM, "outputs": [output]})
    deliver(replace(of_all, part=Part("1s", None), draft=Fraction(1, 2)))
    assert shown(tmp_path / "a.png", 4) == [27, 33, 39, 45]


def test_an_hdr_film_is_shown_as_sdr(tmp_path: Path) -> None:
    profile = {**FILM["profile"], "color": "bt2100-pq"}  # type: ignore[dict-item]
    red = [{"color": "#c00000", "duration": "1s"}]
    (report,) = made(
        tmp_path, {"path": "a.png", "sheet": {"count": 2}}, profile=profile, timeline=red
    )
    assert (pixels(Path(report.target))[200, 200] - [192, 0, 0]).tolist() == pytest.approx(
        [0, 0, 0], abs=16
    )


MANY = {"path": "a.png", "sheet": {"columns": 2, "every": "1f"}}


def test_what_does_not_fit_goes_on_to_further_pages(tmp_path: Path) -> None:
    (report,) = made(tmp_path, MANY)
    assert report.pages is not None and len(report.pages) > 1
    assert report.pages[1] == str(tmp_path / "a-2.png")
    numbers = [number for page in report.pages for number in shown(Path(page), 2)]
    assert numbers == list(range(48))
    assert made(tmp_path, MANY)[0].rendered_frames == 0, "its own pages are replaced"


def test_a_foreign_file_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "a-2.png").write_bytes(b"mine")
    with pytest.raises(UsageError, match="already exists and was not written by vedc") as error:
        made(tmp_path, MANY)
    (problem,) = error.value.problems
    assert problem.code == "output-exists" and problem.location is not None
    assert (tmp_path / "a-2.png").read_bytes() == b"mine"
    assert not (tmp_path / "a.png").exists()


def test_a_page_is_no_other_output(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"a-2\.png is the name of a page of a\.png") as error:
        made(tmp_path, MANY, {"path": "a-2.png"})
    assert error.value.problems[0].code == "same-output"


def test_a_page_is_no_input(tmp_path: Path) -> None:
    Image.new("RGB", (64, 36), "red").save(tmp_path / "a-2.png")
    before = (tmp_path / "a-2.png").read_bytes()
    shots = [{"image": "a-2.png", "duration": "48f"}]
    spec = build(tmp_path, {**FILM, "timeline": shots, "outputs": [MANY]})
    with pytest.raises(UsageError, match="is an input of the film"):
        deliver(spec, replace=True)
    assert (tmp_path / "a-2.png").read_bytes() == before
    assert not (tmp_path / "a.png").exists()


@pytest.mark.parametrize(
    ("given", "whole"),
    [
        (True, {"count": 20}),
        ({}, {"count": 20}),
        ({"columns": 4}, {"columns": 4, "count": 20}),
        ({"every": "5s", "columns": 2}, {"columns": 2, "every": "5s"}),
    ],
)
def test_its_canonical_form(tmp_path: Path, given: Any, whole: dict[str, Any]) -> None:
    found = build(tmp_path, {**FILM, "outputs": [{"path": "a.jpg", "sheet": given}]}).canonical()
    assert found.root.plain()["outputs"] == [{"path": "a.jpg", "sheet": whole}]
    again = tmp_path / "again.yaml"
    again.write_text(yaml.safe_dump(found.data))
    assert Build(again).canonical().root.plain() == found.root.plain()


def test_validate_and_plan_count_its_pictures(tmp_path: Path) -> None:
    build(tmp_path, {**FILM, "outputs": [{"path": "a.jpg", "sheet": {"count": 6}}]})
    spec = str(next(tmp_path.glob("*.yaml")))
    reported = CliRunner().invoke(app, ["validate", spec]).stdout
    assert "valid: a.jpg, a contact sheet of 6 pictures, 640x360 at 24 fps" in reported
    (checked,) = json.loads(CliRunner().invoke(app, ["validate", spec, "--json"]).stdout)
    assert checked["frames"] == 6
    (plan,) = json.loads(CliRunner().invoke(app, ["plan", spec, "--json"]).stdout)
    assert (plan["target"], plan["form"]) == (str(tmp_path / "a.jpg"), "sheet")
    assert [s["start"] for s in plan["segments"]] == [4, 12, 20, 28, 36, 44]
    assert CliRunner().invoke(app, ["render", spec, "-q"]).exit_code == 0
    (plan,) = json.loads(CliRunner().invoke(app, ["plan", spec, "--json"]).stdout)
    assert all(s["stored"] for s in plan["segments"])
