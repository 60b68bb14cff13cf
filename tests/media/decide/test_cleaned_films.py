"""``effects: [{auto: clean}]`` on films whose noise is known: the lock, a hand's edit, the film."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import yaml
from typer.testing import CliRunner

from vedc.cli import app
from vedc.decide.effects.clean import Noise, decision
from vedc.decide.effects.met_noise import size_gain

SIZE = 128, 96
SHOT = 6
"""Frames of a shot."""


def picture(first: tuple[int, int, int], last: tuple[int, int, int]) -> Any:
    """A soft slope from one colour to another: (96, 128, 3), codes."""
    x = np.linspace(0, 1, SIZE[0])[np.newaxis, :, np.newaxis]
    slope = np.array(first) * (1 - x) + np.array(last) * x
    return np.repeat(slope, SIZE[1], axis=0)


WARM, COLD = picture((170, 110, 70), (210, 160, 90)), picture((60, 90, 150), (90, 120, 180))


def write(path: Path, *shots: tuple[Any, float]) -> None:
    """A film of pictures with noise of so many codes. Lossless, so it has just that noise."""
    random = np.random.default_rng(7)
    with av.open(str(path), "w") as film:
        stream = film.add_stream("ffv1", rate=25)
        stream.width, stream.height, stream.pix_fmt = *SIZE, "bgr0"
        for clean, level in shots:
            for _ in range(SHOT):
                noisy = (clean + random.normal(0, level, clean.shape)).clip(0, 255)
                frame = av.VideoFrame.from_ndarray(np.uint8(np.round(noisy)), format="rgb24")
                film.mux(stream.encode(frame))
        film.mux(stream.encode())


def vedc(*arguments: str) -> str:
    done = CliRunner().invoke(app, list(arguments))
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.stdout


def packets(path: Path) -> list[bytes]:
    """The frames of a lossless film as they are stored: the file around them names its spec."""
    with av.open(str(path)) as film:
        return [bytes(packet) for packet in film.demux(video=0)]


@dataclass
class Project:
    folder: Path

    def spec(self, item: str, name: str = "a", size: tuple[int, int] = SIZE) -> str:
        path = self.folder / f"{name}.vedc.yaml"
        path.write_text(
            f"version: 1\nprofile: {{width: {size[0]}, height: {size[1]}}}\n"
            f"timeline:\n  - {item}\n"
            f"outputs: [{{path: {name}.mkv, codec: ffv1, pix_fmt: yuv444p}}]\n"
        )
        return str(path)

    def items(self, spec: str) -> list[dict[str, Any]]:
        """The lock's answer to the only question of a spec."""
        lock = yaml.safe_load((self.folder / "vedc.lock").read_text())
        (entry,) = lock["specs"][Path(spec).name]
        found: list[dict[str, Any]] = entry["items"]
        return found

    def effects(self, spec: str) -> Any:
        made = yaml.safe_load(vedc("config", "--decided", spec))
        return made["timeline"]["tracks"][0]["clips"][0].get("effects")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    folder = tmp_path_factory.mktemp("cleaned")
    write(folder / "two.mkv", (WARM, 6), (COLD, 24))
    write(folder / "quiet.mkv", (WARM, 0))
    return Project(folder)


@pytest.fixture(scope="module")
def two(project: Project) -> str:
    """The film of two shots, decided."""
    spec = project.spec("{clip: two.mkv, effects: [{auto: clean}]}")
    vedc("lock", spec, "-q")
    return spec


def test_each_shot_gets_what_is_measured(project: Project, two: str) -> None:
    weak, strong = project.items(two)
    assert [i["shot"] for i in (weak, strong)] == [
        "00:00:00:00-00:00:00:06", "00:00:00:06-00:00:00:12",
    ]  # fmt: skip
    reported = json.loads(vedc("noise", str(project.folder / "two.mkv"), "--json"))["shots"]
    assert [i["item"] for i in (weak, strong)] == [[shot["effect"]] for shot in reported]
    assert [shot["effect"]["op"] for shot in reported] == ["wavelet_denoise", "clean"]
    for item, level in ((weak, 6), (strong, 24)):
        (reason,) = item["for"]
        found = re.fullmatch(r"noise \+(\S+) \((\S+) of 255 in 3 pairs of frames, .*\)", reason)
        assert found is not None and float(found[2]) == pytest.approx(level, rel=0.15)
        assert float(found[1]) == item["score"]
        assert item["instead"][-1] == "as it is, score 0.00"


def test_a_clean_film_stays_as_it_is_and_says_why(project: Project) -> None:
    spec = project.spec("{clip: quiet.mkv, effects: [{auto: clean}]}", "clean")
    vedc("lock", spec, "-q")
    (item,) = project.items(spec)
    assert item["item"] == [] and item["score"] == 0
    assert "clean enough" in item["against"][0] and project.effects(spec) == []


def test_the_decision_is_explained(project: Project, two: str) -> None:
    reported = vedc("explain", two, "--at", "00:00:00:08")
    assert "clean of main[1] 00:00:00:06-00:00:00:12" in reported
    assert "{op: clean, strength: " in reported and "pairs of frames" in reported
    assert "noise" in vedc("graph", two, "--decisions", "--as", "text")
    (found,) = json.loads(vedc("explain", two, "--at", "0s", "--json"))["decisions"]
    assert found["item"]["kind"] == "clean"
    assert [step["op"] for step in found["item"]["effects"]] == ["wavelet_denoise"]


def test_a_hand_takes_an_effect_away(project: Project) -> None:
    """In a separate folder, since all specs share one lock."""
    folder = project.folder / "edited"
    folder.mkdir()
    (folder / "two.mkv").hardlink_to(project.folder / "two.mkv")
    other = Project(folder)
    spec = other.spec("{clip: two.mkv, effects: [{auto: clean}]}")
    vedc("lock", spec, "-q")
    lock = folder / "vedc.lock"
    (step,) = other.items(spec)[1]["item"]
    old = f"item:\n            - {{op: clean, strength: {step['strength']}}}\n"
    assert old in lock.read_text()
    lock.write_text(lock.read_text().replace(old, "item: []\n"))
    assert "edited by hand" in vedc("lock", spec)
    (kept,) = other.effects(spec)
    assert kept["op"] == "wavelet_denoise"
    assert [point["value"] for point in kept["strength"]["keyframes"]][1] == 0
    vedc("validate", spec, "--locked")


def test_what_the_grade_and_the_size_do_to_noise_counts(project: Project) -> None:
    """Against the noise of a film that was graded, drawn smaller, and measured."""
    graded = "clip: two.mkv, out: 6f, grade: [{op: contrast, amount: 2}]"
    decided = project.spec(f"{{{graded}, effects: [{{auto: clean}}]}}", "graded")
    vedc("lock", decided, "-q")
    (item,) = project.items(decided)
    vedc("render", project.spec(f"{{{graded}}}", "drawn"), "-y", "-q")
    (shot,) = json.loads(vedc("noise", str(project.folder / "drawn.mkv"), "--json"))["shots"]
    assert item["item"][0]["strength"] == pytest.approx(shot["noise"], rel=0.1)
    assert " after the grade)" in item["for"][0]


@pytest.mark.parametrize("scale", [0.5, 1.5])
def test_a_picture_of_another_size_has_other_noise(project: Project, scale: float) -> None:
    write(project.folder / "still.mkv", (WARM, 20))
    size = round(SIZE[0] * scale), round(SIZE[1] * scale)
    spec = project.spec("{clip: still.mkv, duration: 2f}", "sized", size)
    vedc("render", spec, "-y", "-q")
    with av.open(str(project.folder / "sized.mkv")) as film:
        one, two = (frame.to_ndarray(format="rgb24") for frame in film.decode(video=0))
    found = float(np.std(one.astype(float) - two)) / np.sqrt(2)
    assert size_gain(scale) * 20 == pytest.approx(found, rel=0.12)


@pytest.mark.slow
def test_the_film_of_the_lock_matches_the_steps_typed_by_hand(project: Project, two: str) -> None:
    typed = project.spec(f"{{clip: two.mkv, effects: {json.dumps(project.effects(two))}}}", "typed")
    vedc("render", two, "-y", "-q", "--locked")
    vedc("render", typed, "-y", "-q")
    one, other = (project.folder / f"{name}.mkv" for name in ("a", "typed"))
    assert packets(one) == packets(other)
    reported = json.loads(vedc("noise", str(one), "--json"))["shots"]
    assert {shot["effect"] for shot in reported} == {None}


def test_a_share_of_noise_stays() -> None:
    strong, weak = Noise(20 / 255, 1.0, 3), Noise(10 / 255, 1.0, 3)
    made = decision(strong, 1.0, 1.0, 0.8)
    assert made.steps == ({"op": "clean", "strength": 0.078, "amount": 0.8},)
    assert [reason.name for reason in made.reasons] == ["noise", "strength"]
    assert made.score == pytest.approx(sum(reason.points for reason in made.reasons))
    (step,) = decision(weak, 1.0, 1.0, 0.8).steps
    assert step["mask"] == {"op": "uniform", "amount": 0.8} and step["strength"] == 0.039
    assert decision(weak, 1.0, 1.0, 0.0).steps == ()


def test_what_cannot_be_measured_stays() -> None:
    made = decision(Noise(float("nan"), float("nan"), 0), 1.0, 1.0, 1.0)
    assert made.steps == () and made.score == 0
    assert [reason.name for reason in made.reasons] == ["noise", "cannot be told"]
