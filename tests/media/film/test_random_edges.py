"""``enter`` and ``exit`` at random, and beside ``auto`` items; what explain says of the picks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.media.make import write_numbered
from vedc.cli import app
from vedc.edit.model import Edit, Transition
from vedc.workspace.build import Build, Deciding

CANVAS = {"width": 96, "height": 64, "fps": 25}


def edited(folder: Path, timeline: list[dict[str, Any]], **more: Any) -> Edit:
    path = folder / "edit.vedc.yaml"
    spec = {"version": 1, "profile": CANVAS, "timeline": timeline, **more}
    path.write_text(yaml.safe_dump(spec))
    build = Build(path)
    (edit,) = build.edits(Deciding(build, "decide"))
    return edit


def edges(edit: Edit) -> list[Transition]:
    return list(edit.tracks[0].transitions)


def red(**keys: Any) -> dict[str, Any]:
    return {"color": "red", "duration": "2s", **keys}


def test_a_random_edge_is_a_transition_of_its_list_the_same_each_time(tmp_path: Path) -> None:
    among = ["wipe", "iris", "clock"]
    enter = {"preset": "random", "from": among, "duration": "6f"}
    items = [red(enter=enter | {"seed": seed}) for seed in range(24)]
    first, second = (edges(edited(tmp_path, items)) for _ in range(2))
    assert first == second and len(first) == 24
    assert {edge.name for edge in first} == set(among)
    assert {edge.end - edge.start for edge in first} == {6}


def test_each_random_edge_has_its_own_seed(tmp_path: Path) -> None:
    found = edges(edited(tmp_path, [red(enter="random", exit="random") for _ in range(12)]))
    assert len({(edge.name, edge.params) for edge in found}) > 4
    default = {"defaults": {"color": {"enter": "random"}}}
    assert len({e.name for e in edges(edited(tmp_path, [red()] * 12, **default))}) > 2


def test_auto_items_enter_with_their_first_clip_and_exit_with_their_last(tmp_path: Path) -> None:
    write_numbered(tmp_path / "a.mp4", 200, 25)
    cut = {"method": "shots", "keep": "all", "max_shot": "2s"}
    item = {"auto": {"from": "a.mp4", "cut": cut}, "enter": {"preset": "fade", "duration": "4f"}}
    edit = edited(tmp_path, [red(), item | {"exit": {"preset": "iris", "duration": "5f"}}])
    shown = edit.tracks[0].items
    enter, leave = edges(edit)
    assert (enter.right, enter.name) == (1, "dissolve")
    assert (leave.left, leave.name) == (len(shown) - 1, "iris")


def test_explain_says_what_a_seed_picked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    among = ["wipe", "iris"]
    join = {"transition": {"name": "random", "from": among, "seed": 7, "duration": "10f"}}
    (joint,) = edges(edited(tmp_path, [red(), join, red()]))
    path = str(tmp_path / "edit.vedc.yaml")

    def said(*options: str) -> str:
        app(["explain", path, *options], standalone_mode=False)
        return capsys.readouterr().out

    reported = f"random is {joint.name}, one of 2 by the seed 7"
    assert reported in said("--at", f"{joint.start / 25}s")
    assert "there is no decision here" in said("--at", "0s")
    (pick,) = json.loads(said("--at", "1.7s", "--json"))["picks"]
    assert pick["transition"] == joint.name and pick["candidates"] == 2
