"""Effects of light, found together with the grade.

A grade alone cannot distinguish a vignette from shadows, and would explain a halo by a curve. So
both are fitted together: the grade as weights in the space of grades, whose spread is the prior,
and the effects' parameters. The Levenberg-Marquardt method runs through the ops themselves, on
small pictures. Outliers (titles, moving objects) lose weight, as under a Cauchy distribution.

A score test (Rao, 1948) selects the effect to try: for each effect at several starts, the share of
the residual that it would remove if the grade adapted. It stays if it explains more than 3% of the
residual and lowers the Bayesian information criterion.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from vedc.decide.arrays import Float, Floats
from vedc.decide.fitted_effects.draw import drawn
from vedc.decide.fitted_effects.kinds import LIGHT, Kind
from vedc.decide.grades import tables
from vedc.decide.grades.shot import Canvas, Step
from vedc.decide.grades.space import GradeSpace

LEAST: Final = 0.03
"""The least share of the residual that an effect must explain."""
_VISIBLE: Final = 1.0 / 255
"""The least root mean square that an effect must explain: less is invisible, and codecs cause as
much."""
_NOISE: Final = 0.012
"""Expected deviation of pixels, from codecs and from the limits of the space."""
_EACH: Final = 0.2
"""Independent observations per pixel: errors of neighbours are correlated."""
_FLOOR: Final = 0.004
_TAIL: Final = 4.0
_ROUNDS: Final = 6
_APART: Final = frozenset({"halo", "glow"})
"""Pairs of effects with nearly the same light: an edit has only one of each."""


@dataclass(slots=True, eq=False)
class State:
    """Effects and a grade."""

    kinds: tuple[Kind, ...]
    values: Floats
    """The fitted values of all kinds."""
    w: Floats
    cost: float = np.inf
    shares: tuple[float, ...] = ()
    """By kind: the share that it explained of the residual without it, with the grade refitted."""

    def steps(self, width: float) -> list[Step]:
        found: list[Step] = []
        at = 0
        for kind in self.kinds:
            found.append(kind.step(self.values[at : at + len(kind.free)], width))
            at += len(kind.free)
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Correlations:
    """Between the parameters, at the solution."""

    names: tuple[str, ...]
    matrix: Floats
    """(n, n)"""
    with_grade: Floats
    """(n,) 0..1: how far the grade could compensate for a change of the parameter (multiple
    correlation)."""


class Joint:
    """Pairs of small pictures (n, height, width, 3), and the model that explains the second of
    each."""

    def __init__(
        self,
        before: Floats,
        after: Floats,
        space: GradeSpace,
        canvas: Canvas,
        frame_width: float,
    ) -> None:
        self.x, self.y, self.space, self.canvas = before, after, space, canvas
        self.frame_width = frame_width
        self.scale = before.shape[2] / frame_width
        height, width = before.shape[1:3]
        rows, columns = np.mgrid[0:height, 0:width]
        self._at = (rows % 2 == 0) & (columns % 2 == 0)
        self.design = space.rows(self.x[:, self._at].reshape(-1, 3))[0].astype(np.float32)
        self._points, self._shares = tables.corners(self.x.reshape(-1, 3))
        self._y = self.y[:, self._at].reshape(-1, 3)

    def graded(self, w: Floats) -> Floats:
        values = self.space.table(w).reshape(tables.POINTS, 3)
        found = np.einsum("nkc,nk->nc", values[self._points], self._shares)
        return np.asarray(found, np.float64).reshape(self.x.shape)

    def shown(self, steps: Sequence[Step], graded: Floats) -> Floats:
        """Values (m, 3) of the pixels in use."""
        return np.concatenate(
            [drawn(steps, p, self.canvas, scale=self.scale)[self._at] for p in graded]
        )

    def cost(self, shown: Floats, w: Floats, spread: float) -> float:
        left = np.square(self._y - np.clip(shown, 0, 1))
        scale = spread**2
        return float(_EACH * (scale * np.log1p(left / scale)).sum() / _NOISE**2 + w @ w)

    def energy(self, state: State) -> float:
        """Mean robust square of the residual."""
        graded = self.graded(state.w)
        shown = self.shown(state.steps(self.frame_width), graded)
        left = np.square(self._y - np.clip(shown, 0, 1))
        scale = self.spread**2
        return float((scale * np.log1p(left / scale)).mean())

    spread: float = 0.05

    def settle(self, w: Floats) -> State:
        """Fit the grade alone; also sets the residual beyond which a pixel is an outlier."""
        left = np.abs(self._y - self.shown((), self.graded(w)))
        self.spread = max(_TAIL * 1.4826 * float(np.median(left)), _TAIL * _FLOOR)
        return self.solve(State((), np.zeros(0), w))

    def solve(self, state: State, rounds: int = _ROUNDS) -> State:
        """The likeliest values near a state."""
        damping = 1e-3
        graded = self.graded(state.w)
        shown = self.shown(state.steps(self.frame_width), graded)
        cost = self.cost(shown, state.w, self.spread)
        for _ in range(rounds):
            jacobian, weight, left = self._slopes(state, graded, shown)
            hessian, pull = self._normal(state, jacobian, weight, left)
            n = len(state.values)
            for _ in range(4):
                diagonal = damping * np.diag(hessian).copy()
                diagonal[:n] += 1e-9
                step = np.linalg.solve(hessian + np.diag(diagonal), pull)
                tried = State(
                    state.kinds,
                    self._held(state.kinds, state.values + np.clip(step[:n], -0.7, 0.7)),
                    state.w + step[n:],
                    shares=state.shares,
                )
                graded_next = self.graded(tried.w)
                shown_next = self.shown(tried.steps(self.frame_width), graded_next)
                found = self.cost(shown_next, tried.w, self.spread)
                if found < cost:
                    break
                damping *= 8
            else:
                break
            gain = cost - found
            state, graded, shown, cost = tried, graded_next, shown_next, found
            damping = max(damping / 6, 1e-5)
            if gain < 1e-3 * cost:
                break
        state.cost = cost
        return state

    def _held(self, kinds: Sequence[Kind], values: Floats) -> Floats:
        held, at = [], 0
        for kind in kinds:
            for free in kind.free:
                outer = free.outer(float(values[at]), self.frame_width)
                held.append(free.inner(outer, self.frame_width))
                at += 1
        return np.array(held)

    def _normal(
        self, state: State, jacobian: Float, weight: Floats, left: Floats
    ) -> tuple[Floats, Floats]:
        each = np.asarray(weight.ravel() * (_EACH / _NOISE**2), np.float32)
        weighted = jacobian * each[:, np.newaxis]
        hessian = (weighted.T @ jacobian).astype(np.float64)
        pull = (weighted.T @ left.ravel().astype(np.float32)).astype(np.float64)
        n = len(state.values)
        hessian[np.arange(n, len(hessian)), np.arange(n, len(hessian))] += 1.0
        pull[n:] -= state.w
        return np.asarray(hessian, np.float64), np.asarray(pull, np.float64)

    def _slopes(self, state: State, graded: Floats, shown: Floats) -> tuple[Float, Floats, Floats]:
        """Derivatives (m * 3, values + 96), robust weights and residuals (m, 3)."""
        left = self._y - np.clip(shown, 0, 1)
        weight = 1.0 / (1.0 + np.square(left / self.spread))
        steps = state.steps(self.frame_width)
        local = (self.shown(steps, graded + 0.01) - shown) / 0.01 if steps else np.ones_like(shown)
        columns = []
        for i in range(len(state.values)):
            moved = state.values.copy()
            moved[i] += 0.02
            moved = self._held(state.kinds, moved)
            delta = moved[i] - state.values[i]
            if abs(delta) < 1e-6:
                moved[i], delta = state.values[i] - 0.02, -0.02
            other = State(state.kinds, moved, state.w).steps(self.frame_width)
            columns.append(((self.shown(other, graded) - shown) / delta).ravel())
        inside = (shown > 0) & (shown < 1)
        n = len(columns)
        made = np.empty((shown.size, n + self.space.size), np.float32)
        for i, column in enumerate(columns):
            made[:, i] = column * inside.ravel()
        each = (local * inside).astype(np.float32).reshape(-1, 1)
        np.multiply(self.design.reshape(shown.size, -1), each, out=made[:, n:])
        return made, weight, left

    def candidates(self, state: State) -> list[tuple[float, Kind, Floats]]:
        """Effects missing from the state, with the share of the residual that each would explain
        and starting values; the best of each, the most promising first."""
        graded = self.graded(state.w)
        steps = state.steps(self.frame_width)
        shown = self.shown(steps, graded)
        jacobian, weight, left = self._slopes(state, graded, shown)
        hessian, _ = self._normal(state, jacobian, weight, left)
        root = (np.sqrt(weight.ravel() * _EACH) / _NOISE).astype(np.float32)

        def apart(columns: Float) -> Floats:
            """The weighted part that the grade and the present effects cannot compensate for."""
            columns = columns * root[:, np.newaxis]
            pull = jacobian.T @ (columns * root[:, np.newaxis])
            made = jacobian @ np.linalg.solve(hessian, pull).astype(np.float32)
            return np.asarray(columns - made * root[:, np.newaxis], np.float64)

        r = apart(left.reshape(-1, 1).astype(np.float32))[:, 0]
        whole = max(float(r @ r), 1e-9)
        taken = {kind.op for kind in state.kinds}
        found = []
        for kind in LIGHT:
            if kind.op in taken or (taken & _APART and kind.op in _APART):
                continue
            starts = [kind.begun(start, self.frame_width) for start in kind.starts]
            moved = [
                self.shown([*steps, kind.step(values, self.frame_width)], graded) - shown
                for values in starts
            ]
            columns = apart(np.stack([m.ravel() for m in moved], 1).astype(np.float32))
            pulls, sizes = columns.T @ r, np.maximum(np.square(columns).sum(0), 1e-12)
            shares = np.where((pulls > 0) | (not kind.adds), pulls**2 / (sizes * whole), 0.0)
            best = int(np.argmax(shares))
            if shares[best] > 0:
                factor = float(pulls[best] / sizes[best])
                found.append((float(shares[best]), kind, _scaled(kind, starts[best], factor)))
        return sorted(found, key=lambda each: -each[0])

    def correlations(self, state: State) -> Correlations:
        graded = self.graded(state.w)
        shown = self.shown(state.steps(self.frame_width), graded)
        hessian, _ = self._normal(state, *self._slopes(state, graded, shown))
        n = len(state.values)
        covariance = np.linalg.inv(hessian + 1e-9 * np.eye(len(hessian)))[:n, :n]
        alone = np.linalg.inv(hessian[:n, :n] + 1e-9 * np.eye(n)) if n else np.zeros((0, 0))
        spread = np.sqrt(np.maximum(np.diag(covariance), 1e-18))
        shared = 1 - np.diag(alone) / np.maximum(np.diag(covariance), 1e-18)
        names = tuple(f"{k.op}.{p.name}" for k in state.kinds for p in k.free)
        matrix = covariance / np.outer(spread, spread)
        return Correlations(names, matrix, np.sqrt(np.clip(shared, 0, 1)))

    @property
    def bic_price(self) -> float:
        """The least decrease in cost for each additional parameter."""
        return float(np.log(max(self._y.size * _EACH, 2.0)))


def _scaled(kind: Kind, values: Floats, factor: float) -> Floats:
    """A start with an amount that suits the residual."""
    scaled = values.copy()
    at = next(i for i, free in enumerate(kind.free) if free.name == "amount")
    free = kind.free[at]
    if free.log:
        scaled[at] += np.log(np.clip(factor, 0.1, 4))
    else:
        scaled[at] *= np.clip(factor, -2, 2)
    return scaled


def select(joint: Joint, start: Floats) -> State:
    """The grade with the effects that pass the tests."""
    return extended(joint, joint.settle(start))


def renewed(joint: Joint, state: State) -> State:
    """A state refitted to other pictures, such as after the blur is known: effects that explain too
    little are removed, hidden ones are added, and of two alternatives for one light the likelier
    one stays."""
    state = joint.solve(state)
    for kind in state.kinds:
        bare = joint.solve(without(state, kind))
        share = 1 - joint.energy(state) / max(joint.energy(bare), 1e-12)
        if share < LEAST:
            state = bare
        else:
            at = state.kinds.index(kind)
            state.shares = (*state.shares[:at], share, *state.shares[at + 1 :])
    return extended(joint, _renamed(joint, state))


def without(state: State, kind: Kind) -> State:
    """A state without one of its effects, to be solved again."""
    kept, values, shares, at = [], [], [], 0
    for other, share in zip(state.kinds, state.shares, strict=True):
        if other is not kind:
            kept.append(other)
            shares.append(share)
            values.append(state.values[at : at + len(other.free)])
        at += len(other.free)
    flat = np.concatenate(values) if values else np.zeros(0)
    return State(tuple(kept), flat, state.w, shares=tuple(shares))


def _renamed(joint: Joint, state: State) -> State:
    """A state with the likelier of two effects with nearly the same light."""
    for kind in state.kinds:
        if kind.op not in _APART:
            continue
        bare = joint.solve(without(state, kind))
        for _, other, values in joint.candidates(bare):
            if other.op not in _APART or other is kind:
                continue
            tried = joint.solve(
                State((*bare.kinds, other), np.concatenate([bare.values, values]), bare.w)
            )
            price = joint.bic_price * (len(other.free) - len(kind.free))
            if tried.cost + price < state.cost:
                share = 1 - joint.energy(tried) / max(joint.energy(bare), 1e-12)
                tried.shares = (*bare.shares, share)
                state = tried
    return state


def extended(joint: Joint, state: State, tries: int = 2) -> State:
    """A state with the missing effects that pass the tests."""
    for _ in range(len(LIGHT) - 1):
        before = joint.energy(state)
        best: State | None = None
        for share, kind, values in joint.candidates(state)[:tries]:
            if share < LEAST / 2:
                continue
            tried = joint.solve(
                State((*state.kinds, kind), np.concatenate([state.values, values]), state.w)
            )
            if best is None or tried.cost < best.cost:
                best = tried
        if best is None:
            break
        price = joint.bic_price * len(best.kinds[-1].free)
        after = joint.energy(best)
        share = 1 - after / max(before, 1e-12)
        if state.cost - best.cost < price or share < LEAST or before - after < _VISIBLE**2:
            break
        best.shares = (*state.shares, share)
        state = best
    return state
