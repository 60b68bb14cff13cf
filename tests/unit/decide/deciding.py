"""Made-up footage for tests of deciders: media, results, and an analyst that hands them out."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from vedc.color import Color
from vedc.decide.analyses.analysis import AnalysisRequest
from vedc.decide.analyses.results import (
    Beside,
    Curves,
    Event,
    Events,
    HeldThumbs,
    KeyFrame,
    KeyFrames,
    Result,
    Shot,
    Shots,
    Span,
    Spans,
)
from vedc.decide.choose.reasons import Choice, Question, Source
from vedc.edit.media_info import AudioInfo, MediaInfo, VideoInfo
from vedc.edit.times import parse_time
from vedc.lang.keys.auto import Cut, Join


def media(
    name: str = "a.mp4", frames: int = 300, rate: Fraction | int = 30, *, sound: bool = True
) -> MediaInfo:
    length = frames / Fraction(rate)
    video = VideoInfo(
        1280, 720, Fraction(1), 0, "yuv420p", "yuv420p", Fraction(rate), Color(), True, "h264",
        Fraction(1, 90000), frames,
    )  # fmt: skip
    audio = AudioInfo(48000, 2, "stereo", "aac", Fraction(0), length) if sound else None
    return MediaInfo(name, 1, 1, "video", "mov", length, video, audio)


def song(name: str = "song.flac", seconds: Fraction | int = 60) -> MediaInfo:
    audio = AudioInfo(48000, 2, "stereo", "flac", Fraction(0), Fraction(seconds))
    return MediaInfo(name, 1, 1, "audio", "flac", Fraction(seconds), None, audio)


def source(info: MediaInfo, begin: Fraction | int = 0, end: Fraction | None = None) -> Source:
    assert info.duration is not None
    return Source(info.path.partition(".")[0], info, Fraction(begin), end or info.duration)


def shots(
    *ends: int, rate: Fraction | int = 30, boundaries: Mapping[int, Any] | None = None
) -> Shots:
    """Shots that end at these frames. ``boundaries``: kind and range of how one begins."""
    made, start = [], 0
    for i, end in enumerate(ends):
        kind, low, high = (boundaries or {}).get(i, ("cut" if i else "start", start, start))
        made.append(Shot(start, end, (start + end) // 2, kind, 1.0, (low, high)))
        start = end
    return Shots(tuple(made), Fraction(rate), "classical")


def measures(frames: int, rate: Fraction | int = 30, **curves: Any) -> Curves:
    """Curves of the picture: the given ones (numbers are constant), the others in the middle."""
    names = {
        "motion": 0.1, "sharpness": 0.5, "brightness": 0.45, "contrast": 0.2,
        "colorfulness": 0.3, "novelty": 0.2, "difference": 0.02,
    } | curves  # fmt: skip
    held = {n: np.broadcast_to(np.asarray(v, np.float32), frames).copy() for n, v in names.items()}
    return Curves(held, Fraction(rate))


def level(seconds: float, rms: Any = -20.0) -> Curves:
    values = np.broadcast_to(np.asarray(rms, np.float32), round(seconds * 100)).copy()
    return Curves({"rms": values, "peak": values, "loudness": values}, Fraction(100))


def spans(*pairs: tuple[Any, Any]) -> Spans:
    return Spans(tuple(Span(Fraction(str(a)), Fraction(str(b))) for a, b in pairs))


def beats(*times: Any, strength: Any = 1.0) -> Events:
    events = [Event(Fraction(str(t)), strength) for t in times]
    return Events(tuple(events), 120.0)


def keyframes(*frames: tuple[int, int, float], rate: Fraction | int = 30) -> KeyFrames:
    """Frame, shot and share of the film covered."""
    return KeyFrames(tuple(KeyFrame(f, s, c, 0.5) for f, s, c in frames), Fraction(rate))


def thumbs(*colors: tuple[int, tuple[int, int, int]], rate: Fraction | int = 30) -> HeldThumbs:
    """Pictures of plain colours: how many frames of each."""
    parts = [np.broadcast_to(np.array(c, np.uint8), (n, 27, 48, 3)) for n, c in colors]
    return HeldThumbs(parts[0] if len(parts) == 1 else np.concatenate(parts), Fraction(rate))


def beside(luma: Any = None, thumb: Any = None, motion: Any = (0.0, 0.0, 0.0, 0.0, 0.0)) -> Beside:
    """The picture beside a cut: a plain, still grey, except for what is given."""
    grey = np.full((180, 320), 90, np.uint8)
    seen = grey if luma is None else np.ascontiguousarray(luma, np.uint8)
    if thumb is None:
        rows, columns = np.arange(27) * len(seen) // 27, np.arange(48) * len(seen[0]) // 48
        thumb = np.repeat(seen[rows][:, columns][..., None], 3, axis=2)
    rows_of_motion = np.broadcast_to(np.asarray(motion, np.float32), (5, 5)).copy()
    return Beside(seen, np.asarray(thumb, np.uint8), rows_of_motion)


class Found:
    """An analyst that knows the results of some files; what was asked is in ``asked``."""

    def __init__(self, **results: Mapping[str, Result]) -> None:
        self.results = results
        self.asked: list[str] = []

    def __call__(self, *asks: AnalysisRequest) -> list[Any]:
        self.asked += [ask.name for ask in asks]
        return [self.results[ask.media.path.partition(".")[0]][ask.name] for ask in asks]


def usual(info: MediaInfo, *ends: int, **results: Any) -> dict[str, Result]:
    """The analyses of a file in which nothing much happens."""
    assert info.video is not None and info.video.frames is not None
    frames, rate = info.video.frames, info.video.rate
    found: dict[str, Result] = {
        "shots": shots(*(ends or (frames,)), rate=rate),
        "measures": measures(frames, rate),
        "thumbs": thumbs((frames, (90, 90, 90)), rate=rate),
        "level": level(float(frames / rate)),
        "speech": Spans(),
        "silence": Spans(),
        "onsets": Events(),
        "beside": beside(),
    }
    return found | results


def question(*sources: Source, rate: Fraction | int = 30, **words: Any) -> Question:
    """``join`` and ``music`` belong to the question, other words to ``cut``."""
    join: Join | None = words.pop("join", None)
    music: Source | None = words.pop("music", None)
    for name in ("duration", "min_shot", "max_shot", "min_silence"):
        if name in words:
            words[name] = Fraction(str(words[name]))
    words.setdefault("keep", "best" if "duration" in words or "count" in words else "all")
    return Question(sources, Cut(**words), join, Fraction(rate), music)


def ranges(
    choices: tuple[Choice, ...], rate: Fraction | int = 30, film: Fraction | int | None = None
) -> list[tuple[str, Fraction, Fraction]]:
    """The clips of an answer: source and exact seconds, by the text that a spec would hold.

    ``rate`` is the source's, ``film`` the film's where they differ.
    """
    out = []
    for choice in choices:
        if "clip" in choice.item:
            begin = parse_time(choice.item["in"]).seconds(Fraction(rate))
            if "out" in choice.item:
                end = parse_time(choice.item["out"]).seconds(Fraction(rate))
            else:
                end = begin + parse_time(choice.item["duration"]).seconds(Fraction(film or rate))
            out.append((str(choice.item["clip"]), begin, end))
    return out
