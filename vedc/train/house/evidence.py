"""Examples of a look as plain data, so that they are collected only once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from vedc.decide.grades.looks.regression import Example
from vedc.decide.grades.space import Cells


def example_data(example: Example) -> dict[str, Any]:
    """An example as plain data, with colours rounded to five decimals."""
    cells = example.cells
    return {
        "name": example.name,
        "source": example.source,
        "statistics": example.statistics.tolist(),
        "before": np.round(cells.before, 5).tolist(),
        "after": np.round(cells.after, 5).tolist(),
        "counts": np.round(cells.counts, 3).tolist(),
    }


def example_of(data: Mapping[str, Any]) -> Example:
    """An example from :func:`example_data`."""
    before, after, counts = (np.array(data[k], np.float64) for k in ("before", "after", "counts"))
    return Example(
        data["name"],
        data["source"],
        np.array(data["statistics"], np.float64),
        Cells(before, after, counts),
    )
