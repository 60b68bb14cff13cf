"""Names that stand for many files: one item of each, in natural order."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from vedc.errors import UserError
from vedc.lang.resolve.compile import canonical
from vedc.lang.resolve.items.context import CheckContext
from vedc.lang.yaml.dump import to_yaml
from vedc.lang.yaml.load import load_text

FILES = (
    "photos/p2.jpg", "photos/p10.jpg", "photos/p1.jpg", "photos/.p3.jpg", "photos/sub/x.jpg",
    "shots/b.mp4", "shots/a.mp4", "songs/1.mp3", "songs/2.mp3", "a[1].jpg",
)  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in FILES:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


def config(folder: Path, timeline: str, more: str = "") -> dict[str, Any]:
    spec = f"version: 1\n{more}\ntimeline: {timeline}"
    document = canonical(load_text(spec, "a.vedc.yaml"), CheckContext(folder))
    plain: dict[str, Any] = document.root.plain()
    # The canonical form is a spec that becomes itself.

    again = canonical(load_text(to_yaml(document), "a.vedc.yaml"), CheckContext(folder))
    assert again.root.plain() == plain
    return plain


def items(folder: Path, timeline: str, more: str = "") -> list[Any]:
    return config(folder, timeline, more)["timeline"]["tracks"][0]["clips"]


def problem(folder: Path, timeline: str, more: str = "") -> tuple[str, str, str]:
    with pytest.raises(UserError) as caught:
        config(folder, timeline, more)
    (found,) = caught.value.problems
    assert found.location is not None
    return found.code, found.message, found.hint or ""


def test_a_slideshow_in_one_line(folder: Path) -> None:
    found = items(folder, '[{image: "photos/*.jpg", duration: 2s, between: dissolve}]')
    assert [item.get("image", item.get("transition")) for item in found] == [
        "photos/p1.jpg",
        {"name": "dissolve", "duration": "0.5s"},
        "photos/p2.jpg",
        {"name": "dissolve", "duration": "0.5s"},
        "photos/p10.jpg",
    ]
    assert all(item["duration"] == "2s" for item in found[::2])


def test_their_names_are_numbered_and_count_as_one(folder: Path) -> None:
    made = '[{image: "photos/*.jpg", duration: 2s, id: show}, {color: red, duration: %s}]'
    shown = items(folder, made % "\"${{ duration('show') / 2 }}\"")
    assert [item["id"] for item in shown[:-1]] == ["show[1]", "show[2]", "show[3]"]


def test_a_long_transition_and_defaults(folder: Path) -> None:
    more = "defaults: {transition: {duration: 1s}, image: {fit: cover}}"
    found = items(folder, '[{image: "photos/p?.jpg", duration: 2s, between: {name: wipe}}]', more)
    assert [item.get("fit") for item in found] == ["cover", None, "cover"]
    assert found[1]["transition"]["duration"] == "1s"


def test_random_transitions_differ_and_auto_is_left_to_be_chosen(folder: Path) -> None:
    found = items(folder, '[{image: "photos/*.jpg", duration: 2s, between: random}]')
    assert "random" not in str(found)
    found = items(folder, '[{clip: "shots/*.mp4", between: auto}]')
    assert found[1]["transition"]["name"] == "auto"


def test_clips_keep_their_keys_and_only_the_first_its_start(folder: Path) -> None:
    found = items(folder, '[{clip: "shots/*.mp4", start: 3s, out: 2s, mute: true}]')
    assert [(item["clip"], item.get("start"), item["out"]) for item in found] == [
        ("shots/a.mp4", "3s", "2s"),
        ("shots/b.mp4", None, "2s"),
    ]


def test_sound_files_follow_each_other_on_a_track(folder: Path) -> None:
    found = items(folder, '[{clip: "songs/*.mp3"}]')
    assert [item["clip"] for item in found] == ["songs/1.mp3", "songs/2.mp3"]


def test_pictures_of_a_clip_are_one_sequence(folder: Path) -> None:
    for timeline in (
        '[{clip: "photos/*.jpg"}]',
        '[{clip: "photos/*", rate: 12}]',
        "[{clip: photos/p%d.jpg}]",
    ):
        assert len(items(folder, timeline)) == 1


def test_numbered_images(folder: Path) -> None:
    found = items(folder, "[{image: photos/p%d.jpg, duration: 1s}]")
    assert [item["image"] for item in found] == ["photos/p1.jpg", "photos/p2.jpg", "photos/p10.jpg"]


def test_sources_of_a_choice(folder: Path) -> None:
    found = items(folder, '[{auto: {from: "shots/*.mp4", cut: {method: shots}}}]')
    assert found[0]["auto"]["from"] == ["shots/a.mp4", "shots/b.mp4"]


def test_a_file_of_just_that_name_is_one_file(folder: Path) -> None:
    (folder / "a1.jpg").touch()
    found = items(folder, '[{image: "a[1].jpg", duration: 1s}]')
    assert [item["image"] for item in found] == ["a[1].jpg"]


def test_an_asset_of_that_name_is_the_asset(folder: Path) -> None:
    more = 'assets: {"photos/*.jpg": {src: photos/p1.jpg}}'
    found = items(folder, '[{image: "photos/*.jpg", duration: 1s}]', more)
    assert len(found) == 1


def test_no_match_is_an_error_where_it_stands(folder: Path) -> None:
    code, message, hint = problem(folder, '[{image: "photos/*.png", duration: 1s}]')
    assert (code, message) == ("file-missing", "no file matches 'photos/*.png'")
    assert hint == "did you mean 'photos/p%d.jpg'?"


def test_between_one_file_is_an_error(folder: Path) -> None:
    found = problem(folder, "[{image: photos/p1.jpg, duration: 1s, between: fade}]")
    assert found[0] == "one-file" and "transition: dissolve" in found[2]


def test_audio_items_are_one_file_each(folder: Path) -> None:
    more = 'audio: [{clip: "songs/*.mp3"}]'
    found = problem(folder, "[{gap: 3s}]", more)
    assert found[0] == "many-files" and "on a track" in found[2]


def test_links_out_of_the_folder_are_refused(folder: Path, tmp_path_factory: Any) -> None:
    outside = tmp_path_factory.mktemp("outside") / "secret.jpg"
    outside.touch()
    (folder / "photos" / "p5.jpg").symlink_to(outside)
    code, message, hint = problem(folder, '[{image: "photos/*.jpg", duration: 1s}]')
    assert code == "outside-root" and "'p5.jpg'" in message and "--allow-path" in hint


def test_patterns_may_not_leave_the_folder(folder: Path) -> None:
    (folder / "inner").mkdir()
    with pytest.raises(UserError) as caught:
        config(folder / "inner", '[{image: "../photos/*.jpg", duration: 1s}]')
    assert caught.value.problems[0].code == "outside-root"


def test_too_many_files(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vedc.lang.form.many_files.MOST", 2)
    code, message, _ = problem(folder, '[{image: "photos/*.jpg", duration: 1s}]')
    assert code == "too-many-files" and "3 files, and at most 2" in message
