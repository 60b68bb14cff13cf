"""Transitions: how often an obvious join gets the obvious transition, and flow_morph.

Joins are made from real clips so that anybody would give the same answer: both sides pan the same
way, a disc stands out, the camera comes nearer, a stretch of one take is missing, both sides are
black and silent. The weights were set by hand on joins of ``TUNED``; the rates are for other clips,
with Wilson's interval of 95 %. They say nothing about what an editor would do where the answer is
not obvious. ``python -m tests.bench.transitions CLIP...`` does the same with your own clips.

``flow_morph`` is judged by the frames of real takes between two others, beside a dissolve and
FFmpeg's minterpolate.
"""

from __future__ import annotations

import math
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av
import cv2
import numpy as np

from tests.bench.measure import MEDIA
from vedc.decide.analyses.runner import AnalysisRunner
from vedc.decide.choose.methods.transition_answer import answer_transition
from vedc.decide.choose.reasons import JoinQuestion, Source
from vedc.decide.choose.transition_choice import family
from vedc.decide.kept_files import KeptFiles
from vedc.lang.keys.auto import LEVELS, Join
from vedc.media.digest import file_digest
from vedc.media.probe import probe

TUNED: Final = ("elf", "frog", "green-screen")
HELD_OUT: Final = ("crystal", "monster", "pig", "nasa_13013", "one-by-one-person-detection")
RATE, FRAMES = 30, 45
SIZE: Final = (320, 180)
_WIDE: Final = (960, 540)

Picture = np.ndarray[Any, np.dtype[np.uint8]]
Clip = list[Picture]


@dataclass(frozen=True)
class Case:
    """A join and the families that answer it."""

    kind: str
    answers: frozenset[str]
    left: Clip
    right: Clip
    sound: tuple[str, str] = ("tone", "tone")
    way: str = ""
    center: tuple[float, float] | None = None
    same: bool = False
    """Both are one file: the right side is that many frames later."""


def footage(name: str, count: int = 90) -> Clip:
    """Frames of a clip from its middle on, 960 x 540."""
    found: Clip = []
    path = Path(name) if "." in name else MEDIA / "video" / f"{name}.mp4"
    with av.open(str(path)) as container:
        video = container.streams.video[0]
        skipped = max(0, min(video.frames // 2, video.frames - count))
        for number, frame in enumerate(container.decode(video=0)):
            if number < skipped:
                continue
            picture = frame.to_ndarray(format="rgb24")
            height, width = picture.shape[:2]
            high = min(height, width * 9 // 16)
            wide = min(width, height * 16 // 9)
            top, left = (height - high) // 2, (width - wide) // 2
            found.append(cv2.resize(picture[top : top + high, left : left + wide], _WIDE))
            if len(found) == count:
                return found
    return found


# -- changes made to a take


def still(take: Clip, x: float = 0.5, y: float = 0.5) -> Clip:
    """One picture of it, held: a third of its size, somewhere in it."""
    return cropped([take[len(take) // 2]] * FRAMES, lambda n: (x, y, 0.6))


def cropped(take: Clip, at: Callable[[int], tuple[float, float, float]]) -> Clip:
    """A window (x, y, size: fractions) of each frame."""
    out: Clip = []
    for n in range(FRAMES):
        x, y, size = at(n)
        high, wide = _WIDE[1] * size, _WIDE[0] * size
        left, top = x * (_WIDE[0] - wide), y * (_WIDE[1] - high)
        scale = wide / SIZE[0]
        matrix = np.array([[scale, 0, left], [0, scale, top]])
        flags = cv2.INTER_AREA | cv2.WARP_INVERSE_MAP
        picture = take[min(n, len(take) - 1)]
        if scale > 1:
            picture = cv2.GaussianBlur(picture, (0, 0), 0.4 * scale)
        out.append(cv2.warpAffine(picture, matrix, SIZE, flags=flags & ~cv2.INTER_AREA))
    return out


def pan(take: Clip, way: str, speed: float) -> Clip:
    """The picture moves that way, in longer sides a second; only the half second at the cut."""
    size = 0.34
    step = speed / RATE * size / (1 - size) * (1 if way in ("left", "right") else 16 / 9)

    def at(n: int) -> tuple[float, float, float]:
        done = step * (n - FRAMES / 2)
        place = 0.5 + done * (1 if way in ("left", "up") else -1)
        place = abs((place + 1) % 2 - 1)  # to and fro
        return (place, 0.5, size) if way in ("left", "right") else (0.5, place, size)

    return cropped([take[len(take) // 2]] * FRAMES, at)


def push(take: Clip, growth: float) -> Clip:
    return cropped(
        [take[len(take) // 2]] * FRAMES, lambda n: (0.5, 0.5, 0.95 * math.exp(-growth * n / RATE))
    )


def _each(clip: Clip, change: Callable[[Any], Any]) -> Clip:
    return [np.clip(change(p.astype(np.float32)), 0, 255).astype(np.uint8) for p in clip]


def disc(clip: Clip, x: float, y: float, radius: float) -> Clip:
    """A bright disc before a picture that is dimmed."""
    rows, columns = np.mgrid[0 : SIZE[1], 0 : SIZE[0]]
    away = np.hypot(columns - x * SIZE[0], rows - y * SIZE[1]) - radius * SIZE[1]
    cover = np.clip(0.5 - away / 2, 0, 1)[..., None]
    light = np.array([250.0, 240.0, 200.0])
    return _each(clip, lambda p: p * 0.35 * (1 - cover) + light * cover)


def _shape(clip: Clip, x: float, tilt: float) -> Clip:
    """A large bright opening, not round, in a dark picture."""
    corners = np.array([[x, 0.95], [x + 0.05, 0.25], [x + 0.22, 0.1 + tilt], [x + 0.34, 0.95]])
    points = np.round(corners * SIZE).astype(np.int32)
    mask = cv2.fillPoly(np.zeros((SIZE[1], SIZE[0]), np.uint8), [points], 255)
    cover = cv2.GaussianBlur(mask, (0, 0), 1.0)[..., None] / 255.0
    return _each(clip, lambda p: p * 0.25 * (1 - cover) + (170 + p * 0.3) * cover)


def sun(clip: Clip, x: float) -> Clip:
    """A low sun at a side of the picture."""
    rows, columns = np.mgrid[0 : SIZE[1], 0 : SIZE[0]]
    away = np.hypot(columns / SIZE[0] - x, rows / SIZE[1] - 0.1)
    light = np.exp(-((away / 0.35) ** 2))[..., None] * np.array([300.0, 190.0, 70.0])
    return _each(clip, lambda p: p * 0.6 + light)


def cases(names: tuple[str, ...]) -> Iterator[Case]:
    """Joins of these clips, each with the next."""
    takes = {name: footage(name) for name in names}
    for number, name in enumerate(names):
        a, b = takes[name], takes[names[(number + 1) % len(names)]]
        rng = np.random.default_rng(number)
        calm = still(a, 0.4, 0.5), still(b, 0.6, 0.5)
        for way in ("left", "right", "up"):
            speed = float(rng.uniform(0.7, 1.3))
            yield Case("fast pan", frozenset({"whip"}), pan(a, way, speed),
                       pan(b, way, speed * 0.9), way=way)  # fmt: skip
            speed = float(rng.uniform(0.15, 0.3))
            yield Case("slow pan", frozenset({"slide", "wipe"}), pan(a, way, speed),
                       pan(b, way, speed), way=way)  # fmt: skip
        for way in ("left", "right"):
            yield Case("one side pans", frozenset({"wipe", "slide"}), pan(a, way, 0.3), calm[1],
                       way=way)  # fmt: skip
            yield Case("against each other", frozenset({"cut"}), pan(a, way, 0.4),
                       pan(b, "left" if way == "right" else "right", 0.4))  # fmt: skip
            x, y = rng.uniform(0.3, 0.7, 2)
            radius = float(rng.uniform(0.12, 0.25))
            yield Case("disc", frozenset({"iris"}), calm[0], disc(calm[1], x, y, radius),
                       center=(x, y))  # fmt: skip
            place = float(rng.uniform(0.1, 0.5)), float(rng.uniform(0, 0.1))
            yield Case("bright shape", frozenset({"luma"}), calm[0], _shape(calm[1], *place))
            yield Case("camera comes nearer", frozenset({"zoom"}),
                       push(a, float(rng.uniform(0.35, 0.7))), push(b, 0.5))  # fmt: skip
        whole = cropped(a, lambda n: (0.5, 0.5, 0.95))
        for gap in (4, 7):
            later = cropped(a[FRAMES - 1 + gap :] or a[-1:], lambda n: (0.5, 0.5, 0.95))
            yield Case("jump cut", frozenset({"morph"}), whole, later, same=True)
        blur = [[cv2.GaussianBlur(p, (0, 0), 5.0) for p in clip] for clip in calm]
        yield Case("out of focus", frozenset({"blur"}), blur[0], blur[1])
        yield Case("out of focus", frozenset({"blur"}), blur[0], calm[1])
        white = [_each(clip, lambda p: 255 - (255 - p) * 0.2) for clip in calm]
        yield Case("nearly white", frozenset({"flash", "fade"}), white[0], white[1])
        black = [_each(clip, lambda p: p * 0.03) for clip in calm]
        yield Case("black and silent", frozenset({"fade"}), black[0] * 2, black[1] * 2,
                   ("falls silent", "out of silence"))  # fmt: skip
        warm = sun(calm[0], float(rng.uniform(0.1, 0.9))), sun(calm[1], 0.8)
        yield Case("warm light", frozenset({"light"}), warm[0], calm[1])
        yield Case("warm light", frozenset({"light"}), warm[0], warm[1])
        yield Case("runs on", frozenset({"cut"}), whole, [], same=True)


# -- from pictures to files, and to answers


def _write(path: Path, clip: Clip, sound: str) -> None:
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", RATE, options={"crf": "16", "preset": "ultrafast"})
        video.width, video.height, video.pix_fmt = *SIZE, "yuv420p"
        audio = container.add_stream("aac", 48000, layout="mono")
        for picture in clip:
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
            container.mux(video.encode(frame))
        container.mux(video.encode())
        count = len(clip) * 48000 // RATE
        wave = 0.1 * np.sin(np.arange(count) * 2 * np.pi * 220 / 48000)
        wave *= {"tone": 1.0, "falls silent": np.arange(count) < count // 3,
                 "out of silence": np.arange(count) > 2 * count // 3}[sound]  # fmt: skip
        for start in range(0, count, 1024):
            part = wave[start : start + 1024].astype(np.float32)[None]
            piece = av.AudioFrame.from_ndarray(np.ascontiguousarray(part), "fltp", "mono")
            piece.sample_rate, piece.pts = 48000, start
            container.mux(audio.encode(piece))
        container.mux(audio.encode())


def _sources(case: Case, folder: Path, number: int) -> tuple[Source, Source]:
    if case.same:
        path = folder / f"{number}.mp4"
        rest = case.right or case.left[::-1]
        _write(path, case.left + rest, "tone")
        media, middle = probe(path), Fraction(len(case.left), RATE)
        end = Fraction(len(case.left) + len(rest), RATE)
        if not case.right:
            return Source("a", media, Fraction(0), middle), Source("a", media, middle, end)
        other = folder / f"{number}b.mp4"  # the frames that are left out are in no file
        _write(other, case.right, "tone")
        return (
            Source("a", media, Fraction(0), middle),
            Source("b", probe(other), Fraction(0), Fraction(len(case.right), RATE)),
        )
    found = []
    for side, clip, sound in (("a", case.left, case.sound[0]), ("b", case.right, case.sound[1])):
        path = folder / f"{number}{side}.mp4"
        _write(path, clip, sound)
        found.append(Source(side, probe(path), Fraction(0), Fraction(len(clip), RATE)))
    return found[0], found[1]


def answered(case: Case, folder: Path, number: int) -> tuple[list[str], dict[str, Any], float]:
    """The families in order of their scores, the chosen item's parameters, and seconds."""
    left, right = _sources(case, folder, number)
    runner = AnalysisRunner(folder / "cache", lambda path: file_digest(Path(path), None))
    question = JoinQuestion(left, right, Join(LEVELS["bold"], level="bold"), Fraction(RATE))
    start = time.process_time()
    (choice,) = answer_transition(question, runner, KeptFiles(folder))
    spent = time.process_time() - start
    item = choice.item["transition"]
    params = dict(item) if isinstance(item, dict) else {"name": item}
    others = (phrase.split(",")[0] for phrase in choice.instead)
    names = [params["name"], *("cut" if n == "hard cut" else n for n in others)]
    return [family(name) for name in names], params, spent


def wilson(hits: int, count: int) -> tuple[float, float]:
    """The interval of 95 % of a rate."""
    z, rate = 1.96, hits / count
    middle, spread = (
        rate + z * z / (2 * count),
        z * math.sqrt(rate * (1 - rate) / count + z * z / (4 * count * count)),
    )
    return (middle - spread) / (1 + z * z / count), (middle + spread) / (1 + z * z / count)


def rates(folder: Path, names: tuple[str, ...], show: bool = True) -> None:
    """Top-1 and top-3 by kind of join, and of the parameters."""
    found: dict[str, list[tuple[bool, bool]]] = {}
    params: dict[str, list[bool]] = {"direction": [], "centre": []}
    spent: list[float] = []
    for number, case in enumerate(cases(names)):
        order, given, seconds = answered(case, folder, number)
        spent.append(seconds)
        distinct = list(dict.fromkeys(order))
        first = distinct[0] in case.answers
        found.setdefault(case.kind, []).append((first, bool(case.answers & {*distinct[:3]})))
        if first and case.way:
            params["direction"].append(given.get("direction") == case.way)
        if first and case.center:
            x, y = given["center"]
            params["centre"].append(math.hypot(x - case.center[0], y - case.center[1]) < 0.05)
        if show and not first:
            print(f"    {case.kind}: {' '.join(order[:4])} {given}")
    for kind, rows in found.items():
        print(f"  {kind:22} top-1 {sum(r[0] for r in rows):3} of {len(rows)}, "
              f"top-3 {sum(r[1] for r in rows):3}")  # fmt: skip
    rows = [row for kind in found.values() for row in kind]
    for index, name in ((0, "top-1"), (1, "top-3")):
        hits = sum(row[index] for row in rows)
        low, high = wilson(hits, len(rows))
        print(f"  all: {name} {hits / len(rows):.0%} of {len(rows)} ({low:.0%} to {high:.0%})")
    for name, right in params.items():
        print(f"  {name} right in {sum(right)} of {len(right)} that were chosen rightly")
    print(f"  {1000 * float(np.median(spent)):.0f} ms of CPU a join, its analyses included")


# -- flow_morph


def _psnr(a: Any, b: Any) -> float:
    return float(10 * np.log10(255**2 / max(np.mean((a - b.astype(np.float64)) ** 2), 1e-9)))


def _ssim(a: Any, b: Any) -> float:
    """Wang et al. 2004, of luma, with their Gaussian of 1.5."""
    x, y = (np.asarray(p, np.float64) @ (0.299, 0.587, 0.114) for p in (a, b))

    def soft(values: Any) -> Any:
        return cv2.GaussianBlur(values, (11, 11), 1.5)

    mx, my = soft(x), soft(y)
    vx, vy, both = soft(x * x) - mx**2, soft(y * y) - my**2, soft(x * y) - mx * my
    score = (2 * mx * my + 6.5025) * (2 * both + 58.5225)
    return float((score / ((mx**2 + my**2 + 6.5025) * (vx + vy + 58.5225))).mean())


def _minterpolated(take: Clip, gap: int) -> dict[int, Picture]:
    """FFmpeg's interpolation of every ``gap``-th frame, by frame."""
    graph = av.filter.Graph()
    height, width = take[0].shape[:2]
    unit = Fraction(1, 3000)
    source = graph.add_buffer(width=width, height=height, format="yuv420p", time_base=unit)
    between = graph.add(
        "minterpolate", f"fps={RATE}:mi_mode=mci:mc_mode=aobmc:me_mode=bidir:vsbmc=1:scd=none"
    )
    sink = graph.add("buffersink")
    source.link_to(between)
    between.link_to(sink)
    graph.configure()
    out: dict[int, Picture] = {}

    def drain() -> None:
        while True:
            try:
                frame: Any = sink.pull()
            except (av.error.BlockingIOError, av.error.EOFError):
                return
            out[round(float(frame.pts * frame.time_base) * RATE)] = frame.to_ndarray(format="rgb24")

    for n in range(0, len(take), gap):
        frame = av.VideoFrame.from_ndarray(take[n], format="rgb24").reformat(format="yuv420p")
        frame.pts, frame.time_base = n * 3000 // RATE, unit
        source.push(frame)
        drain()
    source.push(None)
    drain()
    return out


def morphed() -> None:
    """Frames in the middle of a gap by flow_morph, dissolve and minterpolate."""
    from tests.ops_support import apply

    print("  flow_morph: PSNR / SSIM to the true frames, one quarter, half and three through a gap")
    for gap in (4, 8, 16):
        rows = []
        for name in (*TUNED, *HELD_OUT):
            take = [cv2.resize(p, (320, 180), interpolation=cv2.INTER_AREA) for p in footage(name)]
            take = take[20 : 20 + 3 * gap + 1]
            if len(take) < 2 * gap + 1:
                continue
            other = _minterpolated(take, gap)
            a, b = take[gap], take[2 * gap] if len(take) > 2 * gap else take[-1]
            layers = [np.dstack([p / 255.0, np.ones(p.shape[:2])]) for p in (a, b)]
            for part in (gap // 4, gap // 2, 3 * gap // 4):
                t, true = part / gap, take[gap + part]
                drawn = apply("flow_morph", *layers, progress=t)[..., :3]
                ours = np.clip(np.round(drawn * 255), 0, 255)
                mixed = np.round(a * (1 - t) + b * t)
                theirs = other.get(gap + part)
                if theirs is None:
                    continue
                rows.append([f(p, true) for p in (ours, mixed, theirs) for f in (_psnr, _ssim)])
        table = np.array(rows)
        mean = table.mean(axis=0)
        wins = [(table[:, 0] > table[:, k] + 0.05).mean() for k in (2, 4)]
        loses = [(table[:, 0] < table[:, k] - 0.05).mean() for k in (2, 4)]
        print(f"  {gap:2} frames: {mean[0]:.2f} dB {mean[1]:.4f}; dissolve {mean[2]:.2f} "
              f"{mean[3]:.4f} (better in {wins[0]:.0%}, worse in {loses[0]:.0%}); minterpolate "
              f"{mean[4]:.2f} {mean[5]:.4f} ({wins[1]:.0%}, {loses[1]:.0%})")  # fmt: skip


def main(folder: Path) -> None:
    """The benchmark with the shared clips."""
    print("Transitions: joins whose answer is obvious, made of real clips")
    if not (MEDIA / "video" / "talk.mp4").exists():
        print("  left out: the clips are not there (set VEDC_MEDIA)")
        return
    folder.joinpath("held").mkdir(exist_ok=True)
    rates(folder / "held", HELD_OUT)
    morphed()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        rates(Path(scratch), tuple(sys.argv[1:]))
