"""``vedc learn`` on a film that FFmpeg's filters graded: rebuilt, judged, kept, and used."""

from __future__ import annotations

import errno
import json
import shutil
from fractions import Fraction
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.bench.learn.known import known_films
from tests.media.align_edits import LOOK, Piece, make
from tests.paths import MEDIA
from vedc.decide.align.alignment import AlignedSegment, Alignment, Box
from vedc.decide.choose.style_file import read_style
from vedc.decide.grades.space import GradeSpace
from vedc.edit.media_info import MediaInfo
from vedc.errors import RenderError, UsageError, UserError
from vedc.media.files import cannot_write
from vedc.report.forms.index import schema_of
from vedc.report.learning import learned as report
from vedc.train.house.nearest import nearness
from vedc.train.house.style import learn_style
from vedc.workspace.learning import learn as learning

CLIP = MEDIA / "video" / "crystal.mp4"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CLIP.exists(), reason=f"no clip at {CLIP}"),
]


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("films") / "film.mp4"
    pieces = [Piece(CLIP, start, Fraction(1)) for start in (20, 200)]
    make(out, pieces, size=(144, 96), rate=Fraction(30), filters=LOOK, crf=12)
    return out


def test_a_film_is_rebuilt_and_what_is_not_certain_stays_as_it_is(
    film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = tmp_path / "house"

    def learn() -> learning.Learned:
        return learning.learn([CLIP], [film], house, cache=tmp_path / "cache")

    found = learn()
    reported: dict[str, Any] = report.data(found)
    jsonschema.validate(reported, schema_of("learn"))
    (facts,) = reported["films"]
    assert facts["explained"] > 0.95
    assert facts["psnr"] > 33
    assert facts["shots"] == 2
    assert Path(facts["spec"]).read_text().count("grade.cube}]}") == 2
    assert {part["kept"] for part in reported["parts"].values()} == {"default"}
    assert all("one film" in part["why"] for part in reported["parts"].values())
    assert reported["warnings"][0].startswith("no part is better")
    style = read_style(house / "style.json")
    assert (style.look, style.cutting, style.pace) == (False, None, None)
    assert style.digest in (house / "card.md").read_text()
    assert "look (default)" in report.text(found)

    # Results are kept: the film is not analysed again.
    monkeypatch.setattr(learning, "align", lambda *a: pytest.fail("aligned again"))
    monkeypatch.setattr(learning, "rebuild", lambda *a: pytest.fail("fitted again"))
    monkeypatch.setattr(learning, "score", lambda *a: pytest.fail("rendered again"))
    assert json.dumps(report.data(learn())) == json.dumps(reported)


def test_what_cannot_work_is_said_before_films_are_searched(
    film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learning, "align", lambda *a: pytest.fail("searched"))
    sound = MEDIA / "audio" / "speech_1.ogg"
    with pytest.raises(UserError, match=r"raw file .*speech_1.*no moving picture"):
        learning.learn([CLIP, sound], [film], tmp_path / "house")
    (tmp_path / "file").write_text("")
    with pytest.raises(RenderError, match=r"cannot write .*not a directory"):
        learning.learn([CLIP], [film], tmp_path / "file" / "house")


def test_a_full_disk_ends_it_and_no_film_is_blamed(
    film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*given: object) -> None:
        raise cannot_write(tmp_path, errno.ENOSPC)

    monkeypatch.setattr(learning, "align", full)
    other = tmp_path / "other.mp4"
    other.symlink_to(film)
    with pytest.raises(RenderError, match="no space"):
        learning.learn([CLIP], [film, other], tmp_path / "house")


def test_films_of_other_footage_teach_nothing(
    film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = MEDIA / "video" / "pig.mp4"

    def nowhere(final: MediaInfo, raws: list[MediaInfo], progress: object) -> Alignment:
        whole = AlignedSegment(
            0, 60, "foreign", None, Fraction(0), Fraction(1), Box(), "start", (0, 0), 1.0
        )
        return Alignment(final, tuple(raws), Fraction(30), 60, Box(), (whole,))

    monkeypatch.setattr(learning, "align", nowhere)
    with pytest.raises(UserError) as error:
        learning.learn([other], [film], tmp_path / "house", render=False)
    assert error.value.problems[0].code == "no-raw-matched"
    assert error.value.problems[0].hint
    with pytest.raises(UsageError, match="no raw files besides"):
        learning.learn([film], [film], tmp_path / "house")
    with pytest.raises(UsageError, match="two films are called"):
        learning.learn([other], [film, film], tmp_path / "house")


@pytest.mark.skipif(not shutil.which("ffmpeg"), reason="no ffmpeg, with which the editors cut")
def test_the_nearest_style_is_the_editors_own(tmp_path: Path) -> None:
    """Six editors who cut with FFmpeg, judged on other footage, and not by colour."""
    made = known_films(tmp_path, 2, 5, (("crystal",), ("elf",)))
    seen, held = ([film for film in made if film.group == group] for group in (0, 1))
    styles = {
        name: learn_style([film.rows for film in seen if film.editor == name])
        for name in {film.editor for film in seen}
    }
    right = 0
    for film in held:
        near = {n: nearness(film.rows, s, GradeSpace.load()).total for n, s in styles.items()}
        right += max(near, key=near.__getitem__) == film.editor
    assert len(held) == 12
    assert right >= 6  # two by chance
