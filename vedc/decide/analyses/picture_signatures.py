"""How different two pictures look at a glance, from their thumbs."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from vedc.decide.arrays import Byte, Float

LAYOUT: Final = (9, 12)
"""Areas of a thumb whose mean colours are compared: down, across."""

_FAR: Final = 40.0
"""The mean difference of two layouts, as CIE 1976 colour difference, at which it saturates."""

_BINS: Final = 4
"""Steps of each of R, G and B in a histogram."""

_XYZ: Final = (
    np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    / np.array([[0.9505], [1.0], [1.089]])
).T.astype(np.float32)
"""Rows R, G, B of linear sRGB (IEC 61966-2-1), columns X, Y, Z over those of its white."""


class PictureSignatures(NamedTuple):
    """The compared features of n pictures."""

    layouts: Float
    """(n, 108, 3): mean colours in CIE Lab."""
    shares: Float
    """(n, 64): the share of each colour in each picture; each row adds up to 1."""


def picture_signatures(thumbs: Byte) -> PictureSignatures:
    """Of thumbs (n, 27, 48, 3) in RGB codes, taken to be sRGB."""
    n = len(thumbs)
    down, across = LAYOUT
    means = thumbs.reshape(n, down, 27 // down, across, 48 // across, 3).mean(
        axis=(2, 4), dtype=np.float32
    )
    lab = _lab(means)
    steps = (thumbs // (256 // _BINS)).astype(np.int64)
    bins = (steps[..., 0] * _BINS + steps[..., 1]) * _BINS + steps[..., 2]
    bins += np.arange(n)[:, None, None] * _BINS**3
    counts = np.bincount(bins.ravel(), minlength=n * _BINS**3).reshape(n, -1)
    shares = counts.astype(np.float32) / np.float32(27 * 48)
    return PictureSignatures(lab.reshape(n, down * across, 3), shares)


def _lab(rgb: Float) -> Float:
    """CIE 1976 L*a*b* of sRGB codes (..., 3) of 255."""
    # OpenCV would build a table at first use, which takes longer than this code for ten minutes.
    codes = rgb / np.float32(255)
    light = np.where(codes <= 0.04045, codes / 12.92, ((codes + 0.055) / 1.055) ** 2.4)
    xyz = light @ _XYZ
    root = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz * (29 / 6) ** 2 / 3 + 4 / 29)
    x, y, z = np.moveaxis(root, -1, 0)
    found: Float = np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], -1).astype(np.float32)
    return found


def signature_distance(a: PictureSignatures, b: PictureSignatures) -> Float:
    """Distances (n, m) of n pictures to m, 0 (alike) to 1.

    Half is the mean colour difference area by area, half the share of colours absent from the other
    (histogram intersection, Swain and Ballard 1991), which movement hardly changes.
    """
    out = np.empty((len(a.layouts), len(b.layouts)), np.float32)
    for i in range(len(out)):  # by rows: a film's pictures against each other are many
        difference = b.layouts - a.layouts[i]
        far = np.sqrt(np.einsum("mkc,mkc->mk", difference, difference)).mean(axis=1)
        missing = np.abs(b.shares - a.shares[i]).sum(axis=1) / 2
        out[i] = np.minimum(far / _FAR, 1) / 2 + missing / 2
    return out
