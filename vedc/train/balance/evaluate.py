"""How well shots are balanced, compared with textbook estimators and with doing nothing.

Angles are between former white and grey, in linear light, after the decided steps, which the ops'
own code applies. A shot is harmed if it ends more than a quarter of a degree farther from grey than
it began. Casts made by other software have no known gains: there the colours of the whole shot are
compared with the original ones (CIEDE2000). Intervals are 95% bootstrap intervals over sources.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

import numpy as np

from vedc.decide.arrays import Byte, Float, Floats
from vedc.decide.grades.balance.decide import CLOSED_LIMITS, decision
from vedc.decide.grades.balance.estimate import (
    Estimate,
    Limits,
    by_closed_form,
    by_network,
    grey_edge,
    grey_world,
    shades_of_grey,
    white_patch,
)
from vedc.decide.grades.balance.light import light_of
from vedc.decide.grades.balance.steps import left_over
from vedc.decide.grades.perceived import delta_e
from vedc.decide.grades.shot import Step
from vedc.decide.grades.tables import graded
from vedc.train.balance.casts import (
    SEEN,
    CastShot,
    Change,
    changed,
    degraded,
    lamp,
    pictures_of,
    whole_shots,
)
from vedc.train.balance.pictures import Take
from vedc.train.balance.tuning import WORSE, angles

Method = Callable[[Float], Sequence[Step]]
"""Maps linear light (n, height, width, 3) to steps."""

_ALWAYS: Final = Limits(clear=0.0, spread=float("inf"), tones=float("inf"))
_ROUNDS: Final = 2000


@dataclass(frozen=True, slots=True)
class Figure:
    """A mean with its 95% interval."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        if not np.isfinite(self.mean):
            return "-"
        return f"{self.mean:.2f} [{self.low:.2f}, {self.high:.2f}]"


def methods(weights: Mapping[str, Any], limits: Limits) -> dict[str, Method]:
    """The compared methods by name. Only casts are judged: exposure and contrast are not
    changed."""
    casts = Limits(limits.clear, limits.spread, float("inf"))

    def of(estimate: Callable[[Float], Estimate], within: Limits) -> Method:
        return lambda light: decision(estimate(light), within, 1.0).steps

    def textbook(cast: Callable[[Float], Floats]) -> Method:
        return of(lambda light: Estimate(cast(light), np.eye(2) * 1e-6), _ALWAYS)

    return {
        "do nothing": lambda light: (),
        "grey world": textbook(grey_world),
        "shades of grey": textbook(shades_of_grey),
        "grey edge": textbook(grey_edge),
        "white patch": textbook(white_patch),
        "closed, always": of(by_closed_form, _ALWAYS),
        "closed": of(by_closed_form, CLOSED_LIMITS),
        "network, always": of(lambda light: by_network(light, weights), _ALWAYS),
        "network": of(lambda light: by_network(light, weights), casts),
    }


def mean_by_source(values: Floats, sources: Sequence[str], seed: int = 5) -> Figure:
    """The mean over the sources' means, with its interval. NaN values do not count."""
    names = sorted(set(sources))
    held = np.array(sources)
    means = np.array([_mean(values[held == name]) for name in names])
    means = means[np.isfinite(means)]
    if not len(means):
        return Figure(float("nan"), float("nan"), float("nan"))
    rng = np.random.default_rng(seed)
    drawn = means[rng.integers(0, len(means), (_ROUNDS, len(means)))].mean(1)
    return Figure(float(means.mean()), *(float(v) for v in np.percentile(drawn, (2.5, 97.5))))


def _mean(values: Floats) -> float:
    finite = values[np.isfinite(values)]
    return float(finite.mean()) if len(finite) else float("nan")


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """The results of a method on shots with known casts."""

    sources: list[str]
    before: Floats
    after: Floats
    """Degrees, for each shot."""
    acted: Any
    milliseconds: float
    """CPU time per shot."""

    def row(self) -> list[str]:
        """For shots with a cast: share acted on, angle of these and of all, share harmed; for shots
        without a cast: share acted on, share harmed."""
        is_cast = self.before > 1e-6
        worse = (self.after > self.before + WORSE).astype(float)
        nan = np.nan

        def of(values: Floats, part: Any) -> str:
            return str(mean_by_source(np.where(part, values, nan), self.sources))

        return [
            of(self.acted * 100.0, is_cast),
            of(self.after, is_cast & self.acted),
            of(self.after, is_cast),
            of(worse * 100, is_cast),
            of(self.acted * 100.0, ~is_cast),
            of(worse * 100, ~is_cast),
        ]


HEAD: Final = (
    "acts, %", "angle there", "angle of all", "harm, %", "acts without a cast, %", "harm there, %",
)  # fmt: skip


def judge(method: Method, shots: Sequence[CastShot]) -> Judged:
    """Judge a method on shots with known casts."""
    started = time.process_time()
    steps = [tuple(method(shot.light)) for shot in shots]
    spent = (time.process_time() - started) / len(shots) * 1000
    casts = np.array([shot.change.cast for shot in shots])
    left = np.array([left_over(s, tuple(c)) if s else c for s, c in zip(steps, casts, strict=True)])
    acted = np.array([bool(s) for s in steps])
    return Judged([s.source for s in shots], angles(casts), angles(left), acted, spent)


def difference(one: Judged, other: Judged) -> Figure:
    """By how many degrees the first method leaves shots with a cast closer to grey than the
    second."""
    gained = np.where(one.before > 1e-6, other.after - one.after, np.nan)
    return mean_by_source(gained, one.sources)


def cast_shots(takes: Mapping[str, Sequence[Take]], count: int, seed: int) -> list[CastShot]:
    """Uncropped shots, three in four with independent gains per channel, one in four unchanged."""
    return whole_shots(takes, count, seed, tones=False)


def lamp_shots(takes: Mapping[str, Sequence[Take]], count: int, seed: int) -> list[CastShot]:
    """Uncropped shots under lamps and skies of 3500 to 11000 K, with tints from -20 to 20."""
    found = []
    for place, source in enumerate(sorted(takes)):
        rng = np.random.default_rng([seed, place, 1])
        for number in range(count):
            take = takes[source][number % len(takes[source])]
            change = Change(lamp(1e6 / rng.uniform(1e6 / 11000, 1e6 / 3500), rng.uniform(-20, 20)))
            pictures = pictures_of(rng, take, SEEN, whole=True)
            light = changed(light_of(pictures.astype(np.float32) / 255), change)
            found.append(CastShot(source, degraded(rng, light), change))
    return found


# Casts by FFmpeg


@dataclass(frozen=True, slots=True, eq=False)
class ForeignShot:
    """Thumbnails (n, 27, 48, 3) of display values, before and after a filter of FFmpeg."""

    source: str
    before: Float
    after: Float


def foreign_shots(
    takes: Mapping[str, Sequence[Take]], filter_name: str, count: int, seed: int
) -> list[ForeignShot]:
    """Uncropped shots after FFmpeg's ``colorbalance`` or ``colortemperature`` with random
    strength."""
    found = []
    for place, source in enumerate(sorted(takes)):
        rng = np.random.default_rng([seed, place, 2])
        for number in range(count):
            take = takes[source][number % len(takes[source])]
            pictures = pictures_of(rng, take, 4, whole=True)
            if filter_name == "colorbalance":
                r, g, b = rng.uniform(-0.3, 0.3, 3)
                options = ":".join(
                    f"{c}{part}={v:.3f}"
                    for c, v in zip("rgb", (r, g, b), strict=True)
                    for part in "smh"
                )
            else:
                options = f"temperature={1e6 / rng.uniform(1e6 / 11000, 1e6 / 4000):.0f}"
            shown = _filtered(pictures, filter_name, options)
            found.append(ForeignShot(source, _thumbs(pictures), _thumbs(shown)))
    return found


def _filtered(pictures: Byte, name: str, options: str) -> Byte:
    import av

    height, width = pictures.shape[1:3]
    graph = av.filter.Graph()
    given = graph.add_buffer(
        width=width, height=height, format=av.VideoFormat("rgb24"), time_base=Fraction(1, 25)
    )
    made, end = graph.add(name, options), graph.add("buffersink")
    given.link_to(made)
    made.link_to(end)
    graph.configure()
    shown = []
    for number, picture in enumerate(pictures):
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
        frame.pts, frame.time_base = number, Fraction(1, 25)
        graph.push(frame)
        pulled: Any = graph.pull()
        shown.append(pulled.to_ndarray(format="rgb24"))
    return np.stack(shown)


def _thumbs(pictures: Byte) -> Float:
    import cv2

    small = [cv2.resize(p, (48, 27), interpolation=cv2.INTER_AREA) for p in pictures]
    return (np.stack(small) / 255).astype(np.float32)


FOREIGN_HEAD: Final = ("acts, %", "dE there, untouched", "dE there", "dE of all", "harm, %")


def judge_foreign(method: Method, shots: Sequence[ForeignShot]) -> list[str]:
    """A table row: share acted on, the difference of these before and after, the difference of all
    shots, share harmed."""
    before, after, acted = [], [], []
    for shot in shots:
        steps = tuple(method(light_of(shot.after)))
        shown = np.clip(graded(steps, shot.after), 0, 1) if steps else shot.after
        before.append(float(delta_e(shot.before, shot.after).mean()))
        after.append(float(delta_e(shot.before, shown).mean()))
        acted.append(bool(steps))
    sources = [shot.source for shot in shots]
    b, a, does = np.array(before), np.array(after), np.array(acted)
    there_b, there_a = np.where(does, b, np.nan), np.where(does, a, np.nan)
    worse = (a > b + 0.1) * 100.0
    columns = (does * 100.0, there_b, there_a, a, worse)
    return [str(mean_by_source(np.asarray(c, np.float64), sources)) for c in columns]
