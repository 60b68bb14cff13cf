"""Layers in memory, passed between the steps of a piece, and the filters on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vedc import ops
from vedc.codegen.filters.row_state import Kind
from vedc.codegen.filters.rows import Plane, Rows
from vedc.codegen.image import Image
from vedc.color import FORMATS
from vedc.ops.core.filters import Network
from vedc.plan.executable import ComputedPiece, FetchRef, FilterStep, LayerRef

Layer = NDArray[np.float32]
_Streamed = tuple[Rows, ...]
"""The planes of a layer in plane space."""


class LayerBuffers:
    """The layers of one frame at a time, by step, in the buffers that the plan assigns."""

    def __init__(
        self, threads: int, networks: str = "cv", files: Mapping[str, str] | None = None
    ) -> None:
        """``networks`` names the backend of networks; ``files``: digest -> path, for weights."""
        self._threads, self._networks = threads, networks
        self._files = {} if files is None else files
        self._piece: ComputedPiece | None = None
        self._layers: dict[int, Layer] = {}
        self._unlike: set[int] = set()
        """Steps, whose layers may stay, that found nothing in common between two pictures."""
        self._buffers: dict[int, Layer] = {}
        self._streams: dict[int, _Streamed] = {}

    def begin(self, piece: ComputedPiece) -> None:
        """Start a frame of a piece. Constant layers of the piece's previous frame stay."""
        if piece is not self._piece:
            self._piece = piece
            self._buffers.clear()
            self._streams.clear()
            self._layers.clear()
            self._unlike.clear()
        self._layers = {s: made for s, made in self._layers.items() if piece.layers[s].constant}

    def holds(self, step: int) -> bool:
        """Whether a step's layer of this frame already exists."""
        return step in self._layers

    def unlike(self, step: int) -> bool:
        """Whether the step is a transition's filter and found nothing in common."""
        return step in self._unlike

    def target(self, step: int) -> Image:
        """The memory of a kernel's layer."""
        assert self._piece is not None
        layer = self._piece.layers[step]
        assert layer.buffer is not None
        if layer.buffer not in self._buffers:
            size = self._piece.buffers[layer.buffer] // 4
            self._buffers[layer.buffer] = np.empty(size, np.float32)
        shape = (layer.channels, layer.height, layer.width)
        self._layers[step] = self._buffers[layer.buffer].reshape(shape)
        return _image(self._layers[step])

    def run_filter(self, index: int, step: FilterStep, frame: int) -> None:
        """Run a filter on layers of this frame."""
        if step.filter.opencv:
            import cv2

            cv2.setNumThreads(self._threads)  # otherwise OpenCV uses every CPU core
        given = arguments(step, frame, self._files)
        layers = [self._layers[each.step] for each in step.sources]
        if isinstance(step.filter, Network):
            given |= {"backend": self._networks, "threads": self._threads}
        layer = step.filter.cpu(layers if step.filter.several else layers[0], **given)
        self._layers[index] = np.ascontiguousarray(layer, np.float32)
        self._unlike.discard(index)
        if (
            step.filter.pair
            and not self._layers[index].any()
            and not np.array_equal(layers[0], layers[1])
        ):
            self._unlike.add(index)

    def stream(self, index: int, step: FilterStep, frame: int, pictures: Sequence[Image]) -> None:
        """Let a filter produce a layer row by row on demand, from the planes of a picture."""
        assert isinstance(step.source, FetchRef)
        image, format = pictures[step.source.fetch], FORMATS[step.planes]
        given = arguments(step, frame)
        planes = []
        for plane, (address, stride) in enumerate(image.planes[: format.planes]):
            columns, rows = format.plane_size(plane, image.width, image.height)
            kind: Kind = "f32" if format.floating else "u8" if format.bytes == 1 else "u16"
            source = Plane(address, stride, columns, rows, kind, image)
            planes.append(step.filter.rows(source, coarse=format.subsampling(plane), **given))
        self._streams[index] = tuple(planes)

    def release(self, step: int) -> None:
        """Drop the layers that no step after ``step`` reads."""
        assert self._piece is not None
        for layer in self._piece.dead_after(step):
            self._layers.pop(layer, None)
            self._streams.pop(layer, None)

    def image(self, layer: LayerRef) -> Image:
        """A layer as input of a kernel; a streamed one has a single reader."""
        if not layer.streamed:
            return _image(self._layers[layer.step])
        states = [plane.opened() for plane in self._streams[layer.step]]
        planes = tuple((state.address, state.entry) for state in states)
        return Image(planes, layer.width, layer.height, owner=states)


def arguments(
    step: FilterStep, frame: int, files: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """The filter's arguments for a frame. ``files``: digest -> path, for weights."""
    if not step.op:
        return dict(step.params)
    declared, params = ops.get(step.op), dict(step.at(frame))
    if step.bounds is not None:
        left, top, width, height = step.bounds
        for name in (p.name for p in declared.params if p.relative):
            x, y = params[name]
            params[name] = (left + x * width) / step.width, (top + y * height) / step.height
    for name in (p.name for p in declared.params if p.kind == "weights" and params[p.name]):
        params[name] = ({} if files is None else files)[params[name]]
    return dict(params if declared.arguments is None else declared.arguments(params))


def _image(layer: Layer) -> Image:
    _, height, width = layer.shape
    address, stride = layer.ctypes.data, width * 4
    planes = tuple((address + c * height * stride, stride) for c in range(len(layer)))
    return Image(planes, width, height, owner=layer)
