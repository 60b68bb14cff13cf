"""Renders that cannot be done: the exit code, the reason, and nothing left behind."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest

from tests.error.materials import GRADED, HEIGHT, RATE, REFUSING, WIDTH, numbers, place, spec
from tests.error.support import Answer, Reported, check_manners, files_in, litter, run
from vedc import __version__
from vedc.edit.tables.codecs import VIDEO_CODECS


def render(folder: Path, *more: str) -> Answer:
    return run("render", "edit.vedc.yaml", "--quiet", *more, folder=folder)


def refused(answer: Answer, exit_code: int, code: str) -> Reported:
    """The one problem of a render that was refused as it should be."""
    check_manners(answer)
    assert answer.out == ""
    (reported,) = answer.problems()
    assert (answer.exit, reported.code) == (exit_code, code)
    return reported


def test_a_sound_render_is_quiet_and_complete(tmp_path: Path) -> None:
    answer = render(spec(tmp_path))
    assert (answer.exit, answer.out, answer.err) == (0, "", "")
    assert numbers(tmp_path / "film.mp4") == list(range(RATE))
    assert litter(tmp_path) == []


def test_a_film_whose_middle_is_rotten(tmp_path: Path) -> None:
    before = files_in(spec(tmp_path, REFUSING, clip="rotten"))
    reported = refused(render(tmp_path), 1, "damaged-media")
    assert "a.mp4' is damaged at 1.96 s" in reported.message
    assert "use another copy of it, or on_damage: conceal" in reported.hint
    assert files_in(tmp_path) == before
    assert litter(tmp_path) == []


def test_a_sound_whose_middle_is_rotten(tmp_path: Path) -> None:
    """Its intact part plays, with a warning; --strict refuses it before anything is rendered."""
    text = GRADED.replace("clip: a.mp4", "color: red, duration: 4s")
    more = "audio: [{clip: a.mp4}]\nprofile: {width: 64, height: 36}\n"
    before = files_in(spec(tmp_path, text + more, "rotten"))
    reported = refused(render(tmp_path, "--strict"), 3, "cut-short")
    assert "its sound ends after 1.92 s, but its index says 4.00 s" in reported.message
    assert "copy or download it again" in reported.hint
    assert files_in(tmp_path) == before
    assert litter(tmp_path) == []

    assert render(tmp_path).exit == 0
    with av.open(str(tmp_path / "film.mp4")) as film:
        level = np.concatenate([f.to_ndarray()[0] for f in film.decode(audio=0)])
    assert np.abs(level[48_000 : int(1.9 * 48_000)]).max() > 0.05
    assert np.abs(level[2 * 48_000 :]).max() == 0


def test_a_film_whose_rotten_part_is_not_used(tmp_path: Path) -> None:
    assert render(spec(tmp_path, GRADED.replace("a.mp4,", "a.mp4, out: 1s,"), "rotten")).exit == 0
    assert numbers(tmp_path / "film.mp4") == list(range(RATE))


def test_a_failed_render_makes_no_folder(tmp_path: Path) -> None:
    spec(tmp_path, REFUSING.replace("film.mp4", "out/deep/film.mp4"), "rotten")
    refused(render(tmp_path), 1, "damaged-media")
    assert not (tmp_path / "out").exists()


def test_a_failed_render_keeps_the_older_film(tmp_path: Path) -> None:
    spec(tmp_path, REFUSING, clip="rotten")
    (tmp_path / "film.mp4").write_text("precious")
    refused(render(tmp_path, "-y"), 1, "damaged-media")
    assert (tmp_path / "film.mp4").read_text() == "precious"


def test_a_clip_that_changes_its_nature_between_two_renders(tmp_path: Path) -> None:
    assert render(spec(tmp_path)).exit == 0
    film = (tmp_path / "film.mp4").read_bytes()
    (tmp_path / "a.mp4").write_text("no film any more")
    reported = refused(render(tmp_path), 3, "not-media")
    assert reported.location == "edit.vedc.yaml:2:19"
    assert (tmp_path / "film.mp4").read_bytes() == film


def test_anybody_elses_file_is_not_replaced(tmp_path: Path) -> None:
    spec(tmp_path)
    (tmp_path / "film.mp4").write_text("precious")
    reported = refused(render(tmp_path), 2, "output-exists")
    assert reported.location == "edit.vedc.yaml:3:11"
    assert "was not written by vedc" in reported.message
    assert "-y" in reported.hint
    assert (tmp_path / "film.mp4").read_text() == "precious"

    assert render(tmp_path, "-y").exit == 0
    assert numbers(tmp_path / "film.mp4") == list(range(RATE))
    assert render(tmp_path).exit == 0  # now it is vedc's own

    (tmp_path / "film.mp4").write_text("edited since")
    refused(render(tmp_path), 2, "output-exists")


@pytest.mark.parametrize("name", ["film.mp4", "film.mov", "film.mkv", "film.png"])
def test_its_own_film_is_replaced_without_the_cache(name: str, tmp_path: Path) -> None:
    spec(tmp_path, GRADED.replace("film.mp4", name))
    assert render(tmp_path).exit == 0
    film = (tmp_path / name).read_bytes()
    shutil.rmtree(tmp_path / ".vedc")
    assert render(tmp_path).exit == 0
    assert (tmp_path / name).read_bytes() == film

    shutil.rmtree(tmp_path / ".vedc")
    (tmp_path / name).write_bytes(film + b"\0")
    reported = refused(render(tmp_path), 2, "output-exists")
    assert "was changed after vedc wrote it" in reported.message
    assert (tmp_path / name).read_bytes() == film + b"\0"


def test_absolute_paths_do_not_reach_the_film(tmp_path: Path) -> None:
    films = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        clip = tmp_path / name / "a.mp4"
        assert render(spec(tmp_path / name, GRADED.replace("a.mp4", f"'{clip}'"))).exit == 0
        films.append((tmp_path / name / "film.mp4").read_bytes())
    assert films[0] == films[1]
    assert str(tmp_path).encode() not in films[0]


@pytest.mark.parametrize("name", ["film.mp4", "film.mkv", "film.jpg"])
def test_probe_shows_the_spec(name: str, tmp_path: Path) -> None:
    assert render(spec(tmp_path, GRADED.replace("film.mp4", name))).exit == 0
    found = json.loads(run("probe", name, "--json", folder=tmp_path).out)["made_by"]
    assert found["version"] == __version__ and found["spec"] == "edit.vedc.yaml"
    text = run("probe", name, folder=tmp_path).out
    assert f"made by vedc {__version__} from edit.vedc.yaml\n" in text
    assert found["spec_digest"] in text and found["plan_digest"] in text
    assert json.loads(run("probe", "a.mp4", "--json", folder=tmp_path).out)["made_by"] is None

    # Another output path leaves the digest of the spec; another grade changes both.
    assert render(tmp_path, "-o", f"other{Path(name).suffix}").exit == 0
    other = json.loads(run("probe", f"other{Path(name).suffix}", "--json", folder=tmp_path).out)
    assert other["made_by"]["spec_digest"] == found["spec_digest"]
    changed = (tmp_path / "edit.vedc.yaml").read_text().replace("stops: 0.2", "stops: 0.3")
    (tmp_path / "edit.vedc.yaml").write_text(changed)
    assert render(tmp_path).exit == 0
    after = json.loads(run("probe", name, "--json", folder=tmp_path).out)["made_by"]
    assert after["spec_digest"] != found["spec_digest"]
    assert after["plan_digest"] != found["plan_digest"]


def test_the_film_of_another_spec_is_not_replaced(tmp_path: Path) -> None:
    assert render(spec(tmp_path)).exit == 0
    shutil.rmtree(tmp_path / ".vedc")
    (tmp_path / "edit.vedc.yaml").rename(tmp_path / "other.vedc.yaml")
    answer = run("render", "other.vedc.yaml", "--quiet", folder=tmp_path)
    reported = refused(answer, 2, "output-exists")
    assert "was made from another spec, edit.vedc.yaml" in reported.message


def test_a_film_has_the_same_bytes_in_any_folder(tmp_path: Path) -> None:
    films = []
    for name, more in (("one", ()), ("two", ("-o", "elsewhere/film.mp4"))):
        (tmp_path / name).mkdir()
        assert render(spec(tmp_path / name), *more).exit == 0
        films.append((tmp_path / name / (more[1] if more else "film.mp4")).read_bytes())
        assert render(tmp_path / name, *more).exit == 0  # now from the cache
        films.append((tmp_path / name / (more[1] if more else "film.mp4")).read_bytes())
    assert films == films[:1] * 4


def test_every_output_in_the_way_is_named(tmp_path: Path) -> None:
    text = GRADED.replace("[{path: film.mp4}]", "[{path: film.mp4}, {path: film.mkv}]")
    spec(tmp_path, text)
    for name in ("film.mp4", "film.mkv"):
        (tmp_path / name).write_text("precious")
    answer = render(tmp_path)
    assert answer.exit == 2
    assert [t.location for t in answer.problems()] == ["edit.vedc.yaml:3:11", "edit.vedc.yaml:3:29"]


def test_one_name_for_several_outputs(tmp_path: Path) -> None:
    text = GRADED.replace("[{path: film.mp4}]", "[{path: film.mp4}, {path: film.mkv}]")
    reported = refused(render(spec(tmp_path, text), "-o", "other.mp4"), 2, "ambiguous-output")
    assert "has 2 outputs" in reported.message
    assert "leave -o out" in reported.hint


def test_a_name_of_no_known_kind(tmp_path: Path) -> None:
    reported = refused(render(spec(tmp_path), "-o", "film.mp5"), 3, "unknown-extension")
    assert "did you mean .mp4?" in reported.hint


def test_a_pipe_as_the_target(tmp_path: Path) -> None:
    os.mkfifo(spec(tmp_path) / "film.mp4")
    reported = refused(render(tmp_path, "-y"), 3, "not-a-file")
    assert "a pipe or a device" in reported.message
    assert reported.location == "edit.vedc.yaml:3:18"
    assert not (tmp_path / ".vedc" / "cache" / "entries").exists()  # reported before rendering


def test_a_target_below_a_file(tmp_path: Path) -> None:
    spec(tmp_path, GRADED.replace("film.mp4", "a.mp4/film.mp4"))
    reported = refused(render(tmp_path), 1, "cannot-write")
    assert "not a directory" in reported.message
    assert not (tmp_path / ".vedc" / "cache" / "entries").exists()


def test_a_target_with_too_long_a_name(tmp_path: Path) -> None:
    spec(tmp_path, GRADED.replace("film.mp4", f"{'x' * 300}.mp4"))
    reported = refused(render(tmp_path), 1, "cannot-write")
    assert "file name too long" in reported.message
    assert "shorter name" in reported.hint


def test_an_encoder_that_refuses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits that the table of codecs does not know come from the encoder itself."""
    monkeypatch.setitem(VIDEO_CODECS, "hevc", replace(VIDEO_CODECS["hevc"], min_size=2))
    text = GRADED.replace("film.mp4", "film.mp4, codec: hevc, width: 8, height: 8")
    before = files_in(spec(tmp_path, text))
    reported = refused(render(tmp_path), 1, "encoder-refused")
    assert "libx265 refuses 8x8 yuv420p" in reported.message
    assert reported.location == "edit.vedc.yaml:3:11"
    assert "change the size" in reported.hint
    assert files_in(tmp_path) == before
    assert list((tmp_path / ".vedc" / "cache" / "drafts").iterdir()) == []


def test_a_processor_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TRITON_INTERPRET", raising=False)  # it stands for a graphics card
    reported = refused(render(spec(tmp_path), "--device", "cuda"), 2, "no-such-device")
    assert "--device cpu" in reported.hint


@pytest.mark.parametrize("where", ["above", "elsewhere"])
def test_allowing_a_folder_fixes_a_path_outside(tmp_path: Path, where: str) -> None:
    home, other = tmp_path / "home", tmp_path / where
    home.mkdir()
    place(other, "b.mp4", "clip")
    spec(home, GRADED.replace("a.mp4", f"../{where}/b.mp4"))
    reported = refused(render(home), 3, "outside-root")
    assert f"--allow-path {other}" in reported.hint
    assert render(home, "--allow-path", str(other)).exit == 0
    assert numbers(home / "film.mp4") == list(range(RATE))


def test_allowing_a_folder_that_is_not_there(tmp_path: Path) -> None:
    reported = refused(render(spec(tmp_path), "--allow-path", "gone"), 2, "no-such-folder")
    assert "gone" in reported.message


def test_a_link_at_the_target_is_written_through(tmp_path: Path) -> None:
    (spec(tmp_path) / "shelf").mkdir()
    (tmp_path / "film.mp4").symlink_to("shelf/film.mp4")
    assert render(tmp_path, "-y").exit == 0
    assert (tmp_path / "film.mp4").is_symlink()
    assert numbers(tmp_path / "shelf" / "film.mp4") == list(range(RATE))


def test_a_spec_from_standard_input(tmp_path: Path) -> None:
    spec(tmp_path)
    assert run("render", "-", "-q", folder=tmp_path, stdin=GRADED).exit == 0
    assert numbers(tmp_path / "film.mp4") == list(range(RATE))
    wrong = run("validate", "-", folder=tmp_path, stdin=GRADED.replace("clip:", "clp:"))
    (reported,) = wrong.problems()
    assert (wrong.exit, reported.location) == (3, "<stdin>:2:13")
    assert "2 | timeline: [{clp: a.mp4" not in wrong.err  # its text cannot be read again
    nothing = run("validate", "-", folder=tmp_path)
    assert [t.code for t in nothing.problems()] == ["spec-empty"]


def test_what_is_rendered_is_the_size_of_the_clip(tmp_path: Path) -> None:
    answer = render(spec(tmp_path), "--json")
    (report,) = json.loads(answer.out)
    assert (report["frames"], report["rendered_frames"]) == (RATE, RATE)
    with av.open(str(tmp_path / "film.mp4")) as film:
        assert (film.streams.video[0].width, film.streams.video[0].height) == (WIDTH, HEIGHT)
