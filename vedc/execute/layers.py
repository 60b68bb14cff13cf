"""Layers in memory: what the steps of a chain hand to each other, and the filters on them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from vedc import ops
from vedc.codegen.image import Image
from vedc.plan.chain import Chain, FilterStep, Kernel, LayerRef

Layer = NDArray[np.float32]


class LayerBuffers:
    """The layers of one frame at a time, by step. Memory is kept from frame to frame."""

    def __init__(self, threads: int) -> None:
        self._threads = threads
        self._chain: Chain | None = None
        self._still: frozenset[int] = frozenset()
        self._made: dict[int, Layer] = {}
        self._targets: dict[int, Layer] = {}

    def begin(self, chain: Chain) -> None:
        """Go on with a frame of a chain. Layers of what stands still are kept from the last."""
        if chain is not self._chain:
            self._chain, self._still = chain, chain.still
            self._targets.clear()
            self._made.clear()
        self._made = {step: made for step, made in self._made.items() if step in self._still}

    def holds(self, step: int) -> bool:
        """Whether a step's layer of this frame is there already."""
        return step in self._made

    def target(self, step: int, kernel: Kernel) -> Image:
        """Where a kernel's layer goes."""
        shape = (kernel.program.out.channels, kernel.height, kernel.width)
        if step not in self._targets:
            self._targets[step] = np.empty(shape, np.float32)
        self._made[step] = self._targets[step]
        return _image(self._made[step])

    def filter(self, step: int, made: FilterStep, frame: int) -> None:
        """Run a filter."""
        import cv2  # what most filters stand on; it takes all processors unless it is told

        cv2.setNumThreads(self._threads)
        given = arguments(made, frame)
        layer = made.filter.cpu(self._made[made.source.step], **given)
        self._made[step] = np.ascontiguousarray(layer, np.float32)

    def image(self, made: LayerRef) -> Image:
        return _image(self._made[made.step])


def arguments(made: FilterStep, frame: int) -> dict[str, Any]:
    """The filter's arguments for a frame."""
    if not made.op:
        return dict(made.params)
    declared, params = ops.get(made.op), dict(made.at(frame))
    if made.origin is not None:
        left, top, width, height = made.origin
        for name in (p.name for p in declared.params if p.place):
            x, y = params[name]
            params[name] = (left + x * width) / made.width, (top + y * height) / made.height
    return dict(params if declared.arguments is None else declared.arguments(params))


def _image(layer: Layer) -> Image:
    _, height, width = layer.shape
    address, stride = layer.ctypes.data, width * 4
    planes = tuple((address + c * height * stride, stride) for c in range(len(layer)))
    return Image(planes, width, height, owner=layer)
