"""The graph of analyses: sharing, caching and recomputing."""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from vedc.color import Color
from vedc.decide.analyses import analysis
from vedc.decide.analyses.analysis import AnalysisRequest, derived, picture
from vedc.decide.analyses.result_cache import ResultCache, read_result, write_result
from vedc.decide.analyses.results import (
    Curve,
    Curves,
    Event,
    Events,
    KeyFrame,
    KeyFrames,
    Result,
    Shot,
    Shots,
    Span,
    Spans,
    Thumbs,
)
from vedc.decide.analyses.runner import AnalysisRunner
from vedc.edit.media_info import AudioInfo, MediaInfo, VideoInfo
from vedc.errors import RenderError, SpecError

VIDEO = VideoInfo(
    64, 48, Fraction(1), 0, "yuv420p", "yuv420p", Fraction(25), Color(), True, "h264",
    Fraction(1, 25), 25,
)  # fmt: skip
SOUND = AudioInfo(48000, 2, "stereo", "aac", Fraction(0), Fraction(1))


def _media(path: str, video: VideoInfo | None = VIDEO) -> MediaInfo:
    return MediaInfo(path, 1, 1, "video", "mov", Fraction(1), video, SOUND)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Two analyses of the picture and a derived one; every decoding is noted."""
    log: list[str] = []
    for name in ("one", "two", "sum"):
        monkeypatch.setitem(analysis.MODULES, name, __name__)  # type: ignore[arg-type]

    def watcher(name: str) -> type:
        class Watching:
            def __init__(self, media: MediaInfo, factor: float = 1.0) -> None:
                self.factor = factor

            def push(self, block: float) -> None:
                self.value = block * self.factor

            def finish(self) -> Curve:
                return Curve(np.array([self.value], np.float32), Fraction(25))

        return picture(name, version=1, gives=Curve)(Watching)

    watcher("one"), watcher("two")

    @derived("sum", version=1, gives=Curve, needs=("one", "two"))
    def total(media: MediaInfo, one: Curve, two: Curve) -> Curve:
        log.append("sum")
        return Curve(one.values + two.values, one.rate)

    def sweep(media: MediaInfo, watchers: list[object], progress: object, threads: int) -> None:
        log.append(f"decode {media.path} for {len(watchers)}")
        for each in watchers:
            each.push(3.0)  # type: ignore[attr-defined]

    module = types.ModuleType("vedc.decide.analyses.decode_video")
    module.decode_video = sweep  # type: ignore[attr-defined]
    monkeypatch.setitem(__import__("sys").modules, "vedc.decide.analyses.decode_video", module)
    yield log
    for name in ("one", "two", "sum"):
        analysis._DECLARED.pop(name, None)


def test_one_decoding_serves_all_that_is_missing(counted: list[str], tmp_path: Path) -> None:
    analyst = AnalysisRunner(tmp_path, lambda path: f"content of {path}")
    total, one = analyst(
        AnalysisRequest.of("sum", _media("a.mp4")), AnalysisRequest.of("one", _media("a.mp4"))
    )
    assert counted == ["decode a.mp4 for 2", "sum"]
    assert (total.values[0], one.values[0]) == (6.0, 3.0)


def test_what_is_kept_is_not_computed_again_wherever_the_file_lies(
    counted: list[str], tmp_path: Path
) -> None:
    AnalysisRunner(tmp_path, lambda path: "same")(AnalysisRequest.of("sum", _media("a.mp4")))
    counted.clear()
    (again,) = AnalysisRunner(tmp_path, lambda path: "same")(
        AnalysisRequest.of("sum", _media("moved/b.mp4"))
    )
    assert counted == [] and again.values[0] == 6.0
    AnalysisRunner(tmp_path, lambda path: "other bytes")(AnalysisRequest.of("sum", _media("a.mp4")))
    assert counted == ["decode a.mp4 for 2", "sum"]


def test_parameters_and_versions_are_part_of_the_key(counted: list[str], tmp_path: Path) -> None:
    analyst = AnalysisRunner(tmp_path, lambda path: "same")
    half, whole = analyst(
        AnalysisRequest.of("one", _media("a"), factor=0.5),
        AnalysisRequest.of("one", _media("a"), factor=1.0),
    )
    assert (half.values[0], whole.values[0]) == (1.5, 3.0)
    before = analyst.node(AnalysisRequest.of("sum", _media("a"))).key
    declared = analysis.get("one")
    analysis._DECLARED["one"] = analysis.Analysis(
        "one", 2, declared.of, declared.gives, (), declared.make, declared.by
    )
    assert (
        AnalysisRunner(tmp_path, lambda path: "same")
        .node(AnalysisRequest.of("sum", _media("a")))
        .key
        != before
    )


def test_a_damaged_result_is_computed_again(counted: list[str], tmp_path: Path) -> None:
    AnalysisRunner(tmp_path, lambda path: "same")(AnalysisRequest.of("sum", _media("a")))
    for place in tmp_path.glob("*.result"):
        data = bytearray(place.read_bytes())
        data[-2] ^= 0xFF
        place.write_bytes(data)
    counted.clear()
    (again,) = AnalysisRunner(tmp_path, lambda path: "same")(AnalysisRequest.of("sum", _media("a")))
    assert counted == ["decode a for 2", "sum"] and again.values[0] == 6.0


def test_a_file_without_picture_is_reported(counted: list[str], tmp_path: Path) -> None:
    with pytest.raises(SpecError) as caught:
        AnalysisRunner(None, lambda path: "x")(AnalysisRequest.of("one", _media("a.mp3", None)))
    assert caught.value.problems[0].code == "no-picture"


RESULTS: list[Result] = [
    Curve(np.array([0.5, -1], np.float32), Fraction(30000, 1001), Fraction(-1, 3)),
    Curves({"a": np.zeros(3, np.float32), "b": np.ones(3, np.float32)}, Fraction(25)),
    Curves({}, Fraction(25)),
    Spans((Span(Fraction(1, 3), Fraction(2), 0.25),)),
    Spans(),
    Events((Event(Fraction(1, 7), 0.5),), 120.5),
    Shots((Shot(0, 10, 4, "start", 1.0, (0, 0)),), Fraction(25), "classical"),
    KeyFrames((KeyFrame(3, 0, 0.5, 0.1),), Fraction(25)),
]


@pytest.mark.parametrize("result", RESULTS, ids=lambda r: type(r).__name__)
def test_every_result_comes_back_as_it_was(result: Result) -> None:
    again = read_result(write_result("key", result), "key", type(result))
    assert type(again) is type(result)
    if isinstance(again, Curve):
        assert again.values.tolist() == [0.5, -1] and again.start == Fraction(-1, 3)
    elif isinstance(again, Curves) and isinstance(result, Curves):
        assert again.rate == result.rate and again.values.keys() == result.values.keys()
        assert all((again.values[k] == result.values[k]).all() for k in result.values)
    else:
        assert again == result


def test_the_folder_stays_within_its_limit(tmp_path: Path) -> None:
    one = Curve(np.zeros(1000, np.float32), Fraction(25))
    kept = ResultCache(tmp_path, limit=10_000)
    for index in range(6):
        kept.put(f"key-{index}", one)
    left = sorted(path.stem for path in tmp_path.glob("*.result"))
    assert left == ["key-4", "key-5"]


@pytest.mark.parametrize("result", RESULTS, ids=lambda r: type(r).__name__)
def test_no_damage_to_a_result_goes_unseen(result: Result) -> None:
    whole = write_result("key", result)
    for at in range(len(whole)):
        for bit in (1, 0x80):
            bad = whole[:at] + bytes([whole[at] ^ bit]) + whole[at + 1 :]
            with pytest.raises(ValueError, match="damaged"):
                read_result(bad, "key", type(result))
    for length in range(len(whole)):
        with pytest.raises(ValueError, match="damaged"):
            read_result(whole[:length], "key", type(result))


def test_a_result_under_another_name_is_absent(tmp_path: Path) -> None:
    cache = ResultCache(tmp_path)
    for number, result in enumerate(RESULTS):
        cache.put(f"key-{number}", result)
    files = {n: cache.place(f"key-{n}", type(r)).read_bytes() for n, r in enumerate(RESULTS)}
    for name, result in enumerate(RESULTS):
        for number, data in files.items():
            cache.place(f"key-{name}", type(result)).write_bytes(data)
            found = cache.get(f"key-{name}", type(result))
            assert (found is not None) == (name == number)
        assert cache.get(f"key-{name}", Thumbs) is None
    assert cache.get("key-0", Spans) is None


def test_a_result_with_odd_facts_is_damaged() -> None:
    """Even with a proper digest."""
    from safetensors.numpy import save

    from vedc.decide.analyses.result_cache import _MAGIC, _digest

    deep = "[" * 100_000 + "]" * 100_000
    for text in (
        "", "[]", "null", "{}", deep, '{"key": "key", "kind": "Spans"}',
        '{"key": "key", "kind": "Spans", "spans": [["1/0", "1", 1]]}',
        '{"key": "key", "kind": "Spans", "spans": 7}',
    ):  # fmt: skip
        data = bytes(save({}, {"result": text}))
        with pytest.raises(ValueError, match=r"."):
            read_result(_MAGIC + _digest(data) + data, "key", Spans)


class Noted:
    def __init__(self) -> None:
        self.notes: list[str] = []

    def start(self, what: str, total: float) -> None: ...

    def advance(self, seconds: float) -> None: ...

    def note(self, text: str) -> None:
        self.notes.append(text)

    def finish(self) -> None: ...


def test_damage_is_reported_once_and_replaced(counted: list[str], tmp_path: Path) -> None:
    ask = AnalysisRequest.of("sum", _media("a"))
    AnalysisRunner(tmp_path, lambda path: "same")(ask)
    for place in tmp_path.glob("*.result"):
        place.write_bytes(b"")
    counted.clear()
    noted = Noted()
    AnalysisRunner(tmp_path, lambda path: "same", noted)(ask)
    assert len(noted.notes) == 1 and "damaged" in noted.notes[0] and "\n" not in noted.notes[0]
    assert counted == ["decode a for 2", "sum"]
    counted.clear()
    AnalysisRunner(tmp_path, lambda path: "same", noted)(ask)
    assert len(noted.notes) == 1 and counted == []


def test_a_file_that_changes_during_analysis_is_reported(
    counted: list[str], tmp_path: Path
) -> None:
    ask = AnalysisRequest.of("one", _media("a"))
    runner = AnalysisRunner(tmp_path, lambda path: "after" if counted else "before")
    with pytest.raises(RenderError, match="media-changed"):
        runner(ask)
    assert counted == ["decode a for 1"] and not list(tmp_path.iterdir())
    (again,) = runner(ask)
    assert again.values[0] == 3.0


def test_analyses_that_read_parts_of_a_file_themselves_share_one_progress(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(analysis.MODULES, "part", __name__)  # type: ignore[arg-type]

    @derived("part", version=1, gives=Curve, reads=analysis.seconds_of)
    def part(media: MediaInfo, *, first: int, end: int, advance: Callable[[float], None]) -> Curve:
        for _ in range(first, end):
            advance(1 / 25)
        return Curve(np.zeros(1, np.float32), Fraction(25))

    reported: list[object] = []
    progress: Any = SimpleNamespace(
        start=lambda what, total: reported.append((what, total)),
        advance=reported.append,
        finish=lambda: reported.append("end"),
    )
    parts = [
        AnalysisRequest.of("part", _media("in/a.mp4"), first=first, end=first + 2)
        for first in (0, 10)
    ]
    try:
        for _ in range(2):  # the second time there is nothing to do
            AnalysisRunner(tmp_path, lambda path: "same", progress)(*parts)
    finally:
        analysis._DECLARED.pop("part")
    assert reported == [("a.mp4", 4 / 25), *[1 / 25] * 4, "end"]
