"""Coefficients of the polynomials behind elementary functions.

Minimax fits made for vedc, by Remez exchange in float64 on a Chebyshev grid of 40,000 points, then
rounded to float32:

=========  ============================  ===========  =======================================
function   form                          interval     largest error of the polynomial
=========  ============================  ===========  =======================================
exp2       1 + f (c1 + ... + c5 f^4)     f in [0, 1)  2**-23.5 of the value
log2       t (c1 + ... + c7 t^6)         t in [0, 1)  2**-21.6, absolute; exact at powers of 2
sin        r (1 + ... + c9 r^8)          |r| <= pi/2  2**-26.6 of the value
atan       t (1 + ... + c15 t^14)        t in [0, 1]  2**-24.0, absolute
=========  ============================  ===========  =======================================

The lowest terms are pinned (1 for exp2, 0 for log2, r for sin, t for atan), so ``pow(1, y)`` is
1 to the bit and white stays white. ``pow(x, y)`` is ``exp2(y * log2(x))``: its relative error is
about ``2**-22 * |y|``, plus the float32 rounding of the exponent.
"""

from __future__ import annotations

from typing import Final

#: Lowest power first.
EXP2: Final = (
    0.6931513118045709,
    0.24016445015545024,
    0.05579991310235508,
    0.0090170303244659,
    0.001867130068892906,
)
LOG2: Final = (
    1.4426678292143216,
    -0.7205854689710501,
    0.4735534117047982,
    -0.3259019746610665,
    0.19429432347410308,
    -0.07955773153807096,
    0.015529917456101466,
)
SIN: Final = (
    -0.16666659550427862,
    0.008333066246085161,
    -0.00019809602902170226,
    2.6057806385015184e-06,
)
ATAN: Final = (
    -0.3333165943622589,
    0.19962704181671143,
    -0.13976582884788513,
    0.09794234484434128,
    -0.057773590087890625,
    0.023040136322379112,
    -0.0043554059229791164,
)
