"""``effects: [{auto: {choose: [...]}}]``: which effects are proposed, why, and what is left
alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.media.decide.test_flared_films import Project, vedc, write


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    folder = tmp_path_factory.mktemp("chosen")
    write(folder / "lamp.mkv")
    return Project(folder)


def test_a_shot_with_a_lamp_gets_a_flare_and_one_without_says_why(project: Project) -> None:
    spec = project.spec("a", ", effects: [{auto: {choose: [flare], level: medium}}]")
    vedc("lock", spec, "-q")
    lit, dark = project.items(spec)
    assert [step["op"] for step in lit["item"]] == ["flare"]
    assert "keyframes" in lit["item"][0]["position"]
    assert lit["for"][0].startswith("flare: lamp +")
    assert dark["item"] == [] and "0.5 is needed" in dark["against"][0]
    assert dark["score"] == 0
    reported = vedc("explain", spec, "--at", "00:00:00:04")
    assert "choose of main[1]" in reported


def test_no_effect_comes_twice(project: Project) -> None:
    for name, others in (("b", "{op: flare}, "), ("c", "")):
        after = "" if others else ", {op: flare, intensity: 0.2}"
        item = f", effects: [{others}{{auto: {{choose: [flare]}}}}{after}]"
        spec = project.spec(name, item)
        vedc("lock", spec, "-q")
        assert all(found["item"] == [] for found in project.items(spec))
        assert "has each of these effects already" in str(project.items(spec))


def test_levels_bound_how_many_there_are(project: Project) -> None:
    counts = []
    for level in ("subtle", "strong"):
        spec = project.spec(level, f", effects: [{{auto: {{choose: {{level: {level}}}}}}}]")
        vedc("lock", spec, "-q")
        counts.append([len(item["item"]) for item in project.items(spec)])
    assert max(counts[0]) == 1 < max(counts[1]) <= 3


def test_the_same_every_time(project: Project) -> None:
    spec = project.spec("d", ", effects: [{auto: choose}]")
    locks = []
    for _ in range(2):
        Path(project.folder / "vedc.lock").unlink(missing_ok=True)
        vedc("lock", spec, "-q")
        locks.append((project.folder / "vedc.lock").read_text())
    assert locks[0] == locks[1]
