"""The effects in an edit, their strengths, and the grade beneath them.

Four statistics find changes in the detail of pictures: cells and lines (``cells``), moved channels
(``shifts``), lost or added detail (``detail``), noise (``grain``). Effects of light are found
together with the grade (``light``). Both steps alternate, each on the other's result, until the
grade has settled. At the end each effect is left out once: one that explains no more than 3% of the
residual without it is dropped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np

from vedc.decide.arrays import Floats
from vedc.decide.fitted_effects import cells, detail, grain, light, shifts
from vedc.decide.fitted_effects.draw import RATE, drawn
from vedc.decide.fitted_effects.kinds import LUMA, ORDER, in_order, written
from vedc.decide.grades import tables
from vedc.decide.grades.fit.pair_fit import Fit, pair_cells
from vedc.decide.grades.fit.pair_fit import fit as fit_grade
from vedc.decide.grades.shot import Canvas, Step
from vedc.decide.grades.space import GradeSpace
from vedc.decide.grades.tables import Table

_SMALL: Final = 96
"""The longer side of pictures on which effects of light are found."""
_FEW: Final = 4
"""The number of frames for them."""
_PASSES: Final = 2
_FLAT: Final = 0.55
"""The least flatness of cells."""
_LINES: Final = 60.0
"""The least height of a scan-line peak, in medians."""
_SHALLOW: Final = 0.04
"""Amount of scan lines below which they are invisible."""
_MOVED: Final = 0.35
"""The least shift of red and blue against green, in pixels."""
_SHIFTS: Final = ("chromatic_aberration", "rgb_shift")
_BETTER: Final = 0.8
"""The most of the difference that shifts found before the grade may leave."""
_SOFT: Final = 0.62
"""The least radius of a blur in pixels: a codec alone reaches half a pixel."""
_KEPT: Final = 0.75
"""The largest share of the difference that a blur may leave, in squares of gains."""
_CRISP: Final = 0.12
"""The least excess gain of the finest detail that counts as sharpening."""
_WIDER: Final = 2.0
"""The least radius of a glow, in radii of the blur."""
_GRAINY: Final = 1.35
"""The least growth of fine detail in calm areas that counts as grain."""
_NOISY: Final = 0.008
"""The least standard deviation of the added noise there."""


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """An effect that an edit has."""

    step: Step
    share: float
    """0..1: the share of the residual without it that it explains."""
    evidence: str
    """The measurement, as the end of a sentence."""


@dataclass(frozen=True, slots=True, eq=False)
class EffectsFit:
    """The grade and the effects of a pair. Differences are root mean squares of display values."""

    grade: Fit
    effects: tuple[Found, ...]
    untouched: float
    """Between raw and edit."""
    grade_left: float
    """With the best grade alone."""
    left: float
    """With the grade's table and the effects."""
    correlations: light.Correlations
    bars: tuple[int, ...] = (0, 0, 0, 0)
    """Black rows and columns of the edit, in pixels of the frame: above, below, left, right."""

    @property
    def steps(self) -> list[Step]:
        """The steps as written in a spec's ``effects``."""
        return [each.step for each in self.effects]


@dataclass(slots=True, eq=False)
class _Work:
    """The state of the search."""

    raw: list[Floats]
    edit: list[Floats]
    space: GradeSpace
    canvas: Canvas
    scale: float
    rate: float
    table: Table
    detail: list[Step] = field(default_factory=list)
    lit: light.State | None = None
    pattern: list[Step] = field(default_factory=list)
    evidence: dict[str, str] = field(default_factory=dict)
    joint: light.Joint | None = None
    cells: bool = False
    """Whether cells leave no other detail."""
    apart: list[Found] = field(default_factory=list)
    """Effects removed from the edit, since no op draws them at their position."""

    @property
    def width(self) -> float:
        """The width of the frame whose pixels are the steps' unit."""
        return float(self.raw[0].shape[1] / self.scale)

    @property
    def lights(self) -> list[Step]:
        return [] if self.lit is None else self.lit.steps(self.width)

    def effects(self) -> list[Step]:
        return in_order([*self.detail, *self.lights, *self.pattern])

    def drawn(self, steps: Sequence[Step], pictures: Sequence[Floats]) -> list[Floats]:
        return [
            np.clip(drawn(steps, p, self.canvas, scale=self.scale, rate=self.rate), 0, 1)
            for p in pictures
        ]

    def graded(self, pictures: Sequence[Floats]) -> list[Floats]:
        return [tables.apply(self.table, p).astype(np.float64) for p in pictures]


def fit(
    raw: Sequence[Floats],
    edit: Sequence[Floats],
    *,
    scale: float = 1.0,
    rate: float = RATE,
    canvas: Canvas | None = None,
    space: GradeSpace | None = None,
) -> EffectsFit:
    """The grade and the effects that turn ``raw`` into ``edit``.

    Pictures (height, width, 3), display values 0..1, of the same things in the same order and all
    of one size; ``scale``: their width relative to the edit's frames, whose pixels are the effects'
    unit. A pair that differs only by a grade gives no effects.
    """
    canvas, space = canvas or Canvas(), space or GradeSpace.load()
    one, other = ([np.asarray(p, np.float64) for p in pictures] for pictures in (raw, edit))
    bars, one, other = _without_bars(one, other)
    start = space.estimate(pair_cells(one, other)).w
    work = _Work(one, other, space, canvas, scale, rate, space.table(start))
    alone = _rms(work.graded(one), other)
    _find_cells(work)
    start = _regrade(work) if work.cells else _find_large_shifts(work, start)
    for number in range(_PASSES):
        if not number:
            _find_lines(work)
        if not work.cells:
            _find_shifts(work)
            _find_softness(work)
        start = _find_light(work, start)
    if not work.cells:
        _find_grain(work)
    return _finished(work, alone, bars)


def _small(pictures: Sequence[Floats]) -> Floats:
    import cv2

    height, width = pictures[0].shape[:2]
    scale = min(1.0, _SMALL / max(width, height))
    size = max(8, round(width * scale)), max(8, round(height * scale))
    chosen = np.unique(np.linspace(0, len(pictures) - 1, _FEW).round().astype(int))
    made = [cv2.resize(pictures[i], size, interpolation=cv2.INTER_AREA) for i in chosen]
    return np.asarray(np.stack(made), np.float64)


def _regrade(work: _Work) -> Floats:
    """Fit the grade again, from pictures that have the effects of detail and the patterns."""
    before = work.drawn([s for s in work.effects() if s["op"] != "film_grain"], work.raw)
    w = work.space.estimate(pair_cells(before, work.edit)).w
    work.table = work.space.table(w)
    return w


def _find_cells(work: _Work) -> None:
    found = cells.cells(work.raw, work.edit)
    if found.flatness < _FLAT <= found.flat_across:
        found = _cells_under_lines(work, found)
    if found.flatness >= _FLAT:
        size = [round(side / work.scale, 1) for side in (found.across, found.down)]
        step = {"op": "pixelate", "size": size}
        text = f"within cells neighbours differ {found.flatness:.0%} less than in the raw picture"
        work.cells = True
        if found.centered:
            work.pattern.append(step)
            work.evidence["pixelate"] = text
            return
        before = _energy(work.graded(work.raw), work.edit)
        for pictures in (work.raw, work.edit):
            pictures[:] = [cells.averaged(picture, found) for picture in pictures]
        share = max(0.0, 1 - _energy(work.graded(work.raw), work.edit) / max(before, 1e-12))
        text += "; those of `pixelate` lie elsewhere: one in the middle"
        work.apart.append(Found(written(step), share, text))


def _cells_under_lines(work: _Work, found: cells.Cells) -> cells.Cells:
    """Cells beneath scan lines, which hide the borders between rows of cells."""
    step = {"op": "pixelate", "size": [found.across / work.scale] * 2}
    shown = cells.lines(work.drawn([step], work.graded(work.raw)), work.edit)
    if shown.strength < _LINES or shown.amount < _SHALLOW or not shown.locked:
        return found
    lines = {"op": "scan_lines", "amount": shown.amount, "spacing": shown.spacing / work.scale}
    return cells.square(found, work.edit, _lines_of(work, lines)[:, 0, 0])


def _lines_of(work: _Work, step: Step) -> Floats:
    """(height, 1, 1): the factor of scan lines for white, and nearly for any other value."""
    white = work.drawn([step], [np.ones_like(work.raw[0])])[0]
    return np.maximum(white[:, :1, :1], 0.05)


def _find_lines(work: _Work) -> None:
    if any(found.step["op"] == "pixelate" for found in work.apart):
        return
    found = cells.lines(work.drawn(work.pattern, work.graded(work.raw)), work.edit)
    if found.strength < _LINES or found.amount < _SHALLOW:
        return
    spacing = found.spacing / work.scale
    step = {"op": "scan_lines", "amount": found.amount, "spacing": spacing}
    text = f"rows darken every {spacing:.2f} pixels, {found.strength:.0f} times as much as others"
    if found.locked:
        work.pattern.append(step)
        work.evidence["scan_lines"] = text
        _regrade(work)
        return
    if work.cells:  # cells of another size beneath would be mistaken for lines
        return
    # The op cannot draw them at this position: they are removed from the edit, and reported.
    before = _energy(work.graded(work.raw), work.edit)
    factor = np.clip(found.rows, 0.1, 4.0)[:, np.newaxis, np.newaxis]
    work.edit = [np.clip(picture / factor, 0, 1) for picture in work.edit]
    share = max(0.0, 1 - _energy(work.graded(work.raw), work.edit) / max(before, 1e-12))
    work.apart.append(Found(written(step), share, f"{text}; they begin at another row than here"))


def _find_large_shifts(work: _Work, start: Floats) -> Floats:
    """Shifted channels mislead a grade, which mixes them, and shifts are then found too small. So
    shifts are looked for before the grade, between pictures whose channels have the edit's
    distributions, and stay if the grade explains more with them."""
    found = _shift(work, shifts.matched(work.raw, work.edit))
    if found is None:
        return start
    table, before = work.table, _energy(work.graded(work.raw), work.edit)
    work.detail = [found[0]]
    w = _regrade(work)
    if _energy(work.drawn(work.detail, work.graded(work.raw)), work.edit) < _BETTER * before:
        return w
    work.table, work.detail = table, []
    return start


def _find_shifts(work: _Work) -> None:
    found = _shift(work, work.drawn([*work.lights, *work.pattern], work.graded(work.raw)))
    work.detail = [s for s in work.detail if s["op"] not in _SHIFTS]
    if found is not None:
        step, work.evidence[step["op"]] = found
        work.detail.append(step)


def _shift(work: _Work, shown: Sequence[Floats]) -> tuple[Step, str] | None:
    """The shifts of red and blue against green, and their evidence; the edit itself may be slightly
    offset from the raw picture."""
    red, green, blue = shifts.motions(shown, work.edit)
    apart = np.array([[m.right - green.right, m.down - green.down] for m in (red, blue)])
    outwards = (red.outwards - green.outwards, blue.outwards - green.outwards)
    radial = (outwards[0] - outwards[1]) / 2
    agree = min(outwards[0], -outwards[1]) if radial > 0 else min(-outwards[0], outwards[1])
    straight = float(np.hypot(*(apart[0] - apart[1]))) / 2
    if max(abs(radial), straight) < _MOVED:
        return None
    if abs(radial) > straight:
        if agree < 0.3 * abs(radial):
            return None
        step = {"op": "chromatic_aberration", "amount": float(radial / work.scale)}
        far = f"red lies {outwards[0]:+.1f} pixels outwards, blue {outwards[1]:+.1f}"
        return step, f"in the corners {far}"
    moved = [[float(v / work.scale) for v in each] for each in apart]
    step = {"op": "rgb_shift", "red": moved[0], "green": [0.0, 0.0], "blue": moved[1]}
    return step, "red and blue lie beside green, by as much everywhere"


def _find_softness(work: _Work) -> None:
    moved = [s for s in work.detail if s["op"] in _SHIFTS]
    graded = work.graded(work.raw)
    shown = work.drawn([*moved, *work.lights, *work.pattern], graded)
    found = detail.softness(detail.spectra(shown, work.edit))
    work.detail = moved
    (radius, blurred), (amount, sharp, masked) = detail.refined(shown, work.edit, found)
    if found.radius >= _SOFT and found.blur_left <= _KEPT and radius >= _SOFT and blurred < 0.97:
        work.detail.append({"op": "gaussian_blur", "radius": radius / work.scale})
        work.evidence["gaussian_blur"] = (
            f"fine detail is lost as a blur loses it ({1 - found.blur_left:.0%} of its change)"
        )
    elif (
        found.amount >= _CRISP and found.sharp_left <= _KEPT and amount >= _CRISP and masked < 0.97
    ):
        step = {"op": "sharpen", "amount": amount, "radius": sharp / work.scale}
        work.detail.append(step)
        work.evidence["sharpen"] = (
            "fine detail grew as an unsharp mask makes it "
            f"({1 - found.sharp_left:.0%} of its change)"
        )


def _find_light(work: _Work, start: Floats) -> Floats:
    cells_drawn = [s for s in work.pattern if s["op"] == "pixelate"]
    before, after = work.drawn([*work.detail, *cells_drawn], work.raw), work.edit
    lines = [s for s in work.pattern if s["op"] == "scan_lines"]
    if lines:  # they multiply, and are too fine for small pictures
        factor = _lines_of(work, lines[0])
        after = [np.clip(picture / factor, 0, 1) for picture in after]
    joint = light.Joint(_small(before), _small(after), work.space, work.canvas, work.width)
    if work.lit is None:
        state = light.select(joint, start)
    else:
        joint.spread = work.joint.spread if work.joint is not None else joint.spread
        state = light.renewed(joint, replace(work.lit))
    state = _no_tails(work, joint, state)
    work.lit, work.joint = state, joint
    work.table = work.space.table(state.w)
    for kind in state.kinds:
        work.evidence[kind.op] = "found together with the grade"
    return state.w


def _no_tails(work: _Work, joint: light.Joint, state: light.State) -> light.State:
    """A state without a glow or halo that is little wider than the blur: that is the tail of a blur
    with another kernel than ours, such as FFmpeg's recursive one."""
    blurs = [float(s["radius"]) for s in work.detail if s["op"] == "gaussian_blur"]
    for kind, step in zip(state.kinds, state.steps(work.width), strict=True):
        if blurs and kind.op in ("glow", "halo") and step["radius"] < _WIDER * max(blurs):
            state = joint.solve(light.without(state, kind))
    return state


def _by_rows(shown: Sequence[Floats], edit: Sequence[Floats]) -> list[Floats]:
    """Pictures with row brightness matched to an edit's: residues of lines that are not a cosine
    are not grain."""
    pairs = [(a @ LUMA, b @ LUMA) for a, b in zip(shown, edit, strict=True)]
    squares = np.maximum(sum((a * a).sum(1) for a, _ in pairs), 1e-9)
    factor = sum((a * b).sum(1) for a, b in pairs) / squares
    return [picture * factor[:, np.newaxis, np.newaxis] for picture in shown]


def _find_grain(work: _Work) -> None:
    shown = work.drawn(work.effects(), work.graded(work.raw))
    if any(s["op"] == "scan_lines" for s in work.pattern):
        shown = _by_rows(shown, work.edit)
    found = grain.grain(shown, work.edit)
    if found.ratio < _GRAINY or found.deviation < _NOISY:
        return
    step: dict[str, Any] = {"op": "film_grain", "amount": found.amount}
    step["size"] = found.size / work.scale
    if found.colored:
        step["colored"] = True
    work.pattern.append(step)
    work.evidence["film_grain"] = (
        f"calm areas have {found.ratio:.1f} times the finest detail of the raw picture"
    )


def _finished(work: _Work, alone: float, bars: tuple[int, int, int, int]) -> EffectsFit:
    kept: list[Found] = []
    steps = work.effects()
    steady = [s for s in steps if s["op"] != "film_grain"]
    graded = work.graded(work.raw)
    left = _energy(work.drawn(steady, graded), work.edit)
    adapted = {}
    if work.lit is not None:
        kinds = (kind.op for kind in work.lit.kinds)
        adapted = dict(zip(kinds, work.lit.shares, strict=True))
    for step in steps:
        if step["op"] == "film_grain":
            share = _grain_share(step, left)
        else:
            without = _energy(work.drawn([s for s in steady if s is not step], graded), work.edit)
            share = max(0.0, 1 - left / max(without, 1e-12))
            share = min(share, adapted.get(step["op"], 1.0))
        if share > light.LEAST:
            kept.append(Found(written(step), share, work.evidence[step["op"]]))
    names = {found.step["op"] for found in kept}
    kept += [found for found in work.apart if found.share > light.LEAST]
    kept.sort(key=lambda found: ORDER.index(found.step["op"]))
    pair = _undone(work, [step for step in steady if step["op"] in names])
    grade = fit_grade(*pair, work.space, matrix=work.canvas.matrix, transfer=work.canvas.transfer)
    assert work.joint is not None and work.lit is not None
    return EffectsFit(
        grade,
        tuple(kept),
        _rms(work.raw, work.edit),
        alone,
        left**0.5,
        work.joint.correlations(work.lit),
        tuple(round(side / work.scale) for side in bars),
    )


def _undone(work: _Work, steps: Sequence[Step]) -> tuple[list[Floats], list[Floats]]:
    """Pairs that differ only by the grade: raw pictures with the effects of detail, and edits
    without the effects of light."""
    lights = [s for s in steps if s["op"] in ("vignette", "halo", "glow", "scan_lines")]
    others = [s for s in steps if s not in lights]
    before = work.drawn(others, work.raw)
    graded = work.graded(before)
    lit = work.drawn(lights, graded)
    after = []
    for plain, shown, edit in zip(graded, lit, work.edit, strict=True):
        # Darkening is undone by division, brightening by subtraction, each by the light's own
        # effect here.
        darker = shown < plain
        ratio = plain / np.maximum(shown, 1e-3)
        after.append(
            np.clip(np.where(darker, edit * np.minimum(ratio, 8), edit - (shown - plain)), 0, 1)
        )
    return before, after


def _grain_share(step: Step, left: float) -> float:
    """Grain explains the residual as noise: its variance, at most all of it."""
    return float(min(1.0, (0.6 * step["amount"]) ** 2 / max(left, 1e-12)))


def _energy(shown: Sequence[Floats], edit: Sequence[Floats]) -> float:
    """Mean robust square of differences: titles have little weight."""
    limit = 0.1**2
    pairs = zip(shown, edit, strict=True)
    return float(np.mean([limit * np.log1p(np.square(a - b) / limit).mean() for a, b in pairs]))


def _rms(shown: Sequence[Floats], edit: Sequence[Floats]) -> float:
    pairs = zip(shown, edit, strict=True)
    return float(np.sqrt(np.mean([np.square(a - b).mean() for a, b in pairs])))


def _without_bars(
    raw: list[Floats], edit: list[Floats]
) -> tuple[tuple[int, int, int, int], list[Floats], list[Floats]]:
    """The rows and columns that are black in every picture of the edit but not in the raw ones, and
    the pictures without them."""
    light_of = [np.max(np.stack(ps).max(-1), axis=0) for ps in (raw, edit)]
    cut: list[int] = []
    for axis in (1, 0):
        before, after = (np.quantile(values, 0.9, axis=axis) for values in light_of)
        black = (after < 0.05) & (before > after + 0.05)
        first = int(np.argmin(black)) if not black.all() else 0
        last = int(np.argmin(black[::-1])) if not black.all() else 0
        most = len(black) // 3
        cut += [first if first <= most else 0, last if last <= most else 0]
    top, bottom, left, right = cut
    rows = slice(top, len(raw[0]) - bottom)
    columns = slice(left, raw[0].shape[1] - right)
    parts = [[p[rows, columns] for p in ps] for ps in (raw, edit)]
    return (top, bottom, left, right), parts[0], parts[1]
