"""The layers of a piece: which are constant, how long each lives, and which share memory.

A layer lives from the step that makes it to the last step that reads it. A filter may return its
input, or a view of it, so a layer that a filter reads lives as long as the filter's result.
Constant layers outlive the frame and share memory with no other.
"""

from __future__ import annotations

from collections.abc import Sequence

from vedc.edit.values import Keyframes
from vedc.plan.executable import (
    Fetch,
    FetchRef,
    FilterStep,
    Kernel,
    Layer,
    LayerRef,
    layer_format,
)

Step = Kernel | FilterStep


def layers_read(step: Step) -> tuple[LayerRef, ...]:
    if isinstance(step, FilterStep):
        return step.sources
    return tuple(i for i in step.inputs if isinstance(i, LayerRef))


def fetches_read(step: Step) -> tuple[FetchRef, ...]:
    if isinstance(step, FilterStep):
        return (step.source,) if isinstance(step.source, FetchRef) else ()
    return tuple(i for i in step.inputs if isinstance(i, FetchRef))


def allocate(
    steps: Sequence[Step], fetches: Sequence[Fetch]
) -> tuple[tuple[Layer, ...], tuple[int, ...]]:
    """The layers of all steps but the last, and the bytes of each buffer that kernels fill."""
    constant = _constant_steps(steps, fetches)
    last_use = _last_uses(steps)
    layers: list[Layer] = []
    buffers: list[int] = []
    free_from: list[float] = []
    """The first step that may write to each buffer."""
    for index, step in enumerate(steps[:-1]):
        if isinstance(step, FilterStep):
            format = layer_format(step.alpha, step.planes)
        else:
            format = step.program.out
        size = 4 * format.channels * step.width * step.height
        fixed = index in constant
        buffer: int | None = None
        if isinstance(step, Kernel):
            free = (b for b, first in enumerate(free_from) if first <= index and not fixed)
            buffer = next((b for b in free if buffers[b] == size), None)
            if buffer is None:
                buffer = len(buffers)
                buffers.append(size)
                free_from.append(0)
            free_from[buffer] = float("inf") if fixed else last_use[index] + 1
        layers.append(Layer(format, step.width, step.height, fixed, last_use[index], buffer))
    return tuple(layers), tuple(buffers)


def _last_uses(steps: Sequence[Step]) -> list[int]:
    last_use = list(range(len(steps)))
    for index in reversed(range(len(steps))):
        step = steps[index]
        for read in layers_read(step):
            until = last_use[index] if isinstance(step, FilterStep) else index
            last_use[read.step] = max(last_use[read.step], until)
    return last_use


def _constant_steps(steps: Sequence[Step], fetches: Sequence[Fetch]) -> frozenset[int]:
    """Steps whose layers are the same in every frame: from stills, without animated numbers."""
    found: set[int] = set()
    for index, step in enumerate(steps[:-1]):
        if isinstance(step, FilterStep):
            moves = any(isinstance(value, Keyframes) for _, value in step.params)
            moves |= bool(step.planes)  # reads a decoder's frames
        else:
            read = (fetches[i.fetch].source for i in step.inputs if isinstance(i, FetchRef))
            moves = any(value.moves for value in step.values)
            moves |= any(source.moves for source in read)
        if not moves and found.issuperset(layer.step for layer in layers_read(step)):
            found.add(index)
    return frozenset(found)
