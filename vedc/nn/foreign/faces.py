"""A face detector supplied by a user, run in a separate process: pictures in, boxes out.

It must be a YuNet (Wu, Peng and Yu, "YuNet: A Tiny Millisecond-level Face Detector", Machine
Intelligence Research 20, 2023), as published in https://github.com/opencv/opencv_zoo. For cells of
8, 16 and 32 pixels it gives the probability of a face and of an object, whose geometric mean is the
score, and a box: its centre in cells from the cell's corner, its size as a logarithm of cells.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from vedc.nn.foreign.onnx_facts import FLOAT32, OnnxFacts, refuse
from vedc.nn.foreign.process import Failed, ModelProcess

_STRIDES: Final = (8, 16, 32)
#: Numbers per cell; ``kps`` are facial landmarks, which are not used here.
_PARTS: Final = {"cls": 1, "obj": 1, "bbox": 4, "kps": 10}
_OUTPUTS: Final = {f"{part}_{stride}": n for stride in _STRIDES for part, n in _PARTS.items()}
#: The least score of a face. The file's makers use 0.9 for colour pictures.
_LEAST_SCORE: Final = 0.6
#: Of two boxes with a greater intersection over union, the one with the higher score is kept.
_MOST_SHARED: Final = 0.3
_MEMORY: Final = 2**30
_SECONDS: Final = 20.0


def check(facts: OnnxFacts) -> None:
    """Raise UserError ``bad-model`` for a file that is not such a detector."""
    cure = "use face_detection_yunet from OpenCV's model zoo, or a file of its kind"
    names = [tensor.name for tensor in facts.outputs]
    for name in sorted(set(_OUTPUTS) - set(names)):
        refuse(facts.path, f"it is no detector of faces: it has no output {name!r}", cure)
    if len(names) > len(_OUTPUTS):
        refuse(facts.path, "it is no detector of faces: it has outputs of its own", cure)
    if len(facts.inputs) != 1 or facts.inputs[0].type != FLOAT32:
        refuse(facts.path, "it is no detector of faces: it must take one picture of float32", cure)
    sides = facts.inputs[0].sides
    if len(sides) != 4 or sides[1] not in (3, None):
        refuse(facts.path, "it is no detector of faces: its input must be (1, 3, h, w)", cure)
    fixed = _side(facts)
    if fixed is not None and (min(fixed) < 32 or max(fixed) > 4096 or any(n % 32 for n in fixed)):
        refuse(facts.path, f"its input of {fixed[1]}x{fixed[0]} is not in steps of 32 pixels", cure)


def _side(facts: OnnxFacts) -> tuple[int, int] | None:
    """Rows and columns of the pictures that a detector takes; None if it takes any."""
    rows, columns = facts.inputs[0].sides[2:]
    return None if rows is None or columns is None else (rows, columns)


class FaceDetector:
    """Finds faces in pictures of one size."""

    def __init__(self, facts: OnnxFacts, runtime: str, size: tuple[int, int]) -> None:
        """``facts`` of a file that passed :func:`check`; ``size``: h and w. Raises Failed."""
        self._size, fixed = size, _side(facts)
        self._names = [tensor.name for tensor in facts.outputs]
        self._taken = fixed or (-(-size[0] // 32) * 32, -(-size[1] // 32) * 32)
        self._scale = min(1.0, self._taken[0] / size[0], self._taken[1] / size[1])
        if fixed is not None:  # enlarge as well: larger faces are easier to find
            self._scale = min(self._taken[0] / size[0], self._taken[1] / size[1])
        shape = (1, 3, *self._taken)
        self._process = ModelProcess(facts.path, runtime, shape, 1, _MEMORY, _SECONDS, self._names)

    def __call__(self, picture: Any) -> NDArray[np.float64]:
        """Faces (n, 5) of a picture (h, w, 3), RGB of 8 bits: left, top, width and height in its
        pixels, and the score, the highest first. Raises Failed."""
        import cv2

        rows, columns = (max(1, round(side * self._scale)) for side in self._size)
        seen = picture if self._scale == 1 else cv2.resize(picture, (columns, rows))
        x = np.zeros((1, 3, *self._taken), np.float32)
        x[0, :, :rows, :columns] = seen[..., ::-1].transpose(2, 0, 1)  # it expects BGR
        found = self._decoded(self._process.run(x))
        if not len(found):
            return found
        boxes, scores = found[:, :4].tolist(), found[:, 4].tolist()
        kept: Any = cv2.dnn.NMSBoxes(boxes, scores, _LEAST_SCORE, _MOST_SHARED)
        left: NDArray[np.float64] = found[np.asarray(kept, int).ravel()]
        left[:, :4] /= self._scale
        return left

    def _decoded(self, row: Any) -> NDArray[np.float64]:
        """All boxes (n, 5) with a sufficient score, from the concatenated outputs. Raises
        Failed."""
        high, wide = self._taken
        strides = {name: int(name.rpartition("_")[2]) for name in self._names}
        sizes = [(high // s) * (wide // s) * _OUTPUTS[name] for name, s in strides.items()]
        if row.size != sum(sizes):
            raise Failed(f"it gives {row.size:,} numbers, not the {sum(sizes):,} of its kind")
        cut = np.split(np.asarray(row, np.float64).ravel(), np.cumsum(sizes)[:-1])
        made = {
            name: part.reshape(-1, _OUTPUTS[name])
            for name, part in zip(self._names, cut, strict=True)
        }
        found = []
        for stride in _STRIDES:
            sure = [np.clip(made[f"{part}_{stride}"][:, 0], 0, 1) for part in ("cls", "obj")]
            score = np.sqrt(sure[0] * sure[1])
            cells = np.flatnonzero(score >= _LEAST_SCORE)
            box = made[f"bbox_{stride}"][cells]
            across, down = cells % (wide // stride), cells // (wide // stride)
            middle = (np.stack([across, down], 1) + box[:, :2]) * stride
            size = np.exp(np.clip(box[:, 2:], -10, 10)) * stride
            found.append(np.concatenate([middle - size / 2, size, score[cells, None]], axis=1))
        return np.concatenate(found)

    def close(self) -> None:
        """End the process."""
        self._process.close()
