"""Grades as tables: against the ops themselves, FFmpeg's tetrahedral reading, and CIE's formula."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from tests.ops_support import apply as by_op
from vedc.decide.grades import perceived, tables
from vedc.errors import InternalError
from vedc.ops.shared import cube

STEPS = (
    {"op": "exposure", "stops": 0.4},
    {"op": "white_balance", "temperature": 5200, "tint": 6},
    {"op": "cdl", "slope": [1.1, 1.0, 0.9], "power": 1.1, "saturation": 1.2},
    {"op": "curves", "master": [[0, 0.05], [0.5, 0.55], [1, 0.95]]},
    {"op": "hue_vs_sat", "curve": [[0.1, 0.5], [0.3, 0.8], [0.6, 0.4]]},
)


def colors(count: int = 500) -> np.ndarray:
    return np.random.default_rng(3).random((count, 3))


@pytest.mark.parametrize("step", STEPS, ids=[str(s["op"]) for s in STEPS])
def test_a_step_gives_what_its_op_gives(step: dict[str, object]) -> None:
    given = {k: np.ravel(v) if k in ("master", "curve") else v for k, v in step.items()}
    name = str(given.pop("op"))
    at = colors()
    light = name in ("exposure", "white_balance")
    found = tables.graded([step], at)
    if not light:
        wide = np.concatenate([at, np.ones((len(at), 1))], -1)[np.newaxis]
        wanted = by_op(name, wide, **given)[0, :, :3]
        assert np.abs(found - wanted).max() < 1e-9
    else:  # BT.709's transfer, by its published formula

        def linear(v: np.ndarray) -> np.ndarray:
            return np.where(v < 0.0812429, v / 4.5, ((v + 0.0992968) / 1.0992968) ** (1 / 0.45))

        def display(v: np.ndarray) -> np.ndarray:
            low = np.maximum(v, 1e-9)
            return np.where(v < 0.0180540, v * 4.5, 1.0992968 * low**0.45 - 0.0992968)

        wide = np.concatenate([linear(at), np.ones((len(at), 1))], -1)[np.newaxis]
        wanted = display(by_op(name, wide, **given)[0, :, :3])
        inside = (wanted > 0) & (wanted < 1.2)
        assert np.abs(found - wanted)[inside].max() < 1e-5


def test_steps_follow_one_another() -> None:
    whole = tables.graded(STEPS, colors())
    by_one = colors()
    for step in STEPS:
        by_one = tables.graded([step], by_one)
    assert np.abs(whole - by_one).max() < 1e-12


def test_no_steps_change_nothing() -> None:
    assert np.array_equal(tables.table_of([]), tables.identity())
    at = colors()
    assert np.abs(tables.apply(tables.identity(), at) - at).max() < 1e-6


def test_what_looks_at_the_place_is_refused() -> None:
    with pytest.raises(InternalError, match="vignette"):
        tables.table_of([{"op": "vignette", "amount": 0.5}])


def test_a_table_is_read_as_ffmpeg_reads_its_cube(tmp_path: Path) -> None:
    table = tables.table_of(STEPS)
    held = tables.as_cube(table)
    rows = np.array(held.data).reshape(-1, 3)
    lines = ["LUT_3D_SIZE 17", *(f"{r:.7f} {g:.7f} {b:.7f}" for r, g, b in rows)]
    (tmp_path / "look.cube").write_text("\n".join(lines) + "\n")
    at = np.random.default_rng(4).integers(0, 65536, (16, 64, 3), dtype=np.uint16)
    graph = av.filter.Graph()
    source = graph.add("buffer", video_size="64x16", pix_fmt="gbrp16le", time_base="1/25")
    lut = graph.add("lut3d", f"file={tmp_path / 'look.cube'}:interp=tetrahedral")
    out = graph.add("format", "pix_fmts=gbrp16le")
    sink = graph.add("buffersink")
    graph.link_nodes(source, lut, out, sink)
    graph.configure()
    frame = av.VideoFrame(64, 16, "gbrp16le")
    for plane, channel in zip(frame.planes, (1, 2, 0), strict=True):
        plane.update(np.ascontiguousarray(at[..., channel]).tobytes())
    source.push(frame)
    shown = sink.pull()
    theirs = np.stack(
        [
            np.frombuffer(bytes(shown.planes[i]), np.uint16).reshape(16, -1)[:, :64]
            for i in (2, 0, 1)
        ],
        -1,
    )
    ours = tables.apply(table, at / 65535.0) * 65535.0
    assert np.abs(ours - theirs).max() < 4
    read = cube.read(tmp_path / "look.cube")
    assert np.abs(tables.of_cube(read) - table).max() < 1e-6


def test_tables_compose() -> None:
    first, second = tables.table_of(STEPS[:2]), tables.table_of(STEPS[2:])
    wanted = tables.as_table(tables.graded(STEPS[2:], first))
    away = np.abs(tables.composed(first, second) - wanted)
    assert away.mean() < 2e-3 and away.max() < 0.05  # curves bend between points


#: Rows of Sharma, Wu and Dalal's test data: L*, a*, b* of two colours, and their difference.
PUBLISHED = (
    (50.0000, 2.6772, -79.7751, 50.0000, 0.0000, -82.7485, 2.0425),
    (50.0000, 3.1571, -77.2803, 50.0000, 0.0000, -82.7485, 2.8615),
    (50.0000, -1.3802, -84.2814, 50.0000, 0.0000, -82.7485, 1.0000),
    (50.0000, 0.0000, 0.0000, 50.0000, -1.0000, 2.0000, 2.3669),
    (50.0000, 2.4900, -0.0010, 50.0000, -2.4900, 0.0009, 7.1792),
    (50.0000, 2.4900, -0.0010, 50.0000, -2.4900, 0.0011, 7.2195),
    (50.0000, -0.0010, 2.4900, 50.0000, 0.0009, -2.4900, 4.8045),
    (50.0000, 2.5000, 0.0000, 73.0000, 25.0000, -18.0000, 27.1492),
    (50.0000, 2.5000, 0.0000, 61.0000, -5.0000, 29.0000, 22.8977),
    (50.0000, 2.5000, 0.0000, 50.0000, 3.1736, 0.5854, 1.0000),
    (60.2574, -34.0099, 36.2677, 60.4626, -34.1751, 39.4387, 1.2644),
    (63.0109, -31.0961, -5.8663, 62.8187, -29.7946, -4.0864, 1.2630),
    (22.7233, 20.0904, -46.6940, 23.0331, 14.9730, -42.5619, 2.0373),
    (90.8027, -2.0831, 1.4410, 91.1528, -1.6435, 0.0447, 1.4441),
    (2.0776, 0.0795, -1.1350, 0.9033, -0.0636, -0.5514, 0.9082),
)


@pytest.mark.parametrize("row", PUBLISHED, ids=[str(row[-1]) for row in PUBLISHED])
def test_the_difference_is_the_published_one(row: tuple[float, ...]) -> None:
    first, second = np.array(row[:3]), np.array(row[3:6])
    for a, b in ((first, second), (second, first)):
        assert float(perceived.ciede2000(a, b)) == pytest.approx(row[6], abs=1e-4)


def test_lab_and_oklab_of_known_colors() -> None:
    red = np.array([1.0, 0.0, 0.0])
    assert perceived.lab(red) == pytest.approx([53.24, 80.09, 67.20], abs=0.02)
    assert perceived.lab(np.ones(3)) == pytest.approx([100, 0, 0], abs=1e-6)
    assert perceived.oklab(red) == pytest.approx([0.62796, 0.22486, 0.12585], abs=1e-4)
    assert perceived.oklab(np.ones(3)) == pytest.approx([1, 0, 0], abs=1e-6)
