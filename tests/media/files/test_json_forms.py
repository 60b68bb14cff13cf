"""The ``--json`` output of each command has the form that ``vedc schema --output`` describes."""

from __future__ import annotations

import copy
import json
import shutil
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from jsonschema import Draft202012Validator
from PIL import Image
from typer.testing import CliRunner

from tests.media.clicks import write_clicks
from tests.media.speech.espeak import speak, write_wav
from vedc.cli import _MODULES, _read, app
from vedc.errors import Problem, SourceLocation
from vedc.report.forms.index import FORMS, schema_of, schemas
from vedc.report.problems import render_json

Vedc = Callable[..., Any]
SPEC = """\
version: 1
profile: {width: 64, height: 48, fps: 25}
variables: {shade: {type: string, default: red}}
timeline:
  tracks:
    - clips:
        - {color: "${{ shade }}", duration: 1s, effects: [{op: gaussian_blur, radius: 2}]}
        - {transition: random, duration: 0.4s}
        - {clip: talk.mp4, in: 0s, out: 1s, grade: [{op: exposure, stops: 0.1}]}
    - clips: [{text: Hello, start: 0.2s, duration: 0.5s}]
captions: [{start: 0s, end: 1s, text: Hello}]
outputs:
  - {path: film.mkv, codec: ffv1}
  - {path: film.wav}
  - {path: poster.png, at: 0.5s}
  - {path: sheet.jpg, sheet: {count: 4}}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("forms")
    (folder / "edit.vedc.yaml").write_text(SPEC)
    write_clicks(folder / "talk.mp4", 75, Fraction(25), [10, 40, 60], sound="aac")
    return folder


@pytest.fixture
def vedc(monkeypatch: pytest.MonkeyPatch, folder: Path) -> Vedc:
    monkeypatch.chdir(folder)

    def call(*arguments: str) -> Any:
        result = CliRunner().invoke(app, [*arguments, "--json"])
        failed = result.exception
        if failed is not None and not isinstance(failed, SystemExit):
            raise failed
        return json.loads(result.stdout)

    return call


def _closed(form: Any) -> Any:
    """A form whose objects take no other keys: so a key that is not described is found."""
    if isinstance(form, list):
        return [_closed(each) for each in form]
    if not isinstance(form, dict):
        return form
    closed = {key: _closed(value) for key, value in form.items()}
    if "properties" in form and form.get("type") == "object":
        closed.setdefault("additionalProperties", False)
    return closed


def fits(command: str, value: Any, *, closed: bool = True) -> None:
    form = schema_of(command)
    Draft202012Validator.check_schema(form)
    validator = Draft202012Validator(_closed(copy.deepcopy(form)) if closed else form)
    wrong = [f"{error.json_path}: {error.message[:300]}" for error in validator.iter_errors(value)]
    assert wrong == []


@pytest.mark.slow
def test_specs(vedc: Vedc) -> None:
    spec = "edit.vedc.yaml"
    fits("validate", vedc("validate", spec))
    fits("config", vedc("config", spec), closed=False)
    fits("plan", vedc("plan", spec, "--trace", "--full"))
    fits("render", vedc("render", spec))
    fits("plan", vedc("plan", spec))
    fits("still", vedc("still", spec, "--at", "0.5s", "-o", "still.png"))
    fits("lock", vedc("lock", spec))
    fits("explain --at", vedc("explain", spec, "--at", "0.8s"))
    fits("check", vedc("check", spec))
    fits("storyboard", vedc("storyboard", spec))
    fits("migrate", vedc("migrate", "--check", spec))
    fits("check --list", vedc("check", "--list"))
    fits("diff", vedc("diff", spec, "film.mkv"))


@pytest.mark.slow
def test_decisions(vedc: Vedc, folder: Path) -> None:
    (folder / "auto.vedc.yaml").write_text(
        "version: 1\nprofile: {width: 64, height: 48, fps: 25}\ntimeline:\n"
        "  - auto: {from: talk.mp4,\n"
        "           cut: {method: shots, keep: best, duration: 1s, min_shot: 0.2s}}\n"
    )
    fits("validate", vedc("validate", "auto.vedc.yaml"))
    found = vedc("lock", "auto.vedc.yaml")
    assert found[0]["items"]
    fits("lock", found)
    fits("explain --at", vedc("explain", "auto.vedc.yaml", "--at", "0s"))


@pytest.mark.slow
def test_media(vedc: Vedc) -> None:
    for command in ("probe", "shots", "keyframes", "noise", "silence", "beats"):
        fits(command, vedc(command, "talk.mp4"))
    fits("scopes", vedc("scopes", "talk.mp4", "--at", "0s"))
    fits("diff", vedc("diff", "talk.mp4", "talk.mp4"))
    fits("check", vedc("check", "talk.mp4", "--target", "youtube"))


@pytest.mark.slow
def test_strips(vedc: Vedc) -> None:
    fits("strip", vedc("strip", "talk.mp4", "-o", "talk.png"))


@pytest.mark.slow
def test_what_is_said(vedc: Vedc, folder: Path) -> None:
    pytest.importorskip("pocketsphinx", reason="needs vedc[align]")
    samples, rate, _ = speak("Thank you very much. Everyone is welcome.")
    write_wav(folder / "said.wav", samples, rate)
    (folder / "said.txt").write_text("ANNA: Thank you very much. Everyone is welcome.")
    fits("words", vedc("words", "said.wav", "--script", "said.txt"))
    fits("find", vedc("find", "everyone", "said.wav", "--script", "said.txt"))


@pytest.mark.slow
def test_an_alignment(vedc: Vedc, folder: Path) -> None:
    shutil.copy(folder / "talk.mp4", folder / "raw.mp4")
    fits("align", vedc("align", "raw.mp4", "talk.mp4", "-o", "aligned.vedc.yaml"))


@pytest.mark.slow
def test_batches_and_templates(vedc: Vedc, folder: Path) -> None:
    (folder / "rows.csv").write_text("shade\nred\nlime\nnone\n")
    template = SPEC.replace("type: string", "type: string, format: color").replace(
        "outputs:", 'outputs: [{path: "out/${{ shade }}.png", at: 0.5s}]\nmetadata:'
    )
    (folder / "batch.vedc.yaml").write_text(template)
    fits("batch", vedc("batch", "batch.vedc.yaml", "--data", "rows.csv"))
    fits("template ls", vedc("template", "ls"))
    fits("template docs", vedc("template", "docs", "quote"))
    fits("template check", vedc("template", "check", "batch.vedc.yaml"))


@pytest.mark.slow
def test_interchange(vedc: Vedc) -> None:
    fits("export", vedc("export", "edit.vedc.yaml", "-o", "edit.otio"))
    fits("import", vedc("import", "edit.otio", "-o", "again.vedc.yaml"))


@pytest.mark.slow
def test_grades_and_effects(vedc: Vedc, folder: Path) -> None:
    rng = np.random.default_rng(3)
    (folder / "pairs").mkdir()
    for name in ("one", "two", "three"):
        coarse = (rng.uniform(20, 235, (6, 8, 3))).astype(np.uint8)
        raw = Image.fromarray(coarse).resize((128, 96), Image.Resampling.BICUBIC)
        graded = raw.point(lambda level: min(255, round(level * 0.8 + 30)))
        raw.save(folder / f"{name}.png")
        graded.save(folder / f"{name}-graded.png")
        raw.save(folder / "pairs" / f"{name}.raw.png")
        graded.save(folder / "pairs" / f"{name}.graded.png")
    fits("grade fit", vedc("grade", "fit", "one.png", "one-graded.png"))
    fits("grade match", vedc("grade", "match", "one.png", "--to", "two-graded.png"))
    fits("grade learn", vedc("grade", "learn", "pairs", "-o", "look.json"))
    fits("effects fit", vedc("effects", "fit", "one.png", "one-graded.png"))


def test_networks_and_the_machine(vedc: Vedc, folder: Path) -> None:
    (folder / ".vedc/cache").mkdir(parents=True, exist_ok=True)  # as any test before leaves it
    fits("model ls", vedc("model", "ls"))
    fits("model info", vedc("model", "info", "clean"))
    fits("cache ls", vedc("cache", "ls"))
    fits("doctor", vedc("doctor"))


@pytest.mark.slow
def test_networks_that_are_verified(vedc: Vedc) -> None:
    fits("model verify", vedc("model", "verify", "clean"))


def test_every_command_that_prints_json_has_a_form() -> None:
    def printing(name: str, command: Any) -> Iterator[str]:
        for inner, each in getattr(command, "commands", {}).items():
            yield from printing(f"{name} {inner}", each)
        if any("--json" in getattr(option, "opts", ()) for option in command.params):
            yield name

    found = {each for name in _MODULES for each in printing(name, _read(name))}
    assert found - FORMS.keys() == set()


def test_words(vedc: Vedc) -> None:
    fits("ops", vedc("ops"))
    fits("ops", vedc("ops", "ken", "burns"))
    for name in ("vignette", "chroma_key", "fit", "animate:rise", "target:youtube", "style"):
        fits("explain", vedc("explain", name))


def test_failures() -> None:
    problems = [Problem("a", "b", SourceLocation("c.yaml", 1, 2, 3), "d"), Problem("e", "f")]
    fits("failure", json.loads(render_json(problems)))


def _forms(form: Any) -> Iterator[dict[str, Any]]:
    if isinstance(form, dict):
        yield form
        for value in form.values():
            yield from _forms(value)
    elif isinstance(form, list):
        for value in form:
            yield from _forms(value)


@pytest.mark.parametrize("name", FORMS)
def test_forms_are_json_schemas(name: str) -> None:
    form = schemas()[name]
    Draft202012Validator.check_schema(form)
    assert form["title"] == f"vedc {name} --json"
    for part in _forms(form):
        if "properties" in part and part.get("type") == "object":
            assert set(part["required"]) <= part["properties"].keys()
