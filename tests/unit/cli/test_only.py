"""``--only``: some of the outputs of a spec."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from vedc.cli import app
from vedc.errors import UsageError

SPEC = """\
version: 1
profile: {width: 64, height: 36, fps: 25}
timeline: [{color: "#336699", duration: 0.2s}]
outputs:
  - {path: out/wide.mkv, codec: ffv1}
  - {path: out/small.mkv, codec: ffv1, width: 32}
  - {path: poster.png}
"""


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    path = tmp_path / "film.vedc.yaml"
    path.write_text(SPEC)
    return path


def rendered(spec: Path, *names: str) -> list[str]:
    options = [word for name in names for word in ("--only", name)]
    result = CliRunner().invoke(app, ["render", str(spec), "--json", *options])
    if result.exception:
        raise result.exception
    return [Path(entry["target"]).name for entry in json.loads(result.stdout)]


@pytest.mark.parametrize(
    ("names", "files"),
    [
        (["wide.mkv"], ["wide.mkv"]),
        (["small"], ["small.mkv"]),
        (["out/small.mkv", "poster.png"], ["small.mkv", "poster.png"]),
        (["*.mkv"], ["wide.mkv", "small.mkv"]),
        ([], ["wide.mkv", "small.mkv", "poster.png"]),
    ],
)
def test_only_these_are_written(spec: Path, names: list[str], files: list[str]) -> None:
    assert rendered(spec, *names) == files
    written = [path.name for path in spec.parent.rglob("*") if path.suffix in (".mkv", ".png")]
    assert sorted(written) == sorted(files)


def test_a_name_of_none_is_an_error(spec: Path) -> None:
    with pytest.raises(UsageError, match=r"did you mean 'wide\.mkv'") as caught:
        rendered(spec, "wyde.mkv")
    assert caught.value.problems[0].hint == "it writes wide.mkv, small.mkv, poster.png"
    assert not (spec.parent / "out").exists()


def test_a_plan_of_one(spec: Path) -> None:
    result = CliRunner().invoke(app, ["plan", str(spec), "--json", "--only", "small.mkv"])
    assert [Path(plan["target"]).name for plan in json.loads(result.stdout)] == ["small.mkv"]


def test_it_does_not_go_with_o(spec: Path) -> None:
    result = CliRunner().invoke(app, ["render", str(spec), "-o", "a.mkv", "--only", "wide"])
    assert isinstance(result.exception, UsageError)
    assert "--only chooses among several" in str(result.exception)
