"""ICC profiles of three curves and a matrix, byte by byte, and what they say by arithmetic."""

from __future__ import annotations

import struct

import numpy as np

from tests.media.zoo.entry import Rgb

#: Colorants in the profile connection space (D50), as Apple and Adobe publish them.
P3 = ((0.51512, 0.24120, -0.00105), (0.29198, 0.69225, 0.04189), (0.15710, 0.06657, 0.78407))
ADOBE = ((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457))
SRGB = ((0.43607, 0.22249, 0.01392), (0.38515, 0.71687, 0.09708), (0.14307, 0.06061, 0.71410))

ADOBE_GAMMA = 563 / 256


def _fixed(*values: float) -> bytes:
    return b"".join(struct.pack(">i", round(value * 65536)) for value in values)


#: The curve of sRGB as a parametricCurve.
SRGB_CURVE = (
    b"para" + bytes(4) + struct.pack(">HH", 3, 0)
    + _fixed(2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
)  # fmt: skip
#: A gamma as a curve of one number, u8Fixed8.
GAMMA_CURVE = b"curv" + bytes(4) + struct.pack(">IHH", 1, round(ADOBE_GAMMA * 256), 0)


def profile(colorants: tuple[tuple[float, ...], ...], curve: bytes) -> bytes:
    """A display profile."""
    tags = {b"wtpt": b"XYZ " + bytes(4) + _fixed(0.96419, 1, 0.82489)}
    for name, xyz in zip((b"rXYZ", b"gXYZ", b"bXYZ"), colorants, strict=True):
        tags[name] = b"XYZ " + bytes(4) + _fixed(*xyz)
    tags |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve)
    table, body = struct.pack(">I", len(tags)), b""
    offset = 128 + 4 + 12 * len(tags)
    for name, content in tags.items():
        table += name + struct.pack(">II", offset + len(body), len(content))
        body += content
    header = struct.pack(
        ">I4sI4s4s4s", offset + len(body), bytes(4), 0x04000000, b"mntr", b"RGB ", b"XYZ "
    )
    header += bytes(12) + b"acsp" + bytes(28) + _fixed(0.96419, 1, 0.82489) + bytes(48)
    return header + table + body


def display_p3() -> bytes:
    """Display P3 with the curve of sRGB."""
    return profile(P3, SRGB_CURVE)


def adobe_rgb() -> bytes:
    """Adobe RGB (1998)."""
    return profile(ADOBE, GAMMA_CURVE)


def in_srgb(light: np.ndarray, colorants: tuple[tuple[float, ...], ...]) -> Rgb:
    """Linear R, G, B of a profile as codes of sRGB, 0 to 255."""
    xyz = np.array(colorants).T @ light
    linear = np.clip(np.linalg.solve(np.array(SRGB).T, xyz), 0, 1)
    coded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    red, green, blue = (255 * coded).tolist()
    return red, green, blue
