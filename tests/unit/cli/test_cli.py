"""The commands' good ends: what each gives for a spec that needs no media."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner

from tests.paths import ROOT
from vedc import __version__
from vedc.cli import app
from vedc.ir.text import parse_graph

SPEC = """\
version: 1
profile: {width: 64, height: 36, fps: 25}
variables: {shade: {type: string, format: color, default: "#336699"}}
timeline:
  - {color: "${{ shade }}", duration: 1s, effects: [{op: vignette, amount: 0.5}]}
  - {transition: dissolve, duration: 0.4s}
  - {color: white, duration: 1s}
outputs:
  - {path: film.mkv, codec: ffv1}
  - {path: poster.png, at: 0.5s}
"""

Vedc = Callable[..., str]


@pytest.fixture
def spec(tmp_path: Path) -> str:
    path = tmp_path / "film.vedc.yaml"
    path.write_text(SPEC)
    return str(path)


@pytest.fixture
def vedc() -> Vedc:
    runner = CliRunner()

    def call(*arguments: str, code: int = 0) -> str:
        result = runner.invoke(app, list(arguments))
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == code, result.output
        return result.stdout

    return call


def test_version(vedc: Vedc) -> None:
    assert vedc("--version") == f"vedc {__version__}\n"


def test_validate(vedc: Vedc, spec: str) -> None:
    reported = json.loads(vedc("validate", "--json", spec))
    assert [e["frames"] for e in reported] == [40, 1]
    assert reported[0]["fps"] == "25"
    assert "film.mkv, 1.60 s, 64x36 at 25 fps" in vedc("validate", spec)


def test_validate_shows_no_size_for_sound_alone(vedc: Vedc, tmp_path: Path) -> None:
    spec = tmp_path / "show.vedc.yaml"
    spec.write_text("version: 1\ntimeline: [{gap: 2s}]\noutputs: [{path: show.wav}]\n")
    assert "show.wav, 2.00 s, sound alone" in vedc("validate", str(spec))


def test_config_prints_a_spec_that_means_the_same(vedc: Vedc, spec: str, tmp_path: Path) -> None:
    long = vedc("config", "--set", "shade=red", spec)
    again = tmp_path / "long.vedc.yaml"
    again.write_text(long)
    assert vedc("config", str(again)) == long
    assert "#ff0000" in long


def test_render_twice(vedc: Vedc, spec: str, tmp_path: Path) -> None:
    first = json.loads(vedc("render", "--json", spec))
    assert [(r["frames"], r["rendered_frames"]) for r in first] == [(40, 40), (1, 1)]
    film = (tmp_path / "film.mkv").read_bytes()
    second = json.loads(vedc("render", "--json", spec))
    assert [r["rendered_frames"] for r in second] == [0, 0]
    assert (tmp_path / "film.mkv").read_bytes() == film
    assert (tmp_path / "poster.png").read_bytes().startswith(b"\x89PNG")


def test_plan_shows_what_will_be_rendered(vedc: Vedc, spec: str) -> None:
    before = json.loads(vedc("plan", "--json", "--detailed-exitcode", spec, code=2))
    assert [s["frames"] for s in before[0]["segments"]] == [25, 15]
    assert not any(s["stored"] for s in before[0]["segments"])
    assert before[0]["segments"][0]["pieces"][0]["ops"] == ["vignette"]
    assert "dissolve" in before[0]["segments"][0]["pieces"][1]["ops"]
    vedc("render", "-q", spec)
    after = json.loads(vedc("plan", "--json", "--detailed-exitcode", spec))
    assert all(s["stored"] for s in after[0]["segments"])
    assert [s["key"] for s in after[0]["segments"]] == [s["key"] for s in before[0]["segments"]]
    assert "to render: 0 of 2 segments" in vedc("plan", spec)


def test_trace_shows_every_pass(vedc: Vedc, spec: str) -> None:
    text = vedc("plan", "--trace", spec)
    assert text.count("copy untouched pictures: (unchanged)") == 4
    assert "drop covered layers:\n%0 = solid" in text


def test_a_traced_plan_is_one_json_document(vedc: Vedc, spec: str) -> None:
    film, poster = json.loads(vedc("plan", "--trace", "--json", spec))
    assert [piece["start"] for piece in film["trace"]] == [0, 15, 25]
    assert [piece["start"] for piece in poster["trace"]] == [13]
    steps = {s["pass"]: s["graph"] for s in film["trace"][0]["passes"]}
    assert steps["copy untouched pictures"] is None
    assert parse_graph(steps["drop covered layers"]).op == "encode"


def test_the_full_plan_is_listed_under_its_digest(vedc: Vedc, spec: str) -> None:
    film, poster = json.loads(vedc("plan", "--full", "--json", spec))
    for entry in (film, poster):
        assert hashlib.sha256(entry["listing"].encode()).hexdigest() == entry["digest"]
    assert poster["listing"].startswith("picture 64x36 frames=1 fps=25\n")
    text = vedc("plan", "--full", spec)
    assert f"  plan {film['digest'][:12]}\n" in text and film["listing"] in text
    assert "piece 0" not in vedc("plan", spec)


def test_graph_forms(vedc: Vedc, spec: str) -> None:
    assert vedc("graph", spec).startswith("flowchart TD\n")
    assert vedc("graph", "--as", "dot", spec).startswith("digraph edit {\n")
    text = vedc("graph", "--as", "text", "--at", "0.8s", spec)
    assert parse_graph(text).inputs[0].op == "dissolve"
    assert vedc("graph", "--as", "text", "--raw", spec).count("over(") == 1


def test_schema_is_the_committed_one(vedc: Vedc) -> None:
    committed = ROOT / "specs" / "edit.schema.json"
    assert vedc("schema") == committed.read_text()


def test_ops(vedc: Vedc) -> None:
    reported = {o["name"]: o for o in json.loads(vedc("ops", "--json"))}
    assert reported["exposure"]["kind"] == "grade"
    assert [p["name"] for p in reported["contrast"]["params"]] == ["amount", "pivot"]
    assert "vignette" not in vedc("ops", "dissolve")


def test_cache(vedc: Vedc, spec: str, tmp_path: Path) -> None:
    vedc("render", "-q", spec)
    cache = str(tmp_path / ".vedc" / "cache")
    listing = json.loads(vedc("cache", "ls", "--json", "--cache", cache))
    assert sorted(e["kind"] for e in listing) == ["image", "video", "video"]
    assert [e["used"] for e in listing] == sorted((e["used"] for e in listing), reverse=True)
    assert "3 entries, all sound" in vedc("cache", "verify", "--cache", cache)
    payload = next(p for p in Path(cache, "entries").glob("*/*") if p.suffix != ".json")
    payload.write_bytes(b"x" * payload.stat().st_size)
    assert "1 damaged" in vedc("cache", "verify", "--cache", cache)
    assert "removed 2 entries" in vedc("cache", "gc", "--limit", "0", "--cache", cache)
    assert json.loads(vedc("cache", "ls", "--json", "--cache", cache)) == []


def test_init_writes_a_spec_that_is_valid(vedc: Vedc, tmp_path: Path) -> None:
    made = tmp_path / "new.vedc.yaml"
    vedc("init", str(made))
    assert "valid" in vedc("validate", str(made))


@pytest.mark.parametrize("target", ["youtube", "tiktok", "prores_master"])
def test_init_for_a_target_writes_its_canvas_and_output(
    vedc: Vedc, tmp_path: Path, target: str
) -> None:
    made = tmp_path / "new.vedc.yaml"
    vedc("init", str(made), "--target", target)
    reported = json.loads(vedc("validate", "--json", str(made)))
    assert [output["warnings"] for output in reported] == [[]]
    size = (1080, 1920) if target == "tiktok" else (1920, 1080)
    assert (reported[0]["width"], reported[0]["height"]) == size


def test_a_still_is_on_the_canvas_of_the_target(vedc: Vedc, tmp_path: Path) -> None:
    made = tmp_path / "new.vedc.yaml"
    made.write_text(
        "version: 1\nprofile: {width: 640, height: 360, fps: 25}\n"
        "timeline: [{color: red, duration: 4s}]\n"
        "outputs: [{path: a.mp4, target: tiktok, width: 270}]\n"
    )
    target = tmp_path / "a.png"
    vedc("still", str(made), "--at", "1s", "-o", str(target), "-q")
    with Image.open(target) as picture:
        assert picture.size == (270, 480)


def test_doctor(vedc: Vedc) -> None:
    reported = json.loads(vedc("doctor", "--json"))
    assert reported["vedc"] == __version__
    assert reported["encoders"] == "all"
