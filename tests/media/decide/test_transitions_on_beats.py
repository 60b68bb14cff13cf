"""Transitions of no stated length begin and end on beats of the music that the film plays."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from typer.testing import CliRunner

from tests.media.decide.test_beats_in_the_film import metronome
from tests.media.make import write_numbered
from tests.paths import MEDIA
from vedc.cli import app

RATE = 25
FIRST, PERIOD = 0.31, 0.52
SONG = MEDIA / "audio" / "vibe_ace.ogg"
SPEECH = MEDIA / "audio" / "speech_1.ogg"
DISSOLVE = {"name": "auto", "choose": ["dissolve"], "weights": "always.json"}


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("joins")
    write_numbered(folder / "a.mkv", 400, RATE, codec="ffv1", width=96, height=64)
    write_numbered(folder / "b.mkv", 400, RATE, codec="ffv1", width=96, height=64)
    metronome(folder / "song.flac", FIRST, PERIOD, 30.0)
    always = {"weight": 5.0, "why": "to see its length"}
    weights = {"name": "joining", "version": 1, "weights": {"dissolve.bias": always}}
    (folder / "always.json").write_text(json.dumps(weights))
    return folder


def items(media: Path, timeline: list[Any], *audio: dict[str, Any]) -> list[dict[str, Any]]:
    """What was decided, in order."""
    spec = {
        "version": 1,
        "profile": {"width": 96, "height": 64, "fps": RATE},
        "timeline": timeline,
        "audio": list(audio),
        "outputs": [{"path": "out.mkv", "codec": "ffv1"}],
    }
    path = media / "film.vedc.yaml"
    path.write_text(yaml.safe_dump(spec, sort_keys=False))
    (media / "vedc.lock").unlink(missing_ok=True)
    done = CliRunner().invoke(app, ["lock", str(path), "--json"])
    assert done.exit_code == 0, done.output
    found = json.loads(done.output)
    entries = found["decisions"] if isinstance(found, dict) else found
    return [item for entry in entries for item in entry["items"]]


def beat(seconds: float, *, shift: float = 0.0) -> float:
    """How far, in frames, from the nearest beat of the metronome."""
    places = FIRST + shift + PERIOD * np.arange(80)
    return float(np.abs(places - seconds).min() * RATE)


def frames(item: dict[str, Any]) -> int:
    return int(str(item["item"]["duration"]).removesuffix("f"))


def clip(name: str, begin: float, end: float) -> dict[str, Any]:
    return {"clip": name, "in": f"{begin}s", "out": f"{end}s"}


def reason(item: dict[str, Any]) -> str:
    (told,) = [text for text in item["for"] if text.startswith("beat")]
    return str(told)


def test_between_clips_it_begins_on_a_beat(media: Path) -> None:
    """The second waits for the first, which moves what comes after it."""
    timeline = [
        clip("a.mkv", 0, 4), {"transition": DISSOLVE}, clip("b.mkv", 2, 6),
        {"transition": DISSOLVE}, clip("a.mkv", 8, 12),
    ]  # fmt: skip
    one, two = items(media, timeline, {"clip": "song.flac"})
    first = 4.0 - frames(one) / RATE
    second = 4.0 + 4.0 - frames(one) / RATE - frames(two) / RATE
    assert beat(first) <= 0.51 + RATE * 0.01 and beat(second) <= 0.51 + RATE * 0.01
    assert "on a beat of song.flac" in reason(one) and 8 <= frames(one) <= RATE
    (plain, _) = items(media, timeline)
    assert frames(plain) == RATE and not any(t.startswith("beat") for t in plain["for"])
    later, _ = items(media, timeline, {"clip": "song.flac", "start": "0.2s"})
    assert beat(4.0 - frames(later) / RATE, shift=0.2) <= 0.51 + RATE * 0.01


def test_a_clip_that_ends_on_a_beat_is_left_after_whole_beats(media: Path) -> None:
    end = round((FIRST + 7 * PERIOD) * RATE) / RATE
    timeline = [clip("a.mkv", 0, end), {"transition": DISSOLVE}, clip("b.mkv", 2, 6)]
    (one,) = items(media, timeline, {"clip": "song.flac"})
    assert abs(frames(one) - PERIOD * RATE) <= 1 or abs(frames(one) - 2 * PERIOD * RATE) <= 1
    assert "begins and ends on beats of song.flac" in reason(one)


def test_a_stated_length_stays(media: Path) -> None:
    stated = {**DISSOLVE, "duration": "0.6s"}
    timeline = [clip("a.mkv", 0, 4), {"transition": stated}, clip("b.mkv", 2, 6)]
    (one,) = items(media, timeline, {"clip": "song.flac"})
    assert frames(one) == 15 and not any(t.startswith("beat") for t in one["for"])


@pytest.mark.parametrize("method", ["beats", "highlights"])
def test_between_cuts_of_an_item_it_lies_on_beats(media: Path, method: str) -> None:
    """The film keeps its length, so that later cuts stay on their beats."""
    cut = {"method": method, "keep": "best", "duration": "8s"}
    asked: dict[str, Any] = {"from": ["a.mkv"], "cut": cut, "transition": DISSOLVE}
    if method == "beats":
        asked["music"] = "song.flac"
    found = items(media, [{"auto": asked}], {"clip": "song.flac"})
    at, joins = 0.0, []
    for item in found:
        held = item["item"]
        if "transition" in held:
            if "duration" in held:
                joins.append((at - frames(item) / RATE, at, item))
                at -= frames(item) / RATE
        else:
            at += seconds(held["out"]) - seconds(held["in"])
    assert at == pytest.approx(8.0) and joins
    for begin, end, item in joins:
        edges = [beat(begin) <= 0.51 + RATE * 0.01, beat(end) <= 0.51 + RATE * 0.01]
        if method == "beats":
            assert all(edges), (begin, end)
        elif any(text.startswith("beat") for text in item["for"]):
            assert any(edges), (begin, end)
    if method == "beats":
        assert all("begins and ends on beats" in reason(item) for *_, item in joins)


def seconds(text: Any) -> float:
    hours, minutes, whole, frame = (float(part) for part in str(text).split(":"))
    return hours * 3600 + minutes * 60 + whole + frame / RATE


@pytest.mark.skipif(not SONG.exists(), reason="the shared media are not here")
def test_a_song_is_followed_and_a_narrator_is_not(media: Path) -> None:
    from vedc.decide.analyses.analysis import AnalysisRequest
    from vedc.decide.analyses.runner import AnalysisRunner
    from vedc.media.digest import file_digest
    from vedc.media.probe import probe

    timeline = [clip("a.mkv", 0, 9), {"transition": DISSOLVE}, clip("b.mkv", 2, 9)]
    for file in (SONG, SPEECH):
        shutil.copyfile(file, media / file.name)
    (one,) = items(media, timeline, {"clip": SONG.name})
    runner = AnalysisRunner(media / "an", lambda p: file_digest(Path(p), media / "digests"))
    (beats,) = runner(AnalysisRequest.of("beats", probe(SONG)))
    begin = 9.0 - frames(one) / RATE
    assert min(abs(float(event.time) - begin) for event in beats.events) <= 0.5 / RATE + 1e-6
    assert "vibe_ace" in reason(one)
    (spoken,) = items(media, timeline, {"clip": SPEECH.name})
    assert frames(spoken) == RATE and not any(t.startswith("beat") for t in spoken["for"])
