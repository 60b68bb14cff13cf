"""``vedc schema``: editors are set up, and nothing in their settings is lost."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.paths import ROOT
from vedc.cli import app
from vedc.errors import UserError
from vedc.lang.docs.generate import schema_text
from vedc.support.jsonc import parse

Vedc = Callable[..., str]
SETTINGS = """\
{
    // How we like it.
    "editor.rulers": [100],
    "yaml.schemas": {
        "https://json.schemastore.org/github-workflow.json": "ci/*.yml", /* ours */
    },
    "files.eol": "\\n" // the last one
}
"""
MAPPED = {"./.vedc/edit.schema.json": ["*.vedc.yaml"]}


@pytest.fixture
def vedc(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Vedc:
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str, code: int = 0) -> str:
        result = CliRunner().invoke(app, ["schema", *arguments])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == code, result.output
        return result.stdout

    return call


@pytest.mark.slow
def test_the_schema_is_printed(vedc: Vedc) -> None:
    assert vedc() == schema_text()


@pytest.mark.slow
def test_a_project_without_settings(vedc: Vedc, tmp_path: Path) -> None:
    assert vedc("--install", "--check", code=2).count("to be changed") == 2
    assert list(tmp_path.iterdir()) == []
    assert vedc("--install").count("written") == 2
    settings = (tmp_path / ".vscode" / "settings.json").read_text()
    assert json.loads(settings) == {"yaml.schemas": MAPPED}
    assert (tmp_path / ".vedc" / "edit.schema.json").read_text() == schema_text()
    assert vedc("--install", "--check").count("up to date") == 2


@pytest.mark.slow
def test_settings_keep_their_comments(vedc: Vedc, tmp_path: Path) -> None:
    place = tmp_path / ".vscode" / "settings.json"
    place.parent.mkdir()
    place.write_text(SETTINGS)
    vedc("--install")
    text = place.read_text()
    lines = [line for line in text.splitlines() if line not in SETTINGS.splitlines()]
    assert lines == [
        '        "./.vedc/edit.schema.json": [', '            "*.vedc.yaml"', "        ]",
    ]  # fmt: skip
    assert parse(text).plain["yaml.schemas"] == {
        "https://json.schemastore.org/github-workflow.json": "ci/*.yml", **MAPPED,
    }  # fmt: skip
    vedc("--install")
    assert place.read_text() == text


@pytest.mark.slow
def test_another_pattern_of_ours_is_kept(vedc: Vedc, tmp_path: Path) -> None:
    place = tmp_path / ".vscode" / "settings.json"
    place.parent.mkdir()
    place.write_text('{"yaml.schemas": {"./.vedc/edit.schema.json": "cuts/*.yaml"}}')
    vedc("--install")
    mapped = parse(place.read_text()).plain["yaml.schemas"]
    assert mapped == {"./.vedc/edit.schema.json": ["cuts/*.yaml", "*.vedc.yaml"]}


@pytest.mark.parametrize("text", ["{", "[]", '{"yaml.schemas": []}', "\udcff"])
@pytest.mark.slow
def test_settings_that_cannot_be_read_stay(vedc: Vedc, tmp_path: Path, text: str) -> None:
    place = tmp_path / ".vscode" / "settings.json"
    place.parent.mkdir()
    place.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(UserError) as caught:
        vedc("--install")
    assert caught.value.problems[0].code == "bad-settings"
    assert place.read_bytes() == text.encode("utf-8", "surrogateescape")
    assert not (tmp_path / ".vedc").exists()


@pytest.mark.slow
def test_programs_of_jetbrains(vedc: Vedc, tmp_path: Path) -> None:
    place = tmp_path / ".idea" / "jsonSchemas.xml"
    place.parent.mkdir()
    place.write_text(
        '<project version="4"><!-- ours --><component name="Other"/><component '
        'name="JsonSchemaMappingsProjectConfiguration"><state><map><entry key="CI"/></map></state>'
        "</component></project>"
    )
    assert ".idea/jsonSchemas.xml: changed: JetBrains" in vedc("--install")
    text = place.read_text()
    assert "<!-- ours -->" in text
    project = ET.fromstring(text)
    entries = project.findall(".//component[2]/state/map/entry")
    assert [entry.get("key") for entry in entries] == ["CI", "vedc"]
    options = {option.get("name"): option.get("value") for option in entries[1].iter("option")}
    assert options["relativePathToSchema"] == ".vedc/edit.schema.json"
    assert (options["pattern"], options["path"]) == ("true", "*.vedc.yaml")
    vedc("--install")
    assert place.read_text() == text


@pytest.mark.slow
def test_a_modeline(vedc: Vedc, tmp_path: Path) -> None:
    (tmp_path / "cuts").mkdir()
    specs = {name: tmp_path / name for name in ("edit.vedc.yaml", "cuts/a.vedc.yaml")}
    specs["edit.vedc.yaml"].write_text("# mine\nversion: 1\n")
    specs["cuts/a.vedc.yaml"].write_text(
        "# a\n# yaml-language-server: $schema=old.json\nversion: 1\n"
    )
    vedc("--install", *specs)
    assert specs["edit.vedc.yaml"].read_text() == (
        "# yaml-language-server: $schema=.vedc/edit.schema.json\n# mine\nversion: 1\n"
    )
    assert specs["cuts/a.vedc.yaml"].read_text() == (
        "# a\n# yaml-language-server: $schema=../.vedc/edit.schema.json\nversion: 1\n"
    )
    vedc("--install", "--check", *specs)
    with pytest.raises(UserError, match="there is no file"):
        vedc("--install", "no.vedc.yaml")


def test_options_that_go_together(vedc: Vedc) -> None:
    for arguments in (["--check"], ["a.vedc.yaml"], ["--install", "--output", "shots"]):
        with pytest.raises(UserError) as caught:
            vedc(*arguments)
        assert caught.value.problems[0].code == "bad-option"


def test_the_entry_for_schemastore() -> None:
    """By the rules of its catalogue: schema-catalog.json and the checks of its build."""
    entry = json.loads((ROOT / "specs" / "schemastore.json").read_text())
    assert entry.keys() <= {"name", "description", "fileMatch", "url", "versions"}
    assert {"name", "description", "url"} <= entry.keys()
    assert re.match("https://", entry["url"]) and entry["url"].endswith(".json")
    assert len(set(entry["fileMatch"])) == len(entry["fileMatch"])
    assert not any(
        "/" in pattern and not pattern.startswith("**/") for pattern in entry["fileMatch"]
    )
    for text in (entry["name"], entry["description"]):
        assert "schema" not in text.lower() and text == text.strip() and "\n" not in text
    assert (ROOT / "examples" / "quickstart" / "edit.vedc.yaml").match(entry["fileMatch"][0])
