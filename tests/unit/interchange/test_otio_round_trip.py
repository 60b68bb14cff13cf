"""To OpenTimelineIO and back: all keys of the plan are the same, so nothing changes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import opentimelineio
import pytest

from tests.interchange_support import shown
from tests.paths import EXAMPLES
from vedc.interchange.convert import export_text, import_file
from vedc.interchange.formats import FORMATS
from vedc.workspace.build import Build, Deciding
from vedc.workspace.planning import plan_edit
from vedc.workspace.settled import settled

pytestmark = pytest.mark.slow

QUICK = ["quickstart", "titles", "plugin", "decisions", "gallery/news"]
ALL = sorted(
    str(path.parent.relative_to(EXAMPLES))
    for path in EXAMPLES.rglob("edit.vedc.yaml")
    if ".vedc" not in path.parts
)

Change = Callable[[Any], Any]


def build(spec: Path, cache: Path, *allow: Path) -> Build:
    return Build(spec, allow=allow, cache=cache, plugins=True, run_models=True)


def there_and_back(spec: Path, folder: Path, change: Change = lambda data: data) -> Path:
    """The spec that is read from the timeline of another spec, in ``folder``."""
    edit, document = settled(Deciding(build(spec, folder / "cache")))
    target = folder / "film.otio"
    text, _ = export_text(edit, document, target, FORMATS["otio"])
    target.write_text(json.dumps(change(json.loads(text))))
    back = folder / "back.vedc.yaml"
    found = import_file(target, back, allow=(spec.parent,), cache=folder / "cache")
    assert not found.losses.count("lost", "changed"), found.losses
    back.write_text(found.text)
    return back


def keys(spec: Path, folder: Path, *allow: Path) -> list[tuple[str, ...]]:
    made = build(spec, folder / "cache", *allow)
    return [tuple(plan_edit(made, edit).keys) for edit in made.edits(Deciding(made))]


def without(data: Any, *names: str) -> Any:
    """The data without the values of some keys, at any depth."""
    if isinstance(data, dict):
        return {k: without(v, *names) for k, v in data.items() if k not in names}
    return [without(each, *names) for each in data] if isinstance(data, list) else data


@pytest.mark.parametrize("name", QUICK)
def test_the_round_trip_changes_nothing(name: str, tmp_path: Path) -> None:
    spec = EXAMPLES / name / "edit.vedc.yaml"
    back = there_and_back(spec, tmp_path)
    assert keys(back, tmp_path, spec.parent) == keys(spec, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in ALL if name not in QUICK])
def test_the_round_trip_of_every_example_changes_nothing(name: str, tmp_path: Path) -> None:
    test_the_round_trip_changes_nothing(name, tmp_path)


@pytest.mark.parametrize("name", ["quickstart", "titles", "decisions", "gallery/trailer"])
@pytest.mark.parametrize("kept", ["settings", "nothing"])
def test_every_frame_stays_where_tracks_are_read_from_their_children(
    name: str, kept: str, tmp_path: Path
) -> None:
    """As after a change in another program, and as if another program had written the file."""
    spec = EXAMPLES / name / "edit.vedc.yaml"
    gone = "heard" if kept == "settings" else "vedc"
    if (name, kept) == ("titles", "nothing"):
        pytest.skip("without vedc's metadata its canvas is unknown: it has no clip")
    back = there_and_back(spec, tmp_path, lambda data: without(data, gone))
    before, _ = settled(Deciding(build(spec, tmp_path / "cache")))
    after, _ = settled(Deciding(build(back, tmp_path / "cache", spec.parent)))
    assert shown(after) == shown(before)


def test_a_clip_that_was_trimmed_elsewhere_keeps_its_settings(tmp_path: Path) -> None:
    def trim(data: Any) -> Any:
        clip = next(
            child
            for child in data["tracks"]["children"][0]["children"]
            if child["name"].endswith("bunny.mp4") or "bunny" in child["name"]
        )
        clip["source_range"]["duration"]["value"] -= 10
        return data

    spec = EXAMPLES / "quickstart" / "edit.vedc.yaml"
    back = there_and_back(spec, tmp_path, trim)
    before, _ = settled(Deciding(build(spec, tmp_path / "cache")))
    after, _ = settled(Deciding(build(back, tmp_path / "cache", spec.parent)))
    old, new = (edit.tracks[0].items[1] for edit in (before, after))
    assert (new.start, new.end) == (old.start, old.end - 10)
    assert [call.op for call in new.grade] == [call.op for call in old.grade]
    assert new.effects == old.effects


def test_opentimelineio_reads_what_is_written(tmp_path: Path) -> None:
    spec = EXAMPLES / "gallery" / "trailer" / "edit.vedc.yaml"
    edit, document = settled(Deciding(build(spec, tmp_path / "cache")))
    text, losses = export_text(edit, document, tmp_path / "film.otio", FORMATS["otio"])
    timeline = opentimelineio.adapters.read_from_string(text, "otio_json")
    assert [track.kind for track in timeline.tracks].count("Video") == len(edit.tracks)
    for track, made in zip(timeline.tracks, edit.tracks, strict=False):
        ranges = [
            (track.range_of_child(child), child)
            for child in track
            if isinstance(child, opentimelineio.schema.Clip)
        ]
        starts = [int(found.start_time.to_frames()) for found, _ in ranges]
        joined = {
            each.right: (each.start + each.end) // 2
            for each in made.transitions
            if each.left is not None
        }
        assert starts == [joined.get(k, item.start) for k, item in enumerate(made.items)]
    assert losses.count("note") == len(losses) > 0
