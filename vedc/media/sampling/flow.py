"""A picture between two others, by optical flow (OpenCV's DIS) in both directions.

Each neighbour is warped to the moment in between, along the flow to the other one (Jiang et al.,
"Super SloMo", 2018, equation 4). Parts visible in only one, because the other's flow does not lead
back, come from that one. If the two have little in common there was a cut, and the nearer one is
shown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import cv2
import numpy as np
from av.video.frame import VideoFrame

from vedc.color import FORMATS
from vedc.media.sampling.planes import frame_like, planes_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Field = NDArray[np.float32]

_LARGEST: Final = 960
"""Pixels of the longer side in which motion is found; larger pictures are scaled down."""

_HIDDEN: Final = 1.5
"""Pixels by which flows there and back may miss their start for a point visible in both."""

_CUT: Final = 0.12
"""Mean difference of the warped pictures, of the range, above which there was a cut."""


class Between:
    """Pictures between two frames. Motion is found once for all moments."""

    def __init__(self, first: VideoFrame, second: VideoFrame) -> None:
        self.first, self.second = first, second
        grey = [_grey(frame) for frame in (first, second)]
        self._shape = grey[0].shape
        cv2.setNumThreads(1)  # the division of work among threads changes DIS's result
        finder = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
        still = np.zeros((*self._shape, 2), np.float32)
        self._there = finder.calc(grey[0], grey[1], still.copy()).astype(np.float32)
        self._back = finder.calc(grey[1], grey[0], still).astype(np.float32)
        self._hidden = _missed(self._there, self._back), _missed(self._back, self._there)
        """For each picture: the parts that the other does not show, from 0 to 1."""
        self._grey = grey

    def at(self, share: float) -> VideoFrame:
        """The picture a share of the way from the first to the second, 0 to 1."""
        t = np.float32(share)
        to_first = -(1 - t) * t * self._there + t * t * self._back
        to_second = (1 - t) * (1 - t) * self._there - t * (1 - t) * self._back
        warped = [_warped(g, f) for g, f in zip(self._grey, (to_first, to_second), strict=True)]
        apart = np.abs(warped[0].astype(np.float32) - warped[1])
        if float(apart.mean()) > _CUT * 255:
            return self.first if share < 0.5 else self.second
        alone = [
            _warped(hidden, flow)
            for hidden, flow in zip(self._hidden, (to_first, to_second), strict=True)
        ]
        first = (1 - t) * (1 - alone[1]) + np.float32(1e-4)
        second = t * (1 - alone[0]) + np.float32(1e-4)
        weight = (second / (first + second)).astype(np.float32)
        flows = to_first, to_second
        made = []
        for a, b in zip(planes_of(self.first), planes_of(self.second), strict=True):
            size = a.shape[1], a.shape[0]
            scaled = [_resized(flow, size, self._shape) for flow in flows]
            share_here = cv2.resize(weight, size, interpolation=cv2.INTER_LINEAR)
            if a.ndim == 3:
                share_here = share_here[..., None]
            here, there = (
                _warped(plane, flow, sharp=True).astype(np.float32)
                for plane, flow in zip((a, b), scaled, strict=True)
            )
            made.append(here + (there - here) * share_here)
        return frame_like(self.first, made)


def _grey(frame: VideoFrame) -> NDArray[np.uint8]:
    """The lightness in 8 bits: luma, or green."""
    fmt = FORMATS[frame.format.name]
    plane = planes_of(frame)[0]
    if plane.ndim == 3:
        plane = plane[..., 1]
    scaled: NDArray[Any] = plane.astype(np.float32) * np.float32(255 / (fmt.peak << fmt.shift))
    height, width = scaled.shape
    ratio = min(1.0, _LARGEST / max(height, width))
    size = max(16, round(width * ratio)), max(16, round(height * ratio))
    if size != (width, height):
        scaled = cv2.resize(scaled, size, interpolation=cv2.INTER_AREA)
    grey: NDArray[np.uint8] = np.clip(scaled + 0.5, 0, 255).astype(np.uint8)
    return grey


def _missed(there: Field, back: Field) -> Field:
    """How far from its start each point comes back, from 0 (within a pixel or so) to 1."""
    error = np.linalg.norm(there + _warped(back, there), axis=-1)
    length = np.linalg.norm(there, axis=-1)
    hidden: Field = np.clip(error / (_HIDDEN + 0.1 * length) - 1, 0, 1).astype(np.float32)
    return hidden


def _warped(picture: NDArray[Any], flow: Field, *, sharp: bool = False) -> NDArray[Any]:
    """The picture warped along a flow."""
    height, width = flow.shape[:2]
    columns = np.arange(width, dtype=np.float32) + flow[..., 0]
    rows = np.arange(height, dtype=np.float32)[:, None] + flow[..., 1]
    how = cv2.INTER_CUBIC if sharp else cv2.INTER_LINEAR
    return cv2.remap(
        np.ascontiguousarray(picture), columns, rows, how, borderMode=cv2.BORDER_REPLICATE
    )


def _resized(flow: Field, size: tuple[int, int], shape: tuple[int, ...]) -> Field:
    """A flow for a plane of another size."""
    width, height = size
    if (height, width) == shape[:2]:
        return flow
    made = cv2.resize(flow, size, interpolation=cv2.INTER_LINEAR)
    scale = np.array([width / shape[1], height / shape[0]], np.float32)
    return (made * scale).astype(np.float32)
