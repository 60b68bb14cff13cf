"""A piece's kernels and filters in float64: what every executor's frames are compared with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from vedc.codegen.reference.run_program import LeafArrays, run, run_unrounded
from vedc.color import FORMATS
from vedc.execute.devices.layers import arguments
from vedc.expr.uniforms import evaluator
from vedc.ops.shared.cube import Cube
from vedc.plan.executable import ComputedPiece, FetchRef, FilterStep, Kernel, LayerRef
from vedc.plan.tables import table_content

Array = np.ndarray[Any, np.dtype[Any]]


def draw(
    piece: ComputedPiece,
    frame: int,
    pictures: Sequence[LeafArrays],
    read: Callable[[str], Cube],
) -> list[Array]:
    """The planes of one frame; ``pictures`` by fetch. Layers between the steps stay float64."""
    made: dict[int, Array | list[Array]] = {}
    planes: list[Array] = []
    for index, step in enumerate(piece.steps):
        if isinstance(step, FilterStep):
            given = arguments(step, frame)
            if isinstance(step.source, FetchRef):
                made[index] = filtered_planes(step, pictures[step.source.fetch], given)
                continue
            layers = [made[layer.step] for layer in step.sources]
            shown = layers if step.filter.several else layers[0]
            made[index] = step.filter.reference(shown, **given)
            continue
        leaves = [
            LeafArrays(list(made[i.step])) if isinstance(i, LayerRef) else pictures[i.fetch]
            for i in step.inputs
        ]
        planes = kernel_planes(step, frame, leaves, read, unrounded=step is not piece.last)
        made[index] = np.stack(planes) if step is not piece.last else np.empty(0)
    return planes


def filtered_planes(step: FilterStep, picture: LeafArrays, given: Mapping[str, Any]) -> list[Array]:
    """The planes of a layer in plane space: each filtered by itself, in its own size."""
    format = FORMATS[step.planes]
    return [
        step.filter.reference(
            plane[np.newaxis].astype(np.float64), coarse=format.subsampling(number), **given
        )[0]
        for number, plane in enumerate(picture.planes)
    ]


def kernel_planes(
    kernel: Kernel,
    frame: int,
    leaves: list[LeafArrays],
    read: Callable[[str], Cube],
    unrounded: bool = False,
) -> list[Array]:
    """The planes that one kernel draws."""
    tables = []
    for source in kernel.tables:
        cube = table_content(source, read)
        shape = (cube.size,) * cube.dims + (3,)
        tables.append(np.frombuffer(cube.data, np.float32).reshape(shape))
    params = evaluator(kernel.uniforms)([value.at(frame) for value in kernel.values])
    drawn = run_unrounded if unrounded else run
    planes = drawn(kernel.program, leaves, params, tables, kernel.width, kernel.height)
    return [np.asarray(plane) for plane in planes]
