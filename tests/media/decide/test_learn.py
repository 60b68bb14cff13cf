"""``vedc learn`` on a film that FFmpeg's filters graded: rebuilt, judged, kept, and used."""

from __future__ import annotations

import errno
import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from tests.media.align_edits import LOOK, Piece, make
from tests.paths import MEDIA
from vedc.decide.choose.style_file import read_style
from vedc.errors import RenderError, UsageError, UserError
from vedc.media.files import cannot_write
from vedc.report.learning import learned as report
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
    told: dict[str, Any] = report.data(found)
    (facts,) = told["films"]
    assert facts["explained"] > 0.95
    assert facts["psnr"] > 33
    assert facts["shots"] == 2
    assert Path(facts["spec"]).read_text().count("grade.cube}]}") == 2
    assert {part["kept"] for part in told["parts"].values()} == {"default"}
    assert all("one film" in part["why"] for part in told["parts"].values())
    assert told["warnings"][0].startswith("no part is better")
    style = read_style(house / "style.json")
    assert (style.look, style.cutting, style.pace) == (False, None, None)
    assert style.digest in (house / "card.md").read_text()
    assert "look (default)" in report.text(found)

    # What was found is kept: the film is not looked at again.
    monkeypatch.setattr(learning, "align", lambda *a: pytest.fail("aligned again"))
    monkeypatch.setattr(learning, "rebuild", lambda *a: pytest.fail("fitted again"))
    monkeypatch.setattr(learning, "score", lambda *a: pytest.fail("rendered again"))
    assert json.dumps(report.data(learn())) == json.dumps(told)


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


def test_films_of_other_footage_teach_nothing(film: Path, tmp_path: Path) -> None:
    other = MEDIA / "video" / "pig.mp4"
    with pytest.raises(UserError) as error:
        learning.learn([other], [film], tmp_path / "house", render=False)
    assert error.value.problems[0].code == "no-raw-matched"
    assert error.value.problems[0].hint
    with pytest.raises(UsageError, match="no raw files besides"):
        learning.learn([film], [film], tmp_path / "house")
    with pytest.raises(UsageError, match="two films are called"):
        learning.learn([other], [film, film], tmp_path / "house")
