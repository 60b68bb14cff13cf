"""Captions: what it costs to plan and to render a film with them, over the same film without."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

from tests.bench.large import WORDS
from tests.bench.measure import MEDIA, Run, in_turn, measured, row, vedc
from vedc.captions.times import stamp

TIMES = 3
_HEAD = "version: 1\nprofile: {width: 1280, height: 720, fps: 25}\n"


def write_srt(path: Path, count: int, every: Fraction) -> Path:
    """Captions of a few words, one after the other."""
    rng = random.Random(1)
    lines = (" ".join(rng.choices(WORDS, k=rng.randrange(3, 14))) for _ in range(count))
    times = ((number * every, (number + Fraction(4, 5)) * every) for number in range(count))
    path.write_text(
        "".join(
            f"{number}\n{stamp(start)} --> {stamp(end)}\n{line}\n\n"
            for number, (line, (start, end)) in enumerate(zip(lines, times, strict=True), 1)
        ),
        encoding="utf-8",
    )
    return path


def main(folder: Path) -> None:
    print("Captions that are burned in: CPU time over that of the film without")
    for count in (1500, 3000):
        write_srt(folder / f"{count}.srt", count, Fraction(18, 5))
    plain = "timeline: [{{generator: color_bars, duration: {}s}}]\n"
    texts = {
        "without": plain.format(5400),
        "with": plain.format(5400) + "captions: {src: 1500.srt, burn: true}\n",
        "words": plain.format(5400) + "captions: {src: 1500.srt, burn: true, highlight: yellow}\n",
        "twice": plain.format(10800) + "captions: {src: 3000.srt, burn: true}\n",
    }
    runs = {name: _run(folder, name, text, "plan") for name, text in texts.items()}
    for planned in runs.values():
        planned()  # reads the font
    for name, title, other in (
        ("with", "vedc plan, 90 minutes with 1,500 captions", "without"),
        ("words", "  with every word highlighted", "without"),
        ("twice", "  twice as long", "with"),
    ):
        mine, theirs = in_turn(runs[name], runs[other], TIMES)
        row(title, f"{mine / theirs:.2f}x")
    film = MEDIA / "video" / "talk.mp4"
    if not film.exists():
        print(f"  rendering is left out: no media at {MEDIA}")
        return
    write_srt(folder / "short.srt", 10, Fraction(1))
    grade = "grade: [{op: exposure, stops: 0.2}]"
    clip = f"timeline: [{{clip: {film.resolve()}, duration: 8s, {grade}}}]\n"
    plain_run = _run(folder, "plain", clip, "render")
    for name, title, more in (
        ("burned", "vedc render, a caption every second", ""),
        ("marked", "  with every word highlighted", ", highlight: yellow"),
    ):
        text = clip + f"captions: {{src: short.srt, burn: true{more}}}\n"
        mine, theirs = in_turn(_run(folder, name, text, "render"), plain_run, TIMES)
        row(title, f"{mine / theirs:.2f}x")


def _run(folder: Path, name: str, text: str, command: str) -> Callable[[], Run]:
    """Runs a command on a spec; a render finds nothing that was stored before."""
    spec = folder / f"{name}.vedc.yaml"
    spec.write_text(_HEAD + text + f"outputs: [{{path: {name}.mp4}}]\n", encoding="utf-8")
    numbers = itertools.count() if command == "render" else itertools.repeat(0)
    caches = (folder / f"{name}-{number}" for number in numbers)
    options = ["--allow-path", str(MEDIA.resolve()), *(["-y"] if command == "render" else [])]
    return lambda: measured(vedc(command, "--cache", next(caches), *options, spec))
