"""``vedc template``: the built-in templates hold for all values of their variables; trials find
those that do not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from vedc.cli import app
from vedc.errors import SpecError, UsageError
from vedc.lang.stock import STOCK
from vedc.workspace.batch.trials import tried
from vedc.workspace.build import Build
from vedc.workspace.setup.from_stock import write_from_stock

#: Those for other people's films, which have no defaults.
ARRANGING = {"pip", "split_screen"}


def vedc(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, ["template", *arguments])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == code, result.output
    return result.stdout


@pytest.mark.parametrize("name", sorted({*STOCK} - ARRANGING))
def test_the_stock_holds_on_every_canvas_for_whatever_its_variables_may_be(
    name: str, tmp_path: Path
) -> None:
    """No text is cut off or too long for its box, and nothing is undescribed or unused."""
    file = tmp_path / "film.vedc.yaml"
    write_from_stock(name, file)
    for size in ("width: 1080, height: 1920", "width: 1920, height: 1080"):
        text = file.read_text().replace("width: 1920, height: 1080", size, 1)
        file.write_text(text)
        names, problems = tried(Build(file))
        assert problems == []
        assert names[0] == "the defaults" and len(names) >= 3


def test_a_template_of_ones_own(tmp_path: Path) -> None:
    listed = {entry["template"]: entry for entry in json.loads(vedc("ls", "--json"))}
    assert {*listed} == {*STOCK}
    assert all(entry["summary"].endswith(".") for entry in listed.values())
    assert "lower_third" in vedc("ls")
    file = tmp_path / "mine.vedc.yaml"
    assert "vedc batch" in vedc("new", "lower_third", str(file), "--target", "tiktok")
    text = file.read_text()
    assert "width: 1080, height: 1920" in text and 'path: "out/${{ slug(name) }}.mp4"' in text
    with pytest.raises(UsageError, match="already exists"):
        vedc("new", "lower_third", str(file))
    with pytest.raises(UsageError, match=r"no template 'lower-thirt'; did you mean 'lower_third'"):
        vedc("new", "lower-thirt")


def test_what_a_template_takes_as_markdown() -> None:
    text = vedc("docs", "social_captions")
    assert text.startswith("# social_captions\n\nLarge captions for vertical films")
    assert "| `height` | a number from 15 to 85 | `68` | Where they stand" in text
    assert '"required": [\n      "text",\n      "seconds"\n    ]' in text
    reported = json.loads(vedc("docs", "lower_third", "--json"))
    assert reported["variables"]["side"]["enum"] == ["left", "right"]


FAULTY = """\
version: 1
profile: {width: 640, height: 360, fps: 25}
variables:
  name: {type: string, maxLength: 60, default: Ada, description: Who.}
  place: {type: string, enum: [top, botom], default: top, description: Where.}
  unused: {type: integer}
timeline:
  tracks:
    - clips: [{color: black, duration: 1s}]
    - clips:
        - {text: "${{ name }}", size: 12%, max_width: none, duration: 1s, position: "${{ place }}"}
"""


def test_trials_find_what_the_defaults_hide(tmp_path: Path) -> None:
    file = tmp_path / "t.vedc.yaml"
    file.write_text(FAULTY)
    _, problems = tried(Build(file))
    found = [(p.severity, p.location and p.location.line, p.message) for p in problems]
    assert ("warning", 6, "nothing uses the variable 'unused'") in found
    assert ("warning", 6, "the variable 'unused' has no description") in found
    by_trial = {message.partition(":")[0]: severity for severity, _, message in found[2:]}
    assert by_trial == {
        "with the longest texts": "warning",
        "with the shortest texts": "error",
        "with place = botom": "error",
    }
    with pytest.raises(SpecError, match="with place = botom"):
        vedc("check", str(file))
    file.write_text(FAULTY.replace("botom", "bottom").replace("maxLength: 60", "minLength: 1"))
    assert "tried with 2 sets of values" in vedc("check", str(file))
    with pytest.raises(SpecError, match="nothing uses"):
        vedc("check", str(file), "--strict")


def test_a_template_whose_defaults_do_not_work(tmp_path: Path) -> None:
    file = tmp_path / "t.vedc.yaml"
    file.write_text(FAULTY.replace("default: top", "default: tpo"))
    with pytest.raises(SpecError, match=r"must be one of 'top', 'botom', not 'tpo'"):
        vedc("check", str(file))
