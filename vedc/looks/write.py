"""Writing colour files, by OpenColorIO: the ASC's corrections and the Common LUT Format."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from vedc.looks.library import library
from vedc.ops.shared.cube import Cube

#: OpenColorIO's names of formats, by file extension.
_FORMATS: Final = {
    ".cc": "ColorCorrection",
    ".ccc": "ColorCorrectionCollection",
    ".cdl": "ColorDecisionList",
    ".clf": "Academy/ASC Common LUT Format",
}
#: The input and output space of vedc's looks, as in a CLF.
_DISPLAY: Final = "Display values"


def correction_text(values: Mapping[str, Any], kind: str, name: str) -> str:
    """Parameters of the op ``cdl`` as a .cc, .ccc or .cdl with one correction, called ``name``."""
    ocio = library()
    triples = {key: [float(v) for v in np.broadcast_to(values.get(key, default), 3)]
               for key, default in (("slope", 1.0), ("offset", 0.0), ("power", 1.0))}  # fmt: skip
    cdl = ocio.CDLTransform(**triples, sat=float(values.get("saturation", 1.0)), id=name)
    return str(ocio.GroupTransform([cdl]).write(_FORMATS[kind], ocio.Config.CreateRaw()))


def table_text(table: Cube, name: str) -> str:
    """A 3D table over 0..1 as a .clf, read tetrahedrally."""
    ocio = library()
    lattice = ocio.Lut3DTransform(table.size)
    lattice.setInterpolation(ocio.INTERP_TETRAHEDRAL)
    values = np.array(table.data, np.float32).reshape((table.size,) * 3 + (3,))
    lattice.setData(np.ascontiguousarray(values.transpose(2, 1, 0, 3)).ravel())  # blue fastest
    group = ocio.GroupTransform([lattice])
    metadata = group.getFormatMetadata()
    metadata.setID(name)
    metadata.setName(name)
    for element in ("InputDescriptor", "OutputDescriptor"):
        metadata.addChildElement(element, _DISPLAY)
    return str(group.write(_FORMATS[".clf"], ocio.Config.CreateRaw()))
