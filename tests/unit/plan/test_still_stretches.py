"""Long stretches: one that never changes is planned as a whole, and its segments share a key."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from vedc.plan.logical import LogicalPlan, plan_logically
from vedc.workspace.build import Build
from vedc.workspace.planning import engine, fuse_plan, plan_edit, settings

MOVING = {"keyframes": [{"time": "0s", "value": 0.2}, {"time": "50s", "value": 1.0}]}
RESTING = {"keyframes": [{"time": "0s", "value": 0.5}, {"time": "55s", "value": 0.5}]}
TIMELINES: dict[str, Any] = {
    "a colour": [{"color": "red", "duration": "60s"}],
    "a gap": [{"gap": "40s"}, {"color": "red", "duration": "1s"}],
    "a title": [{"text": "Hi", "duration": "60s"}],
    "a graded colour": [
        {"color": "red", "duration": "60s", "grade": [{"op": "exposure", "stops": 0.3}]}
    ],
    "moving opacity": [{"color": "red", "duration": "60s", "opacity": MOVING}],
    "resting opacity": [{"color": "red", "duration": "60s", "opacity": RESTING}],
    "grain": [{"color": "red", "duration": "60s", "effects": [{"op": "film_grain"}]}],
}


def both(build: Build) -> list[tuple[LogicalPlan, LogicalPlan]]:
    """The plans as they are made, and with every part lowered for itself, as a trace needs it."""
    found = []
    for edit in build.edits():
        traced = plan_logically(edit, settings(edit), build.digest, engine, lambda pass_: None)
        found.append((plan_edit(build, edit), traced))
    return found


def spec(folder: Path, timeline: Any) -> Build:
    path = folder / "film.vedc.yaml"
    profile = {"width": 64, "height": 36, "fps": 10}
    path.write_text(yaml.safe_dump({"version": 1, "profile": profile, "timeline": timeline}))
    return Build(path)


@pytest.mark.parametrize("name", TIMELINES)
def test_sharing_changes_nothing(tmp_path: Path, name: str) -> None:
    for made, traced in both(spec(tmp_path, TIMELINES[name])):
        assert made.keys == traced.keys
        assert made.segments == traced.segments


def test_a_stretch_of_a_day_is_lowered_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from vedc.plan import logical

    lowered = []
    lower = logical.lower
    monkeypatch.setattr(
        logical,
        "lower",
        lambda edit, span, digest: lowered.append(span) or lower(edit, span, digest),
    )
    build = spec(tmp_path, [{"color": "red", "duration": "23:59:59"}])
    planned = plan_edit(build, build.edits()[0])
    assert len(planned.segments) == 21_600
    assert len(set(planned.keys)) == 2  # all but the last are alike
    assert len(lowered) == 1
    assert len(fuse_plan(planned).executables) == 1
