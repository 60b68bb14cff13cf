"""A user's detector of faces: what it is held to, and what becomes of its numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests import foreign
from vedc.decide.analyses.faces import FaceMaps, drawn
from vedc.errors import RenderError, UserError
from vedc.nn.foreign.faces import FaceDetector, check
from vedc.nn.foreign.onnx_facts import read


def squares(*corners: tuple[int, int]) -> np.ndarray:
    """A black picture with white squares of 32 pixels; their left upper corners as (x, y)."""
    picture = np.zeros((180, 320, 3), np.uint8)
    for x, y in corners:
        picture[y : y + 32, x : x + 32] = 255
    return picture


def test_boxes_are_where_the_faces_are(tmp_path: Path) -> None:
    facts = read(foreign.faces(tmp_path / "faces.onnx"))
    check(facts)
    find = FaceDetector(facts, "cv", (180, 320))
    found = find(squares((128, 64), (0, 0)))
    order = np.argsort(found[:, 0])
    np.testing.assert_allclose(found[order], [[0, 0, 32, 32, 1], [128, 64, 32, 32, 1]], atol=1e-3)
    assert find(squares()).shape == (0, 5)
    find.close()


def test_a_detector_of_one_size_sees_pictures_of_any(tmp_path: Path) -> None:
    facts = read(foreign.faces(tmp_path / "faces.onnx", (1, 3, 384, 640)))
    check(facts)
    find = FaceDetector(facts, "cv", (180, 320))
    picture = np.zeros((180, 320, 3), np.uint8)
    picture[48:64, 160:176] = 255  # 32 pixels of what it sees
    np.testing.assert_allclose(find(picture), [[160, 48, 16, 16, 1]], atol=0.3)
    find.close()


def test_a_face_is_drawn_in_the_cells_that_it_covers() -> None:
    map_ = drawn(np.array([[160.0, 0.0, 80.0, 90.0, 0.8]]), (180, 320))
    assert map_.shape == (27, 48) and map_[6, 30] == round(255 * 0.8)
    assert not map_[:, :24].any() and not map_[:, 36:].any() and not map_[14:].any()


def test_no_detector_of_faces(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no detector of faces: it has no output 'bbox_16'"):
        check(read(foreign.soft(tmp_path / "soft.onnx")))


def test_a_detector_that_fails_is_named(tmp_path: Path) -> None:
    file = foreign.faces(tmp_path / "faces.onnx")
    maps = FaceMaps(file, (180, 320))
    maps._find._process._process.kill()
    with pytest.raises(RenderError, match="the detector of faces"):
        maps(np.zeros((180, 320), np.uint8), np.zeros((27, 48, 3), np.uint8))
