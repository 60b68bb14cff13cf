"""Geometry against OpenCV, FFmpeg and Pillow: the paths of points, and the pictures."""

from __future__ import annotations

import math
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from tests.filters import filtered
from tests.ops_support import apply
from tests.oracles import record
from vedc.codegen.reference.numpy_math import NumpyMath
from vedc.expr.picture import Filter, Footprint, Picture, Pyramid, atlas
from vedc.kernels import mosaic, pyramid

Array = np.ndarray[Any, np.dtype[np.float64]]
ROWS, COLUMNS = 120, 200
Y, X = np.mgrid[0:ROWS, 0:COLUMNS] + 0.5
BLANK = np.zeros((ROWS, COLUMNS, 4))
#: Smooth, so that filters between pixels hardly differ.
SMOOTH = np.stack(
    [
        0.5 + 0.4 * np.cos(X * 0.05) * np.cos(Y * 0.07),
        0.5 + 0.4 * np.sin(X * 0.06 + Y * 0.03),
        0.3 + 0.4 * X / COLUMNS,
    ],
    -1,
)
#: An equirectangular picture in which every colour identifies its direction.
AROUND, DOWN = X / COLUMNS * 2 * math.pi, Y / ROWS * math.pi
SPHERE = 0.5 + 0.4 * np.stack(
    [np.cos(AROUND) * np.sin(DOWN), np.sin(AROUND) * np.sin(DOWN), np.cos(DOWN)], -1
)


def moved(name: str, **params: Any) -> Array:
    """The points that are shown, as (rows, columns, 2)."""
    return np.stack(apply(name, BLANK, **params), -1)


def seen(picture: Array, points: Array, edge: str = "clamp", filter: Filter = "cubic") -> Array:
    m = NumpyMath(layers=[np.moveaxis(picture, -1, 0)])
    rows, columns = picture.shape[:2]
    source = Picture(m, 0, columns, rows, None, alpha=False)  # type: ignore[arg-type]
    pixel = source.at(points[..., 0], points[..., 1], edge=edge, filter=filter)  # type: ignore[arg-type]
    return np.stack(pixel.rgb.channels, -1)


def by_ffmpeg(chain: str, picture: Array, bits: int = 16) -> Array:
    kind, format = (np.uint16, "gbrp16le") if bits == 16 else (np.uint8, "gbrp")
    peak = np.iinfo(kind).max
    codes = np.round(picture * peak).astype(kind)
    planes = filtered(chain, format, [codes[..., c] for c in (1, 2, 0)])
    g, b, r = (p.reshape(len(p), -1)[:, : picture.shape[1]] for p in planes)
    return np.stack([r, g, b], -1) / peak


def held(op: str, oracle: str, difference: Array, limit: float, unit: str) -> None:
    largest = float(np.abs(difference).max())
    record(op, oracle, largest, unit)
    assert largest <= limit


# ---------------------------------------------------------------- OpenCV: where points go


def test_corner_pin() -> None:
    corners = np.array([(0.1, 0.15), (0.85, 0.05), (0.95, 0.9), (0.05, 0.75)])
    names = ("top_left", "top_right", "bottom_right", "bottom_left")
    size = np.array([COLUMNS, ROWS])
    square = np.array([(0, 0), (1, 0), (1, 1), (0, 1)]) * size
    matrix = cv2.getPerspectiveTransform(
        (corners * size).astype(np.float32), square.astype(np.float32), solveMethod=cv2.DECOMP_SVD
    )
    theirs = cv2.perspectiveTransform(np.stack([X, Y], -1), matrix)
    ours = moved("corner_pin", **{n: tuple(c) for n, c in zip(names, corners, strict=True)})
    held("corner_pin", "OpenCV getPerspectiveTransform", ours - theirs, 1e-3, "pixels")


@pytest.mark.parametrize(("degrees", "scale"), [(25.0, 1.0), (-70.0, 0.4), (180.0, 2.5)])
def test_transform(degrees: float, scale: float) -> None:
    anchor = (0.3, 0.6)
    middle = (anchor[0] * COLUMNS, anchor[1] * ROWS)
    forward = cv2.getRotationMatrix2D(middle, -degrees, scale)
    forward[:, 2] += (7.25, -3.5)
    back = cv2.invertAffineTransform(forward)
    theirs = cv2.transform(np.stack([X, Y], -1), back)
    ours = moved(
        "transform", rotation=degrees, scale=(scale, scale), anchor=anchor, position=(7.25, -3.5)
    )
    held("transform", "OpenCV getRotationMatrix2D", ours - theirs, 1e-9, "pixels")


def camera(focal: float) -> Array:
    return np.array([[focal, 0, COLUMNS / 2], [0, focal, ROWS / 2], [0, 0, 1]])


@pytest.mark.parametrize("angles", [(35.0, 0.0, 0.0), (0.0, 40.0, 0.0), (25.0, -30.0, 15.0)])
def test_tilt(angles: tuple[float, float, float]) -> None:
    """Points of the turned plane, projected by OpenCV's camera, must be found again."""
    pitch, yaw, roll = np.radians(angles)
    fov = 45.0
    focal = ROWS / 2 / math.tan(math.radians(fov / 2))
    turn = np.eye(3)
    for axis in ((0, 0, roll), (pitch, 0, 0), (0, -yaw, 0)):
        turn = cv2.Rodrigues(np.array(axis, float))[0] @ turn
    ours = moved("tilt", pitch=angles[0], yaw=angles[1], roll=angles[2], fov=fov)
    inside = (np.abs(ours[..., 0] - COLUMNS / 2) < 300) & (np.abs(ours[..., 1] - ROWS / 2) < 300)
    flat = ours[inside] - (COLUMNS / 2, ROWS / 2)
    points = np.concatenate([flat, np.zeros((len(flat), 1))], -1)
    back, _ = cv2.projectPoints(
        points, cv2.Rodrigues(turn)[0], np.array([0.0, 0.0, focal]), camera(focal), None
    )
    held("tilt", "OpenCV projectPoints", back[:, 0] - np.stack([X, Y], -1)[inside], 1e-6, "pixels")


@pytest.mark.parametrize(("k1", "k2"), [(-0.25, 0.05), (0.15, 0.0), (0.1, 0.08)])
def test_lens(k1: float, k2: float) -> None:
    """OpenCV's camera with Brown's distortion and a focal length of half the diagonal."""
    focal = math.hypot(COLUMNS, ROWS) / 2
    ideal = np.stack([(X - COLUMNS / 2) / focal, (Y - ROWS / 2) / focal, np.ones_like(X)], -1)
    bent, _ = cv2.projectPoints(
        ideal.reshape(-1, 3), np.zeros(3), np.zeros(3), camera(focal), np.array([k1, k2, 0, 0])
    )
    ours = moved("lens", k1=k1, k2=k2)
    held("lens", "OpenCV projectPoints", ours - bent.reshape(ours.shape), 1e-9, "pixels")
    # The other direction must undo what OpenCV has bent; it maps points to points.
    again = moved("lens", k1=k1, k2=k2, direction="distort").reshape(-1, 2)
    flat = (again - (COLUMNS / 2, ROWS / 2)) / focal
    there, _ = cv2.projectPoints(
        np.concatenate([flat, np.ones((len(flat), 1))], -1),
        np.zeros(3), np.zeros(3), camera(focal), np.array([k1, k2, 0, 0]),
    )  # fmt: skip
    error = there.reshape(ours.shape) - np.stack([X, Y], -1)
    held("lens (distort)", "OpenCV projectPoints", error, 1e-4, "pixels")


def test_fisheye() -> None:
    fov = 140.0
    size = math.hypot(COLUMNS, ROWS) / 2
    plain = size / math.tan(math.radians(fov / 2))
    straight = np.stack([X - COLUMNS / 2, Y - ROWS / 2], -1) / plain
    bent = cv2.fisheye.distortPoints(
        straight.reshape(-1, 1, 2), camera(size / math.radians(fov / 2)), np.zeros(4)
    )
    ours = moved("fisheye", fov=fov, direction="remove")
    error = ours - bent.reshape(ours.shape)
    held("fisheye (remove)", "OpenCV fisheye.distortPoints", error, 1e-6, "pixels")
    straight = cv2.fisheye.undistortPoints(
        np.stack([X, Y], -1).reshape(-1, 1, 2), camera(size / math.radians(fov / 2)), np.zeros(4)
    )
    wanted = straight.reshape(ours.shape) * plain + (COLUMNS / 2, ROWS / 2)
    error = moved("fisheye", fov=fov) - wanted
    held("fisheye", "OpenCV fisheye.undistortPoints", error, 1e-3, "pixels")


def test_polar() -> None:
    """OpenCV unrolls clockwise from the right, with the distance to the right."""
    side = 120
    picture = np.ascontiguousarray(SMOOTH[:, :side])
    flags = cv2.INTER_CUBIC | cv2.WARP_POLAR_LINEAR | cv2.WARP_FILL_OUTLIERS
    theirs = cv2.warpPolar(
        picture.astype(np.float32), (side, side), (side / 2 - 0.5,) * 2, side / 2, flags
    )
    points = np.stack(
        apply("polar", np.zeros((side, side, 4)), direction="from_polar", angle=90.0), -1
    )
    # OpenCV's rows and columns stand for angles and distances from 0, ours for pixels' middles.
    ours = seen(picture, points).swapaxes(0, 1)
    theirs = (theirs + np.roll(theirs, -1, 0)) / 2
    theirs = (theirs[:, :-1] + theirs[:, 1:]) / 2
    difference = (ours[:, :-1] - theirs)[:, 2:-2]
    held("polar (from_polar)", "OpenCV warpPolar", difference, 0.004, "of the peak")
    there = moved("polar", radius=0.9, angle=30.0, edge="clear")
    shift = ROWS / 2 * 0.9
    x, y = there[..., 0] / COLUMNS * 360.0 + 30.0, there[..., 1] / ROWS * shift
    inside = np.hypot(X - COLUMNS / 2, Y - ROWS / 2) < shift * 0.99
    inside &= there[..., 1] > 0.5
    back = np.stack(
        [np.sin(np.radians(x)) * y + COLUMNS / 2, ROWS / 2 - np.cos(np.radians(x)) * y], -1
    )
    np.testing.assert_allclose(back[inside], np.stack([X, Y], -1)[inside], atol=1e-4)


# ---------------------------------------------------------------- FFmpeg: the pictures


@pytest.mark.parametrize("angles", [(0, 0, 0), (40, 15, -10), (-120, 0, 30), (0, 40, 0)])
@pytest.mark.parametrize(
    ("projection", "theirs", "fov"),
    [("flat", "flat", 100), ("fisheye", "fisheye", 180), ("stereographic", "sg", 180)],
)
def test_reframe360(angles: tuple[int, int, int], projection: str, theirs: str, fov: int) -> None:
    yaw, pitch, roll = angles
    ratio = ROWS / COLUMNS
    down = {
        "flat": 2 * math.degrees(math.atan(math.tan(math.radians(fov / 2)) * ratio)),
        "fisheye": fov * ratio,
        "stereographic": 4 * math.degrees(math.atan(math.tan(math.radians(fov / 4)) * ratio)),
    }[projection]
    chain = (
        f"v360=input=e:output={theirs}:yaw={yaw}:pitch={pitch}:roll={roll}"
        f":h_fov={fov}:v_fov={down}:w={COLUMNS}:h={ROWS}:interp=cubic"
    )
    points = moved(
        "reframe360", yaw=float(yaw), pitch=float(pitch), roll=float(roll), fov=float(fov),
        projection=projection,
    )  # fmt: skip
    difference = seen(SPHERE, points, "repeat") - by_ffmpeg(chain, SPHERE)
    # At the poles FFmpeg takes the pixels beyond from the other side, ours the rim again.
    difference = difference[np.abs(points[..., 1] - ROWS / 2) < ROWS / 2 - 2]
    # FFmpeg's places are whole numbers of 1/16384 pixel and miss the pixel's middle a little.
    held(f"reframe360 ({projection})", "FFmpeg v360", difference, 0.008, "of the peak")


@pytest.mark.parametrize(
    ("k1", "k2", "center"), [(-0.3, 0.1, (0.5, 0.5)), (0.2, -0.1, (0.4, 0.55))]
)
def test_lenscorrection(k1: float, k2: float, center: tuple[float, float]) -> None:
    chain = f"lenscorrection=k1={k1}:k2={k2}:cx={center[0]}:cy={center[1]}:i=nearest"
    theirs = by_ffmpeg(chain, SMOOTH, bits=8)
    # FFmpeg counts from the first pixel's middle, not from its corner. Its bilinear filter is
    # off by half a pixel, so the nearest pixel is compared: within half a pixel's slope.
    middle = (center[0] + 0.5 / COLUMNS, center[1] + 0.5 / ROWS)
    points = moved("lens", k1=k1, k2=k2, center=middle)
    ours = seen(SMOOTH, points, filter="linear")
    inside = (np.abs(points - (COLUMNS / 2, ROWS / 2)) < (COLUMNS / 2 - 3, ROWS / 2 - 3)).all(-1)
    held("lens", "FFmpeg lenscorrection", (ours - theirs)[inside], 0.025, "of the peak")


@pytest.mark.parametrize("degrees", [10.0, -35.0, 90.0])
def test_rotate(degrees: float) -> None:
    picture = SMOOTH[:, :ROWS]
    chain = f"rotate=a={math.radians(degrees)}:bilinear=1:c=black"
    theirs = by_ffmpeg(chain, picture, bits=8)
    points = np.stack(apply("transform", BLANK[:, :ROWS], rotation=degrees), -1)
    inside = (np.abs(points - ROWS / 2) < ROWS / 2 - 3).all(-1)
    difference = (seen(picture, points, filter="linear") - theirs)[inside]
    held("transform (rotation)", "FFmpeg rotate", difference, 0.02, "of the peak")


def test_flips() -> None:
    codes = np.round(SMOOTH * 65535) / 65535
    difference = seen(codes, moved("flip")) - by_ffmpeg("hflip", SMOOTH)
    held("flip", "FFmpeg hflip", difference, 0.0, "of the peak")
    difference = seen(codes, moved("flip", horizontal=False, vertical=True)) - cv2.flip(codes, 0)
    held("flip", "OpenCV flip", difference, 0.0, "of the peak")


def test_pixelate() -> None:
    """FFmpeg's cells begin in the corner; so do ours where whole cells fill the canvas."""
    picture = np.random.default_rng(5).uniform(0.0, 1.0, (ROWS, COLUMNS, 3))
    codes = np.round(picture * 255) / 255
    theirs = by_ffmpeg("pixelize=w=8:h=24:mode=avg", picture, bits=8)
    ours = mosaic.reference(np.moveaxis(codes, -1, 0), across=8.0, down=24.0)
    # FFmpeg rounds down.
    difference = np.moveaxis(ours, 0, -1) - theirs
    held("pixelate", "FFmpeg pixelize", difference - 0.5 / 255, 0.51 / 255, "of the peak")


# ---------------------------------------------------------------- Pillow: between pixels


@pytest.mark.parametrize(
    ("filter", "pillow"),
    [("cubic", Image.Resampling.BICUBIC), ("linear", Image.Resampling.BILINEAR)],
)
def test_enlarging(filter: Filter, pillow: Image.Resampling) -> None:
    """Pillow's bicubic is Catmull and Rom's too."""
    picture = np.random.default_rng(8).uniform(0.0, 1.0, (24, 30))
    rows, columns = 61, 83
    theirs = np.asarray(
        Image.fromarray(picture.astype(np.float32)).resize((columns, rows), pillow), np.float64
    )
    y, x = np.mgrid[0:rows, 0:columns] + 0.5
    points = np.stack([x * 30 / columns, y * 24 / rows], -1)
    ours = seen(np.stack([picture] * 3, -1), points, filter=filter)[..., 0]
    inside = np.s_[8:-8, 8:-8]  # at the rim Pillow leaves taps out and reweights the others
    held(f"sampling ({filter})", "Pillow resize", (ours - theirs)[inside], 1e-6, "of the peak")


def signal_to_error(ours: Array, theirs: Array) -> float:
    """Peak over mean error, in decibels, away from the rim."""
    return float(-10.0 * np.log10(np.mean((ours - theirs)[4:-4, 4:-4] ** 2)))


def detailed(rows: int, columns: int) -> Array:
    """Detail of all sizes with hard edges, as a photograph has: discs that hide one another."""
    rng = np.random.default_rng(21)
    y, x = np.mgrid[0:rows, 0:columns]
    made = np.full((rows, columns), 0.5)
    for radius in np.geomspace(120.0, 1.2, 1500):
        cx, cy, level = rng.uniform(0, columns), rng.uniform(0, rows), rng.uniform(0.0, 1.0)
        top, left = max(int(cy - radius) - 1, 0), max(int(cx - radius) - 1, 0)
        box = np.s_[top : int(cy + radius) + 2, left : int(cx + radius) + 2]
        made[box][(x[box] - cx) ** 2 + (y[box] - cy) ** 2 < radius**2] = level
    return made


DETAILED = detailed(480, 640)


@pytest.mark.parametrize("scale", [0.9, 0.75, 0.6, 0.5, 0.35, 0.25, 0.15, 0.08, 0.05])
def test_shrinking_is_as_near_to_lanczos_as_pillows_means(scale: float) -> None:
    rows, columns = round(480 * scale), round(640 * scale)
    image = Image.fromarray(DETAILED.astype(np.float32))
    lanczos, box, tent = (
        np.asarray(image.resize((columns, rows), f), np.float64)
        for f in (Image.Resampling.LANCZOS, Image.Resampling.BOX, Image.Resampling.BILINEAR)
    )
    y, x = np.mgrid[0:rows, 0:columns] + 0.5
    step = (640 / columns, 0.0, 0.0, 480 / rows)
    ours = pyramid_at(DETAILED, x * step[0], y * step[3], step, probes=1)
    found = signal_to_error(ours, lanczos)
    record(f"minification {scale}", "Pillow LANCZOS", found, "dB")
    best = max(signal_to_error(box, lanczos), signal_to_error(tent, lanczos))
    assert found > best - 1.5


def pyramid_at(picture: Array, x: Array, y: Array, step: Any, probes: int) -> Array:
    rows, columns = picture.shape
    layer = pyramid.reference(np.stack([picture] * 3))
    source = Pyramid(NumpyMath(layers=[layer]), 0, atlas(rows, columns), alpha=False)
    with np.errstate(all="ignore"):
        pixel = source.at(
            x,
            y,
            footprint=Footprint(*map(np.float64, step)),
            edge="clamp",
            probes=probes,  # type: ignore[arg-type]
        )
    return np.asarray(pixel.rgb.r)


@pytest.mark.parametrize(("across", "down", "degrees"), [(2, 2, 30), (5, 5, 40), (4, 1, 30)])
def test_shrinking_turned_pictures(across: float, down: float, degrees: float) -> None:
    """The oracle turns the picture at full size, by OpenCV, and shrinks it by Pillow."""
    rows, columns = 200 // 4 * 4, 200 // 4 * 4
    turn = math.radians(degrees)
    c, s = math.cos(turn), math.sin(turn)
    fine = 4  # Looks of the oracle at a pixel of the source, each way.
    y, x = np.mgrid[0 : rows * fine, 0 : columns * fine] + 0.5
    u, v = x / fine - columns / 2, y / fine - rows / 2
    places = 320 + c * u - s * v, 240 + s * u + c * v
    large = cv2.remap(
        DETAILED.astype(np.float32), *(np.float32(p - 0.5) for p in places), cv2.INTER_CUBIC
    )
    size = columns // across, rows // down
    wanted = np.asarray(Image.fromarray(large).resize(size, Image.Resampling.LANCZOS), np.float64)
    y, x = np.mgrid[0 : size[1], 0 : size[0]] + 0.5
    u, v = x * across - columns / 2, y * down - rows / 2
    step = (c * across, s * across, -s * down, c * down)
    at = 320 + c * u - s * v, 240 + s * u + c * v
    found = {n: signal_to_error(pyramid_at(DETAILED, *at, step, n), wanted) for n in (1, 2, 3)}
    record(f"minification {across}x{down} turned", "Pillow LANCZOS", found[3], "dB")
    if across == down:
        assert found[1] > 28.0
        assert abs(found[1] - found[3]) < 0.1  # alike in all directions: nothing to probe
    else:
        assert found[2] > found[1] + 2.0
        assert found[3] > 28.0
