"""``effects: [{auto: flare}]`` on films whose lamp is known: the lock, its places, the film."""

from __future__ import annotations

import json
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import yaml
from typer.testing import CliRunner

from tests.bench.lamps import light_at
from vedc.cli import app
from vedc.decide.grades.balance.light import encoded
from vedc.edit.easing import value_at
from vedc.edit.times import parse_time
from vedc.edit.values import Keyframe, Keyframes

WIDE, HIGH = 160, 90
SHOT = 14
"""Frames of the shot with the lamp; ten without follow."""
X, Y = (np.linspace(a, b, SHOT) for a, b in ((40, 118), (30, 52)))
COLOR = np.float32((1, 0.85, 0.6))


def write(path: Path) -> None:
    """A lamp that crosses a dark room, then a lit wall. Lossless."""
    slope = np.linspace(0.01, 0.08, WIDE)[np.newaxis, :, np.newaxis] * np.float32((1, 0.9, 0.8))
    room = np.repeat(slope, HIGH, axis=0)
    wall = np.repeat(slope[:, ::-1] * 6, HIGH, axis=0)[..., ::-1]
    with av.open(str(path), "w") as film:
        stream = film.add_stream("ffv1", rate=25)
        stream.width, stream.height, stream.pix_fmt = WIDE, HIGH, "bgr0"
        for n in range(SHOT + 10):
            light = wall
            if n < SHOT:
                glow = light_at((HIGH, WIDE), float(X[n]), float(Y[n]), 1.8, 60.0)
                light = room + glow[..., np.newaxis] * COLOR
            codes = np.uint8(np.rint(encoded(light) * 255))
            film.mux(stream.encode(av.VideoFrame.from_ndarray(codes, format="rgb24")))
        film.mux(stream.encode())


def vedc(*arguments: str) -> str:
    done = CliRunner().invoke(app, list(arguments))
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.stdout


def frames(path: Path) -> list[Any]:
    with av.open(str(path)) as film:
        return [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]


def at_frames(value: Any, count: int) -> Any:
    """A value of a spec in each of its frames."""
    if not isinstance(value, dict):
        return np.repeat(np.atleast_2d(value), count, axis=0)
    points = []
    for point in value["keyframes"]:
        own = point["value"]
        number = tuple(map(float, own)) if isinstance(own, list) else float(own)
        frame = parse_time(point["time"]).seconds(Fraction(25)) * 25
        points.append(Keyframe(frame, number, point.get("easing", "linear")))
    moving = Keyframes(tuple(points))
    return np.array([np.atleast_1d(value_at(moving, Fraction(n))) for n in range(count)])


@dataclass
class Project:
    folder: Path

    def spec(self, name: str, item: str, rest: str = "") -> str:
        path = self.folder / f"{name}.vedc.yaml"
        path.write_text(
            f"version: 1\nprofile: {{width: {WIDE}, height: {HIGH}, fps: 25}}\n"
            f"timeline:\n  - {{clip: lamp.mkv{item}}}\n{rest}"
            f"outputs: [{{path: {name}.mkv, codec: ffv1, pix_fmt: yuv444p}}]\n"
        )
        return str(path)

    def items(self, spec: str) -> list[dict[str, Any]]:
        lock = yaml.safe_load((self.folder / "vedc.lock").read_text())
        (entry,) = lock["specs"][Path(spec).name]
        found: list[dict[str, Any]] = entry["items"]
        return found

    def effects(self, spec: str) -> Any:
        made = yaml.safe_load(vedc("config", "--decided", spec))
        return made["timeline"]["tracks"][0]["clips"][0].get("effects")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    folder = tmp_path_factory.mktemp("flared")
    write(folder / "lamp.mkv")
    return Project(folder)


@pytest.fixture(scope="module")
def two(project: Project) -> str:
    spec = project.spec("two", ", effects: [{auto: flare}]")
    vedc("lock", spec, "-q")
    return spec


def test_the_flare_follows_the_lamp(project: Project, two: str) -> None:
    lit, dark = project.items(two)
    (step,) = lit["item"]
    assert step["op"] == "flare" and lit["score"] > 0.4
    places = at_frames(step["position"], SHOT) * (WIDE, HIGH)
    assert np.hypot(places[:, 0] - X, places[:, 1] - Y).max() < 0.7
    assert "seen in 100% of the frames" in lit["for"][0]
    red, green, blue = (int(step["color"][n : n + 2], 16) for n in (1, 3, 5))
    assert red > green > blue  # as warm as the lamp is
    assert dark["item"] == [] and dark["score"] == 0
    assert any("no lamp" in reason for reason in dark["against"])


def test_where_there_is_no_lamp_nothing_is_added(project: Project, two: str) -> None:
    (step,) = project.effects(two)
    light = at_frames(step["intensity"], SHOT + 10)
    assert light[:SHOT].min() > 0.3 and light[SHOT:].max() == 0


def test_the_decision_is_explained(project: Project, two: str) -> None:
    reported = vedc("explain", two, "--at", "00:00:00:04")
    assert "flare of main[1] 00:00:00:00-00:00:00:14" in reported
    assert "of the height across" in reported


@pytest.mark.parametrize(
    "placed",
    [
        ", crop: {x: 20px, y: 10px, width: 128px, height: 72px}",
        ", width: 120, height: 90, fit: cover",
        ", crop: {x: 0, y: 0, width: 120px, height: 90px}, fit: contain-blur",
        ", speed: 0.5",
    ],
)
@pytest.mark.slow
def test_it_stands_on_the_lamp_however_the_picture_lies(project: Project, placed: str) -> None:
    """The added light is brightest at the lamp."""
    films = []
    for name, effects in (("with", "[{auto: flare}]"), ("without", "[]")):
        spec = project.spec(name, f"{placed}, effects: {effects}")
        vedc("render", spec, "-y", "-q")
        films.append(frames(project.folder / f"{name}.mkv"))
    moment = 5
    flared, plain = (film[moment].astype(float).sum(2) for film in films)
    y, x = np.nonzero(plain > 0.97 * plain.max())
    added = flared - plain
    added[plain > 600] = 0  # white hides the added light
    yy, xx = np.indices(added.shape)
    near = np.hypot(xx - x.mean(), yy - y.mean())
    ring = added[(near > 3) & (near < 7)]
    assert ring.mean() > 20 and ring.mean() > 5 * added[near > 40].mean()
    weight = added * (near < 9)
    assert abs((weight * xx).sum() / weight.sum() - x.mean()) < 2
    assert abs((weight * yy).sum() / weight.sum() - y.mean()) < 2


@pytest.mark.slow
def test_the_film_of_the_lock_matches_the_steps_typed_by_hand(project: Project, two: str) -> None:
    typed = project.spec("typed", f", effects: {json.dumps(project.effects(two))}")
    vedc("render", two, "-y", "-q", "--locked")
    vedc("render", typed, "-y", "-q")
    for one, other in zip(
        *(frames(project.folder / f"{n}.mkv") for n in ("two", "typed")), strict=True
    ):
        np.testing.assert_array_equal(one, other)


def test_strength_dims_it(project: Project, two: str) -> None:
    spec = project.spec("half", ", effects: [{auto: {flare: {strength: 0.5}}}]")
    vedc("lock", spec, "-q")
    half, whole = (
        at_frames(project.items(s)[0]["item"][0]["intensity"], SHOT) for s in (spec, two)
    )
    np.testing.assert_allclose(half, whole / 2, atol=0.002)
