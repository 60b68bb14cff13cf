"""A program that uses vedc, as mypy is to see it: ``--strict``, with exact types."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import assert_type

import numpy as np
from numpy.typing import NDArray

import vedc


def headlines(path: Path) -> list[str]:
    spec = vedc.Spec.load(path, variables={"names": ["a", "b"], "size": 3, "logo": path})
    assert_type(spec.problems, tuple[vedc.Problem, ...])
    return [problem.headline() for problem in spec.problems]


def reported(now: vedc.Progress) -> None:
    assert_type(now.fraction, float)


def film(spec: vedc.Spec) -> float:
    plan = vedc.plan(spec, start="25%", end=Fraction(3, 2))
    assert_type(plan, vedc.Plan)
    assert_type(plan.outputs[0].segments[0].stored, bool)
    try:
        done = vedc.render(spec, "film.mp4", progress=reported)
    except vedc.UserError as error:
        assert_type(error.problems[0].location, vedc.SourceLocation | None)
        raise
    assert_type(done, tuple[vedc.Rendered, ...])
    assert_type(vedc.still(spec, 1.5), NDArray[np.uint8])
    assert_type(vedc.still(spec, "-1f", depth=16), NDArray[np.uint16])
    assert_type(vedc.frames(spec, [0, "50%"]), list[NDArray[np.uint8]])
    assert_type(spec.outputs[0].duration, Fraction)
    return float(spec.outputs[0].duration)
