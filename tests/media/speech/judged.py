"""A talk that is cut by words, judged by the disfluencies planted in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import av
import numpy as np
from typer.testing import CliRunner

from tests.media.speech.espeak import write_wav
from tests.media.speech.talks import Kind, Talk
from vedc.cli import app
from vedc.edit.contents import Clip
from vedc.workspace.build import Build, Deciding

FPS = 25
#: Seconds of a planted part that may stay, under a fade: one frame. Seconds that may be missing at
#: the edge of a phrase, where it is softer than the room.
STAYS, EDGE = 1 / FPS, 0.015
#: Seconds of the fade at a cut, and of the judged stretch on each side of a join.
FADE, AROUND = 0.03, 0.005


@dataclass
class Verdict:
    """The result for one talk, or for several."""

    planted: dict[Kind, int] = field(default_factory=dict)
    gone: dict[Kind, int] = field(default_factory=dict)
    phrases: int = 0
    clipped: list[str] = field(default_factory=list)
    joins: list[float] = field(default_factory=list)
    """Level of each join, in dBFS over the 10 ms around it."""
    off: float = 0.0
    """The worst difference between the film's sound and the file's at the place that the film
    shows, as a share of its power."""
    missed: list[str] = field(default_factory=list)

    def add(self, other: Verdict) -> None:
        for mine, theirs in ((self.planted, other.planted), (self.gone, other.gone)):
            for kind, count in theirs.items():
                mine[kind] = mine.get(kind, 0) + count
        self.phrases += other.phrases
        self.clipped += other.clipped
        self.missed += other.missed
        self.joins += other.joins
        self.off = max(self.off, other.off)


def judged(talk: Talk, folder: Path, more: str = "script: talk.txt") -> Verdict:
    """Cut a talk, render its sound, and judge both."""
    folder.mkdir(parents=True, exist_ok=True)
    write_wav(folder / "talk.wav", talk.samples, talk.rate)
    (folder / "talk.txt").write_text(talk.script + "\n", encoding="utf-8")
    spec = folder / "film.vedc.yaml"
    cut = f"{{method: words, {more}, remove: [um, uh], repeats: true, pause: 0.3s}}"
    spec.write_text(
        f"version: 1\nprofile: {{width: 64, height: 48, fps: {FPS}}}\n"
        f"timeline: [{{auto: {{from: talk.wav, cut: {cut}}}}}]\noutputs: [{{path: out.wav}}]\n"
    )
    deciding = Deciding(build := Build(spec), "decide")
    (edit,) = build.edits(deciding)
    deciding.save()
    shown = []
    for item in edit.tracks[0].items:
        assert isinstance(item.content, Clip)
        low, high = item.content.time_map.source_range(
            0, (item.end - item.start) / edit.profile.fps
        )
        shown.append((float(low), float(high)))
    done = CliRunner().invoke(app, ["render", str(spec), "-q"])
    assert done.exit_code == 0, done.output
    return verdict(talk, shown, *read_sound(folder / "out.wav"))


def read_sound(file: Path) -> tuple[Any, int]:
    """The first channel in the range of 16-bit samples, and its rate."""
    with av.open(str(file)) as film:
        stream = film.streams.audio[0]
        plane = av.AudioResampler("fltp", stream.layout, stream.rate)
        blocks = [b.to_ndarray()[0] for f in film.decode(stream) for b in plane.resample(f)]
        return np.concatenate(blocks).astype(float) * 32768, int(stream.rate)


def verdict(talk: Talk, shown: Sequence[tuple[float, float]], heard: Any, rate: int) -> Verdict:
    """Judge which parts of a talk a film shows, and its sound."""
    found = Verdict()
    for part in talk.parts:
        stays = sum(max(0.0, min(part.end, h) - max(part.start, w)) for w, h in shown)
        name = f"{part.kind} {part.text!r} at {part.start:.2f}-{part.end:.2f}, {stays:.2f} s stay"
        if part.kind == "phrase":
            found.phrases += 1
            if stays < part.end - part.start - 2 * EDGE:
                found.clipped.append(name)
            continue
        found.planted[part.kind] = found.planted.get(part.kind, 0) + 1
        allowed = 0.3 + 2 * STAYS if part.kind == "pause" else STAYS
        gone = stays <= allowed
        found.gone[part.kind] = found.gone.get(part.kind, 0) + gone
        if not gone:
            found.missed.append(name)
    at = 0.0
    for number, (low, high) in enumerate(shown):
        if number:
            found.joins.append(_level(heard, rate, at))
        found.off = max(found.off, _off(talk, low, high, heard, rate, at))
        at += high - low
    return found


def _level(heard: Any, rate: int, at: float) -> float:
    around = heard[round((at - AROUND) * rate) : round((at + AROUND) * rate)] / 32768
    return float(20 * np.log10(np.sqrt(np.square(around).mean()) + 1e-9))


def _off(talk: Talk, low: float, high: float, heard: Any, rate: int, at: float) -> float:
    """The difference between a piece and the file, without its fades: of their envelopes per
    millisecond, since the film has another sampling rate."""
    length = int((high - low - 2 * FADE) * 1000)
    if length < 20:
        return 0.0

    def envelope(samples: Any, of: int, begin: float) -> Any:
        edges = np.round((begin + FADE + np.arange(length + 1) / 1000) * of).astype(int)
        powers = np.concatenate([[0.0], np.cumsum(np.square(samples / 32768))])
        edges = np.minimum(edges, len(samples))
        return np.sqrt(np.maximum(np.diff(powers[edges]), 0) / np.maximum(np.diff(edges), 1))

    mine, theirs = envelope(heard, rate, at), envelope(talk.samples.astype(float), talk.rate, low)
    return float(np.square(mine - theirs).mean() / max(np.square(theirs).mean(), 1e-9))
