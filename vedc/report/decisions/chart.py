"""A source as an SVG chart: pictures, curves and cuts over time, and the kept ranges.

The page's style sheet sets its colours. Every kept range is a link to its decision.
"""

from __future__ import annotations

import base64
import html
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import numpy as np

from vedc.decide.analyses.results import Curve, Shots
from vedc.edit.timecode import clock_time
from vedc.report.decisions.text import moment
from vedc.report.decisions.view import (
    CURVES,
    STRIP,
    THUMB,
    Decided,
    DecisionView,
    SourceView,
    width_of,
)

_LANE, _GAP, _AXIS = 44, 12, 24
NAMES: Final = 84
"""Width of the column of lane names, which does not scroll."""
_STEPS: Final = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600)
"""Candidates for the spacing of the axis, in seconds."""


@dataclass(frozen=True, slots=True)
class Lane:
    """A curve, its position, and the values at its lower and upper edge."""

    name: str
    unit: str
    curve: Curve
    top: float
    low: float
    high: float


class Chart:
    """The chart of one source."""

    def __init__(self, view: DecisionView, source: SourceView) -> None:
        self.view, self.source = view, source
        self.width = width_of(source.duration)
        strip = STRIP + _GAP if source.thumbs else 0
        self.lanes = list(_lanes(source, strip))
        self.bottom = strip + len(self.lanes) * (_LANE + _GAP)
        self.height = self.bottom + _AXIS

    def x(self, time: Fraction) -> float:
        share = time / self.source.duration if self.source.duration else Fraction(0)
        return float(min(max(share, Fraction(0)), Fraction(1))) * self.width

    def names(self) -> str:
        """The names of the lanes, with the values at their edges."""
        parts = []
        for lane in self.lanes:
            parts.append(f'<text x="0" y="{lane.top + 14:.0f}" class="name">{lane.name}</text>')
            edges = f"{_number(lane.low)} to {_number(lane.high)} {lane.unit}".rstrip()
            parts.append(f'<text x="0" y="{lane.top + 30:.0f}" class="edge">{edges}</text>')
        size = f'width="{NAMES}" height="{self.height}" viewBox="0 0 {NAMES} {self.height}"'
        return f'<svg class="names" {size} aria-hidden="true">{"".join(parts)}</svg>'

    def drawing(self) -> str:
        label = html.escape(f"{self.source.id}: pictures, curves, cuts and kept ranges")
        size = f'width="{self.width}" height="{self.height}" '
        size += f'viewBox="0 0 {self.width} {self.height}"'
        parts = [
            *self._strip(), *self._curves(), *self._cuts(), *self._axis(), *self._kept(),
        ]  # fmt: skip
        seconds = f'data-seconds="{float(self.source.duration):.4f}"'
        return (
            f'<svg class="chart" role="group" aria-label="{label}" {size} {seconds}>'
            f"{''.join(parts)}"
            f'<line class="cross" x1="0" x2="0" y1="0" y2="{self.bottom}"/></svg>'
        )

    def _strip(self) -> Iterator[str]:
        thumbs = self.source.thumbs
        for k, (_, data) in enumerate(thumbs):
            left, right = self.width * k / len(thumbs), self.width * (k + 1) / len(thumbs)
            place = f'x="{left:.1f}" y="0" width="{right - left:.1f}" height="{STRIP}"'
            yield f'<image {place} preserveAspectRatio="xMidYMid slice" href="{jpeg(data)}"/>'

    def _curves(self) -> Iterator[str]:
        for lane in self.lanes:
            floor = lane.top + _LANE
            yield f'<rect class="lane" x="0" y="{lane.top}" width="{self.width}" height="{_LANE}"/>'
            span = (lane.high - lane.low) or 1.0
            for run in self._runs(lane.curve):
                points = [
                    (x, floor - _LANE * min(max((value - lane.low) / span, 0.0), 1.0))
                    for x, value in run
                ]
                text = " ".join(f"{x:.0f},{y:.1f}" for x, y in points)
                area = f"{points[0][0]:.0f},{floor} {text} {points[-1][0]:.0f},{floor}"
                yield f'<polygon class="area" points="{area}"/>'
                facts = f'data-name="{lane.name}" data-unit="{lane.unit}" data-floor="{floor}" '
                facts += f'data-low="{lane.low:.5g}" data-high="{lane.high:.5g}"'
                yield f'<polyline class="curve" data-lane="{_LANE}" {facts} points="{text}"/>'

    def _runs(self, curve: Curve) -> Iterator[list[tuple[float, float]]]:
        """The means of the values over every second pixel, in runs without gaps."""
        count = self.width // 2
        length = float(self.source.duration)
        begins = (np.arange(count + 1) * length / count - float(curve.start)) * float(curve.rate)
        low = np.clip(np.floor(begins[:-1]).astype(int), 0, len(curve.values))
        high = np.clip(np.maximum(np.floor(begins[1:]).astype(int), low + 1), 0, len(curve.values))
        values = curve.values.astype(np.float64)
        known = np.isfinite(values)
        sums = np.concatenate([[0.0], np.cumsum(np.where(known, values, 0.0))])
        counts = np.concatenate([[0], np.cumsum(known)])
        number = counts[high] - counts[low]
        run: list[tuple[float, float]] = []
        for k in range(count):
            if number[k]:
                run.append((2.0 * k, float((sums[high[k]] - sums[low[k]]) / number[k])))
            elif run:
                yield run
                run = []
        if run:
            yield run

    def _cuts(self) -> Iterator[str]:
        shots: Shots | None = self.source.shots
        for shot in shots.shots if shots is not None else ():
            if shots is None or shot.boundary == "start":
                continue
            first, last = shot.boundary_range
            when = moment(shot.start / shots.rate, shots.rate)
            title = html.escape(f"{shot.boundary} at {when}, score {shot.score:.2f}")
            left, right = self.x(first / shots.rate), self.x(last / shots.rate)
            if last - first > 1:
                place = f'x="{left:.1f}" width="{max(right - left, 2):.1f}" y="0"'
                box = f'<rect class="joint" {place} height="{self.bottom}">'
                yield f"{box}<title>{title}</title></rect>"
            else:
                at = self.x(shot.start / shots.rate)
                place = f'x1="{at:.1f}" x2="{at:.1f}" y1="0" y2="{self.bottom}"'
                strong = f'stroke-opacity="{0.3 + 0.7 * min(max(shot.score, 0.0), 1.0):.2f}"'
                yield f'<line class="cut" {place} {strong}><title>{title}</title></line>'

    def _axis(self) -> Iterator[str]:
        every = next(
            (s for s in _STEPS if self.width * s / float(self.source.duration) >= 84), _STEPS[-1]
        )
        second = 0
        while second <= self.source.duration:
            x = self.x(Fraction(second))
            place = f'x1="{x:.1f}" x2="{x:.1f}" y1="{self.bottom - 6}" y2="{self.bottom}"'
            yield f'<line class="tick" {place}/>'
            if x < self.width - 40:
                at = f'x="{x + 3:.1f}" y="{self.bottom + 12}"'
                yield f'<text class="edge" {at}>{clock_time(second, places=0, short=True)}</text>'
            second += every

    def _kept(self) -> Iterator[str]:
        asked = {id(item) for item in self.view.at()}
        for index, item in enumerate(self.view.items):
            if item.source != self.source.id:
                continue
            left, right = self.x(item.source_begin), self.x(item.source_end)
            across = f'x="{left:.1f}" width="{max(right - left, 2):.1f}"'
            top = STRIP if self.source.thumbs else 0
            box = f'{across} y="{top}" height="{self.bottom - top}"'
            # Over the pictures only a frame, so that they stay as they are.
            frame = f'<rect class="frame" {across} y="0" height="{top}"/>' if top else ""
            which = "kept now" if id(item) in asked else "kept"
            score = "" if item.score is None else f", score {item.score:.2f}"
            name = html.escape(f"item {index + 1} of the film{score}")
            yield (
                f'<a class="{which}" href="#item-{index}" data-item="{index}" aria-label="{name}">'
                f'{frame}<rect class="shade" {box}/>'
                f'<text x="{left + 4:.1f}" y="{self.bottom - 6}">{index + 1}</text></a>'
            )


def _lanes(source: SourceView, top: float) -> Iterator[Lane]:
    known = {row[2]: row[3:] for row in CURVES}
    for name, curve in source.curves.items():
        values = curve.values[np.isfinite(curve.values)]
        if not len(values):
            continue
        unit, low, high = known.get(name, ("", float(values.min()), -np.inf))
        # Not the very highest: one flash would flatten everything else.
        high = max(high, float(np.percentile(values, 99.5)), low + 1e-6)
        yield Lane(html.escape(name), unit, curve, top, low, high)
        top += _LANE + _GAP


def jpeg(data: bytes) -> str:
    return f"data:image/jpeg;base64,{base64.b64encode(data).decode()}"


def _number(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 10 or value == int(value) else f"{value:.2f}"


def film(view: DecisionView) -> str:
    """The film as a strip of its decisions, with widths in proportion to time."""
    if not view.duration:
        return ""
    clips: Sequence[tuple[int, Decided]] = list(enumerate(view.items))
    asked = {id(item) for item in view.at()}
    parts = []
    for index, item in clips:
        left = float(100 * item.begin / view.duration)
        width = float(100 * (item.end - item.begin) / view.duration)
        which = item.kind + (" now" if id(item) in asked else "")
        image = f"background-image:url({jpeg(item.picture)})" if item.picture else ""
        score = "" if item.score is None else f", score {item.score:.2f}"
        label = html.escape(f"item {index + 1}, {item.kind}{score}")
        shown = f"<span>{index + 1}</span>" if item.kind == "clip" else "<span>&#9671;</span>"
        parts.append(
            f'<a class="{which}" href="#item-{index}" data-item="{index}" aria-label="{label}" '
            f'style="left:{left:.3f}%;width:{width:.3f}%;{image}">{shown}</a>'
        )
    at = float(100 * view.time / view.duration)
    parts.append(f'<i class="head" style="left:{at:.3f}%"></i>')
    least = len(view.items) * 28
    height = THUMB[1] * 2 // 3
    style = f"min-width:max(100%,{least}px);height:{height}px"
    return f'<div class="scroll"><div class="film" style="{style}">{"".join(parts)}</div></div>'
