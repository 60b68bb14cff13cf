"""A colour file of every kind: written by OpenColorIO where it can, else by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import PyOpenColorIO as ocio

#: A look whose channels mix before they bend: ways to interpolate differ between its points.
_MIXED = ocio.MatrixTransform(
    [0.8, 0.15, 0.05, 0, 0.1, 0.8, 0.1, 0, 0.05, 0.25, 0.7, 0, 0, 0, 0, 1]
)
_CDL = ocio.CDLTransform(
    slope=[1.1, 1.0, 0.9], offset=[0.01, 0.0, 0.02], power=[1.2, 1.0, 0.8], sat=0.7
)
_CDL.setStyle(ocio.CDL_ASC)
LOOK = ocio.GroupTransform([_MIXED, _CDL])
CURVE = ocio.ExponentTransform([1.4, 0.9, 1.1, 1.0])
AXIS = np.linspace(0.0, 1.0, 5)


def values(transform: Any, points: Any) -> Any:
    """Colours after a transform."""
    held = np.array(points, np.float32, order="C")
    ocio.Config.CreateRaw().getProcessor(transform).getDefaultCPUProcessor().applyRGB(held)
    return held


def baked(format: str, transform: Any, shaper: bool = False) -> str:
    """A table of a transform in one of the formats that OpenColorIO bakes."""
    config = ocio.Config.CreateRaw()
    for name, made in (
        ("in", None),
        ("look", transform),
        ("shaper", ocio.ExponentTransform([0.7] * 3 + [1])),
    ):
        space = ocio.ColorSpace(name=name)
        if made is not None:
            space.setTransform(made, ocio.COLORSPACE_DIR_FROM_REFERENCE)
        config.addColorSpace(space)
    baker = ocio.Baker()
    baker.setConfig(config)
    baker.setFormat(format)
    baker.setInputSpace("in")
    baker.setTargetSpace("look")
    baker.setCubeSize(9)
    if shaper:
        baker.setShaperSpace("shaper")
        baker.setShaperSize(64)
    text: str = baker.bake()
    return text


def written(format: str, *transforms: Any, takes: str = "", gives: str = "") -> str:
    """Transforms in one of the formats that OpenColorIO writes as they are."""
    group = ocio.GroupTransform(list(transforms))
    data = group.getFormatMetadata()
    data.setID("look-1")
    for name, text in (("InputDescriptor", takes), ("OutputDescriptor", gives)):
        if text:
            data.addChildElement(name, text)
    text = group.write(format, ocio.Config.CreateRaw())
    return str(text)


def clf(*transforms: Any, takes: str = "", gives: str = "") -> str:
    return written("Academy/ASC Common LUT Format", *transforms, takes=takes, gives=gives)


def half_domain() -> Any:
    """A 1D table over the numbers of half precision."""
    with np.errstate(invalid="ignore"):
        light = np.arange(65536, dtype=np.uint16).view(np.float16).astype(np.float32)
    light = np.where(np.isfinite(light), light, 0.0)
    table = ocio.Lut1DTransform(65536, True)
    table.setData((np.sign(light) * np.abs(light) ** 0.45)[:, None].repeat(3, 1).astype(np.float32))
    return table


def lattice(size: int = 7, way: Any = ocio.INTERP_TETRAHEDRAL) -> Any:
    table = ocio.Lut3DTransform(size)
    table.setInterpolation(way)
    axis = np.linspace(0.0, 1.0, size)
    grid = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), -1).reshape(-1, 3)
    table.setData(np.ascontiguousarray(values(LOOK, grid)).ravel())
    return table


def log_to_log() -> Any:
    """A camera's logarithm, a CDL in it, and back."""
    log = ocio.LogCameraTransform([0.01] * 3)
    log.setLogSideSlopeValue([0.08] * 3)
    log.setLogSideOffsetValue([0.4] * 3)
    log.setLinSideSlopeValue([5.0] * 3)
    log.setLinSideOffsetValue([0.05] * 3)
    back = ocio.LogCameraTransform([0.01] * 3)
    for name in ("LogSideSlope", "LogSideOffset", "LinSideSlope", "LinSideOffset"):
        getattr(back, f"set{name}Value")(getattr(log, f"get{name}Value")())
    back.setDirection(ocio.TRANSFORM_DIR_INVERSE)
    return ocio.GroupTransform([log, LOOK, back])


def _grid(blue_first: bool) -> Any:
    axes = np.meshgrid(AXIS, AXIS, AXIS, indexing="ij")
    return np.stack(axes[::-1] if blue_first else axes, -1).reshape(-1, 3)


def _rows(colors: Any, form: str = "%.6f %.6f %.6f") -> str:
    return "\n".join(form % tuple(c) for c in colors)


def _vf() -> str:
    return (
        "#Inventor V2.1 ascii\ngrid_size 5 5 5\n"
        "global_transform 1 0 0 0  0 1 0 0  0 0 1 0  0 0 0 1\n"
        f"data\n{_rows(values(LOOK, _grid(False)))}\n"
    )


def _mga() -> str:
    rows = "\n".join(
        f"{i}\t%d\t%d\t%d" % tuple(np.rint(c * 4095))
        for i, c in enumerate(values(LOOK, _grid(False)))
    )
    return f"channel 3d\nin 125\nout 4096\nformat lut\nvalues\tred\tgreen\tblue\n{rows}\n"


def _iridas_look() -> str:
    data = np.ascontiguousarray(values(LOOK, _grid(True)), "<f4").tobytes().hex().upper()
    lines = "\n".join(data[i : i + 80] for i in range(0, len(data), 80))
    return (
        '<?xml version="1.0" ?>\n<look>\n<shaders></shaders>\n<LUT>\n<size>"5"</size>\n'
        f'<data>"\n{lines}"</data>\n</LUT>\n</look>\n'
    )


def _discreet() -> str:
    codes = np.linspace(0, 1, 256)[:, None].repeat(3, 1)
    columns = np.rint(values(CURVE, codes) * 1023).astype(int).T.ravel()
    return "LUT: 3 256\n" + "\n".join(map(str, columns)) + "\n"


def _spimtx() -> str:
    return "0.9 0.1 0 1000\n0.05 0.9 0.05 0\n0 -0.1 1.1 500\n"


def cc(body: str = "", id: str = "a") -> str:
    return (
        f'<ColorCorrection id="{id}"><SOPNode><Slope>1.1 1 0.9</Slope><Offset>0.01 0 0.02</Offset>'
        f"<Power>1.2 1 0.8</Power></SOPNode><SatNode><Saturation>0.7</Saturation></SatNode>{body}"
        "</ColorCorrection>"
    )


def ccc(*ids: str, takes: str = "") -> str:
    described = f"<InputDescription>{takes}</InputDescription>" if takes else ""
    inner = "".join(cc(id=id) for id in ids)
    return (
        f'<ColorCorrectionCollection xmlns="urn:ASC:CDL:v1.2">{described}{inner}'
        "</ColorCorrectionCollection>"
    )


def cdl(*ids: str) -> str:
    inner = "".join(f"<ColorDecision>{cc(id=id)}</ColorDecision>" for id in ids)
    return f'<ColorDecisionList xmlns="urn:ASC:CDL:v1.01">{inner}</ColorDecisionList>'


#: By the name of the file: its text.
FILES: dict[str, Callable[[], str]] = {
    "flame.3dl": lambda: baked("flame", LOOK),
    "lustre.3dl": lambda: baked("lustre", LOOK),
    "plain.csp": lambda: baked("cinespace", LOOK),
    "shaped.csp": lambda: baked("cinespace", LOOK, shaper=True),
    "look.itx": lambda: baked("iridas_itx", LOOK),
    "look.spi1d": lambda: baked("spi1d", CURVE),
    "look.spi3d": lambda: baked("spi3d", LOOK),
    "look.cub": lambda: baked("truelight", LOOK),
    "look.vf": _vf,
    "look.m3d": _mga,
    "look.mga": _mga,
    "look.look": _iridas_look,
    "look.lut": _discreet,
    "look.spimtx": _spimtx,
    "one.cc": cc,
    "one.ccc": lambda: ccc("a"),
    "one.cdl": lambda: cdl("a"),
    "both.cube": lambda: baked("resolve_cube", LOOK, shaper=True),
    "table.clf": lambda: clf(lattice()),
    "trilinear.clf": lambda: clf(lattice(way=ocio.INTERP_LINEAR)),
    "half.clf": lambda: clf(half_domain()),
    "log.clf": lambda: clf(log_to_log()),
    "chain.clf": lambda: clf(
        ocio.MatrixTransform([0.9, 0.1, 0, 0, 0, 1, 0, 0, 0.1, 0, 0.9, 0, 0, 0, 0, 1]),
        CURVE,
        lattice(),
        ocio.ExponentWithLinearTransform([2.4, 2.2, 2.6, 1.0], [0.055, 0.1, 0.05, 0.0]),
        ocio.RangeTransform(0.0, 1.0, 0.02, 0.95),
    ),
    "curves.ctf": lambda: written("Color Transform Format", _hue_curves()),
}  # fmt: skip


def _hue_curves() -> Any:
    table = ocio.Lut1DTransform(256, False)
    table.setData(values(CURVE, np.linspace(0, 1, 256)[:, None].repeat(3, 1)))
    table.setHueAdjust(ocio.HUE_DW3)
    return table


def write(folder: Path, name: str) -> Path:
    """One of :data:`FILES` in a folder."""
    path = folder / name
    path.write_text(FILES[name]())
    return path


def processor(path: Path) -> Any:
    """A file by OpenColorIO, read as vedc reads it: CDLs clamp, tables are tetrahedral unless the
    file says otherwise."""
    ocio.ClearAllCaches()
    transform = ocio.FileTransform(src=str(path), interpolation=ocio.INTERP_TETRAHEDRAL)
    if path.suffix in (".cc", ".ccc", ".cdl"):
        transform.setCDLStyle(ocio.CDL_ASC)
    return ocio.Config.CreateRaw().getProcessor(transform)
