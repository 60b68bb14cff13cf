"""A `flow_morph` between pictures that have nothing in common is reported where it is named; one
between equal pictures is not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from tests.parity.ops.test_flow_morph import texture
from vedc.workspace.build import Build
from vedc.workspace.deliver import deliver

SPEC = """\
version: 1
profile: {width: 200, height: 130, fps: 10}
timeline:
  tracks:
    - clips:
        - {image: a.png, duration: 1s}
        - {transition: flow_morph, duration: 0.4s}
        - {image: b.png, duration: 1s}
        - {transition: flow_morph, duration: 0.4s}
        - {image: b.png, duration: 1s}
    - clips:
        - {color: red, duration: 1s, opacity: 0.1}
        - {transition: dissolve, duration: 0.4s}
        - {color: blue, duration: 1s, opacity: 0.1}
outputs: [{path: film.mkv, codec: ffv1}]
"""


def test_the_warning_points_at_the_transition(tmp_path: Path) -> None:
    for seed, name in ((3, "a.png"), (9, "b.png")):
        Image.fromarray(np.uint8(texture(seed) * 255)).save(tmp_path / name)
    spec = tmp_path / "edit.vedc.yaml"
    spec.write_text(SPEC)
    for _ in range(2):  # rendered, and taken from the store
        (summary,) = deliver(Build(spec), replace=True)
        (warning,) = summary.warnings
        assert warning.code == "unlike-pictures" and "in 4 frames from 0.6s on" in warning.message
        assert warning.location is not None
        assert (warning.location.line, warning.location.column) == (7, 11)
